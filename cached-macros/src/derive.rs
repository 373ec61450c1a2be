//! `#[derive(CacheKey)]`, a pipeline like that of the attribute: `attr` reads the options of one
//! place, `validate` holds the rules and returns a `Model`, and `expand` cannot fail.

mod attr;
mod expand;
mod model;
mod validate;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Error};

pub(crate) use self::expand::expand;
pub(crate) use self::validate::validate;

/// On an error the type is a key all the same, so that its users do not fail too.
pub(crate) fn derive_tokens(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    validate(&input).map_or_else(|error| fallback(&input, error), |model| expand(&model))
}

fn fallback(input: &DeriveInput, error: Error) -> TokenStream {
    let krate = validate::krate(input).ok().flatten();
    let mut tokens = error.into_compile_error();
    tokens.extend(expand::stub(&input.ident, &input.generics, krate.as_ref()));
    tokens
}
