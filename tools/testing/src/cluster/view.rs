//! What one node says about its cluster.

use std::collections::BTreeMap;
use std::io;
use std::ops::RangeInclusive;

use crate::server::RedisServer;

/// A node as another one, or it itself, describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) port: u16,
    pub(super) is_self: bool,
    pub(super) is_master: bool,
    /// It does not answer, or is not known well enough to be talked to.
    pub(super) is_out: bool,
    pub(super) master: String,
    pub(super) epoch: u64,
    pub(super) slots: Vec<RangeInclusive<u16>>,
}

impl Entry {
    /// Returns whether it is the node that describes itself as `own`, in the same role.
    pub(super) fn has_role_of(&self, own: &Entry) -> bool {
        let role = |entry: &Entry| (entry.id.clone(), entry.is_master, entry.master.clone());
        !self.is_out && role(self) == role(own)
    }
}

/// Asks `node` for all nodes it knows.
pub(super) fn ask(node: &RedisServer) -> io::Result<Vec<Entry>> {
    let text = node.text(&["CLUSTER", "NODES"])?;
    text.lines().map(parse).collect()
}

/// Asks `node` for itself.
pub(super) fn ask_self(node: &RedisServer) -> io::Result<Entry> {
    let mut entries = ask(node)?.into_iter();
    entries.find(|entry| entry.is_self).ok_or_else(|| malformed("no `myself`"))
}

/// Returns the owners of the slots, to compare the views of two nodes.
pub(super) fn owners(entries: &[Entry]) -> BTreeMap<u16, u16> {
    let with_slots = entries.iter().filter(|entry| entry.is_master);
    with_slots
        .flat_map(|entry| entry.slots.iter().cloned().flatten().map(|slot| (slot, entry.port)))
        .collect()
}

/// Reads a line such as
/// `ID 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460 [7-<-ID]`.
fn parse(line: &str) -> io::Result<Entry> {
    let words: Vec<&str> = line.split(' ').collect();
    let [id, address, flags, master, _, _, epoch, _, slots @ ..] = &words[..] else {
        return Err(malformed(line));
    };
    let port = address.split_once('@').and_then(|(address, _)| address.rsplit_once(':'));
    let port = port.and_then(|(_, port)| port.parse().ok()).ok_or_else(|| malformed(line))?;
    let has_flag = |name| flags.split(',').any(|flag| flag == name);
    Ok(Entry {
        id: (*id).to_owned(),
        port,
        is_self: has_flag("myself"),
        is_master: has_flag("master"),
        is_out: ["fail", "fail?", "handshake", "noaddr"].into_iter().any(has_flag),
        master: (*master).to_owned(),
        epoch: epoch.parse().map_err(|_| malformed(line))?,
        // Slots in brackets are on their way from or to another node, and not in these ranges.
        slots: slots.iter().filter_map(|slots| range(slots)).collect(),
    })
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn malformed(line: &str) -> io::Error {
    let text = format!("`{line}` is not a line of `CLUSTER NODES`");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_its_slots() {
        let entry =
            parse("a1 127.0.0.1:7@8 myself,master - 0 0 3 connected 0-5 9 [7-<-b2]").unwrap();
        assert!(entry.is_self && entry.is_master && !entry.is_out);
        assert_eq!((entry.id.as_str(), entry.port, entry.epoch), ("a1", 7, 3));
        assert_eq!(entry.slots, [0..=5, 9..=9]);
        let replica = parse("b2 127.0.0.1:9@8,host slave,fail? a1 0 0 3 connected").unwrap();
        assert!(!replica.is_master && replica.is_out && replica.master == "a1");
        let demoted = Entry { is_master: false, ..entry.clone() };
        assert!(entry.has_role_of(&entry) && !entry.has_role_of(&demoted));
        assert!(!replica.has_role_of(&replica), "it is out");
        assert_eq!(owners(&[entry, replica]).into_iter().filter(|&(_, port)| port == 7).count(), 7);
    }

    #[test]
    fn another_line_is_an_error() {
        for line in
            ["", "a b c", "a1 7 master - 0 0 3 connected", "a 1:7@8 master - 0 0 x connected"]
        {
            assert_eq!(parse(line).unwrap_err().kind(), io::ErrorKind::InvalidData, "{line}");
        }
    }
}
