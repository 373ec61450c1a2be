//! What goes over a connection: replies, and what is said first on a new one.

mod buffer;
mod handshake;
mod reply;

pub(crate) use buffer::Buffer;
pub(crate) use handshake::{Login, Refused, greeting, judge};
pub(crate) use reply::Parser;

/// Appends one argument of a command.
pub(crate) fn push_arg(out: &mut Vec<u8>, parts: &[&[u8]]) {
    push_count(out, b'$', parts.iter().map(|part| part.len()).sum());
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends the head of a command with this many arguments, its name among them.
pub(crate) fn push_head(out: &mut Vec<u8>, args: usize) {
    push_count(out, b'*', args);
}

fn push_count(out: &mut Vec<u8>, mark: u8, mut count: usize) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        // A digit fits a byte.
        digits[first] = b'0' + (count % 10) as u8;
        count /= 10;
        if count == 0 {
            break;
        }
    }
    out.push(mark);
    out.extend_from_slice(&digits[first..]);
    out.extend_from_slice(b"\r\n");
}

/// Returns a whole command, ready to be sent.
pub(crate) fn command(args: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    push_head(&mut out, args.len());
    for arg in args {
        push_arg(&mut out, &[arg]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_an_array_of_bulk_strings() {
        assert_eq!(command(&[b"GET", b"k"]), b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
        assert_eq!(
            command(&[b"SET", b"", &[b'x'; 1234]])[..24],
            *b"*3\r\n$3\r\nSET\r\n$0\r\n\r\n$1234"
        );
        let mut out = Vec::new();
        push_arg(&mut out, &[b"app:", b"key"]);
        assert_eq!(out, b"$7\r\napp:key\r\n");
    }
}
