//! A batch function: one entry for each element of a list.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::Parts;
use super::key::Key;
use crate::model::{Each, ListKind, Model, Param};
use crate::place;

/// The type that an entry holds.
pub(super) fn entry(each: &Each, model: &Model, returns: &TokenStream) -> TokenStream {
    let (start, end) = place::ends(returns);
    let private = place::private(model.krate.as_ref(), start);
    let of = quote_spanned!(start=> <#returns as #private::EachReturn>);
    let value = match each.remembers_none {
        true => quote_spanned!(start=> #of::OrNone),
        false => quote_spanned!(start=> #of::Value),
    };
    place::ending_at(value, end)
}

/// Starts a call: looks into memory for each element, by reference.
pub(super) fn call(
    parts: &Parts<'_>,
    each: &Each,
    key: &Key,
    memoized: &TokenStream,
    force: &TokenStream,
) -> TokenStream {
    let Parts { private, returns, model, .. } = parts;
    let Key { probing, places, list, .. } = key;
    let elements = &model.params[each.param].ident;
    let element = &each.element;
    let value = match borrows(each) {
        true => quote!(*__cached_each),
        false => quote!(__cached_each),
    };
    let absence = match each.remembers_none {
        true => quote!(AbsentRemembered),
        false => quote!(AbsentForgotten),
    };
    // Where the compiler is to look when elements and values do not go together.
    let batch = Ident::new("batch", place::ends(returns).0);
    quote! {
        #[allow(clippy::all, clippy::pedantic)]
        let __cached_call = {
            #probing
            #memoized.#batch(
                #private::ShapeProbe::<#returns>::new().shape(),
                #private::#absence,
                &#elements[..],
                #force,
                |__cached_each| {
                    let #element = #value;
                    #places
                    #list
                },
            )
        };
    }
}

/// Binds the element of a handle as a call has it.
pub(super) fn rebound(each: &Each) -> TokenStream {
    let element = &each.element;
    match borrows(each) {
        true => TokenStream::new(),
        false => quote!(let #element = &#element;),
    }
}

/// Gives the body what it is called with: the elements to compute, and copies of all else.
pub(super) fn prepared(parts: &Parts<'_>, each: &Each) -> (TokenStream, TokenStream) {
    let Parts { private, model, .. } = parts;
    let others = model.params.iter().enumerate().filter(|(at, _)| *at != each.param);
    let copies = others.map(|(_, Param { ident, .. })| {
        quote!(let #ident = #private::core::clone::Clone::clone(&#ident);)
    });
    let ident = &model.params[each.param].ident;
    let list = match each.list {
        ListKind::Slice => quote!(let #ident = &__cached_missing[..];),
        ListKind::VecRef => quote!(let #ident = &__cached_missing;),
        ListKind::Vec => quote!(let #ident = __cached_missing;),
    };
    (
        quote!(#(#[allow(unused_variables, clippy::all, clippy::pedantic)] #copies)*),
        quote!(#[allow(clippy::all, clippy::pedantic)] #list),
    )
}

/// Leaves lifetimes in a type to the compiler: the elements to compute do not live as long as those
/// that the function was given, and neither does the future that has them.
pub(super) fn inferred(ty: TokenStream) -> TokenStream {
    let mut after_quote = false;
    let tokens = ty.into_iter().map(|token| {
        let named = after_quote;
        after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        match token {
            TokenTree::Ident(name) if named && name != "static" => {
                Ident::new("_", name.span()).into()
            }
            token => token,
        }
    });
    tokens.collect()
}

/// Whether an element is a reference itself.
fn borrows(each: &Each) -> bool {
    matches!(each.ty, syn::Type::Reference(_))
}
