//! Asking the stores for many keys, each store once.

use std::hash::Hash;

use super::crew::{Crew, State};
use super::write::Made;
use crate::clock::within;
use crate::error::ErrorKind;
use crate::flight::ClaimKind;
use crate::memo::call::mode::Conduct;
use crate::memo::layer::Remote;
use crate::memo::layers::read::Read;
use crate::store::{Store, packing};
use crate::timeout::Timeout;

/// Lifetimes of promoted entries are rounded down to so many significant bits, so that those which
/// were stored together are promoted together.
const LIFETIME_BITS: u32 = 5;

impl<K, V> Crew<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Looks into the stores for the keys that this call leads, and stores what it finds in the
    /// layers above.
    pub(super) async fn read(&mut self) {
        let reads = |state: &State<V>| match state {
            State::Ours(claim) => match claim.kind() {
                ClaimKind::Lead => true,
                ClaimKind::Alone => self.conduct == Conduct::ReadOnly,
                ClaimKind::Replace => false,
            },
            _ => false,
        };
        let leads = |part: usize| {
            let part = &self.parts[part];
            part.at.is_some() && reads(&part.state)
        };
        let mut sought: Vec<usize> = (0..self.parts.len()).filter(|part| leads(*part)).collect();
        let began = self.memo.clock.now();
        let mut found = Vec::new();
        for layer in 0..self.remotes.len() {
            if sought.is_empty() {
                break;
            }
            if !self.silent[layer] {
                let until = began.after(self.left_to_wait);
                let asked = within(&self.memo.clock, until, Box::pin(self.ask(layer, &sought)));
                let reads = asked.await.unwrap_or_default();
                self.sort(layer, reads, &mut sought, &mut found);
            }
        }
        let waited = self.memo.clock.now().since(began);
        self.left_to_wait = self.left_to_wait.saturating_sub(waited);
        if !found.is_empty() {
            self.store(found).await;
        }
    }

    /// Asks one store; fewer answers than keys if it did not answer.
    async fn ask(&self, layer: usize, sought: &[usize]) -> Vec<Read<V>> {
        let remote = &self.remotes[layer];
        if remote.switch.is_off() {
            return sought.iter().map(|_| Read::SwitchedOff).collect();
        }
        let Some(store) = &remote.store else { return Vec::new() };
        let places: Vec<_> =
            sought.iter().filter_map(|part| self.parts[*part].at.as_ref()).collect();
        let texts: Vec<_> = places.iter().map(|at| at.text.clone()).collect();
        let memo = self.memo;
        if remote.owed.any() && !remote.owed.may_read(store, &memo.clock, &memo.name, &texts).await
        {
            return Vec::new();
        }
        let found = match store.get_many(&texts).await {
            Ok(found) => found.into_iter().zip(places),
            // It did answer, that one of them is something else. Which one it does not say.
            Err(error) if error.kind() == ErrorKind::WrongType => {
                return self.ask_one_by_one(&**store, sought).await;
            }
            Err(_) => return Vec::new(),
        };
        let packing = packing(&**store);
        found.map(|(bytes, at)| self.memo.read_bytes(bytes, at.check, &packing)).collect()
    }

    async fn ask_one_by_one(&self, store: &dyn Store, sought: &[usize]) -> Vec<Read<V>> {
        let mut reads = Vec::with_capacity(sought.len());
        for at in sought.iter().filter_map(|part| self.parts[*part].at.as_ref()) {
            reads.push(self.memo.read_from(store, at).await);
        }
        reads
    }

    /// Takes a store's answers: what is found is no longer sought.
    fn sort(
        &mut self,
        layer: usize,
        reads: Vec<Read<V>>,
        sought: &mut Vec<usize>,
        found: &mut Vec<Made<V>>,
    ) {
        let counters = &self.remotes[layer].counters;
        let mut reads = reads.into_iter();
        sought.retain(|part| {
            let read = reads.next().unwrap_or(Read::Unavailable);
            read.count(counters);
            match read {
                Read::Found(value, left) => {
                    self.parts[*part].say_found(layer);
                    let left = if layer > 0 { rounded(left) } else { left };
                    found.push(Made { part: *part, value, found: Some((layer, left)) });
                    return false;
                }
                Read::Unavailable => self.silent[layer] = true,
                Read::Absent | Read::Undecodable | Read::SwitchedOff => {}
            }
            true
        });
    }

    /// Tells whether a store takes part in this call.
    pub(super) fn uses(&self, layer: usize) -> Option<&Remote> {
        self.remotes.get(layer).filter(|_| !self.silent[layer])
    }
}

/// Rounds a lifetime down, by less than a sixteenth.
fn rounded(left: Timeout) -> Timeout {
    let Timeout::After(left) = left else { return Timeout::Never };
    let Ok(millis) = u64::try_from(left.as_millis()) else { return Timeout::After(left) };
    let dropped = (u64::BITS - millis.leading_zeros()).saturating_sub(LIFETIME_BITS);
    match millis >> dropped << dropped {
        0 => Timeout::After(left),
        millis => Timeout::After(std::time::Duration::from_millis(millis)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn lifetimes_are_rounded_down_by_less_than_a_sixteenth() {
        let of = |millis| match rounded(Timeout::After(Duration::from_millis(millis))) {
            Timeout::After(left) => u64::try_from(left.as_millis()).unwrap(),
            Timeout::Never => panic!("it has an end"),
        };
        for millis in (1..5000).chain([86_399_999, u64::MAX / 2]) {
            let rounded = of(millis);
            assert!(rounded > 0 && rounded <= millis, "{millis}: {rounded}");
            assert!(millis - rounded <= millis / 16, "{millis}: {rounded}");
        }
        assert_eq!(of(59_990), of(59_400), "those of one batch are promoted together");
        assert_eq!(rounded(Timeout::Never), Timeout::Never);
        let short = Timeout::After(Duration::from_nanos(1));
        assert_eq!(rounded(short), short, "never to nothing");
    }
}
