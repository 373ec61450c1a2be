//! What the static that stands for the function says of it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::{Parts, instance};
use crate::model::{Bound, Layer, Model, Piece};
use crate::place;

/// The name of the store that is built in.
const MEMORY: &str = "memory";

pub(super) fn is_memory(layer: &Layer) -> bool {
    layer.store == MEMORY
}

/// What the static says of the function, for the macro `site!`.
pub(super) fn facts(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, model, .. } = parts;
    let name = name(model);
    let version = model.version.map(|version| quote!(.version(#version)));
    let types = list("types", &instance::labels(parts));
    let key = key_text(model, private);
    let memory = memory(model, private);
    let stores = model.layers.iter().filter(|layer| !is_memory(layer));
    let stores = list("stores", &stores.map(|layer| layer.store.clone()).collect::<Vec<_>>());
    let named = model.name.as_ref().map(|_| quote!(.named()));
    let each = model.each.as_ref().map(|_| quote!(.each()));
    let attribute = model.maybe_in_trait.then(|| {
        let attribute = parts.attribute;
        quote!(.attribute(#attribute))
    });
    quote!([#name] [#named #each] #attribute #version #types #key #memory #stores)
}

/// `.method(&["word", ..])`, or nothing when there are none.
fn list(method: &str, words: &[String]) -> TokenStream {
    let method = Ident::new(method, Span::call_site());
    match words {
        [] => TokenStream::new(),
        words => quote!(.#method(&[#(#words),*])),
    }
}

fn name(model: &Model) -> TokenStream {
    match &model.name {
        Some(name) => quote!(#name),
        None => {
            let ident = model.sig.ident.unraw().to_string();
            quote!(::core::concat!(::core::module_path!(), "::", #ident))
        }
    }
}

fn key_text(model: &Model, private: &TokenStream) -> TokenStream {
    let Some(template) = &model.template else {
        let labels: Vec<_> = model.parts.iter().map(|part| part.label.clone()).collect();
        return list("labels", &labels);
    };
    let pieces = template.iter().map(|piece| match piece {
        Piece::Text(text) => quote!(#private::Piece::Text(#text)),
        Piece::Value(index) => quote!(#private::Piece::Part(#index)),
    });
    quote!(.template(&[#(#pieces),*]))
}

/// What is said about the memory layer; nothing for the usual one.
fn memory(model: &Model, private: &TokenStream) -> TokenStream {
    let Some(layer) = model.layers.iter().find(|layer| is_memory(layer)) else {
        return quote!(.memory(::core::option::Option::None));
    };
    let bound = layer.memory.bound.as_ref().map(|bound| {
        let bound = bound_of(bound, model, private);
        quote!(.bound(#bound))
    });
    let policy = layer.memory.policy.map(|policy| {
        let policy = Ident::new(policy, Span::call_site());
        quote!(.policy(#private::EvictionPolicy::#policy))
    });
    match (&bound, &policy) {
        (None, None) => TokenStream::new(),
        _ => quote!(.memory(::core::option::Option::Some(
            #private::MemorySpec::DEFAULT #bound #policy
        ))),
    }
}

fn bound_of(bound: &Bound, model: &Model, private: &TokenStream) -> TokenStream {
    match bound {
        Bound::Unbounded => quote!(#private::MemoryBound::Unbounded),
        Bound::Entries(entries) => {
            let entries = usize::try_from(*entries).unwrap_or(usize::MAX);
            quote!(#private::MemoryBound::entries(#entries))
        }
        Bound::Bytes(bytes) => quote!(#private::MemoryBound::bytes(#bytes)),
        Bound::BytesExpr { span, expr } => {
            // One that turns out to be zero is reported at the option and its value.
            let start = place::ours(*span);
            let (_, end) = place::ends(expr);
            let private = place::private(model.krate.as_ref(), start);
            place::ending_at(quote_spanned!(start=> #private::MemoryBound::bytes(#expr)), end)
        }
    }
}
