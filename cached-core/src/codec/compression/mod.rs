//! Making payloads smaller.

mod algorithm;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;
use std::sync::Arc;

use super::BoxError;
use super::custom::own_number;
use crate::error::Error;
use algorithm::Algorithm;

/// What a store does about the size of what it keeps.
///
/// | setting | default |
/// |---|---|
/// | algorithm: `zstd`, `lz4`, `gzip` or [`custom`](Self::custom) | [`none`](Self::none) |
/// | [`level`](Self::level) | the algorithm's own |
/// | [`min_size`](Self::min_size) | 1 KiB |
/// | [`max_size`](Self::max_size) | 64 MiB |
///
/// `zstd`, `lz4` and `gzip` are there with the features of these names, none of which is on by
/// default. Every store reads entries in all that are compiled in, whatever it is set to; an entry in
/// another one is a miss, and replaced. So those who share a store turn the feature on in all
/// programs first, and only then set one of them to compress.
///
/// What is compressed is the encoded value, if it has `min_size` at least, and the result is kept only
/// if it is smaller. Counters stay digits.
///
/// Compression trades processor time for space, and for time on the network: every write compresses
/// and every hit outside of memory decompresses, on the thread that polls the call. Whether that pays
/// depends on the values. What repeats itself, such as lists of structs or text, becomes several times
/// smaller; what is short, random or compressed already does not. `lz4` is the fastest of the three,
/// `zstd` makes smaller entries in little more time and is written in C, `gzip` can be read wherever
/// there is zlib and takes longest to write.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "zstd")] {
/// use cached_core::{Caches, Compression, MemoryStore};
///
/// let store = MemoryStore::builder().compress(Compression::zstd().min_size(2048)).build()?;
/// Caches::builder().store("pages", store).install()?;
/// let pages = Caches::get("pages")?.blocking();
/// pages.set("long", &"all the same ".repeat(1000))?;
/// assert_eq!(pages.get::<String>("long")?.map(|page| page.len()), Some(13_000));
/// # }
/// # Ok::<(), cached_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Compression {
    algorithm: Option<Algorithm>,
    level: Option<i32>,
    min_size: usize,
    max_size: usize,
}

/// Makes bytes smaller and restores them, by an algorithm of the user's own.
///
/// What it restores must be what it was given, and it must fail, and not panic, for bytes that it did
/// not make: whatever lies in a store is handed to it.
///
/// # Examples
///
/// ```
/// use cached_core::codec::{BoxError, Compression, Compressor};
///
/// /// Leaves out the zeros at the end.
/// struct Trimmed;
///
/// impl Compressor for Trimmed {
///     fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
///         let kept = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
///         let length = u32::try_from(bytes.len())?.to_be_bytes();
///         Ok([&length, &bytes[..kept]].concat())
///     }
///
///     fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
///         let (length, kept) = bytes.split_first_chunk().ok_or("too short")?;
///         let length = u32::from_be_bytes(*length) as usize;
///         if length > limit || kept.len() > length {
///             return Err("too large".into());
///         }
///         let mut bytes = kept.to_vec();
///         bytes.resize(length, 0);
///         Ok(bytes)
///     }
/// }
///
/// let compression = Compression::custom(200, Trimmed)?.min_size(100);
/// # Ok::<(), cached_core::Error>(())
/// ```
pub trait Compressor: Send + Sync + 'static {
    /// Makes bytes smaller, if they can be.
    ///
    /// # Errors
    ///
    /// An error is one of the kind [`Encode`](crate::ErrorKind::Encode) of the whole value, which is
    /// then not stored.
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError>;

    /// Restores what [`compress`](Self::compress) was given.
    ///
    /// # Errors
    ///
    /// Fails for bytes that are damaged, and for those that would become more than `limit` bytes, before
    /// it has allocated as many.
    fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError>;
}

impl Compression {
    fn new(algorithm: Option<Algorithm>) -> Self {
        Self { algorithm, level: None, min_size: 1024, max_size: 64 * 1024 * 1024 }
    }

