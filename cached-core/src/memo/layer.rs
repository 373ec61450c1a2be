//! The layers of a function: memory, and the stores below it.

use std::sync::Arc;

use crate::memo::layers::missed::Owed;
use crate::stats::RemoteCounters;
use crate::store::Store;
use crate::switches::{Kind, Switch, all_off, switch};

/// The name of the store that is always there.
pub(crate) const MEMORY: &str = "memory";

/// A layer outside of the typed memory.
pub(crate) struct Remote {
    pub(crate) name: String,
    /// `None` when no store of that name was installed: the layer counts as unavailable.
    pub(crate) store: Option<Arc<dyn Store>>,
    /// Off while nothing is to be read from it or written to it.
    pub(crate) switch: Arc<Switch>,
    pub(crate) counters: RemoteCounters,
    /// Changes that it did not take part in, to be made up for before it is read. By hand, people
    /// hear of them instead.
    pub(crate) owed: Arc<Owed>,
}

impl Remote {
    pub(crate) fn new(name: impl Into<String>, store: Option<Arc<dyn Store>>) -> Self {
        Self {
            name: name.into(),
            store,
            switch: Arc::default(),
            counters: RemoteCounters::default(),
            owed: Arc::new(Owed::forgetful()),
        }
    }
}

/// The switches that concern one function.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnSwitches {
    function: Arc<Switch>,
    memory: Arc<Switch>,
}

impl OwnSwitches {
    pub(crate) fn of(function: &str) -> Self {
        Self { function: switch(Kind::Function, function), memory: switch(Kind::Store, MEMORY) }
    }

    /// Tells whether calls are to compute, and nothing else.
    pub(crate) fn function_is_off(&self) -> bool {
        self.function.is_off() || all_off()
    }

    pub(crate) fn memory_is_off(&self) -> bool {
        self.memory.is_off()
    }
}
