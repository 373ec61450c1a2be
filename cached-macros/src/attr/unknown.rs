//! The keys there are, and help for a key that is not one of them.

use syn::{Error, Ident};

const KEYS: [&str; 12] = [
    "using",
    "timeout",
    "ttl",
    "include",
    "exclude",
    "key",
    "name",
    "version",
    "max_entries",
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
    let nearest = KEYS.into_iter().map(|known| (distance(&name, known), known)).min();
    let hint = match nearest {
        Some((distance, known)) if distance <= 2 && distance < name.len() => {
            format!("did you mean `{known}`? ")
        }
        _ => String::new(),
    };
    let message = format!("unknown option `{name}`: {hint}the options are {}", all_keys());
    Error::new(key.span(), message)
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
