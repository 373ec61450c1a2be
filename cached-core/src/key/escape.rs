//! Percent-encoding: what makes a value unable to look like a separator.

/// Writes `text` so that only ASCII letters, digits, `-`, `_` and `.` stand for themselves; every
/// other byte becomes `%` and two upper-case hex digits.
///
/// # Examples
///
/// ```
/// assert_eq!(cached_core::key::escape("a:b c"), "a%3Ab%20c");
/// ```
pub fn escape(text: &str) -> String {
    escape_keeping(text, b"")
}

/// Escapes as [`escape`] does, but leaves the bytes in `keep` as they are.
pub(crate) fn escape_keeping(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text.as_bytes(), keep);
    out
}

/// Takes [`escape`] back; `None` when the text is not the escape of any UTF-8 text.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

pub(super) fn push_escaped(out: &mut String, bytes: &[u8], keep: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
