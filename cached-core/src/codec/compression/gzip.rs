//! gzip: one member.

use std::io::{Read, Write};

use flate2::Compression as Level;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{BoxError, too_large};

/// How much is decompressed at once.
const CHUNK: usize = 16 * 1024;

pub(super) fn compress(bytes: &[u8], level: Option<i32>) -> Result<Vec<u8>, BoxError> {
    let level = match level {
        Some(level) => Level::new(u32::try_from(level.clamp(0, 9))?),
        None => Level::default(),
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
    let mut decoder = GzDecoder::new(bytes);
    let (mut out, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    loop {
        let read = decoder.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        let size = out.len() + read;
        if size > limit {
            return Err(too_large(limit).into());
        }
        if size > out.capacity() {
            // By doubling, but not beyond the limit: a vector that grows by itself does not know it.
            out.try_reserve_exact((2 * out.capacity()).clamp(size, limit) - out.len())?;
        }
        out.extend_from_slice(&chunk[..read]);
    }
    // The checksum and the size at the end were looked at before the last read returned.
    if decoder.into_inner().is_empty() { Ok(out) } else { Err("bytes after the gzip data".into()) }
}
