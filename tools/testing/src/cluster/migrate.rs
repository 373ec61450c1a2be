//! Moves slots from one master to another.

use std::io;
use std::time::Duration;

use super::view;
use crate::cluster::RedisCluster;
use crate::resp::Reply;
use crate::wait;

/// How many keys are moved at once.
const BATCH: &str = "100";
/// How long the nodes may take to tell each other.
const EPOCH_LIMIT: Duration = Duration::from_secs(20);
/// How long moving a batch may take, in milliseconds.
const LIMIT: &str = "5000";

impl RedisCluster {
    /// Moves `slot` with all its keys; clients that still ask `from` are told `MOVED`.
    ///
    /// # Errors
    ///
    /// Returns an error when a node refuses, such as when `from` does not have the slot.
    pub fn move_slot(&self, slot: u16, from: usize, to: usize) -> io::Result<()> {
        self.begin_move(slot, from, to)?;
        self.finish_move(slot, from, to)
    }

    /// Moves the keys of `slot` and stops before the slot itself has moved: clients ask `from`
    /// and are told `ASK`.
    ///
    /// A key that is written to `from` nevertheless, which only an existing one can be, stays
    /// there until [`RedisCluster::finish_move`].
    ///
    /// # Errors
    ///
    /// Returns an error when a node refuses, such as when `from` does not have the slot.
    pub fn begin_move(&self, slot: u16, from: usize, to: usize) -> io::Result<()> {
        let number = slot.to_string();
        let (from_id, to_id) = (self.id(from)?, self.id(to)?);
        self.node(to).run(&["CLUSTER", "SETSLOT", &number, "IMPORTING", &from_id])?;
        self.node(from).run(&["CLUSTER", "SETSLOT", &number, "MIGRATING", &to_id])?;
        self.move_keys(&number, from, to)
    }

    /// Ends what [`RedisCluster::begin_move`] began; all running masters know when this returns.
    ///
    /// # Errors
    ///
    /// Returns an error when a node refuses.
    pub fn finish_move(&self, slot: u16, from: usize, to: usize) -> io::Result<()> {
        let number = slot.to_string();
        self.move_keys(&number, from, to)?;
        let id = self.id(to)?;
        // The new owner first: if the old one went first, no node would have the slot in between.
        let others = self.masters()?.into_iter().filter(|&node| node != to && node != from);
        for node in [to, from].into_iter().chain(others) {
            self.node(node).run(&["CLUSTER", "SETSLOT", &number, "NODE", &id])?;
        }
        self.await_epoch()
    }

    /// Waits until the nodes agree which epoch it is: a slot that moves on before could end with two
    /// nodes that name each other for good.
    fn await_epoch(&self) -> io::Result<()> {
        wait::until(EPOCH_LIMIT, "common epoch", || {
            let masters = self.masters()?;
            let epoch = |&node: &usize| -> io::Result<Option<String>> {
                let info = self.node(node).text(&["CLUSTER", "INFO"])?;
                let epoch =
                    info.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
                Ok(epoch.map(|epoch| epoch.trim().to_owned()))
            };
            let epochs: Vec<_> = masters.iter().map(epoch).collect::<io::Result<_>>()?;
            wait::ensure(epochs.windows(2).all(|two| two[0] == two[1]), || format!("{epochs:?}"))
        })
    }

    fn move_keys(&self, slot: &str, from: usize, to: usize) -> io::Result<()> {
        let port = self.node(to).port().to_string();
        loop {
            let source = self.node(from);
            let reply = source.run(&["CLUSTER", "GETKEYSINSLOT", slot, BATCH])?;
            let Reply::Array(keys) = reply else { return Ok(()) };
            if keys.is_empty() {
                return Ok(());
            }
            let mut args: Vec<&[u8]> = vec![b"MIGRATE", b"127.0.0.1", port.as_bytes(), b"", b"0"];
            args.extend([LIMIT.as_bytes(), b"KEYS"]);
            args.extend(keys.iter().filter_map(|key| match key {
                Reply::Bulk(key) => Some(key.as_slice()),
                _ => None,
            }));
            source.run_bytes(&args)?;
        }
    }

    fn id(&self, node: usize) -> io::Result<String> {
        Ok(view::ask_self(self.node(node))?.id)
    }
}
