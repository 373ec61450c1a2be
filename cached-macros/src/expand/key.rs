//! The key of a call: its parts, by reference.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Parts, place};
use crate::model::{KeyPart, Model};

/// Writes statements that leave the key in `__cached_key`.
pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    let model = parts.model;
    let shared = model.layers.iter().any(|layer| !super::site::is_memory(layer));
    // Bound to names first: a part may be a temporary, which lives as long as the block if the
    // reference to it is all that a `let` is given. A reference in a parameter is seen through.
    let places = model.parts.iter().enumerate().map(|(index, part)| {
        let name = place::variable(index, Span::call_site());
        let KeyPart { expr, ty, by_ref, .. } = part;
        match ty {
            Some(_) if *by_ref => quote!(let #name = #expr;),
            Some(_) => quote!(let #name = &#expr;),
            None => quote! {
                let #name = &(#expr);
                let #name = #private::Place(#name).value();
            },
        }
    });
    let list = model.parts.iter().enumerate().rev().fold(quote!(()), |rest, (index, part)| {
        let part = probed(part, index, shared, model);
        quote!((#part, #rest))
    });
    quote! {
        #[allow(unused_imports)]
        use #private::{PlaceOwned as _, ProbeText as _, ProbeTyped as _};
        #(#places)*
        let __cached_key = #list;
    }
}

/// The part that fits the value's type; a type that fits none is reported where it stands.
fn probed(part: &KeyPart, index: usize, shared: bool, model: &Model) -> TokenStream {
    let span = match &part.ty {
        Some(ty) => place::of_type(ty),
        None => place::of_expr(&part.expr),
    };
    let private = place::private(model, span);
    let name = place::variable(index, span);
    let method = match (part.nested_borrow, shared) {
        (true, _) => format_ident!("text_part", span = span),
        (false, true) => format_ident!("shared_part", span = span),
        (false, false) => format_ident!("memory_part", span = span),
    };
    quote_spanned!(span=> #private::Probe(#name).#method())
}
