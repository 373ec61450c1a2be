//! The way from the functions beside a method to the method's static.
//!
//! A method that may belong to a trait has its static in its own body. A function beside it that held
//! the static would have to be there for types without a known size too, as the method is, and a trait
//! with such a function could not be `dyn`. So the functions beside it look for the static in the list
//! that the linker makes, once.

use std::sync::OnceLock;

use super::{FunctionCache, Site, global};

/// The static of a function beside a method.
#[derive(Debug)]
pub struct SiblingSite {
    /// What the method's own static says as well. It takes that one's place where the linker has made
    /// no list.
    alike: Site,
    found: OnceLock<&'static Site>,
}

impl SiblingSite {
    /// Makes the static's value, from that of the method's own.
    pub const fn of(alike: Site) -> Self {
        Self { alike, found: OnceLock::new() }
    }

    /// Returns the handle of all entries of the method.
    pub fn function(&'static self) -> FunctionCache {
        self.site().function()
    }

    fn site(&'static self) -> &'static Site {
        self.found.get_or_init(|| {
            let spec = self.alike.spec();
            global::sites().find(|site| site.spec().is_of_attribute(spec)).unwrap_or(&self.alike)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Registration, SiteSpec};

    const fn spec(line: u32, attribute: u32) -> Site {
        Site::new(SiteSpec::new("load", "sibling.rs", line).attribute(attribute))
    }

    static METHOD: Site = spec(1, 1);
    static ANOTHER: Site = spec(1, 2);
    static BESIDE: SiblingSite = SiblingSite::of(spec(1, 1));
    static BESIDE_ANOTHER: SiblingSite = SiblingSite::of(spec(1, 2));
    static BESIDE_NOTHING: SiblingSite = SiblingSite::of(spec(2, 1));

    inventory::submit! { Registration(&METHOD) }
    inventory::submit! { Registration(&ANOTHER) }

    /// finding "First hour" 4
    #[test]
    fn the_functions_beside_a_method_find_its_static() {
        let is = |beside: &'static SiblingSite, site: &Site| std::ptr::eq(beside.site(), site);
        assert!(is(&BESIDE, &METHOD));
        assert!(is(&BESIDE, &METHOD), "it is found again");
        assert!(is(&BESIDE_ANOTHER, &ANOTHER), "another attribute in the same line");
        assert!(is(&BESIDE_NOTHING, &BESIDE_NOTHING.alike));
    }
}
