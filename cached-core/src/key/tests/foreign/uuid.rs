use ::uuid::{NonNilUuid, Uuid};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

proptest! {
    #[test]
    fn bug_35_uuids(values in vec(prop_oneof![any::<u128>(), 0..4u128], 2..10)) {
        let uuids: Vec<_> = values.iter().map(|&value| Uuid::from_u128(value)).collect();
        assert_injective(&uuids);
        let others: Vec<_> = uuids.iter().copied().filter_map(NonNilUuid::new).collect();
        assert_injective(&others);
    }
}

#[test]
fn a_uuid_is_written_in_its_usual_form() {
    let id: Uuid = "67E55044-10B1-426F-9247-BB680E5FE0C8".parse().unwrap();
    assert_eq!(text(&id), "67e55044-10b1-426f-9247-bb680e5fe0c8");
    assert_eq!(text(&NonNilUuid::new(id)), text(&id));
}
