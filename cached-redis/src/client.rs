//! The way around the store; the one place where types of the `redis` crate are public.

use crate::RedisStore;

impl RedisStore {
    /// Returns a client of the `redis` crate for the same server, user and database.
    ///
    /// It is for commands that the store has no name for. It connects on its own and knows nothing
    /// of the store's prefix and timeouts. Its `Debug` shows the user, but not the password.
    pub fn client(&self) -> redis::Client {
        self.target().client.clone()
    }
}
