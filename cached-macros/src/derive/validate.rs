//! Every rule that looks at two things at once: options and places, names and names.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Member, Path, Result};

use super::attr::Options;
use super::model::{Field, Model, Shape, Variant};
use crate::attr::Opt;
use crate::errors::{Errors, all, both};

/// Checks a type and the options in it.
pub(crate) fn validate(input: &DeriveInput) -> Result<Model> {
    let (krate, shape) = both(krate(input), shape(&input.data))?;
    Ok(Model { ident: input.ident.clone(), generics: input.generics.clone(), shape, krate })
}

/// Where the type says that `cached_kit` is.
pub(super) fn krate(input: &DeriveInput) -> Result<Option<Path>> {
    let options = Place::Type.options(&input.attrs)?;
    Ok(options.krate.map(|path| path.value))
}

fn shape(data: &Data) -> Result<Shape> {
    match data {
        Data::Struct(data) => fields(&data.fields).map(Shape::Struct),
        Data::Enum(data) => {
            let (variants, names) = all(data.variants.iter().map(variant))?.into_iter().unzip();
            distinct(names, "variants")?;
            Ok(Shape::Enum(variants))
        }
        Data::Union(data) => Err(Error::new(
            data.union_token.span,
            "a union does not say which of its fields is there: implement `CacheKey` by hand",
        )),
    }
}

fn variant(variant: &syn::Variant) -> Result<(Variant, Name)> {
    let options = Place::Variant.options(&variant.attrs);
    let (options, fields) = both(options, fields(&variant.fields))?;
    let name = Name::of(&variant.ident, options.rename.as_ref());
    Ok((Variant { ident: variant.ident.clone(), name: name.text.clone(), fields }, name))
}

/// The fields that are in the key, in order.
fn fields(fields: &Fields) -> Result<Vec<Field>> {
    let read = all(fields.iter().enumerate().map(|(index, one)| field(one, index)))?;
    let (fields, names): (Vec<_>, Vec<_>) = read.into_iter().flatten().unzip();
    distinct(names.into_iter().flatten().collect(), "fields")?;
    Ok(fields)
}

/// A field, or `None` if it is not in the key; with its name, if it has one.
fn field(field: &syn::Field, index: usize) -> Result<Option<(Field, Option<Name>)>> {
    let place = if field.ident.is_some() { Place::NamedField } else { Place::TupleField };
    let options = place.options(&field.attrs)?;
    if let Some(skip) = &options.skip {
        exclusive(skip, &options)?;
        return Ok(None);
    }
    let name = field.ident.as_ref().map(|ident| Name::of(ident, options.rename.as_ref()));
    let member = match &field.ident {
        Some(ident) => Member::Named(ident.clone()),
        None => Member::Unnamed(Index::from(index)),
    };
    let with = options.with.map(|path| path.value);
    let text = name.as_ref().map(|name| name.text.clone());
    Ok(Some((Field { member, name: text, ty: field.ty.clone(), with }, name)))
}

fn exclusive(skip: &Opt<()>, options: &Options) -> Result<()> {
    let mut errors = Errors::default();
    for key in options.keys.iter().filter(|key| **key != skip.key) {
        let message =
            format!("`{key}` says how a field is written, and `skip` leaves it out: remove one");
        errors.push(Error::new(key.span(), message));
    }
    errors.finish(())
}

/// Where options can stand.
#[derive(Clone, Copy)]
enum Place {
    Type,
    Variant,
    NamedField,
    TupleField,
}

impl Place {
    fn takes(self, key: &Ident) -> bool {
        let keys: &[&str] = match self {
            Place::Type => &["crate"],
            Place::Variant => &["rename"],
            Place::NamedField => &["skip", "rename", "with"],
            Place::TupleField => &["skip", "with"],
        };
        keys.iter().any(|known| key == known)
    }

    /// Reads the options that stand here.
    fn options(self, attrs: &[syn::Attribute]) -> Result<Options> {
        let options = Options::read(attrs)?;
        let mut errors = Errors::default();
        for key in options.keys.iter().filter(|key| !self.takes(key)) {
            let here = match self {
                Place::Type => "the type",
                Place::Variant => "a variant",
                Place::NamedField => "a field",
                Place::TupleField => "a field without a name",
            };
            let there = match key.to_string().as_str() {
                "crate" => "the type itself",
                "rename" => "fields with a name and on variants",
                _ => "fields",
            };
            let message = format!("`{key}` cannot stand on {here}: it goes on {there}");
            errors.push(Error::new(key.span(), message));
        }
        errors.finish(options)
    }
}

/// What a field or a variant is called in the key.
struct Name {
    text: String,
    /// Where that is said.
    span: Span,
    renamed: bool,
}

impl Name {
    fn of(ident: &Ident, rename: Option<&Opt<syn::LitStr>>) -> Name {
        match rename {
            Some(Opt { value, .. }) => {
                Name { text: value.value(), span: value.span(), renamed: true }
            }
            None => Name { text: ident.unraw().to_string(), span: ident.span(), renamed: false },
        }
    }
}

/// Sees to it that no two have one name: their values would have one key.
fn distinct(names: Vec<Name>, what: &str) -> Result<()> {
    let mut errors = Errors::default();
    for (index, name) in names.iter().enumerate() {
        let Some(first) = names[..index].iter().find(|first| first.text == name.text) else {
            continue;
        };
        let at = if name.renamed { name } else { first };
        let message = format!(
            "two {what} are called `{}` in the key: each needs a name of its own",
            name.text
        );
        errors.push(Error::new(at.span, message));
    }
    errors.finish(())
}
