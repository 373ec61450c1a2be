//! A repository of rows in an SQL database: cached methods, a batch loader, and writers.
//!
//! ```text
//! cargo run --example repository
//! ```
//!
//! The database is SQLite, in this process. Its rows are what this workspace depends on, as
//! `Cargo.lock` says, and somebody reviews them. Each line is a call of the repository: what the
//! cache did for it, and how many statements the database was asked. The example checks both.

mod table;
mod workspace;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use cached_kit::{Stats, cache_evict, cache_put, cached};
use rusqlite::{Row, params, params_from_iter};
use table::Table;
use workspace::locked_crates;

/// A row.
#[derive(Debug, PartialEq)]
struct Crate {
    id: i64,
    name: String,
    version: String,
    reviewer: Option<String>,
}

impl Crate {
    const COLUMNS: &str = "SELECT id, name, version, reviewer FROM crates";

    fn of(row: &Row<'_>) -> rusqlite::Result<Arc<Self>> {
        let (id, name) = (row.get("id")?, row.get("name")?);
        let (version, reviewer) = (row.get("version")?, row.get("reviewer")?);
        Ok(Arc::new(Self { id, name, version, reviewer }))
    }
}

/// The service. A program has one, so `self` makes no difference to a key; a program with one for
/// each tenant would write `include = [self.tenant, ..]`.
struct Crates {
    table: Table,
}

impl Crates {
    /// Returns one row, if it is there. That it is not is remembered as well.
    #[cached(name = "crates.get", exclude = [self])]
    fn get(&self, id: i64) -> rusqlite::Result<Option<Arc<Crate>>> {
        let sql = format!("{} WHERE id = ?", Crate::COLUMNS);
        Ok(self.table.query(&sql, [id], Crate::of)?.pop())
    }

