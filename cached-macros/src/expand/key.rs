//! The key of a call: its parts, by reference.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::Parts;
use crate::model::KeyPart;

/// Writes statements that leave the key in `__cached_key`.
pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    let model = parts.model;
    let shared = model.layers.iter().any(|layer| !super::site::is_memory(layer));
    // Bound to names first: a part may be a temporary, and lives until the key is used.
    let places = model.parts.iter().enumerate().map(|(index, part)| {
        let name = format_ident!("__cached_{index}");
        let place = place(part, private);
        quote!(let #name = #place;)
    });
    let list = model.parts.iter().enumerate().rev().fold(quote!(()), |rest, (index, part)| {
        let part = probed(part, index, shared, private);
        quote!((#part, #rest))
    });
    quote! {
        #[allow(unused_imports)]
        use #private::{PlaceOwned as _, ProbeText as _, ProbeTyped as _};
        #(#places)*
        let __cached_key = #list;
    }
}

/// A reference to the value, through the reference that it may be itself.
fn place(part: &KeyPart, private: &TokenStream) -> TokenStream {
    let KeyPart { expr, ty, by_ref, .. } = part;
    match ty {
        Some(_) if *by_ref => quote!(#expr),
        Some(_) => quote!(&#expr),
        None => quote!(#private::Place(&(#expr)).value()),
    }
}

/// The part that fits the value's type; a type that fits none is reported where it stands.
fn probed(part: &KeyPart, index: usize, shared: bool, private: &TokenStream) -> TokenStream {
    let span = match &part.ty {
        Some(ty) => ty.span(),
        None => part.expr.to_token_stream().span(),
    };
    let name = format_ident!("__cached_{index}", span = span);
    let method = match (part.nested_borrow, shared) {
        (true, _) => format_ident!("text_part", span = span),
        (false, true) => format_ident!("shared_part", span = span),
        (false, false) => format_ident!("memory_part", span = span),
    };
    quote_spanned!(span=> #private::Probe(#name).#method())
}
