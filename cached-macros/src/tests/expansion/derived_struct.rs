#[automatically_derived]
#[allow(deprecated)]
impl<'a, T: Ord> ::cached_kit::__private::CacheKey for Page<'a, T>
where
    T: Copy,
    Vec<T>: ::cached_kit::__private::CacheKey,
{
    fn write_key(&self, __cached_key: &mut ::cached_kit::__private::KeyWriter) {
        let Self {
            number: __cached_0,
            where_: __cached_1,
            r#type: __cached_2,
            digest: __cached_3,
            ..
        } = self;
        __cached_key
            .group(|__cached_group| {
                ::cached_kit::__private::write_field(
                    __cached_group,
                    "number",
                    __cached_0,
                );
                ::cached_kit::__private::write_field(
                    __cached_group,
                    "filter",
                    __cached_1,
                );
                ::cached_kit::__private::write_field(__cached_group, "type", __cached_2);
                ::cached_kit::__private::write_field(
                    __cached_group,
                    "digest",
                    &::cached_kit::__private::with(|
                        __cached_key: &mut ::cached_kit::__private::KeyWriter|
                    hex::write(__cached_3, __cached_key)),
                );
            });
    }
}