    /// Returns rows. They have the entries of `get`, by its name, and the statement asks only for
    /// those that nobody has asked for.
    #[cached(name = "crates.get", exclude = [self], each = id in ids, none_timeout = never)]
    fn get_many(&self, ids: &[i64]) -> rusqlite::Result<HashMap<i64, Arc<Crate>>> {
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!("{} WHERE id IN ({places})", Crate::COLUMNS);
        let rows = self.table.query(&sql, params_from_iter(ids), Crate::of)?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Returns the ids of all versions of a crate.
    #[cached(exclude = [self])]
    fn versions(&self, name: &str) -> rusqlite::Result<Vec<i64>> {
        self.table.query("SELECT id FROM crates WHERE name = ?", [name], |row| row.get(0))
    }

    /// Returns how many crates nobody has reviewed.
    #[cached(exclude = [self])]
    fn unreviewed(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT count(*) FROM crates WHERE reviewer IS NULL";
        self.table.one(sql, [], |row| row.get(0))
    }

    /// Adds a crate. Its id is the database's to give.
    #[cache_put(self.get(|row| row.id))]
    #[cache_evict(self.versions(name), Self::unreviewed)]
    fn add(&self, name: &str, version: &str) -> rusqlite::Result<Arc<Crate>> {
        let sql = "INSERT INTO crates (name, version) VALUES (?, ?) RETURNING *";
        self.table.one(sql, params![name, version], Crate::of)
    }

    /// Notes who has reviewed a crate. Fails, and changes no cache, if there is no such row.
    #[cache_put(self.get(id))]
    #[cache_evict(Self::unreviewed)]
    fn review(&self, id: i64, reviewer: &str) -> rusqlite::Result<Arc<Crate>> {
        let sql = "UPDATE crates SET reviewer = ? WHERE id = ? RETURNING *";
        self.table.one(sql, params![reviewer, id], Crate::of)
    }

    /// Removes a crate, and returns its name.
    #[cache_evict(self.get(id), self.versions(|name| name), Self::unreviewed)]
    fn remove(&self, id: i64) -> rusqlite::Result<String> {
        let sql = "DELETE FROM crates WHERE id = ? RETURNING name";
        self.table.one(sql, [id], |row| row.get(0))
    }

    /// Returns the hits, the misses and the statements so far.
    fn counts(&self) -> [u64; 3] {
        // `get_many` has the entries of `get`, and counts with it.
        let caches = [Self::get_cache(), Self::versions_cache(), Self::unreviewed_cache()];
        let stats = caches.map(|cache| cache.stats());
        let sum = |of: fn(&Stats) -> u64| stats.iter().map(of).sum();
        [sum(|stats| stats.hits), sum(|stats| stats.misses), self.table.statements()]
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let locked = locked_crates()?;
    let repo = Crates { table: Table::of(&locked)? };
    println!("{} crates in the database\n", locked.len());
    println!("{:<34} {:>4} {:>6} {:>10}  why", "call", "hits", "misses", "statements");
    read(&repo)?;
    write(&repo)?;
    let stats = Crates::get_cache().stats();
    println!("\n`crates.get`: {} hits, {} bodies run", stats.hits, stats.computed);
    Ok(())
}

/// Runs a line: prints and checks how many rows, or answers, were hits and misses, and how many
/// statements there were.
macro_rules! show {
    ($repo:ident.$method:ident($($args:tt)*), $expected:expr, $why:literal) => {{
        let call = concat!(stringify!($method), "(", stringify!($($args)*), ")");
        shown($repo, call, $expected, $why, || $repo.$method($($args)*))
    }};
}

fn shown<T>(repo: &Crates, call: &str, expected: [u64; 3], why: &str, f: impl FnOnce() -> T) -> T {
    let before = repo.counts();
    let value = f();
    let after = repo.counts();
    let counts: [u64; 3] = std::array::from_fn(|at| after[at] - before[at]);
    let [hits, misses, statements] = counts;
    println!("{call:<34} {hits:>4} {misses:>6} {statements:>10}  {why}");
    assert_eq!(counts, expected, "{call}");
    value
}

fn read(repo: &Crates) -> rusqlite::Result<()> {
    let page: Vec<i64> = (1..=20).collect();
    let next: Vec<i64> = (11..=30).collect();
    let rows = show!(repo.get_many(&page), [0, 20, 1], "one statement for all of a page")?;
    assert_eq!(rows.len(), 20);
    show!(repo.get_many(&next), [10, 10, 1], "asks for the ten that are new")?;
    show!(repo.get_many(&page), [20, 0, 0], "asks for nothing")?;
    let row = show!(repo.get(5), [1, 0, 0], "the batch has left the entry")?;
    assert_eq!(row.as_ref(), rows.get(&5));
    show!(repo.get(31), [0, 1, 1], "nobody has asked for it")?;
    show!(repo.get_many(&[30, 31, -1]), [2, 1, 1], "there is no row -1")?;
    assert_eq!(show!(repo.get(-1), [1, 0, 0], "which is remembered")?, None);
    Ok(())
}

fn write(repo: &Crates) -> rusqlite::Result<()> {
    let all = show!(repo.unreviewed(), [0, 1, 1], "counts")?;
    show!(repo.review(5, "Ada"), [0, 0, 1], "puts the row, evicts the count")?;
    let row = show!(repo.get(5), [1, 0, 0], "was put")?;
    assert_eq!(row.and_then(|row| row.reviewer.clone()).as_deref(), Some("Ada"));
    assert_eq!(show!(repo.unreviewed(), [0, 1, 1], "was evicted")?, all - 1);
    assert!(show!(repo.review(-1, "Ada"), [0, 0, 1], "fails, and evicts nothing").is_err());
    show!(repo.unreviewed(), [1, 0, 0], "is still there")?;

    assert!(show!(repo.versions("left-pad"), [0, 1, 1], "there are none")?.is_empty());
    let new = show!(repo.add("left-pad", "1.3.0"), [0, 0, 1], "puts a row whose id is new")?;
    assert_eq!(show!(repo.get(new.id), [1, 0, 0], "was put")?, Some(Arc::clone(&new)));
    assert_eq!(show!(repo.versions("left-pad"), [0, 1, 1], "was evicted")?, [new.id]);
    show!(repo.remove(new.id), [0, 0, 1], "evicts by the name that it returns")?;
    assert_eq!(show!(repo.get(new.id), [0, 1, 1], "was evicted")?, None);
    assert!(show!(repo.versions("left-pad"), [0, 1, 1], "was evicted")?.is_empty());
    Ok(())
}
