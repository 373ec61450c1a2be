//! Functions that have one memo between them: a batch, and a function of one element with its name.

use std::any::{Any, TypeId};
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use super::callsite::Site;
use super::instance::Instance;
use crate::memo::{AnyMemo, Memo};
use cached_map::Erased;

/// What a site says about sharing its entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sharing {
    /// The name was chosen by the user, so another function that has it has it on purpose.
    pub(super) named: bool,
    /// The function is a batch.
    pub(super) each: bool,
}

impl Sharing {
    pub(super) const NONE: Self = Self { named: false, each: false };
}

/// A memo that lives as long as the program, as the sites that use it do.
#[derive(Clone, Copy)]
pub(super) struct Made {
    /// Which instantiation of a generic function it is for.
    pub(super) instance: TypeId,
    pub(super) memo: Erased,
    pub(super) any: &'static dyn AnyMemo,
}

impl Made {
    pub(super) fn new<K, V>(instance: Instance, memo: Memo<K, V>) -> Self
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let memo: &'static Memo<K, V> = Box::leak(Box::new(memo));
        Self { instance: instance.id(), memo: Erased::new(memo), any: memo }
    }
}

/// The memos of functions whose names were chosen, in one installation.
#[derive(Default)]
pub(super) struct Named(Mutex<Vec<(&'static Site, Made)>>);

/// What another function of the same name has.
enum Partner {
    /// A memo for both.
    Memo(Made),
    /// A memo that the two cannot share.
    Misfit(&'static Site, Made),
}

impl Named {
    /// Returns the memo of a function: that of another one of its name if one of the two is a batch
    /// and they agree, and a new one otherwise. `build` is told whether to leave the stores out.
    pub(super) fn memo<K, V>(
        &self,
        site: &'static Site,
        instance: Instance,
        build: impl FnOnce(bool) -> Memo<K, V>,
    ) -> Made
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        if !site.sharing().named {
            return Made::new(instance, build(false));
        }
        let partner = self.partner::<Memo<K, V>>(site, instance);
        if let Some(Partner::Memo(made)) = partner {
            return made;
        }
        let without_stores = match partner {
            Some(Partner::Misfit(other, made)) => {
                say_misfit(site, other);
                // Both would write to one place in the stores, without knowing of each other.
                if !site.sharing().each {
                    made.any.retire();
                }
                site.sharing().each
            }
            _ => false,
        };
        // It runs code of the user's, so no lock is held.
        let memo = build(without_stores);
        let mut list = self.lock();
        match find::<Memo<K, V>>(&list, site, instance) {
            Some(Partner::Memo(made)) => made,
            _ => {
                let made = Made::new(instance, memo);
                list.push((site, made));
                made
            }
        }
    }

    /// Returns the memos that a function shares, or would share if it had been called.
    pub(super) fn of(&self, site: &'static Site) -> Vec<&'static dyn AnyMemo> {
        if !site.sharing().named {
            return Vec::new();
        }
        self.lock()
            .iter()
            .filter(|(other, _)| partners(site, other))
            .map(|each| each.1.any)
            .collect()
    }

    fn partner<M: Any>(&self, site: &'static Site, instance: Instance) -> Option<Partner> {
        find::<M>(&self.lock(), site, instance)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static Site, Made)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter().map(|(site, _)| site)).finish()
    }
}

fn find<M: Any>(
    list: &[(&'static Site, Made)],
    site: &'static Site,
    instance: Instance,
) -> Option<Partner> {
    let mut misfit = None;
    let alike = list.iter().filter(|(_, made)| made.instance == instance.id());
    for (other, made) in alike.filter(|(other, _)| partners(site, other)) {
        if made.memo.get::<M>().is_some() && site.spec().agrees_with(other.spec()) {
            return Some(Partner::Memo(*made));
        }
        misfit = Some(Partner::Misfit(other, *made));
    }
    misfit
}

/// Tells whether two functions mean to have the same entries.
pub(super) fn partners(one: &Site, other: &Site) -> bool {
    let named = one.sharing().named && other.sharing().named;
    let each = one.sharing().each || other.sharing().each;
    named && each && !std::ptr::eq(one, other) && one.full_name() == other.full_name()
}

fn say_misfit(site: &Site, other: &Site) {
    let (one, two) = (site.spec(), other.spec());
    crate::report::warn(&format!(
        "the functions of the name `{}` ({}:{} and {}:{}) differ in their key, in what they store \
         or in their layers: they do not share entries, and the batch stays in memory; give both \
         the same key, the same value and the same options, or two names",
        one.name, one.file, one.line, two.file, two.line
    ));
}
