//! How a call begins that is not simply looked up in memory.

use std::hash::Hash;

use super::bypass::Bypass;
use super::compute::Access;
use super::mode::Conduct;
use super::state::{Course, Drive, Work};
use crate::memo::BoxFuture;

/// What a call begins with: the value that memory has, or what goes on from there.
pub(crate) enum Begun<'m, V> {
    Hit(V),
    Miss(Box<dyn Drive<V> + 'm>),
}

impl<'m, K, V> Work<'m, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Begins a call that does as `conduct` says.
    pub(crate) fn begin(self, conduct: Conduct) -> Begun<'m, V> {
        let course = match conduct {
            Conduct::Bypass => return Begun::Miss(Box::new(Bypass::new(&self.memo.counters))),
            Conduct::Force => Course::Forced(self),
            Conduct::WriteOnly => Course::WriteOnly(self),
            Conduct::Usual | Conduct::ReadOnly => match self.memo.stored(&self.key) {
                Some(value) => return Begun::Hit(value),
                None if conduct == Conduct::Usual => Course::Missed(self),
                None => Course::Waiting(self.read_only()),
            },
        };
        Begun::Miss(Box::new(course))
    }

    /// Asks the stores, and computes what they do not have for this call alone; nothing is written.
    fn read_only(self) -> BoxFuture<'m, Course<'m, K, V>> {
        Box::pin(async move {
            let remotes = self.memo.remotes();
            let answer = self.memo.read(&remotes, self.at.as_ref(), true).await;
            let task = self.start();
            match answer.found {
                Some((value, layer, _)) => task.found_below(value, layer),
                None => task.alone(Access::ReadOnly),
            }
        })
    }
}
