//! Which algorithm it is.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "gzip")]
use super::gzip;
#[cfg(feature = "lz4")]
use super::lz4;
#[cfg(feature = "zstd")]
use super::zstd;
use super::{BoxError, Compressor, too_large};

#[derive(Clone)]
pub(super) enum Algorithm {
    #[cfg(feature = "zstd")]
    Zstd,
    #[cfg(feature = "lz4")]
    Lz4,
    #[cfg(feature = "gzip")]
    Gzip,
    Custom(u8, Arc<dyn Compressor>),
}

/// The algorithms with numbers of the toolkit's, and the features that they need.
const NAMES: [(u8, &str); 3] = [(1, "zstd"), (2, "lz4"), (3, "gzip")];

impl Algorithm {
    /// Returns the number that stands in front of what it has compressed.
    pub(super) fn number(&self) -> u8 {
        match self {
            #[cfg(feature = "zstd")]
            Self::Zstd => 1,
            #[cfg(feature = "lz4")]
            Self::Lz4 => 2,
            #[cfg(feature = "gzip")]
            Self::Gzip => 3,
            Self::Custom(number, _) => *number,
        }
    }

    /// Returns the algorithm of a number, if it is one that every store of this program reads.
    pub(super) fn built_in(number: u8) -> Option<Self> {
        match number {
            #[cfg(feature = "zstd")]
            1 => Some(Self::Zstd),
            #[cfg(feature = "lz4")]
            2 => Some(Self::Lz4),
            #[cfg(feature = "gzip")]
            3 => Some(Self::Gzip),
            _ => None,
        }
    }

    /// Returns how many bytes it can compress.
    pub(super) fn max_input(&self) -> usize {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => lz4::MAX_INPUT,
            _ => usize::MAX,
        }
    }

    #[cfg_attr(not(any(feature = "zstd", feature = "gzip")), expect(unused_variables))]
    pub(super) fn compress(&self, bytes: &[u8], level: Option<i32>) -> Result<Vec<u8>, BoxError> {
        match self {
            #[cfg(feature = "zstd")]
            Self::Zstd => zstd::compress(bytes, level),
            #[cfg(feature = "lz4")]
            Self::Lz4 => Ok(lz4::compress(bytes)),
            #[cfg(feature = "gzip")]
            Self::Gzip => gzip::compress(bytes, level),
            Self::Custom(_, compressor) => compressor.compress(bytes),
        }
    }

    /// Fails before it allocates more than `limit` bytes for the result.
    pub(super) fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
        match self {
            #[cfg(feature = "zstd")]
            Self::Zstd => zstd::decompress(bytes, limit),
            #[cfg(feature = "lz4")]
            Self::Lz4 => lz4::decompress(bytes, limit),
            #[cfg(feature = "gzip")]
            Self::Gzip => gzip::decompress(bytes, limit),
            Self::Custom(_, compressor) => match compressor.decompress(bytes, limit)? {
                out if out.len() > limit => Err(too_large(limit).into()),
                out => Ok(out),
            },
        }
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMES.iter().find(|(number, _)| *number == self.number()), self.number()) {
            (Some((_, name)), _) => f.write_str(name),
            (None, number) => write!(f, "custom {number}"),
        }
    }
}

/// Says why an entry in the algorithm of a number cannot be read.
pub(super) fn unknown(number: u8) -> String {
    match NAMES.iter().find(|(named, _)| *named == number) {
        Some((_, name)) => format!("it is compressed with {name}: turn on the feature `{name}`"),
        None => format!("it is compressed with algorithm {number}, which is not the store's"),
    }
}
