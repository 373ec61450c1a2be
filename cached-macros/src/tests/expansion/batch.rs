async fn get(db: &Db, ids: &[u64]) -> Result<HashMap<u64, User>, DbError> {
    #[allow(clippy::all, clippy::pedantic)]
    let __cached_call = {
        use ::cached_kit::__private::probing::*;
        get::__cached()
            .batch(
                ::cached_kit::__private::ShapeProbe::<
                    Result<HashMap<u64, User>, DbError>,
                >::new()
                    .shape(),
                ::cached_kit::__private::AbsentForgotten,
                &ids[..],
                false,
                |__cached_each| {
                    let id = __cached_each;
                    (::cached_kit::__private::Probe(id).shared_part(), ())
                },
            )
    };
    __cached_call
        .run(move |__cached_missing| {
            #[allow(unused_variables, clippy::all, clippy::pedantic)]
            let db = ::cached_kit::__private::core::clone::Clone::clone(&db);
            async move {
                #[allow(clippy::all, clippy::pedantic)]
                let ids = &__cached_missing[..];
                {
                    ::cached_kit::__private::returns!(
                        Result < HashMap < u64, User >, DbError >
                    );
                    '__cached_body: { db.load(ids).await }
                }
            }
        })
        .await
}
::cached_kit::__private::use_companion_siblings_in_an_impl_or_companion_false! {
    ["The cache of the function `get`.\n\nNot part of the key: `db`."] [] async get;
    call(db : & Db, ids : & [u64]) [Result < HashMap < u64, User >, DbError >] [get(db,
    ids)] site[["users.get"] [.named().each()].labels(& ["id"]).stores(& ["redis"])]
    plan[] [] [impl ::cached_kit::__private::PlanFor < < Result < HashMap < u64, User >,
    DbError > as ::cached_kit::__private::EachReturn > ::Value >] []
    [::cached_kit::__private::Instance::only()] [] [::cached_kit::__private::in_both:: <
    < Result < HashMap < u64, User >, DbError > as ::cached_kit::__private::EachReturn >
    ::Value, _ > (::cached_kit::__private::ShapeProbe:: < < Result < HashMap < u64, User
    >, DbError > as ::cached_kit::__private::EachReturn > ::Value > ::new().shape())]
}
/// Returns the handle of one entry.
#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
fn entry(
    id: u64,
) -> ::cached_kit::__private::Entry<
    <Result<HashMap<u64, User>, DbError> as ::cached_kit::__private::EachReturn>::Value,
> {
    use ::cached_kit::__private::probing::*;
    let id = &id;
    get::__cached().entry((::cached_kit::__private::Probe(id).shared_part(), ()))
}
