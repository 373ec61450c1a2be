//! The database of the example `repository`, which counts what it is asked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Params, Result, Row};

use crate::workspace::Locked;

pub(crate) struct Table {
    connection: Mutex<Connection>,
    statements: AtomicU64,
}

impl Table {
    /// Makes a database in memory, with a row for each crate.
    pub(crate) fn of(crates: &[Locked]) -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        let schema = "CREATE TABLE crates (id INTEGER PRIMARY KEY, name TEXT NOT NULL, \
                      version TEXT NOT NULL, checksum TEXT, reviewer TEXT)";
        connection.execute(schema, [])?;
        let filling = connection.transaction()?;
        for Locked { name, version, checksum } in crates {
            let sql = "INSERT INTO crates (name, version, checksum) VALUES (?, ?, ?)";
            filling.execute(sql, [name, version, checksum])?;
        }
        filling.commit()?;
        Ok(Self { connection: Mutex::new(connection), statements: AtomicU64::new(0) })
    }

    /// Returns how many statements there were.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Returns the rows of a statement.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        params: impl Params,
        of: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.asked().prepare(sql)?.query_map(params, of)?.collect()
    }

    /// Returns the only row of a statement; fails if there is none.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        of: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.asked().query_row(sql, params, of)
    }

    fn asked(&self) -> MutexGuard<'_, Connection> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
