//! LZ4: the size in four bytes, little endian, and one block.

use lz4_flex::block;

use super::{BoxError, too_large};

/// What the block format allows.
pub(super) const MAX_INPUT: usize = 0x7e00_0000;

/// One byte of a block becomes no more than so many.
const MAX_RATIO: usize = 255;

pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    block::compress_prepend_size(bytes)
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
    let (size, block) = block::uncompressed_size(bytes)?;
    if size > limit {
        return Err(too_large(limit).into());
    }
    if size / MAX_RATIO > block.len() {
        return Err("the LZ4 block is too short for its size".into());
    }
    let mut out = Vec::new();
    out.try_reserve_exact(size)?;
    out.resize(size, 0);
    let written = block::decompress_into(block, &mut out)?;
    if written == size { Ok(out) } else { Err("the LZ4 block ends too early".into()) }
}
