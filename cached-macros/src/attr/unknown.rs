//! The keys there are, and help for a key that is not one of them.

use syn::{Error, Ident};

/// All options.
pub(crate) const KEYS: [&str; 21] = [
    "using",
    "timeout",
    "ttl",
    "include",
    "exclude",
    "key",
    "name",
    "version",
    "companion",
    "strict",
    "context",
    "each",
    "max_entries",
    "max_bytes",
    "weight",
    "policy",
    "priority",
    "on_removal",
    "when",
    "none_timeout",
    "crate",
];

pub(super) fn is_known(key: &Ident) -> bool {
    KEYS.iter().any(|known| key == known)
}

pub(super) fn all_keys() -> String {
    KEYS.map(|key| format!("`{key}`")).join(", ")
}

pub(super) fn error(key: &Ident) -> Error {
    let name = key.to_string();
    let hint = hint(&name, KEYS);
    let message = format!("unknown option `{name}`: {hint}the options are {}", all_keys());
    Error::new(key.span(), message)
}

/// Asks whether the nearest of the known words was meant, if one is near.
pub(super) fn hint<const N: usize>(name: &str, known: [&str; N]) -> String {
    let nearest = known.into_iter().map(|known| (distance(name, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= 2 && 2 * distance < name.len() => {
            format!("did you mean `{known}`? ")
        }
        _ => String::new(),
    }
}

/// How many characters to add, remove or replace to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, above) in to.chars().zip(row.windows(2)) {
            if let [diagonal, above] = above {
                left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
