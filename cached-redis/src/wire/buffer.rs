//! Bytes that were read and not yet understood.

/// How much is read at a time.
const SIZE: usize = 64 << 10;

/// A buffer of a fixed size: longer values are moved out of it piece by piece.
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; SIZE].into_boxed_slice(), start: 0, end: 0 }
    }

    /// What is there to be understood.
    pub(crate) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Forgets what has been understood; `rest` is how much of the end is left.
    pub(crate) fn keep(&mut self, rest: usize) {
        self.start = self.end - rest;
        if rest == 0 {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Where more can be read to; empty only if a single line fills the whole buffer.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.end == self.bytes.len() && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.bytes[self.end..]
    }

    pub(crate) fn add(&mut self, read: usize) {
        self.end += read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_moves_to_the_front_when_there_is_no_room() {
        let mut buffer = Buffer::new();
        assert_eq!(buffer.room().len(), SIZE);
        buffer.room()[SIZE - 2..].copy_from_slice(b"ab");
        buffer.add(SIZE);
        buffer.keep(2);
        assert_eq!(buffer.filled(), b"ab");
        assert_eq!(buffer.room().len(), SIZE - 2);
        assert_eq!(buffer.filled(), b"ab");
        buffer.keep(0);
        assert!(buffer.filled().is_empty());
        assert_eq!(buffer.room().len(), SIZE);
    }
}
