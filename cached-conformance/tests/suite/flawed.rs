//! A store with one flaw, over a `MemoryStore`.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use crate::flaws::Flaw;
use cached_conformance::conformance::StoreFactory;
use cached_core::key::escape;
use cached_core::{
    Clock, Error, ErrorKind, ManualClock, MemoryStore, Scope, Store, Timeout, Ttl, blocking_caller,
};

pub(crate) const LATE: Duration = Duration::from_secs(10);

pub(crate) struct FlawedFactory {
    flaw: Flaw,
    time: ManualClock,
    inner: MemoryStore,
    opened: AtomicUsize,
    closed: Arc<AtomicBool>,
}

impl FlawedFactory {
    pub(crate) fn new(flaw: Flaw) -> Self {
        let time = ManualClock::new();
        let inner = MemoryStore::builder().unbounded().clock(time.clock()).build().unwrap();
        Self { flaw, time, inner, opened: AtomicUsize::new(0), closed: Arc::default() }
    }
}

impl StoreFactory for FlawedFactory {
    fn name(&self) -> String {
        format!("{:?}", self.flaw)
    }

    fn open(&self, prefix: &str) -> Arc<dyn Store> {
        let count = self.opened.fetch_add(1, Ordering::Relaxed);
        let head = match self.flaw {
            Flaw::PrefixHasNoEnd => escape(prefix),
            Flaw::SharesNothing => format!("{count}:{}:", escape(prefix)),
            _ => format!("{}:", escape(prefix)),
        };
        let closed = match self.flaw {
            Flaw::CloseIsForAll => Arc::clone(&self.closed),
            _ => Arc::default(),
        };
        let (flaw, inner) = (self.flaw, self.inner.clone());
        Arc::new(Flawed {
            flaw,
            inner,
            head,
            closed,
            replies: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    fn op_slack(&self) -> Duration {
        Duration::from_secs(if self.flaw == Flaw::Hangs { 0 } else { 60 })
    }

    fn clock(&self) -> Clock {
        self.time.clock()
    }

    fn pass(&self, time: Duration) {
        self.time.advance(time);
    }
}

pub(crate) struct Flawed {
    pub(crate) flaw: Flaw,
    pub(crate) inner: MemoryStore,
    pub(crate) head: String,
    pub(crate) closed: Arc<AtomicBool>,
    replies: Mutex<VecDeque<Option<Vec<u8>>>>,
    asked: Mutex<String>,
}

/// Pends once, as an exchange with a server does.
pub(crate) async fn exchange() {
    let mut sent = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut sent, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn refused() -> Error {
    Error::new(ErrorKind::Unavailable, "the server does not like it")
}

impl Flawed {
    pub(crate) fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    pub(crate) fn begin(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) && !self.has(Flaw::AnswersWhenClosed) {
            return Err(Error::new(ErrorKind::Closed, "closed"));
        }
        match self.has(Flaw::CannotBlock) && blocking_caller() {
            true => Err(refused()),
            false => Ok(()),
        }
    }

    pub(crate) fn key(&self, key: &str) -> String {
        let key = match self.flaw {
            Flaw::FoldsCase => key.to_lowercase(),
            Flaw::CutsKeys => key.chars().take(255).collect(),
            Flaw::IgnoresVersions => key
                .strip_prefix('@')
                .and_then(|key| key.find(':').map(|at| &key[at..]))
                .unwrap_or(key)
                .to_owned(),
            _ => key.to_owned(),
        };
        format!("{}{key}", self.head)
    }

    pub(crate) fn keys(&self, keys: &[String]) -> Vec<String> {
        keys.iter().map(|key| self.key(key)).collect()
    }

    /// Returns the lifetime that an entry gets in place of this one.
    pub(crate) fn life(&self, timeout: Timeout) -> Timeout {
        let Timeout::After(life) = timeout else { return timeout };
        match self.flaw {
            Flaw::ShortIsForEver if life < Duration::from_millis(1) => Timeout::Never,
            Flaw::LongIsShort if life > LATE * 1_000_000_000 => LATE.into(),
            Flaw::ExpiresLate => life.saturating_add(LATE).into(),
            Flaw::ExpiresEarly => (life / 2).into(),
            _ => timeout,
        }
    }

    pub(crate) async fn write(
        &self,
        key: &str,
        value: &[u8],
        timeout: Timeout,
    ) -> Result<(), Error> {
        let full = self.key(key);
        let there = self.inner.ttl(&full).await?;
        let mut life = self.life(timeout);
        let mut value = value;
        match (self.flaw, there) {
            (Flaw::LosesWrites, _) => return Ok(()),
            (Flaw::IgnoresOverwrites, Ttl::Left(_)) => return Ok(()),
            (Flaw::OverwriteKeepsTimeout, Ttl::Left(left)) => life = left,
            (Flaw::CutsValues, _) => value = &value[..value.len().min(65_536)],
            (Flaw::TearsWrites, Ttl::Left(_)) => {
                self.inner.set(&full, &value[..value.len() / 2], life).await?;
                exchange().await;
            }
            _ => {}
        }
        self.inner.set(&full, value, life).await
    }

    pub(crate) async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut full = self.key(key);
        if self.has(Flaw::Hangs) {
            std::future::pending::<()>().await;
        }
        if self.has(Flaw::RequestsMixUp) {
            lock(&self.asked).clone_from(&full);
            exchange().await;
            full.clone_from(&lock(&self.asked));
        }
        let found = self.inner.get(&full).await?;
        match self.flaw {
            Flaw::EmptyIsAbsent => Ok(found.filter(|value| !value.is_empty())),
            Flaw::TextOnly => {
                Ok(found.map(|value| String::from_utf8_lossy(&value).into_owned().into_bytes()))
            }
            Flaw::RepliesShift => {
                lock(&self.replies).push_back(found);
                exchange().await;
                Ok(lock(&self.replies).pop_front().flatten())
            }
            _ => Ok(found),
        }
    }

    pub(crate) async fn add(&self, key: &str, by: i64, timeout: Timeout) -> Result<i64, Error> {
        let full = self.key(key);
        let (inner, there) = (&self.inner, self.inner.ttl(&full).await?);
        let digits = async || {
            let found = inner.get(&full).await?.unwrap_or_else(|| b"0".to_vec());
            Ok::<i64, Error>(String::from_utf8_lossy(&found).parse().unwrap_or(0))
        };
        let sum = match self.flaw {
            Flaw::IncrTakesAnything => digits().await? + by,
            Flaw::IncrWraps => digits().await?.wrapping_add(by),
            Flaw::CountsInFloats => (digits().await? as f64 + by as f64) as i64,
            Flaw::IncrIsNotOneStep => {
                let before = digits().await?;
                exchange().await;
                before + by
            }
            Flaw::IncrForgetsTimeout => return inner.incr(&full, by, Timeout::Never).await,
            _ => {
                let sum = inner.incr(&full, by, self.life(timeout)).await?;
                if self.has(Flaw::IncrRenewsTimeout) {
                    inner.touch(&full, timeout).await?;
                }
                return Ok(sum);
            }
        };
        let life = match there {
            Ttl::Left(left) => left,
            Ttl::Absent => timeout,
        };
        inner.set(&full, sum.to_string().as_bytes(), life).await?;
        Ok(sum)
    }

    /// Lists keys as the store below has them.
    pub(crate) async fn list(&self, scope: &Scope) -> Result<Vec<String>, Error> {
        let mut keys = self.inner.scan(&Scope::starting(&self.head)).await?;
        keys.retain(|key| match self.has(Flaw::ScopeIsJustText) {
            true => key[self.head.len()..].starts_with(scope.start()),
            false => scope.contains(&key[self.head.len()..]),
        });
        Ok(keys)
    }
}
