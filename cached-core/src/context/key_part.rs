//! A part of a key that is no argument.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::key_context::value_of;
use crate::key::{KeyWriter, Part};

/// A part that the surroundings of a call have set, or have not.
#[derive(Debug)]
pub struct ContextPart {
    name: &'static str,
    text: Option<Arc<str>>,
}

impl ContextPart {
    /// Returns the part as it is set for the running code.
    pub fn current(name: &'static str) -> Self {
        Self { name, text: value_of(name) }
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

impl Hash for ContextPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl Part for ContextPart {
    type Owned = Arc<str>;

    fn is(&self, owned: &Arc<str>) -> bool {
        self.text.as_ref().is_some_and(|text| text == owned)
    }

    fn to_owned(&self) -> Arc<str> {
        self.text.clone().unwrap_or_default()
    }

    fn write(&self, key: &mut KeyWriter) -> bool {
        if let Some(text) = &self.text {
            key.literal(text);
        }
        self.text.is_some()
    }

    fn missing(&self) -> Option<&'static str> {
        match self.text {
            Some(_) => None,
            None => Some(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::KeyContext;
    use crate::key::{KeyText, Lookup, Probe, StoreKey, TypeNames};

    const TEXT: KeyText = KeyText::Labelled(&["tenant", "id"]);

    fn lookup(id: &u64) -> impl Lookup {
        (ContextPart::current("tenant"), (Probe(id).shared_part(), ()))
    }

    #[test]
    fn a_part_that_is_set_is_like_an_argument() {
        let of = |tenant: &str| KeyContext::sync_scope([("tenant", tenant)], || lookup(&1));
        let (one, same, other) = (of("a:b"), of("a:b"), of("c"));
        assert!(one.is(&same.to_key()) && !one.is(&other.to_key()));
        assert_eq!(one.missing(), None);
        assert!(one.is_complete());
        let key = StoreKey::of("f", &TypeNames::NONE, TEXT, &one).unwrap();
        assert_eq!(key.text, "f:tenant=a%3Ab,id=1");
    }

    #[test]
    fn a_part_that_is_not_set_is_missed() {
        let bare = lookup(&1);
        assert_eq!(bare.missing(), Some("tenant"));
        assert!(!bare.is_complete());
        assert!(!bare.is(&bare.to_key()), "not even its own");
        assert_eq!(StoreKey::of("f", &TypeNames::NONE, TEXT, &bare), None);
    }
}
