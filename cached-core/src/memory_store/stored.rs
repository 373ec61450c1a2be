//! What a store in memory keeps under a key: bytes, an integer, or a value as it is.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use super::burial::lay_aside;
use crate::error::{Error, ErrorKind};
use crate::value::MemoryValue;

type Weigh = Arc<dyn Fn(&dyn Any) -> usize + Send + Sync>;

/// What objects of some types weigh; those of others weigh what a variable of the type takes.
#[derive(Clone, Default)]
pub(super) struct Weighers(HashMap<TypeId, Weigh>);

impl Weighers {
    pub(super) fn add<T: Any>(&mut self, weigh: impl Fn(&T) -> usize + Send + Sync + 'static) {
        let of_any = move |value: &dyn Any| value.downcast_ref().map_or(0, &weigh);
        self.0.insert(TypeId::of::<T>(), Arc::new(of_any));
    }

    fn weigh<T: Any>(&self, value: &T) -> usize {
        let weigh = self.0.get(&TypeId::of::<T>());
        weigh.map_or(size_of::<T>(), |weigh| weigh(value))
    }
}

/// One entry's value.
#[derive(Clone)]
pub(super) enum Stored {
    Bytes(Arc<[u8]>),
    /// Both what was stored as an integer and the bytes that are its digits: counters are one thing,
    /// whoever looks at them.
    Integer(i64),
    Object(Object),
}

/// A value of any type.
#[derive(Clone)]
pub(super) struct Object {
    /// There until it is dropped.
    value: Option<Arc<dyn Any + Send + Sync>>,
    type_name: &'static str,
    weight: usize,
}

impl Object {
    fn get<T: MemoryValue>(&self) -> Option<T> {
        self.value.as_ref()?.downcast_ref().cloned()
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            lay_aside(value);
        }
    }
}

impl Stored {
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        match digits(bytes) {
            // Only what comes out as it went in.
            Some(integer) if integer.to_string().as_bytes() == bytes => Self::Integer(integer),
            _ => Self::Bytes(bytes.into()),
        }
    }

    pub(super) fn of_value<T: MemoryValue>(value: T, weighers: &Weighers) -> Self {
        if let Some(integer) = integer_of(&value) {
            return Self::Integer(integer);
        }
        let (weight, type_name) = (weighers.weigh(&value), type_name::<T>());
        Self::Object(Object { value: Some(Arc::new(value)), type_name, weight })
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.to_vec()),
            Self::Integer(integer) => Ok(integer.to_string().into_bytes()),
            Self::Object(object) => Err(wrong_type(format!(
                "the entry is an object of the type `{}`; read it through `objects()`",
                object.type_name
            ))),
        }
    }

    pub(super) fn to_value<T: MemoryValue>(&self) -> Result<T, Error> {
        let wanted = type_name::<T>();
        match self {
            Self::Object(object) => object.get().ok_or_else(|| {
                wrong_type(format!("the entry is a `{}`, not a `{wanted}`", object.type_name))
            }),
            Self::Integer(integer) => integer_as(*integer).ok_or_else(|| {
                wrong_type(format!("the entry is an integer that is not a `{wanted}`"))
            }),
            Self::Bytes(_) => Err(wrong_type(format!(
                "the entry is bytes, as `Cache` writes them, and not a `{wanted}`"
            ))),
        }
    }

    /// Returns the sum; `None` if this is no integer, or the sum would leave the range.
    pub(super) fn plus(&self, by: i64) -> Option<i64> {
        match self {
            Self::Integer(integer) => integer.checked_add(by),
            Self::Bytes(bytes) => digits(bytes)?.checked_add(by),
            Self::Object(_) => None,
        }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Integer(_) => size_of::<i64>(),
            Self::Object(object) => object.weight,
        }
    }
}

fn wrong_type(message: String) -> Error {
    Error::new(ErrorKind::WrongType, message)
}

fn digits(bytes: &[u8]) -> Option<i64> {
    // No more than a sign and nineteen digits, so that long texts are not looked through.
    if bytes.is_empty() || bytes.len() > 20 {
        return None;
    }
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

macro_rules! integers {
    ($($type:ty)*) => {
        /// Returns an integer that fits, whatever its type.
        fn integer_of(value: &dyn Any) -> Option<i64> {
            $(if let Some(integer) = value.downcast_ref::<$type>() {
                return i64::try_from(*integer).ok();
            })*
            None
        }

        /// Returns an integer as a `T`, if that is a type of integers and it fits.
        fn integer_as<T: Any + Clone>(integer: i64) -> Option<T> {
            let id = TypeId::of::<T>();
            $(if id == TypeId::of::<$type>() {
                let integer = <$type>::try_from(integer).ok()?;
                return (&integer as &dyn Any).downcast_ref().cloned();
            })*
            None
        }
    };
}

integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn of<T: MemoryValue>(value: T) -> Stored {
        Stored::of_value(value, &Weighers::default())
    }

    #[test]
    fn integers_are_one_thing_whatever_their_type() {
        for stored in [of(42i8), of(42u64), of(42i128), Stored::of_bytes(b"42")] {
            assert!(matches!(stored, Stored::Integer(42)));
            assert_eq!(stored.to_value::<u16>().unwrap(), 42);
            assert_eq!(stored.to_value::<isize>().unwrap(), 42);
            assert_eq!(stored.to_bytes().unwrap(), b"42");
        }
        assert_eq!(of(300).to_value::<u8>().unwrap_err().kind(), ErrorKind::WrongType);
        assert_eq!(of(-1).to_value::<u64>().unwrap_err().kind(), ErrorKind::WrongType);
        assert_eq!(of(u64::MAX).to_value::<u64>().unwrap(), u64::MAX, "as an object");
        assert_eq!(of(1).to_value::<f64>().unwrap_err().kind(), ErrorKind::WrongType);
    }

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let texts = ["", "5", "-5", "05", "+5", "-0", " 5", "5 ", "9223372036854775807", "abc"];
        for text in texts.into_iter().chain(["9223372036854775808", "-9223372036854775808"]) {
            assert_eq!(Stored::of_bytes(text.as_bytes()).to_bytes().unwrap(), text.as_bytes());
        }
        assert_eq!(Stored::of_bytes(b"05").plus(1), Some(6), "it could always be counted");
        assert_eq!(Stored::of_bytes(b"\xff").plus(1), None);
    }

    #[test]
    fn an_object_weighs_what_its_type_says() {
        let mut weighers = Weighers::default();
        weighers.add(|text: &String| text.len());
        assert_eq!(Stored::of_value("four".to_owned(), &weighers).weight(), 4);
        assert_eq!(Stored::of_value([0u32; 5], &weighers).weight(), 20);
        assert_eq!(Stored::of_bytes(b"abc").weight(), 3);
    }
}
