use crate::fixture::set_up;

mod users {
    use cached_kit::cached;

    #[cached]
    pub fn public(id: u64) -> u64 {
        id
    }

    #[cached]
    pub(crate) async fn of_the_crate(id: u64) -> u64 {
        id
    }

    #[cached]
    pub(in crate::visibility) fn of_a_module(id: u64) -> u64 {
        id
    }

    #[cached]
    fn private(id: u64) -> u64 {
        id
    }

    pub(super) fn through(id: u64) -> (u64, u64) {
        (private(id), private::stats().computed)
    }
}

mod renamed {
    pub(super) use super::users::of_a_module as elsewhere;
}

#[test]
fn one_import_brings_function_and_type() {
    use users::{of_a_module, of_the_crate, public};

    set_up();
    assert_eq!(public(1), 1);
    assert_eq!(public::entry(1).peek(), Some(1));
    assert_eq!(cached_kit::block_on(of_the_crate(2)), 2);
    assert_eq!(of_the_crate::stats().computed, 1);
    assert_eq!(of_a_module(3), 3);
    assert_eq!(renamed::elsewhere::entry(3).peek(), Some(3));
    assert_eq!(renamed::elsewhere::force_update(3), 3);
    assert_eq!(users::through(4), (4, 1));
}
