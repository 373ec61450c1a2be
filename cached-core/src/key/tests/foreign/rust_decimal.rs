use ::rust_decimal::Decimal;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

fn decimal(mantissa: i64, scale: u32) -> Decimal {
    Decimal::new(mantissa, scale)
}

proptest! {
    /// Few digits, of which many are zero, so that equal numbers of different scales are frequent.
    #[test]
    fn bug_35_decimals(
        near in vec((-2..3i64, 0..4u32, 0..4u32), 2..10),
        far in vec((any::<i64>(), 0..=28u32), 2..10),
    ) {
        let near = near.into_iter().map(|(digit, zeros, scale)| {
            decimal(digit * 10_i64.pow(zeros), scale)
        });
        assert_injective(&near.collect::<Vec<_>>());
        assert_injective(&far.into_iter().map(|(all, scale)| decimal(all, scale)).collect::<Vec<_>>());
    }
}

#[test]
fn equal_numbers_have_one_text() {
    assert_eq!(text(&decimal(100, 2)), "1");
    assert_eq!(text(&decimal(10, 1)), "1");
    assert_eq!(text(&decimal(-1050, 3)), "-1.05");
    let mut negative_zero = Decimal::ZERO;
    negative_zero.set_sign_negative(true);
    assert_eq!((text(&negative_zero), text(&decimal(0, 5))), ("0".into(), "0".into()));
    assert_injective(&[Decimal::MAX, Decimal::MIN, decimal(1, 28), Decimal::ZERO, negative_zero]);
}
