#[automatically_derived]
#[allow(deprecated)]
impl ::cached_kit::__private::CacheKey for Role {
    fn write_key(&self, __cached_key: &mut ::cached_kit::__private::KeyWriter) {
        match self {
            Self::Guest { .. } => __cached_key.text("Guest"),
            Self::User { 0: __cached_0, 1: __cached_1, .. } => {
                __cached_key
                    .group(|__cached_group| {
                        __cached_group.item("Member");
                        ::cached_kit::__private::write_item(__cached_group, __cached_0);
                        ::cached_kit::__private::write_item(__cached_group, __cached_1);
                    })
            }
            Self::Admin { team: __cached_0, .. } => {
                __cached_key
                    .group(|__cached_group| {
                        __cached_group.item("Admin");
                        ::cached_kit::__private::write_field(
                            __cached_group,
                            "team",
                            __cached_0,
                        );
                    })
            }
            Self::Nobody { .. } => __cached_key.text("Nobody"),
        }
    }
}
