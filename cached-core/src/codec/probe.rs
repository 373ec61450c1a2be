//! Telling from outside of a codec what a value is: nothing, in any number of `Some`, or an integer.
//!
//! MessagePack and JSON write `None`, `Some(None)`, `Some(())` and `()` alike, so a cached
//! `Some(None)` would come back as another value. When a whole value is nothing inside one or more
//! `Some`, the number of them is stored instead of what the codec would write.
//!
//! A codec of the user's own may write an integer in any way, and in another one for each type. When
//! it is a counter, it is stored as its digits, past the codec.

use std::fmt;

use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Impossible, Serialize, Serializer};

/// Returns how many `Some` there are around nothing; `None` for every value that a codec writes
/// faithfully.
pub(super) fn nothing<T: Serialize + ?Sized>(value: &T) -> Option<u8> {
    match value.serialize(Probe(0)) {
        Ok(Probed::Nothing(depth)) if depth > 0 => Some(depth),
        _ => None,
    }
}

/// Returns the integer that a value is to serde, alone or in `Some`, if it is within `i64`.
pub(super) fn integer<T: Serialize + ?Sized>(value: &T) -> Option<i64> {
    match value.serialize(Probe(0)) {
        Ok(Probed::Integer(integer, _)) => Some(integer),
        _ => None,
    }
}

/// Makes the value that is nothing inside `depth` times `Some`.
pub(super) fn nested_nothing<T: DeserializeOwned>(depth: u8) -> Result<T, ValueError> {
    T::deserialize(Probed::Nothing(depth))
}

/// Makes the value that is an integer to serde.
pub(super) fn from_integer<T: DeserializeOwned>(integer: i64) -> Result<T, ValueError> {
    T::deserialize(Probed::Integer(integer, u8::MAX))
}

/// A serializer that looks at a value, in so many `Some`, and writes nothing.
struct Probe(u8);

/// What a value is, and in how many `Some`; as a deserializer, what makes it again.
enum Probed {
    Nothing(u8),
    /// In at most so many, as a type can be a `Some` of itself.
    Integer(i64, u8),
}

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

macro_rules! integers {
    ($($method:ident($integer:ty);)*) => {$(
        #[allow(clippy::useless_conversion, reason = "it is one for all but the type itself")]
        fn $method(self, integer: $integer) -> Result<Probed, Something> {
            let integer = i64::try_from(integer).map_err(|_| Something)?;
            Ok(Probed::Integer(integer, self.0))
        }
    )*};
}

type No = Impossible<Probed, Something>;

impl Serializer for Probe {
    type Ok = Probed;
    type Error = Something;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn serialize_none(self) -> Result<Probed, Something> {
        Ok(Probed::Nothing(self.0))
    }

    fn serialize_unit(self) -> Result<Probed, Something> {
        Ok(Probed::Nothing(self.0))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Probed, Something> {
        Ok(Probed::Nothing(self.0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Probed, Something> {
        value.serialize(Probe(self.0.checked_add(1).ok_or(Something)?))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Probed, Something> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Probed, Something> {
        Err(Something)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<Probed, Something> {
        Err(Something)
    }

    integers! {
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_i128(i128); serialize_u8(u8); serialize_u16(u16); serialize_u32(u32);
        serialize_u64(u64); serialize_u128(u128);
    }

    something! {
        serialize_bool(bool) -> Probed;
        serialize_f32(f32) -> Probed;
        serialize_f64(f64) -> Probed;
        serialize_char(char) -> Probed;
        serialize_str(&str) -> Probed;
        serialize_bytes(&[u8]) -> Probed;
        serialize_unit_variant(&'static str, u32, &'static str) -> Probed;
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

impl<'de> Deserializer<'de> for Probed {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Probed::Nothing(0) => visitor.visit_unit(),
            Probed::Nothing(depth) => visitor.visit_some(Probed::Nothing(depth - 1)),
            Probed::Integer(integer, _) => visitor.visit_i64(integer),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Probed::Nothing(0) => visitor.visit_none(),
            Probed::Nothing(depth) => visitor.visit_some(Probed::Nothing(depth - 1)),
            Probed::Integer(integer, depth) => {
                let depth = depth.checked_sub(1).ok_or_else(|| ValueError::custom("too deep"))?;
                visitor.visit_some(Probed::Integer(integer, depth))
            }
        }
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
