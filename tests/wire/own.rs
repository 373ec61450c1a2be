//! A codec and a compression with numbers of their own.

use cached_kit::codec::{AnySlot, AnyValue, BoxError, Compressor, Serializer};

/// JSON, from its end to its beginning.
pub(crate) struct Backwards;

impl Serializer for Backwards {
    fn encode(&self, value: &AnyValue<'_>) -> Result<Vec<u8>, BoxError> {
        let mut bytes = serde_json::to_vec(value)?;
        bytes.reverse();
        Ok(bytes)
    }

    fn decode(&self, bytes: &[u8], slot: &mut AnySlot<'_>) -> Result<(), BoxError> {
        let bytes: Vec<u8> = bytes.iter().rev().copied().collect();
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        slot.read(&mut reader)?;
        Ok(reader.end()?)
    }
}

/// How often each byte follows itself, and the byte.
pub(crate) struct RunLength;

impl Compressor for RunLength {
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
        let runs = bytes.chunk_by(|a, b| a == b).flat_map(|run| run.chunks(255));
        Ok(runs.flat_map(|run| [run.len() as u8, run[0]]).collect())
    }

    fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, BoxError> {
        let (runs, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() || runs.iter().map(|run| usize::from(run[0])).sum::<usize>() > limit {
            return Err("damaged or too large".into());
        }
        Ok(runs.iter().flat_map(|[times, byte]| vec![*byte; (*times).into()]).collect())
    }
}
