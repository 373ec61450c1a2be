//! The operations of the flawed store.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::flawed::{Flawed, LATE, exchange, refused};
use crate::flaws::Flaw;
use cached_core::{Error, ErrorKind, Scope, Store, StoreFuture, Timeout, Ttl};

impl Store for Flawed {
    #[allow(clippy::panic, reason = "the flaw is a panic")]
    fn default_timeout(&self) -> Timeout {
        match self.flaw {
            Flaw::Panics => panic!("as this one must"),
            _ => Timeout::Never,
        }
    }

    fn op_timeout(&self) -> Duration {
        match self.flaw {
            Flaw::HasNoBound => Duration::ZERO,
            Flaw::Hangs => Duration::from_millis(100),
            _ => Duration::from_secs(20),
        }
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            self.begin()?;
            self.read(key).await
        })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8], timeout: Timeout) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.begin()?;
            let forgets = self.has(Flaw::SetForgetsTimeout);
            self.write(key, value, if forgets { Timeout::Never } else { timeout }).await
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.begin()?;
            match self.flaw {
                Flaw::EmptyListFails if keys.is_empty() => return Err(refused()),
                _ => {}
            }
            let removed = self.inner.delete(&self.keys(keys)).await?;
            match self.flaw {
                Flaw::DeleteCountsWhatWasAsked => Ok(keys.len() as u64),
                _ => Ok(removed),
            }
        })
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Ttl> {
        Box::pin(async move {
            self.begin()?;
            Ok(match (self.flaw, self.inner.ttl(&self.key(key)).await?) {
                (Flaw::AbsentLivesForEver, Ttl::Absent) => Ttl::Left(Timeout::Never),
                (Flaw::ExpiresLate, Ttl::Left(Timeout::After(left))) => {
                    Ttl::Left(left.saturating_sub(LATE).into())
                }
                (_, ttl) => ttl,
            })
        })
    }

    fn touch<'a>(&'a self, key: &'a str, timeout: Timeout) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.begin()?;
            let (full, life) = (self.key(key), self.life(timeout));
            let there = self.inner.ttl(&full).await?;
            match (self.flaw, there, timeout) {
                (Flaw::TouchCreates, Ttl::Absent, _) => {
                    self.inner.set(&full, b"", life).await.map(|()| true)
                }
                (Flaw::TouchCannotPersist, Ttl::Left(_), Timeout::Never) => Ok(true),
                _ => self.inner.touch(&full, life).await,
            }
        })
    }

    fn incr<'a>(&'a self, key: &'a str, by: i64, timeout: Timeout) -> StoreFuture<'a, i64> {
        Box::pin(async move {
            self.begin()?;
            self.add(key, by, timeout).await
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            self.begin()?;
            if self.has(Flaw::EmptyListFails) && keys.is_empty() {
                return Err(refused());
            }
            let mut full = self.keys(keys);
            if self.has(Flaw::ManyIsSorted) {
                full.sort_unstable();
            }
            let mut found = self.inner.get_many(&full).await?;
            match self.flaw {
                Flaw::ManySkipsAbsent => found.retain(Option::is_some),
                Flaw::ManyIsCut => found.iter_mut().skip(1000).for_each(|value| *value = None),
                _ => {}
            }
            Ok(found)
        })
    }

    fn set_many<'a>(
        &'a self,
        entries: &'a [(String, Vec<u8>)],
        timeout: Timeout,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.begin()?;
            let forgets = self.has(Flaw::SetManyForgetsTimeout);
            let timeout = if forgets { Timeout::Never } else { timeout };
            for (key, value) in entries {
                self.write(key, value, timeout).await?;
            }
            Ok(())
        })
    }

    fn scan<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, Vec<String>> {
        Box::pin(async move {
            self.begin()?;
            let mut keys = self.list(scope).await?;
            keys.iter_mut().for_each(|key| *key = key.split_off(self.head.len()));
            if self.has(Flaw::ScanRepeats) {
                keys.extend(keys.last().cloned());
            }
            Ok(keys)
        })
    }

    fn clear<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.begin()?;
            let mut keys = self.list(scope).await?;
            match self.flaw {
                Flaw::EmptyClearFails if keys.is_empty() => return Err(refused()),
                Flaw::ClearStopsEarly => keys.truncate(500),
                Flaw::ClearKeepsVersions => keys.retain(|key| !key.contains(":@")),
                _ => {}
            }
            exchange().await;
            self.inner.delete(&keys).await
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            match self.closed.swap(true, Ordering::AcqRel) && self.has(Flaw::ClosesOnce) {
                true => Err(Error::new(ErrorKind::Closed, "closed")),
                false => Ok(()),
            }
        })
    }
}
