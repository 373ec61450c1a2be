//! Calls that are not simply looked up in memory: because something is said about them, or because
//! nobody has called the function before.

use super::callsite::Site;
use super::instance::Instance;
use crate::context;
use crate::key::Lookup;
use crate::memo::{
    AnyEntry, Begun, Bypass, Call, CallObserver as _, CallOutcome, Circumstances, Conduct, Course,
    MEMORY, Memo, PlanFor, Work,
};
use crate::observing::{self, Note, Observed};
use crate::report::{self, Once};

impl Site {
    /// Starts a call that is no hit in memory, or of which nobody knows yet whether it is: `missed` is
    /// where it was looked for, by a call about which there is nothing else to be known.
    #[cold]
    #[inline(never)]
    pub(super) fn go_on<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        instance: Instance,
        plan: P,
        lookup: &L,
        forced: bool,
        missed: Option<&'static Memo<L::Key, P::Value>>,
    ) -> Call<R, P::Shape, P::Value> {
        if let Some(memo) = missed {
            return match memo.begin_in_memory(lookup.to_key()) {
                Ok(call) => Call::direct(call),
                Err(key) => {
                    let at = self.store_key(memo, lookup);
                    Call::miss(Box::new(Course::Missed(Work { memo, key, at })))
                }
            };
        }
        let memo: &Memo<L::Key, P::Value> = self.memo(instance, plan);
        let missing = lookup.missing();
        let asked = context::ask();
        let conduct = Conduct::of(Circumstances {
            forced,
            asked,
            off: memo.switches.function_is_off(),
            complete: missing.is_none(),
        });
        let begun = match missing {
            None => self.work(memo, lookup).begin(conduct),
            Some(part) => {
                self.miss_part(part);
                Begun::Miss(Box::new(Bypass::new(&memo.counters)))
            }
        };
        let note = asked.watched.then(|| self.note(instance, plan, lookup));
        match (begun, note) {
            (Begun::Hit(value), note) => {
                if let Some(note) = note {
                    note.end(CallOutcome::Hit { store: MEMORY });
                }
                Call::hit(value)
            }
            (Begun::Miss(drive), None) => Call::miss(drive),
            (Begun::Miss(drive), Some(note)) => Call::miss(Box::new(Observed::new(drive, note))),
        }
    }

    /// Tells those who watch of a call.
    pub(super) fn note<R: 'static, P: PlanFor<R>, L: Lookup>(
        &'static self,
        instance: Instance,
        plan: P,
        lookup: &L,
    ) -> Note {
        let entry = AnyEntry::new(self.bind(instance, plan, lookup));
        observing::note(&self.full_name(), self.spec().stores, &entry)
    }

    /// Says, once for each function, that its calls cannot be cached.
    pub(super) fn miss_part(&self, part: &'static str) {
        static TOLD: Once = Once::new();
        let name = self.full_name();
        if TOLD.is_first(&name) {
            report::warn(&format!(
                "the function `{name}` was called where nobody has set `{part}`, which is part of \
                 its key: such calls compute, uncached; set it with \
                 `KeyContext::scope([(\"{part}\", ..)], ..)`"
            ));
        }
    }
}
