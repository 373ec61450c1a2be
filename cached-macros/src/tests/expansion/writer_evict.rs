/// Writes.
#[must_use]
pub fn write(self, db: &Db, user: User) -> Result<User, E> {
    let __cached_0 = get_user::entry(user.id);
    let __cached_1 = users::list::cache();
    let __cached_2 = self.get_entry(1);
    let __cached_3 = Repo::find_entry::<T>(id);
    let __cached_4 = Self::find_cache();
    let __cached_shape = ::cached_kit::__private::writer_shape!(Result < User, E >);
    let __cached_success = {
        let __cached_outcome = ::cached_kit::__private::Success::of(
            ::cached_kit::__private::once(move || -> Result<User, E> { db.save(user) }),
            __cached_shape,
        );
        ::cached_kit::__private::succeeded!(__cached_outcome)
    };
    let __cached_changes = ::cached_kit::__private::Changes::new()
        .evict(__cached_0)
        .evict(__cached_1)
        .evict(__cached_2)
        .evict(__cached_3)
        .evict(__cached_4);
    __cached_changes.make_blocking();
    __cached_success.returned()
}
