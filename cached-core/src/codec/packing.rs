//! How one store turns values into entries.

use super::Codec;
use super::compression::Compression;

/// The settings of a store that are about its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packing {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
}
