//! What happens to what was made before stores were installed.
//!
//! One test, because each installation is the whole process's.

use cached_kit::{Caches, MemoryStore, block_on, cached};

#[cached(using = "memory", timeout = 60)]
#[cached(using = "shared", timeout = 600)]
async fn stacked(id: u64) -> u64 {
    id + 1
}

#[cached]
fn in_memory(id: u64) -> u64 {
    id + 1
}

#[test]
fn handles_stores_and_memory_follow_the_installation() {
    // Before there is any store: a warning, and the function's own results, kept in memory.
    assert_eq!(block_on(stacked(1)), 2);
    assert_eq!(stacked::stats().layers[1].unavailable, 1);
    let early = stacked::entry(7);

    let store = MemoryStore::new();
    Caches::builder().store("shared", store.clone()).install().unwrap();
    assert_eq!(block_on(early.peek()), None);
    assert_eq!(block_on(stacked(7)), 8);
    assert_eq!(block_on(early.peek()), Some(8), "a handle works on what is installed now");
    block_on(early.put(80)).unwrap();
    assert_eq!(block_on(stacked(7)), 80);
    block_on(early.invalidate()).unwrap();
    assert_eq!(block_on(early.peek()), None);

    // A look is no call.
    let before = stacked::stats();
    assert_eq!(block_on(stacked::entry(9).peek()), None);
    assert_eq!(block_on(stacked::entry(9).ttl()), None);
    assert_eq!(stacked::stats(), before);

    // The store called "memory" is the memory of functions, too.
    assert_eq!((in_memory(1), block_on(stacked(7))), (2, 8));
    Caches::get("memory").unwrap().blocking().clear().unwrap();
    assert_eq!(in_memory::entry(1).peek(), None);
    assert_eq!(stacked::stats().layers[0].entries, 0);
    assert_eq!(block_on(stacked(7)), 8);
    assert_eq!(stacked::stats().layers[1].hits, 1, "the layer below was not touched");

    // Another installation starts empty, and lets go of the earlier one's stores.
    Caches::builder().store("shared", MemoryStore::new()).install().unwrap();
    assert_eq!(block_on(stacked::entry(7).peek()), None);
    assert_eq!(in_memory::entry(1).peek(), None);
}
