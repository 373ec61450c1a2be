//! Which slot of a cluster a key belongs to.

/// How many slots every cluster has.
pub(crate) const SLOTS: u16 = 16_384;

/// Returns the slot of a key that is given in two parts, of which the first has no brace.
///
/// Only what stands between the first `{` and the next `}` counts, if anything does.
pub(crate) fn slot_of(head: &[u8], key: &[u8]) -> u16 {
    let crc = match hash_tag(key) {
        Some(tag) => crc16(tag.iter()),
        None => crc16(head.iter().chain(key)),
    };
    crc % SLOTS
}

fn hash_tag(key: &[u8]) -> Option<&[u8]> {
    let begin = key.iter().position(|&byte| byte == b'{')? + 1;
    let length = key[begin..].iter().position(|&byte| byte == b'}')?;
    (length > 0).then(|| &key[begin..begin + length])
}

/// The checksum of the cluster specification (XMODEM).
fn crc16<'a>(bytes: impl Iterator<Item = &'a u8>) -> u16 {
    bytes.fold(0, |crc: u16, &byte| (crc << 8) ^ TABLE[usize::from((crc >> 8) as u8 ^ byte)])
}

const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use cached_testing::RedisCluster;

    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        assert_eq!(crc16(b"123456789".iter()), 0x31c3);
    }

    #[test]
    fn a_slot_is_that_of_the_whole_key_or_of_its_tag() {
        for key in ["", "a", "f:x=1", "{tag}a", "a{tag}b", "{}a", "{a", "a}", "{{a}}", "\u{e9}"] {
            let whole = format!("app:{key}");
            assert_eq!(slot_of(b"app:", key.as_bytes()), RedisCluster::slot_of(&whole), "{key}");
            assert_eq!(slot_of(b"", whole.as_bytes()), RedisCluster::slot_of(&whole), "{key}");
        }
    }
}
