use std::sync::atomic::{AtomicU32, Ordering};

use cached_kit::cached;

static RUNS: AtomicU32 = AtomicU32::new(0);

#[cached(timeout = 60)]
fn twice(name: &str, n: u64) -> String {
    RUNS.fetch_add(1, Ordering::SeqCst);
    format!("{name}{n}")
}

#[cached(using = "memory", timeout = 60, include = [n])]
#[cached(using = "shared", timeout = "1h")]
async fn get(_db: &std::sync::Mutex<u8>, n: u64) -> Result<Option<String>, std::io::Error> {
    Ok(Some(n.to_string()))
}

#[test]
fn works() {
    cached_kit::Caches::builder()
        .store("shared", cached_kit::MemoryStore::new())
        .install()
        .unwrap();
    assert_eq!(twice("a", 1), "a1");
    assert_eq!(twice("a", 1), "a1");
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
    assert_eq!(twice::force_update("a", 1), "a1");
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
    println!("{:?}", twice::stats());
    assert_eq!(twice::entry("a", 1).peek(), Some("a1".into()));
    twice::entry("a", 1).invalidate().unwrap();
    assert_eq!(twice::entry("a", 1).peek(), None);
    cached_kit::block_on(async {
        let db = std::sync::Mutex::new(1);
        assert_eq!(get(&db, 3).await.unwrap(), Some("3".into()));
        assert_eq!(get(&db, 3).await.unwrap(), Some("3".into()));
        let entry = get::entry(3);
        println!("{entry:?} {:?} {:?}", entry.ttl().await, get::stats());
        assert_eq!(entry.peek().await, Some(Some("3".into())));
        get::clear().await.unwrap();
        assert_eq!(entry.peek().await, None);
    });
}
