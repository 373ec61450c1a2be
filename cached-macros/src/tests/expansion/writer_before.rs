fn write<'async_trait>(
    id: u64,
) -> Pin<Box<dyn Future<Output = u8> + Send + 'async_trait>> {
    crate::kit::__private::boxed(async move {
        crate::kit::__private::Changes::new().evict(get_user::entry(id)).make().await;
        crate::kit::__private::once(move || -> Pin<
                Box<dyn Future<Output = u8> + Send + 'async_trait>,
            > { Box::pin(async move { id }) })
            .await
    })
}
