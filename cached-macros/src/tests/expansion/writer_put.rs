#[cache_evict(list)]
async fn create(&mut self, name: String, mut role: Role) -> User {
    let __cached_0 = ::cached_kit::__private::Version::now();
    let __cached_1_0 = &name;
    let __cached_1 = ::cached_kit::__private::Version::now();
    let __cached_shape = ::cached_kit::__private::writer_shape!(User);
    let __cached_success = {
        let __cached_outcome = ::cached_kit::__private::Success::of(
            ::cached_kit::__private::boxed(async {
                    ::cached_kit::__private::returns!(User);
                    {
                        let _ = &mut *self;
                        let name = name;
                        '__cached_body: { self.add(name, role) }
                    }
                })
                .await,
            __cached_shape,
        );
        ::cached_kit::__private::succeeded!(__cached_outcome)
    };
    let __cached_changes = {
        let __cached_clones = ::cached_kit::__private::Clones::of(
            __cached_success.value(),
        );
        ::cached_kit::__private::Changes::new()
            .and(
                self
                    .get_entry(
                        ::cached_kit::__private::of_value(
                            __cached_success.value(),
                            |user| user.id,
                        ),
                    )
                    .fenced_since(__cached_0)
                    .putting(__cached_clones.one()),
            )
            .and(
                find::entry::<
                    u8,
                >(
                        __cached_1_0,
                        ::cached_kit::__private::of_value(
                            __cached_success.value(),
                            |user: &User| &user.id,
                        ),
                    )
                    .fenced_since(__cached_1)
                    .putting(__cached_clones.one()),
            )
    };
    __cached_changes.make().await;
    __cached_success.returned()
}
