//! Sites as expansions make them, in the registry that is there without an installation.

mod batch;
mod sharing;

use crate::registry::{Site, SiteSpec};

/// A function of one integer, or of many, that stays in memory.
const fn in_memory(name: &'static str) -> Site {
    Site::new(spec(name, &[]))
}

const fn spec(name: &'static str, stores: &'static [&'static str]) -> SiteSpec {
    SiteSpec::new(name, "here.rs", 1).labels(&["id"]).stores(stores)
}
