//! The only way to write key text.

use std::fmt::{Display, Write};

use super::CacheKey;
use super::escape::push_escaped;

/// Writes the text of one value, escaped and delimited.
///
/// Text, integers and the like are atoms; several values make a [`group`](Self::group), also when
/// they are written one after another. The characters that structure the text, `( ) , = ! ~`, can
/// only come from here.
#[derive(Debug, Default)]
pub struct KeyWriter {
    out: String,
    /// Where the value that is being written begins.
    start: usize,
    /// How many atoms and groups it consists of so far.
    written: usize,
}

impl KeyWriter {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Starts a value after a text that is there already.
    pub(super) fn after(out: String) -> Self {
        Self { start: out.len(), out, written: 0 }
    }

    /// Returns the text of one value.
    pub fn text_of<T: CacheKey + ?Sized>(value: &T) -> String {
        let mut writer = Self::new();
        value.write_key(&mut writer);
        writer.finish()
    }

    /// Writes text, escaped; empty text is `~`, so that it differs from nothing at all.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes bytes as if they were text.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.begin();
        if bytes.is_empty() {
            self.out.push('~');
        }
        push_escaped(&mut self.out, bytes, b"");
    }

    /// Writes a value whose `Display` form tells all its values apart, escaped.
    pub fn display(&mut self, value: impl Display) {
        self.begin();
        let start = self.out.len();
        // Writing to a `String` cannot fail; a `Display` that says so anyway has written a prefix.
        let _ = write!(self.out, "{value}");
        self.escape_from(start);
    }

    /// Writes several values as `(a,b,..)`.
    pub fn group(&mut self, fill: impl FnOnce(&mut Group<'_>)) {
        self.begin();
        self.out.push('(');
        fill(&mut Group { writer: self, first: true });
        self.out.push(')');
    }

    /// Writes the absence of a value, `!`.
    pub fn none(&mut self) {
        self.begin();
        self.out.push('!');
    }

    /// Writes a value that might have been absent, told apart from [`none`](Self::none) however
    /// deeply the two are nested.
    pub fn some<T: CacheKey + ?Sized>(&mut self, value: &T) {
        self.begin();
        let start = self.out.len();
        self.nested(value);
        if self.out[start..].starts_with('!') {
            self.out.insert(start, '!');
        }
    }

    /// Writes plain digits and letters without the detour through escaping.
    pub(super) fn atom(&mut self, value: impl Display) {
        self.begin();
        let _ = write!(self.out, "{value}");
    }

    pub(crate) fn literal(&mut self, text: &str) {
        self.begin();
        self.out.push_str(text);
    }

    /// Returns the value's text, with what it was started after.
    pub(super) fn finish(mut self) -> String {
        self.close();
        self.out
    }

    /// Comes before each atom and group. A second one makes a group of the value: without that,
    /// `("ab", "c")` and `("a", "bc")` written by a type that forgets it would be one key.
    fn begin(&mut self) {
        if self.written == 1 {
            self.out.insert(self.start, '(');
        }
        if self.written > 0 {
            self.out.push(',');
        }
        self.written += 1;
    }

    fn close(&mut self) {
        match self.written {
            0 => self.out.push_str("()"),
            1 => {}
            _ => self.out.push(')'),
        }
    }

    /// Writes a value inside another one.
    fn nested<T: CacheKey + ?Sized>(&mut self, value: &T) {
        let outer = (self.start, self.written);
        (self.start, self.written) = (self.out.len(), 0);
        value.write_key(self);
        self.close();
        (self.start, self.written) = outer;
    }

    fn escape_from(&mut self, start: usize) {
        if start == self.out.len() {
            self.out.push('~');
        } else if !self.out[start..].bytes().all(|b| b.is_ascii_alphanumeric()) {
            let raw = self.out.split_off(start);
            push_escaped(&mut self.out, raw.as_bytes(), b"");
        }
    }
}

/// The inside of a group; see [`KeyWriter::group`].
#[derive(Debug)]
pub struct Group<'a> {
    writer: &'a mut KeyWriter,
    first: bool,
}

impl Group<'_> {
    /// Writes the next value of the group.
    pub fn item<T: CacheKey + ?Sized>(&mut self, value: &T) {
        self.separate();
        self.writer.nested(value);
    }

    /// Writes the next value of the group under a name, as `name=value`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cached_core::key::{CacheKey, KeyWriter};
    ///
    /// struct Page { number: u32, filter: Option<String> }
    ///
    /// impl CacheKey for Page {
    ///     fn write_key(&self, key: &mut KeyWriter) {
    ///         key.group(|parts| {
    ///             parts.field("number", &self.number);
    ///             parts.field("filter", &self.filter);
    ///         });
    ///     }
    /// }
    ///
    /// assert_eq!(KeyWriter::text_of(&Page { number: 7, filter: None }), "(number=7,filter=!)");
    /// ```
    pub fn field<T: CacheKey + ?Sized>(&mut self, name: &str, value: &T) {
        self.separate();
        push_escaped(&mut self.writer.out, name.as_bytes(), b"");
        self.writer.out.push('=');
        self.writer.nested(value);
    }

    /// Writes text that was made by a writer of its own, as the next value.
    pub(super) fn ready(&mut self, text: &str) {
        self.separate();
        self.writer.out.push_str(text);
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.writer.out.push(',');
        }
    }
}
