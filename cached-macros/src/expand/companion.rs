//! What stands beside the function.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::key::{self, Key};
use super::{NeededBy, Parts, each, instance, plan, site};
use crate::model::{KeyPart, Model, Param, Role};
use crate::place;
use crate::validate::has_impl_trait;

/// Writes the type of the function's name, with its functions.
pub(super) fn of_type(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, returns, model, .. } = parts;
    let Model { vis, sig, .. } = model;
    let ident = &sig.ident;
    // What the macro puts in two places, the compiler takes for one of them. The name in the code of
    // the entry is the user's.
    let mut name = ident.clone();
    name.set_span(place::ours(ident.span()));
    let about = about(model, &format!("The cache of the function `{ident}`."));
    let conditions: Vec<_> = parts.conditions().collect();
    let kind = format_ident!("{}", if model.returns.is_async() { "async" } else { "blocking" });
    let (arguments, call) = forcing_call(parts);
    let facts = facts(parts);
    let entry = entry(parts, quote!(entry));
    quote! {
        #private::use_companion_siblings_in_an_impl_or_companion_false! {
            #(#conditions)* [#about] [#vis] #kind #name;
            call (#arguments) [#returns] [#call]
            #facts
            entry { #entry }
        }
    }
}

/// Writes the functions beside a method.
pub(super) fn siblings(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, model, .. } = parts;
    let Model { vis, sig, .. } = model;
    let about = about(model, &format!("Returns the handle of all entries of `{}`.", sig.ident));
    let conditions: Vec<_> = parts.conditions().collect();
    let site = site::facts(parts);
    let (cache, name) = (parts.beside("cache"), parts.beside("entry"));
    let entry = entry(parts, quote!(#name));
    if model.maybe_in_trait {
        return quote! {
            #private::use_companion_false_in_the_impl_of_a_trait! {
                #(#conditions)* [#about] #cache [#site] entry { #entry }
            }
        };
    }
    quote! {
        #(#conditions)*
        #[doc = #about]
        #[allow(dead_code, unreachable_pub)]
        #[inline]
        #vis fn #cache() -> #private::FunctionCache {
            #private::site! { #site }
        }

        #(#conditions)*
        #entry
    }
}

/// A first sentence, and what of a call makes no difference to it.
fn about(model: &Model, first: &str) -> String {
    let left_out = model.params.iter().filter(|param| param.role == Role::Excluded);
    let own = model.receiver.as_ref().filter(|_| !model.parts.iter().any(is_own));
    let names: Vec<_> = own
        .map(|_| "`self`".to_owned())
        .into_iter()
        .chain(left_out.filter(|param| param.is_named()).map(|param| format!("`{}`", param.ident)))
        .collect();
    match names.as_slice() {
        [] => first.to_owned(),
        names => format!("{first}\n\nNot part of the key: {}.", names.join(", ")),
    }
}

fn is_own(part: &KeyPart) -> bool {
    part.label == "self" || part.label.starts_with("self.")
}

/// What the macros of the core fill in: the static, and what is said about values.
fn facts(parts: &Parts<'_>) -> TokenStream {
    let site = site::facts(parts);
    let generics = &parts.generics;
    let bounds = &parts.model.sig.generics.where_clause;
    let parameter = instance::parameter(parts);
    let instance = instance::of_names(parts);
    let names = parts.turbofish();
    let plan = plan::expand(parts);
    let plan_type = plan::opaque_type(parts);
    quote! {
        site [#site]
        plan [#generics] [#parameter] [#plan_type] [#bounds] [#instance] [#names] [#plan]
    }
}

/// The parameters of `force_update`, and the call of the function with all of them.
fn forcing_call(parts: &Parts<'_>) -> (TokenStream, TokenStream) {
    let Model { sig, params, .. } = parts.model;
    let function = &sig.ident;
    // Where one type has no name, none is given.
    let unnamed = params.iter().any(|param| has_impl_trait(&param.ty));
    let turbofish = if unnamed { TokenStream::new() } else { parts.turbofish() };
    // A parameter of the function's own name would hide the function.
    let names: Vec<_> = params
        .iter()
        .enumerate()
        .map(|(position, Param { ident, .. })| match ident == function {
            true => format_ident!("__cached_arg_{position}", span = ident.span()),
            false => ident.clone(),
        })
        .collect();
    let declared = params.iter().zip(&names).filter(|(param, _)| param.role != Role::Force);
    let declared = declared.map(|(Param { ty, .. }, name)| quote!(#name: #ty));
    let passed = params.iter().zip(&names).map(|(Param { role, .. }, name)| match role {
        Role::Force => quote!(true),
        _ => quote!(#name),
    });
    (quote!(#(#declared),*), quote!(#function #turbofish (#(#passed),*)))
}

fn entry(parts: &Parts<'_>, name: TokenStream) -> TokenStream {
    let Parts { private, entry: returns, generics, model, .. } = parts;
    let Model { vis, sig, each, .. } = model;
    let where_clause = &sig.generics.where_clause;
    let declared = parts.declared_of_entry();
    let rebound = each.as_ref().map(each::rebound);
    let memoized = parts.memoized(NeededBy::Handle);
    let Key { probing, places, list, .. } = key::expand(parts);
    let (handle, method) = match model.returns.is_async() {
        true => (quote!(Entry), quote!(entry)),
        false => (quote!(BlockingEntry), quote!(blocking_entry)),
    };
    let lifetimes =
        (!generics.is_empty()).then(|| quote!(#[allow(single_use_lifetimes, unused_lifetimes)]));
    quote! {
        /// Returns the handle of one entry.
        #[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
        #lifetimes
        #vis fn #name #generics (#declared) -> #private::#handle<#returns> #where_clause {
            #probing
            #rebound
            #places
            #memoized.#method(#list)
        }
    }
}
