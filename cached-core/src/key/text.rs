//! From the texts of the arguments to the key that a store sees.

use sha2::{Digest, Sha256};

use super::Lookup;
use super::escape::push_escaped;

/// Arguments longer than this many bytes are replaced by their digest.
const LONGEST_ARGUMENTS: usize = 200;
/// What most arguments have room in, so that writing a key allocates once.
const USUAL_ARGUMENTS: usize = 64;

/// How the key's arguments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyText {
    /// `label=value,label=value`, one label for each part.
    Labelled(&'static [&'static str]),
    /// The text that the user wrote out, with the parts in it.
    Template(&'static [Piece]),
}

/// A stretch of a written-out key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(&'static str),
    /// The part with this number.
    Part(usize),
}

impl KeyText {
    fn is_empty(self) -> bool {
        match self {
            KeyText::Labelled(labels) => labels.is_empty(),
            KeyText::Template(pieces) => pieces.is_empty(),
        }
    }

    /// Appends the arguments' text; `None` when one of them has none.
    fn append<L: Lookup>(self, lookup: &L, mut out: String) -> Option<String> {
        match self {
            KeyText::Labelled(labels) => {
                for (index, label) in labels.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    // A label is an identifier, and those may be in any script.
                    push_escaped(&mut out, label.as_bytes(), b"");
                    out.push('=');
                    out = lookup.append_part(index, out)?;
                }
            }
            KeyText::Template(pieces) => {
                for piece in pieces {
                    match *piece {
                        Piece::Text(text) => out.push_str(text),
                        Piece::Part(index) => out = lookup.append_part(index, out)?,
                    }
                }
            }
        }
        Some(out)
    }
}

/// The key under which remote layers keep an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreKey {
    /// What the store is given: `name[@version]:arguments`, long arguments as a digest.
    pub(crate) text: String,
    /// A hash of the key in full length, kept in the envelope and compared on read. It tells when
    /// a reply belongs to another key, whatever went wrong, a collision of digests included; and when
    /// it was stored for another type of the same name.
    pub(crate) check: u64,
}

/// What the key of a generic function's entry says of the types that it was called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeNames {
    /// Their names, as they stand in the key.
    pub(crate) text: String,
    /// What tells them apart where other types could have the same names: it is in the check, and not
    /// in the key. `None` where their names do.
    pub(crate) mark: Option<u64>,
}

impl TypeNames {
    /// Those of a function that is not generic.
    pub(crate) const NONE: Self = Self { text: String::new(), mark: None };
}

impl StoreKey {
    /// Makes the key of a function's entry; `None` when an argument has no text.
    pub(crate) fn of<L: Lookup>(
        name: &str,
        types: &TypeNames,
        text: KeyText,
        lookup: &L,
    ) -> Option<Self> {
        Self::with_digest(name, types, text, lookup, sha256_hex)
    }

    pub(super) fn with_digest<L: Lookup>(
        name: &str,
        TypeNames { text: types, mark }: &TypeNames,
        text: KeyText,
        lookup: &L,
        digest: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let mut full = String::with_capacity(name.len() + types.len() + 2 + USUAL_ARGUMENTS);
        full.push_str(name);
        full.push(':');
        let start = full.len();
        full.push_str(types);
        if !types.is_empty() && !text.is_empty() {
            full.push(',');
        }
        let full = text.append(lookup, full)?;
        let check = fnv1a(full.as_bytes());
        let check = mark.map_or(check, |mark| fnv1a_on(check, &mark.to_le_bytes()));
        let arguments = &full[start..];
        if arguments.len() <= LONGEST_ARGUMENTS {
            return Some(Self { text: full, check });
        }
        Some(Self { text: format!("{name}:#{}", digest(arguments)), check })
    }

    /// Makes the key of an entry that was not made by a function: the text is taken as it is.
    pub(crate) fn verbatim(text: String) -> Self {
        let check = fnv1a(text.as_bytes());
        Self { text, check }
    }
}

fn sha256_hex(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// FNV-1a, 64 bits: not SHA-256 again, so that the two cannot fail together, and three lines in any
/// language.
fn fnv1a(bytes: &[u8]) -> u64 {
    fnv1a_on(0xcbf2_9ce4_8422_2325, bytes)
}

/// Goes on with a hash.
pub(crate) fn fnv1a_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
