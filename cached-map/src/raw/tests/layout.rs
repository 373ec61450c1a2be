//! Items of all sizes and alignments.

use super::{STEPS, Table, pinned, remove, settle};

/// Fills a table, checks where items lie and that they do not overlap, and empties it.
fn holds<T: Copy + PartialEq + std::fmt::Debug>(item: fn(u8) -> T) {
    let count = if STEPS > 100 { 200 } else { 30 };
    let table = Table::new(());
    for round in 0..2 {
        for key in 0..count {
            table.lock().insert(u32::from(key), (key, item(key)));
        }
        for key in 0..count {
            pinned(|pin| {
                let found = table.find(pin, u32::from(key), |it| it.0 == key).unwrap();
                assert_eq!(found.item.1, item(key));
                let address = std::ptr::from_ref(&found.item.1).addr();
                assert_eq!(address % align_of::<T>(), 0, "in round {round}");
            });
        }
        table.lock().validate();
        for key in 0..count {
            assert!(remove(&table, u32::from(key), |it| it.0 == key));
        }
        // Which gives all memory back.
        settle(&table);
    }
}

#[test]
fn items_without_a_size() {
    holds(|_| ());
}

#[test]
fn items_of_one_byte() {
    holds(|key| key);
}

#[test]
fn items_that_fill_half_a_line_and_one_byte_more() {
    holds(|key| [key; 23]);
    holds(|key| [key; 24]);
}

#[test]
fn items_that_fill_a_line_and_one_byte_more() {
    holds(|key| [key; 55]);
    holds(|key| [key; 56]);
}

#[test]
fn items_of_many_lines() {
    holds(|key| [u64::from(key); 100]);
}

#[test]
fn items_that_begin_on_lines_of_their_own() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(64))]
    struct Line(u8);
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(128))]
    struct Lines(u8);
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(4096))]
    struct Page(u8);
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(256))]
    struct Nothing;
    holds(Line);
    holds(Lines);
    holds(Page);
    holds(|_| Nothing);
}
