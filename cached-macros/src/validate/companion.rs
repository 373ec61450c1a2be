//! What stands beside a function: where it is decides what has room there.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Signature};

use crate::attr::Opt;
use crate::model::Companion;

/// Decides by what is asked for, and by what can be seen of the place.
pub(super) fn of(sig: &Signature, asked: Option<&Opt<Companion>>) -> Companion {
    let in_impl = sig.receiver().is_some() || mentions_self_type(sig.to_token_stream());
    match asked.map(|asked| asked.value) {
        Some(Companion::Type) | None if from_async_trait(sig) => Companion::Nothing,
        Some(Companion::Type) | None if in_impl => Companion::Siblings,
        None => Companion::Type,
        Some(asked) => asked,
    }
}

/// Only in the `impl` of a trait does this macro leave its mark.
fn from_async_trait(sig: &Signature) -> bool {
    sig.generics.params.iter().any(|param| match param {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.ident == "async_trait",
        _ => false,
    })
}

fn mentions_self_type(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => mentions_self_type(group.stream()),
        _ => false,
    })
}
