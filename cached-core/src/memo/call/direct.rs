//! A call of a function whose results stay in memory: its body runs between a claim and the end of
//! it, and the call has nothing of its own on the heap.

use std::hash::Hash;

use crate::clock::Tick;
use crate::flight::{Chain, ChainGuard, Claim, Claimed, Outcome, SharedError, keep_in_memory};
use crate::memo::{MEMORY_DEFAULT, Memo};
use crate::memory::Deferred;
use crate::timeout::Timeout;

/// A call that computes the value of a key which no other call computes or changes.
pub(crate) struct DirectCall<'m, V> {
    memo: &'m dyn InMemory<V>,
    claim: Claim<'m, V>,
    chain: Option<Chain>,
}

/// What such a call needs of a memo, whatever the type of the keys.
trait InMemory<V>: Send + Sync {
    /// Counts a body that ran to its end.
    fn count_computed(&self);
    /// Stores the value and ends the claim.
    fn succeed(&self, claim: Claim<'_, V>, value: &V);
    /// Ends the claim without a value.
    fn fail(&self, claim: Claim<'_, V>, shared: Option<SharedError>);
}

impl<V> DirectCall<'_, V> {
    /// Makes the running code part of the computation.
    pub(super) fn enter(&self) -> Option<ChainGuard> {
        self.chain.as_ref().map(Chain::enter)
    }

    /// Ends the call with what its body returned.
    pub(super) fn end(self, outcome: Result<&V, Option<SharedError>>) {
        self.memo.count_computed();
        match outcome {
            Ok(value) => self.memo.succeed(self.claim, value),
            Err(shared) => self.memo.fail(self.claim, shared),
        }
    }
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Begins a call that missed in memory, or gives its key back if there is more to do than to
    /// compute: stores to ask, another call to wait for, a value that was stored meanwhile.
    pub(crate) fn begin_in_memory(&self, key: K) -> Result<DirectCall<'_, V>, K> {
        let (Some(memory), true) = (&self.memory, self.is_in_memory_alone) else { return Err(key) };
        let is_stored = |key: &K| memory.peek(key, |_, _| ()).is_some();
        match self.table.claim(key, self.clock.now(), is_stored) {
            Claimed::Lead(claim) => {
                self.counters.misses.add_one();
                Ok(DirectCall { memo: self, chain: claim.chain(), claim })
            }
            Claimed::Stored(key) | Claimed::Busy(key) => Err(key),
        }
    }

    /// Stores a value in memory and ends the claim in one step. Returns what to drop then, or gives
    /// the claim back if memory does not keep the value.
    fn keep_alone<'c>(
        &self,
        claim: Claim<'c, V>,
        value: &V,
    ) -> Result<Deferred<'_, K, V>, Claim<'c, V>> {
        let Some(memory) = self.memory_in_use().filter(|_| self.rules.accepts(value)) else {
            return Err(claim);
        };
        let now = self.clock.now();
        let deadline = match self.rules.own(0, value, MEMORY_DEFAULT) {
            Some(Timeout::After(after)) => now.after(after),
            Some(Timeout::Never) => Tick::NEVER,
            None => return Err(claim),
        };
        let Some(copy) = (self.copy)(value) else { return Err(claim) };
        let outcome = || self.handed_on(value);
        Ok(keep_in_memory(&self.table, memory, claim, copy, (now, deadline), outcome))
    }

    /// Copies a value for the calls that wait.
    fn handed_on(&self, value: &V) -> Outcome<V> {
        (self.copy)(value).map_or(Outcome::Uncopied, Outcome::Value)
    }
}

impl<K, V> InMemory<V> for Memo<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn count_computed(&self) {
        self.counters.computed.add_one();
    }

    fn succeed(&self, claim: Claim<'_, V>, value: &V) {
        match self.keep_alone(claim, value) {
            // Destructors of values that left run here, when no call has to wait for them.
            Ok(deferred) => drop(deferred),
            Err(claim) => claim.settle(|| self.handed_on(value)),
        }
    }

    fn fail(&self, claim: Claim<'_, V>, shared: Option<SharedError>) {
        self.counters.errors.add_one();
        claim.settle(|| Outcome::Failed(shared));
    }
}
