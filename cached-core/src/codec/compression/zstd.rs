//! Zstandard: one frame that says how large its content is.

use zstd::bulk::{Compressor, Decompressor};

use super::{BoxError, too_large};

pub(super) fn compress(bytes: &[u8], level: Option<i32>) -> Result<Vec<u8>, BoxError> {
    let range = zstd::compression_level_range();
    let level = level.unwrap_or(zstd::DEFAULT_COMPRESSION_LEVEL);
    let level = level.clamp(*range.start(), *range.end());
    Ok(Compressor::new(level)?.compress(bytes)?)
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
    let size = zstd::decompressed_size(bytes).ok_or("the zstd frame does not say its size")?;
    let size = usize::try_from(size).ok().filter(|size| *size <= limit);
    let size = size.ok_or_else(|| too_large(limit))?;
    let mut out = Vec::new();
    out.try_reserve_exact(size)?;
    // All at once, so that no window is allocated, of whatever size the frame asks for.
    Decompressor::new()?.decompress_to_buffer(bytes, &mut out)?;
    Ok(out)
}
