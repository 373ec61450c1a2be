//! What a type means as a key, once every rule has been checked.

use syn::{ExprPath, Generics, Ident, Member, Path, Type};

/// A type and how its values are written.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) shape: Shape,
    /// Where `cached_kit` is, if not where it usually is.
    pub(crate) krate: Option<Path>,
}

#[cfg_attr(test, derive(Debug))]
pub(crate) enum Shape {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

#[cfg_attr(test, derive(Debug))]
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// What it is called in the key; no other variant is called so.
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

/// A field that is in the key.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Field {
    pub(crate) member: Member,
    /// What it is called in the key, where fields have names; no other one there is called so.
    pub(crate) name: Option<String>,
    pub(crate) ty: Type,
    /// The function that writes it, in place of its type's `CacheKey`.
    pub(crate) with: Option<ExprPath>,
}

impl Model {
    /// The fields in the key, of all variants.
    pub(crate) fn fields(&self) -> Vec<&Field> {
        match &self.shape {
            Shape::Struct(fields) => fields.iter().collect(),
            Shape::Enum(variants) => variants.iter().flat_map(|one| &one.fields).collect(),
        }
    }
}
