//! What tells the instantiations of a generic function apart.

use proc_macro2::TokenStream;
use quote::quote;
use syn::GenericParam;

use super::{Parts, is_key};
use crate::model::{Companion, Param};
use crate::validate::has_impl_trait;

/// The labels of the types in the key's text.
pub(super) fn labels(parts: &Parts<'_>) -> Vec<String> {
    if parts.model.companion == Companion::Nothing {
        return vec!["impl".to_owned()];
    }
    let own = (parts.model.companion == Companion::Siblings).then(|| "Self".to_owned());
    let types = types(parts).map(|ident| ident.to_string());
    let unnamed = unnamed(parts).map(|param| format!("impl {}", param.ident));
    own.into_iter().chain(types).chain(unnamed).collect()
}

/// The instance, where the types have names.
pub(super) fn of_names(parts: &Parts<'_>) -> TokenStream {
    match unnamed(parts).next() {
        Some(_) => quote!(__cached_instance),
        None => expr(parts),
    }
}

/// The parameter that hands it over where only a call knows the types, or nothing.
pub(super) fn parameter(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    match unnamed(parts).next() {
        Some(_) => quote!(__cached_instance: #private::Instance),
        None => TokenStream::new(),
    }
}

/// The argument for [`parameter`].
pub(super) fn of_arguments(parts: &Parts<'_>) -> TokenStream {
    match unnamed(parts).next() {
        Some(_) => expr(parts),
        None => TokenStream::new(),
    }
}

/// The instance, where all types are known.
pub(super) fn expr(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    let phantom = |ty: TokenStream| quote!(#private::core::marker::PhantomData::<#ty>);
    let own = (parts.model.companion == Companion::Siblings).then(|| phantom(quote!(Self)));
    let types = types(parts).map(|ident| phantom(quote!(#ident)));
    let unnamed = unnamed(parts).map(|param| {
        let ident = &param.ident;
        quote!(#private::type_of(&#ident))
    });
    let list: Vec<_> = own.into_iter().chain(types).chain(unnamed).collect();
    if list.is_empty() {
        return quote!(#private::Instance::only());
    }
    let list = list.iter().rev().fold(quote!(()), |rest, one| quote!((#one, #rest)));
    quote!(#private::Instance::of(#list))
}

fn types<'p>(parts: &'p Parts<'_>) -> impl Iterator<Item = &'p syn::Ident> {
    parts.model.sig.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(ty) => Some(&ty.ident),
        _ => None,
    })
}

/// The parameters of the key whose types have no names.
fn unnamed<'p>(parts: &'p Parts<'_>) -> impl Iterator<Item = &'p Param> {
    parts.model.params.iter().filter(|param| is_key(param) && has_impl_trait(&param.ty))
}
