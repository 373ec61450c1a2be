fn get<'life0, 'async_trait>(
    &'life0 self,
    id: u64,
) -> ::core::pin::Pin<
    Box<
        dyn ::core::future::Future<Output = String> + ::core::marker::Send + 'async_trait,
    >,
>
where
    'life0: 'async_trait,
    Self: 'async_trait,
{
    ::cached_kit::__private::boxed(async move {
        use ::cached_kit::__private::probing::*;
        let __cached_call = ::cached_kit::__private::site!(
            [::core::concat!(::core::module_path!(), "::", "get")] [].types(& ["impl"])
            .labels(& ["id"]).memory(::core::option::Option::None).stores(& ["redis"])
        )
            .with(
                ::cached_kit::__private::Instance::around(|| ()),
                ::cached_kit::__private::in_stores::<
                    String,
                    _,
                >(::cached_kit::__private::ShapeProbe::<String>::new().shape()),
            )
            .call((::cached_kit::__private::Probe(&id).shared_part(), ()));
        __cached_call
            .run(async move {
                (move || -> ::core::pin::Pin<
                    Box<
                        dyn ::core::future::Future<
                            Output = String,
                        > + ::core::marker::Send + 'async_trait,
                    >,
                > { '__cached_body: { Box::pin(async move { id.to_string() }) } })()
                    .await
            })
            .await
    })
}
