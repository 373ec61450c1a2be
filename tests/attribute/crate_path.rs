use ::cached_kit::cached;

use crate::fixture::set_up;

/// The usual path leads elsewhere from here on.
mod kit {
    pub(super) mod inner {
        pub(crate) use ::cached_kit as the_crate;
    }
}

#[cached(crate = ::cached_kit)]
fn absolute(id: u64) -> u64 {
    id
}

#[cached(crate = kit::inner::the_crate, none_timeout = skip)]
#[cached(using = "far")]
async fn relative(id: u64) -> Option<u64> {
    Some(id)
}

#[test]
fn the_crate_can_be_elsewhere() {
    set_up();
    assert_eq!([absolute(1), absolute(1)], [1, 1]);
    assert_eq!(absolute::stats().computed, 1);
    ::cached_kit::block_on(async {
        assert_eq!([relative(1).await, relative(1).await], [Some(1), Some(1)]);
        assert_eq!(relative::force_update(1).await, Some(1));
    });
    assert_eq!(relative::stats().computed, 2);
}
