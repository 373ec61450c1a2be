//! `CacheKey` for std types that hold one value, or wrap one.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{CacheKey, KeyWriter};

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl CacheKey for $int {
            fn write_key(&self, key: &mut KeyWriter) {
                key.atom(self);
            }
        }

        impl CacheKey for NonZero<$int> {
            fn write_key(&self, key: &mut KeyWriter) {
                key.atom(self.get());
            }
        }
    )*};
}
integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! floats {
    ($($float:ty)*) => {$(
        /// One text for every NaN, and one for both zeros, as `==` has it.
        impl CacheKey for $float {
            fn write_key(&self, key: &mut KeyWriter) {
                if self.is_nan() {
                    key.literal("nan");
                } else if *self == 0.0 {
                    key.literal("0e0");
                } else {
                    key.atom(format_args!("{self:e}"));
                }
            }
        }
    )*};
}
floats!(f32 f64);

macro_rules! displayed {
    ($($value:ty)*) => {$(
        impl CacheKey for $value {
            fn write_key(&self, key: &mut KeyWriter) {
                key.display(self);
            }
        }
    )*};
}
displayed!(bool char IpAddr Ipv4Addr Ipv6Addr SocketAddrV4);

impl CacheKey for SocketAddr {
    fn write_key(&self, key: &mut KeyWriter) {
        match self {
            SocketAddr::V4(address) => address.write_key(key),
            SocketAddr::V6(address) => address.write_key(key),
        }
    }
}

/// The usual form does not say the flow label, so one that is not zero is written beside it.
impl CacheKey for SocketAddrV6 {
    fn write_key(&self, key: &mut KeyWriter) {
        if self.flowinfo() == 0 {
            return key.display(self);
        }
        let usual = SocketAddrV6::new(*self.ip(), self.port(), 0, self.scope_id());
        key.group(|parts| {
            parts.item(&usual);
            parts.item(&self.flowinfo());
        });
    }
}

macro_rules! texts {
    ($($text:ty)*) => {$(
        impl CacheKey for $text {
            fn write_key(&self, key: &mut KeyWriter) {
                key.text(self);
            }
        }
    )*};
}
texts!(str String);

macro_rules! os_texts {
    ($($text:ty)*) => {$(
        /// The platform's own bytes, so that names which are not UTF-8 stay apart.
        impl CacheKey for $text {
            fn write_key(&self, key: &mut KeyWriter) {
                let text: &OsStr = self.as_ref();
                key.bytes(text.as_encoded_bytes());
            }
        }
    )*};
}
os_texts!(OsStr OsString);

macro_rules! paths {
    ($($path:ty)*) => {$(
        /// Equal paths have one text, so `a//b` is written as `a/b`: memory takes the two for one
        /// key, and stores must not keep two entries of it.
        impl CacheKey for $path {
            fn write_key(&self, key: &mut KeyWriter) {
                let path: PathBuf = self.components().collect();
                path.as_os_str().write_key(key);
            }
        }
    )*};
}
paths!(Path PathBuf);

macro_rules! c_texts {
    ($($text:ty)*) => {$(
        impl CacheKey for $text {
            fn write_key(&self, key: &mut KeyWriter) {
                key.bytes(self.to_bytes());
            }
        }
    )*};
}
c_texts!(CStr CString);

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<T: CacheKey + ?Sized> CacheKey for $pointer {
            fn write_key(&self, key: &mut KeyWriter) {
                (**self).write_key(key);
            }
        }
    )*};
}
pointers!(&T &mut T Box<T> Rc<T> Arc<T>);

macro_rules! wrappers {
    ($($wrapper:ident)*) => {$(
        impl<T: CacheKey> CacheKey for $wrapper<T> {
            fn write_key(&self, key: &mut KeyWriter) {
                self.0.write_key(key);
            }
        }
    )*};
}
wrappers!(Wrapping Saturating Reverse);

impl<T: CacheKey + ToOwned + ?Sized> CacheKey for Cow<'_, T> {
    fn write_key(&self, key: &mut KeyWriter) {
        (**self).write_key(key);
    }
}

impl CacheKey for Ordering {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(*self as i8);
    }
}

impl<T: ?Sized> CacheKey for PhantomData<T> {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|_| {});
    }
}

impl CacheKey for Duration {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.as_nanos());
    }
}

impl CacheKey for SystemTime {
    fn write_key(&self, key: &mut KeyWriter) {
        match self.duration_since(UNIX_EPOCH) {
            Ok(after) => key.atom(after.as_nanos()),
            Err(before) => key.atom(format_args!("-{}", before.duration().as_nanos())),
        }
    }
}
