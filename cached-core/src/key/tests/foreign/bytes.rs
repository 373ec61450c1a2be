use ::bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

proptest! {
    #[test]
    fn bug_35_bytes(values in vec(vec(any::<u8>(), 0..3), 2..10)) {
        let bytes: Vec<_> = values.iter().map(|value| Bytes::copy_from_slice(value)).collect();
        assert_injective(&bytes);
        let changeable: Vec<_> = values.iter().map(|value| BytesMut::from(&value[..])).collect();
        assert_injective(&changeable);
    }
}

#[test]
fn bytes_are_written_as_text_is() {
    assert_eq!(text(&Bytes::from_static(b"a:b\xff")), "a%3Ab%FF");
    assert_eq!(text(&BytesMut::from("a:b")), text("a:b"));
    assert_eq!(text(&Bytes::new()), "~");
}