    /// Writes everything as it is; the default.
    pub fn none() -> Self {
        Self::new(None)
    }

    /// Compresses with Zstandard, by the crate `zstd`, which needs a C compiler.
    #[cfg(feature = "zstd")]
    pub fn zstd() -> Self {
        Self::new(Some(Algorithm::Zstd))
    }

    /// Compresses with LZ4, by the crate `lz4_flex`.
    #[cfg(feature = "lz4")]
    pub fn lz4() -> Self {
        Self::new(Some(Algorithm::Lz4))
    }

    /// Compresses with gzip, by the crate `flate2`, in Rust alone.
    #[cfg(feature = "gzip")]
    pub fn gzip() -> Self {
        Self::new(Some(Algorithm::Gzip))
    }

    /// Compresses with an algorithm of one's own, with a number from 128 to 255.
    ///
    /// The number stands in every entry so compressed, which is read by stores whose own compression has
    /// that number, and unreadable to all others.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) for a number below 128: those
    /// belong to the toolkit.
    pub fn custom(number: u8, compressor: impl Compressor) -> Result<Self, Error> {
        let number = own_number(number, "compression")?;
        Ok(Self::new(Some(Algorithm::Custom(number, Arc::new(compressor)))))
    }

    /// Sets how hard the algorithm tries; beyond its range, the end of that counts.
    ///
    /// Zstandard goes from 1 to 22, and below 0 for speed, and has 3; gzip goes from 0 to 9, and has 6.
    /// LZ4 and custom ones have no levels, and take no notice.
    #[must_use]
    pub fn level(self, level: i32) -> Self {
        Self { level: Some(level), ..self }
    }

    /// Sets how many bytes an encoded value has at least that is compressed.
    #[must_use]
    pub fn min_size(self, bytes: usize) -> Self {
        Self { min_size: bytes, ..self }
    }

    /// Sets how many bytes a decompressed value may have.
    ///
    /// An entry that would become larger is unreadable: a miss, and replaced. No more memory than that is
    /// asked for to find it out, so that an entry made to be enormous does no harm. A larger value is
    /// written uncompressed.
    #[must_use]
    pub fn max_size(self, bytes: usize) -> Self {
        Self { max_size: bytes, ..self }
    }

    /// Compresses a payload, and returns the algorithm's number too; `None` if it is to stay as it is.
    pub(super) fn compress(&self, payload: &[u8]) -> Result<Option<(u8, Vec<u8>)>, BoxError> {
        let Some(algorithm) = &self.algorithm else { return Ok(None) };
        let largest = self.max_size.min(algorithm.max_input());
        if payload.is_empty() || !(self.min_size..=largest).contains(&payload.len()) {
            return Ok(None);
        }
        let out = algorithm.compress(payload, self.level)?;
        // The number takes a byte, too.
        Ok((out.len() + 1 < payload.len()).then(|| (algorithm.number(), out)))
    }

    /// Restores a payload from what stands in an entry: the algorithm's number and its bytes.
    pub(super) fn decompress(&self, compressed: &[u8]) -> Result<Vec<u8>, BoxError> {
        let (number, bytes) = compressed.split_first().ok_or("there is no compressed value")?;
        let algorithm = match (Algorithm::built_in(*number), &self.algorithm) {
            (Some(algorithm), _) => algorithm,
            (None, Some(own)) if own.number() == *number => own.clone(),
            _ => return Err(algorithm::unknown(*number).into()),
        };
        algorithm.decompress(bytes, self.max_size)
    }
}

fn too_large(limit: usize) -> String {
    format!("the decompressed value has more than {limit} bytes; see `Compression::max_size`")
}

impl Default for Compression {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression")
            .field("algorithm", &self.algorithm)
            .field("level", &self.level)
            .field("min_size", &self.min_size)
            .field("max_size", &self.max_size)
            .finish()
    }
}
