//! What readers do with entries that are not what they expect: nothing but compute and replace.

use cached_kit::{Caches, ErrorKind, MemoryStore, Store, Timeout, block_on, cached};

use crate::setup::{NOW, raw, setup};

fn replace(store: &MemoryStore, key: &str, bytes: &[u8]) {
    block_on(store.set(key, bytes, Timeout::Never)).unwrap();
}

/// bug 60: another version of the format, flags and codecs from the future, another key's entry,
/// and bytes that are no entry at all: the call succeeds and the entry is replaced.
#[test]
fn bug_60_an_entry_that_cannot_be_read_is_computed_and_replaced() {
    #[cached(using = "packed", timeout = 60)]
    fn answer(question: &str) -> u64 {
        question.len() as u64
    }
    let store = &setup().packed;
    let key = answer::entry("why").key();
    assert_eq!(answer("why"), 3);
    let good = raw(store, &key);
    let changed = |index: usize, byte: u8| {
        let mut bytes = good.clone();
        assert_ne!(bytes[index], byte);
        bytes[index] = byte;
        bytes
    };
    let unreadable = [
        ("another magic", changed(1, b'L')),
        ("another version", changed(2, 2)),
        ("an unknown flag", changed(3, 4)),
        ("the flag of compression", changed(3, 2)),
        ("the flag of nothing", changed(3, 1)),
        ("an unknown codec", changed(4, 3)),
        ("another program's codec", changed(4, 128)),
        ("the other codec", changed(4, 2)),
        ("another key", changed(24, good[24] ^ 1)),
        ("only a header", good[..25].to_vec()),
        ("half a header", good[..12].to_vec()),
        ("one byte more", [&good[..], b"\0"].concat()),
        ("nothing", vec![]),
        ("digits", b"3".to_vec()),
        ("text", b"hello".to_vec()),
    ];
    for (index, (what, bytes)) in unreadable.iter().enumerate() {
        replace(store, &key, bytes);
        assert_eq!(answer::entry("why").peek(), None, "{what}");
        assert_eq!(answer("why"), 3, "{what}");
        assert_eq!(raw(store, &key), good, "{what} is replaced");
        assert_eq!(answer::stats().computed, index as u64 + 2, "{what}");
        assert_eq!(answer("why"), 3);
    }
    // Each was counted for the call; `peek` does not count.
    assert_eq!(answer::stats().layers[0].undecodable, unreadable.len() as u64);
    assert_eq!(answer::stats().computed, unreadable.len() as u64 + 1);
}

/// An entry that another clock made is judged by its age, and one from the future not trusted.
#[test]
fn bug_34_time_is_what_the_header_says() {
    #[cached(using = "packed", timeout = 60)]
    fn reply(question: &str) -> u64 {
        question.len() as u64
    }
    let store = &setup().packed;
    let key = reply::entry("when").key();
    let created = |millis: u64| {
        let mut bytes = raw(store, &key);
        bytes[5..11].copy_from_slice(&millis.to_be_bytes()[2..]);
        replace(store, &key, &bytes);
        reply::entry("when").ttl()
    };
    reply("when");
    let after = |millis| Some(Timeout::After(std::time::Duration::from_millis(millis)));
    assert_eq!(created(NOW), after(60_000));
    assert_eq!(created(NOW - 59_999), after(1));
    assert_eq!(created(NOW - 60_000), None);
    assert_eq!(created(NOW + 60_000), after(60_000));
    assert_eq!(created(NOW + 60_001), None);
    assert_eq!(created(0), None);
}

#[test]
fn by_hand_an_entry_that_cannot_be_read_is_an_error() {
    let store = &setup().packed;
    let cache = Caches::get("packed").unwrap().blocking();
    for bytes in [&b"hello"[..], b"", &[0xc1, b'K', 2], b"5 ", b" 5"] {
        replace(store, ":reader", bytes);
        assert_eq!(cache.get::<String>("reader").unwrap_err().kind(), ErrorKind::Decode);
        assert!(!cache.has("reader").unwrap());
        assert_eq!(cache.get_or_compute("reader", || "new".to_owned()), "new");
        assert_eq!(cache.get::<String>("reader").unwrap().as_deref(), Some("new"));
    }
}
