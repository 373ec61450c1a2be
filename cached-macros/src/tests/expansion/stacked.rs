/// Gets it.
#[must_use]
#[allow(unused)]
pub(crate) async fn get<'a>(
    db: &'a Db,
    id: u64,
    name: &str,
    force_update: bool,
) -> Result<Option<User>, DbError> {
    #[allow(clippy::all, clippy::pedantic)]
    let __cached_call = {
        use ::cached_kit::__private::probing::*;
        let __cached_held = ::cached_kit::__private::held();
        let __cached_1 = &(name.to_lowercase());
        let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
        ::cached_kit::__private::core::mem::drop(__cached_held);
        get::__cached()
            .call_or_force(
                (
                    ::cached_kit::__private::Probe(&id).shared_part(),
                    (::cached_kit::__private::Probe(__cached_1).shared_part(), ()),
                ),
                force_update,
            )
    };
    __cached_call
        .run(async move {
            ::cached_kit::__private::returns!(Result < Option < User >, DbError >);
            '__cached_body: { db.load(id).await }
        })
        .await
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `get`.\n\nNot part of the key: `db`."] [pub (crate)]
    async get; call(db : & 'a Db, id : u64, name : & str) [Result < Option < User >,
    DbError >] [get(db, id, name, true)] site[[::core::concat!(::core::module_path!(),
    "::", "get")] [].version(2u64).labels(& ["id", "1"]).stores(& ["near", "redis"])]
    plan[< 'a >] [] [impl ::cached_kit::__private::PlanFor < Result < Option < User >,
    DbError > >] [] [::cached_kit::__private::Instance::only()] []
    [::cached_kit::__private::in_both:: < Result < Option < User >, DbError >, _ >
    (::cached_kit::__private::ShapeProbe:: < Result < Option < User >, DbError > >
    ::new().shape()).ruled_by(| __cached_rules | { __cached_rules
    .layer(::cached_kit::__private::Lifetime::fixed(::core::time::Duration::new(60u64,
    0u32)))
    .layer(::cached_kit::__private::Lifetime::fixed(::core::time::Duration::new(3600u64,
    0u32)).none_skipped())
    .layer(::cached_kit::__private::Lifetime::fixed(::core::time::Duration::new(3600u64,
    0u32)).none_skipped()).when(| user | user.done)
    .is_none(::cached_kit::__private::is_none) })]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
#[allow(single_use_lifetimes, unused_lifetimes)]
pub(crate) fn entry<'a>(
    id: u64,
    name: &str,
) -> ::cached_kit::__private::Entry<Result<Option<User>, DbError>> {
    use ::cached_kit::__private::probing::*;
    let __cached_1 = &(name.to_lowercase());
    let __cached_1 = ::cached_kit::__private::Place(__cached_1).value();
    get::__cached()
        .entry((
            ::cached_kit::__private::Probe(&id).shared_part(),
            (::cached_kit::__private::Probe(__cached_1).shared_part(), ()),
        ))
}
