//! What writers do by hand elsewhere, in memory and in a store beyond it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached_kit::{block_on, cache_evict, cache_put, cached};

use super::User;
use crate::fixture::{Time, set_up};

/// A table that counts how often it is read.
#[derive(Default)]
struct Table {
    rows: Mutex<BTreeMap<u64, String>>,
    reads: AtomicU64,
}

impl Table {
    fn read(&self, id: u64) -> Option<User> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.rows.lock().unwrap().get(&id).map(|name| User::new(id, name))
    }

    fn write(&self, id: u64, name: &str) -> Result<User, String> {
        if name.is_empty() {
            return Err("a user has a name".into());
        }
        self.rows.lock().unwrap().insert(id, name.to_owned());
        Ok(User::new(id, name))
    }

    fn remove(&self, id: u64) -> Result<(), String> {
        self.rows.lock().unwrap().remove(&id).map(drop).ok_or("not there".into())
    }

    fn reads(&self) -> u64 {
        self.reads.swap(0, Ordering::Relaxed)
    }
}

/// The same service over different layers.
macro_rules! service {
    ($module:ident, $($attribute:tt)*) => {
        mod $module {
            use super::*;

            #[cached($($attribute)*, timeout = 3600, exclude = [table])]
            pub(super) async fn get_user(table: &Table, id: u64) -> Result<Option<User>, String> {
                Ok(table.read(id))
            }

            #[cached($($attribute)*, exclude = [table])]
            pub(super) async fn list_users(table: &Table, page: u64) -> Vec<u64> {
                let rows = table.rows.lock().unwrap();
                rows.keys().copied().skip(10 * page as usize).take(10).collect()
            }

            #[cache_put(get_user(|user| user.id))]
            #[cache_evict(list_users)]
            pub(super) async fn create(table: &Table, name: &str) -> Result<User, String> {
                let id = table.rows.lock().unwrap().len() as u64 + 1;
                table.write(id, name)
            }

            #[cache_put(get_user(id))]
            pub(super) async fn update(table: &Table, id: u64, name: &str) -> Result<User, String> {
                table.write(id, name)
            }

            #[cache_evict(get_user(id))]
            pub(super) async fn rename(table: &Table, id: u64, name: &str) -> Result<(), String> {
                table.write(id, name).map(drop)
            }

            #[cache_evict(get_user(id), list_users)]
            pub(super) async fn delete(table: &Table, id: u64) -> Result<(), String> {
                table.remove(id)
            }

            /// G11, G15: cache-aside, where a write invalidates the one key.
            #[test]
            fn the_next_read_after_a_write_asks_the_table() {
                let (_turn, table) = empty();
                block_on(async {
                    create(&table, "ada").await.unwrap();
                    create(&table, "bob").await.unwrap();
                    get_user::clear().await.unwrap();
                    let read = async |id| get_user(&table, id).await.unwrap().unwrap().name;
                    for _ in 0..2 {
                        assert_eq!((read(1).await, read(2).await), ("ada".into(), "bob".into()));
                    }
                    assert_eq!(table.reads(), 2);
                    rename(&table, 1, "eve").await.unwrap();
                    assert_eq!((read(1).await, read(2).await), ("eve".into(), "bob".into()));
                    assert_eq!(table.reads(), 1, "the other key is still there");
                    rename(&table, 1, "").await.unwrap_err();
                    assert_eq!((read(1).await, table.reads()), ("eve".into(), 0));
                });
            }

            /// G12, K44: write-through, on create and on update.
            #[test]
            fn what_is_written_is_read_without_the_table() {
                let (_turn, table) = empty();
                block_on(async {
                    assert_eq!(list_users(&table, 0).await, [0; 0]);
                    let ada = create(&table, "ada").await.unwrap();
                    assert_eq!(get_user(&table, ada.id).await, Ok(Some(ada.clone())));
                    assert_eq!(list_users(&table, 0).await, [1]);
                    create(&table, "").await.unwrap_err();
                    let eve = update(&table, ada.id, "eve").await.unwrap();
                    assert_eq!(get_user(&table, ada.id).await, Ok(Some(eve.clone())));
                    update(&table, ada.id, "").await.unwrap_err();
                    assert_eq!(get_user(&table, ada.id).await, Ok(Some(eve)));
                });
                assert_eq!(table.reads(), 0);
            }

            /// G14: cache-aside, with an update on write and a delete on delete.
            #[test]
            fn a_write_updates_and_a_delete_deletes() {
                let (_turn, table) = empty();
                block_on(async {
                    table.write(1, "ada").unwrap();
                    let read = async || get_user(&table, 1).await.unwrap().map(|user| user.name);
                    assert_eq!((read().await, list_users(&table, 0).await), (Some("ada".into()), vec![1]));
                    update(&table, 1, "eve").await.unwrap();
                    assert_eq!((read().await, table.reads()), (Some("eve".into()), 1));
                    delete(&table, 1).await.unwrap();
                    assert_eq!((read().await, list_users(&table, 0).await), (None, Vec::new()));
                    assert_eq!(table.reads(), 1, "that it is not there is cached");
                    delete(&table, 1).await.unwrap_err();
                    assert_eq!((read().await, table.reads()), (None, 0));
                });
            }

            /// K43: an hour, unless it is written before.
            #[test]
            fn an_entry_lives_an_hour_or_until_the_write() {
                let (time, table) = empty();
                block_on(async {
                    table.write(1, "ada").unwrap();
                    let read = async || get_user(&table, 1).await.unwrap().map(|user| user.name);
                    assert_eq!(read().await, Some("ada".into()));
                    table.write(1, "bob").unwrap();
                    time.advance(Duration::from_millis(3_599_999));
                    assert_eq!((read().await, table.reads()), (Some("ada".into()), 1));
                    time.advance(Duration::from_millis(1));
                    assert_eq!((read().await, table.reads()), (Some("bob".into()), 1));
                    rename(&table, 1, "eve").await.unwrap();
                    assert_eq!((read().await, table.reads()), (Some("eve".into()), 1));
                });
            }

            /// One test after the other, and nothing there.
            fn empty() -> (Time, Table) {
                set_up();
                let turn = Time::own();
                block_on(get_user::clear()).unwrap();
                block_on(list_users::clear()).unwrap();
                (turn, Table::default())
            }
        }
    };
}
service!(in_memory, using = "memory");
service!(in_a_store, using = "far");
service!(in_both, using = ["memory", "near", "far"]);
