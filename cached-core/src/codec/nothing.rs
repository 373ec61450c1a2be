//! Telling `Some(None)` from `None`.
//!
//! MessagePack and JSON write `None`, `Some(None)`, `Some(())` and `()` alike, so a cached
//! `Some(None)` would come back as another value. When a whole value is nothing inside one or more
//! `Some`, the number of them is stored instead of what the codec would write.

use std::fmt;

use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Impossible, Serialize, Serializer};

/// Returns how many `Some` there are around nothing; `None` for every value that a codec writes
/// faithfully.
pub(super) fn depth<T: Serialize + ?Sized>(value: &T) -> Option<u8> {
    value.serialize(Depth(0)).ok().filter(|depth| *depth > 0)
}

/// Makes the value that is nothing inside `depth` times `Some`.
pub(super) fn rebuild<T: DeserializeOwned>(depth: u8) -> Result<T, ValueError> {
    T::deserialize(Nested(depth))
}

struct Depth(u8);

#[derive(Debug)]
struct Something;

impl fmt::Display for Something {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something")
    }
}

impl std::error::Error for Something {}

impl serde::ser::Error for Something {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Something
    }
}

macro_rules! something {
    ($($method:ident($($argument:ty),*) -> $output:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$output, Something> {
            Err(Something)
        }
    )*};
}

type No = Impossible<u8, Something>;

impl Serializer for Depth {
    type Ok = u8;
    type Error = Something;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn serialize_none(self) -> Result<u8, Something> {
        Ok(self.0)
    }

    fn serialize_unit(self) -> Result<u8, Something> {
        Ok(self.0)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u8, Something> {
        Ok(self.0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u8, Something> {
        value.serialize(Depth(self.0.checked_add(1).ok_or(Something)?))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<u8, Something> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<u8, Something> {
        Err(Something)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<u8, Something> {
        Err(Something)
    }

    something! {
        serialize_bool(bool) -> u8;
        serialize_i8(i8) -> u8;
        serialize_i16(i16) -> u8;
        serialize_i32(i32) -> u8;
        serialize_i64(i64) -> u8;
        serialize_i128(i128) -> u8;
        serialize_u8(u8) -> u8;
        serialize_u16(u16) -> u8;
        serialize_u32(u32) -> u8;
        serialize_u64(u64) -> u8;
        serialize_u128(u128) -> u8;
        serialize_f32(f32) -> u8;
        serialize_f64(f64) -> u8;
        serialize_char(char) -> u8;
        serialize_str(&str) -> u8;
        serialize_bytes(&[u8]) -> u8;
        serialize_unit_variant(&'static str, u32, &'static str) -> u8;
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

struct Nested(u8);

impl<'de> Deserializer<'de> for Nested {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0 == 0 { visitor.visit_unit() } else { visitor.visit_some(Nested(self.0 - 1)) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0 == 0 { visitor.visit_none() } else { visitor.visit_some(Nested(self.0 - 1)) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
