//! The text in front of every key, and how it is kept apart from its neighbours.

use cached_core::{Error, ErrorKind};

/// A store's prefix, as given and as it stands in front of a key.
#[derive(Debug)]
pub(crate) struct Prefix {
    given: String,
    head: String,
}

impl Prefix {
    pub(crate) fn new(given: impl Into<String>) -> Result<Self, Error> {
        let given = given.into();
        if given.is_empty() {
            return Err(Error::new(
                ErrorKind::Config,
                "an empty prefix would make `clear` touch foreign keys; name one, for instance `app`",
            ));
        }
        let head = escape(&given) + ":";
        Ok(Self { given, head })
    }

    pub(crate) fn given(&self) -> &str {
        &self.given
    }

    /// The escaped prefix with its terminator; no other prefix's starts with it.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    pub(crate) fn key(&self, key: &str) -> String {
        let mut full = String::with_capacity(self.head.len() + key.len());
        full.push_str(&self.head);
        full.push_str(key);
        full
    }
}

/// Percent-encodes all but the characters that mean nothing to anybody, so that the terminator
/// and the glob characters cannot occur in a prefix.
fn escape(given: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(given.len());
    for byte in given.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(given: &str) -> String {
        Prefix::new(given).unwrap().head().to_owned()
    }

    #[test]
    fn a_prefix_keeps_no_character_with_a_meaning() {
        assert_eq!(head("app-1_x.y~z"), "app-1_x.y~z:");
        assert_eq!(head("a*"), "a%2A:");
        assert_eq!(head("a[bc]?"), "a%5Bbc%5D%3F:");
        assert_eq!(head("a:b"), "a%3Ab:");
        assert_eq!(head("%2A"), "%252A:");
        assert_eq!(head("\u{e9}"), "%C3%A9:");
    }

    // Bug 44.
    #[test]
    fn no_prefix_begins_with_another_one() {
        let all = ["a", "ab", "a*", "a[bc]", "a?", "a%2A", "Portal-1", "Portal-10", "a:", "a:b"];
        for one in all {
            for other in all {
                assert_eq!(head(other).starts_with(&head(one)), one == other, "{one} {other}");
            }
        }
    }

    // Bug 44.
    #[test]
    fn an_empty_prefix_is_refused() {
        let error = Prefix::new("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("for instance `app`"));
    }
}
