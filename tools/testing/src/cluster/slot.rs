//! Which slot of a cluster a key belongs to.

/// How many slots every cluster has.
pub(super) const SLOTS: u16 = 16_384;

/// Returns the slot of a key: the checksum of it, or of its hash tag if it has one.
pub(super) fn slot_of(key: &[u8]) -> u16 {
    crc16(hash_tag(key).unwrap_or(key)) % SLOTS
}

/// Returns what is between the first `{` and the next `}`, if anything is.
fn hash_tag(key: &[u8]) -> Option<&[u8]> {
    let begin = key.iter().position(|&byte| byte == b'{')? + 1;
    let length = key[begin..].iter().position(|&byte| byte == b'}')?;
    (length > 0).then(|| &key[begin..begin + length])
}

/// Computes the CRC16 that Redis uses (XMODEM).
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_cluster_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot_of(b"123456789"), 12_739);
    }

    #[test]
    fn only_a_hash_tag_that_is_not_empty_counts() {
        assert_eq!(slot_of(b"{user}:a"), slot_of(b"user"));
        assert_eq!(slot_of(b"x{user}{y}"), slot_of(b"user"));
        for key in [&b"{}key"[..], b"{key", b"key}"] {
            assert_eq!(slot_of(key), crc16(key) % SLOTS);
        }
    }
}
