//! Numbers of bytes as people write them.

use crate::error::{Error, ErrorKind};

/// A number of bytes: an integer, or a text such as `"64MiB"`.
///
/// The units are `B`, `kB` (or `KB`), `MB` and `GB`, which are powers of 1000, and `KiB`, `MiB` and
/// `GiB`, which are powers of 1024. There may be a space before the unit, and no fraction.
///
/// # Examples
///
/// ```
/// use cached_core::ByteSize;
///
/// assert_eq!(4096.byte_count()?, 4096);
/// assert_eq!("64MiB".byte_count()?, 64 * 1024 * 1024);
/// assert_eq!("1 kB".to_owned().byte_count()?, 1000);
/// assert!("64 megs".byte_count().is_err());
/// # Ok::<(), cached_core::Error>(())
/// ```
pub trait ByteSize {
    /// Returns the number.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`] for a text that is no size, and says what is one.
    fn byte_count(self) -> Result<u64, Error>;
}

impl ByteSize for u64 {
    fn byte_count(self) -> Result<u64, Error> {
        Ok(self)
    }
}

impl ByteSize for &str {
    fn byte_count(self) -> Result<u64, Error> {
        parse(self).ok_or_else(|| {
            let message = format!(
                "`{}` is not a size; write a number of bytes, or one with `B`, `kB`, `MB`, `GB`, \
                 `KiB`, `MiB` or `GiB`, as in `64MiB`",
                self.escape_debug()
            );
            Error::new(ErrorKind::Config, message)
        })
    }
}

impl ByteSize for String {
    fn byte_count(self) -> Result<u64, Error> {
        self.as_str().byte_count()
    }
}

fn parse(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.strip_prefix(' ').unwrap_or(unit) {
        "" if unit.is_empty() => 1,
        "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("7B", 7),
            ("2kB", 2000),
            ("2KB", 2000),
            ("2 KiB", 2048),
            ("3MB", 3_000_000),
            ("64MiB", 64 << 20),
            ("5GB", 5_000_000_000),
            ("4GiB", 4 << 30),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.byte_count().unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_what_is() {
        for text in [
            "",
            " ",
            "MiB",
            "-1",
            "+1",
            "1.5GiB",
            "64 megs",
            "64mib",
            "64Mb",
            " 64",
            "64 ",
            "64  MiB",
            "64MiB ",
            "0x10",
            "1_000",
            "99999999999999999999",
            "99999999999999GiB",
        ] {
            let error = text.byte_count().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(error.to_string().contains("`64MiB`"), "{error}");
        }
    }
}
