//! The type that stands beside the function.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Parts, key};
use crate::model::{Model, Role};

/// Writes the type and its public methods.
pub(super) fn expand(model: &Model) -> TokenStream {
    let parts = Parts::of(model);
    let vis = &model.vis;
    let ident = &model.sig.ident;
    let about = format!("The cache of the function `{ident}`.");
    let methods = [force_update(&parts), entry(&parts), clear(&parts), stats(&parts)];
    quote! {
        #[doc = #about]
        #[allow(non_camel_case_types, dead_code, unreachable_pub)]
        #vis enum #ident {}

        #[allow(dead_code, single_use_lifetimes, unreachable_pub, clippy::all, clippy::pedantic)]
        impl #ident {
            #(#methods)*
        }
    }
}

fn force_update(parts: &Parts<'_>) -> TokenStream {
    let Parts { returns, asyncness, wait, lifetimes, .. } = parts;
    let Model { vis, sig, .. } = parts.model;
    let where_clause = &sig.generics.where_clause;
    let declared = parts.declared(|param| param.role != Role::Force);
    let passed = parts.passed(true);
    quote! {
        /// Computes whatever is stored, writes the result to every layer, and returns as the
        /// function does.
        #vis #asyncness fn force_update #lifetimes (#declared) -> #returns #where_clause {
            Self::__cached_call(true, #passed) #wait
        }
    }
}

fn entry(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, returns, lifetimes, .. } = parts;
    let Model { vis, sig, .. } = parts.model;
    let where_clause = &sig.generics.where_clause;
    let declared = parts.declared(|param| param.role == Role::Key);
    let key = key::expand(parts);
    let (handle, method) = match parts.is_async() {
        true => (quote!(Entry), quote!(entry)),
        false => (quote!(BlockingEntry), quote!(blocking_entry)),
    };
    quote! {
        /// Returns the handle of one entry.
        #vis fn entry #lifetimes (#declared) -> #private::#handle<#returns> #where_clause {
            #key
            Self::__cached_site().#method(Self::__cached_plan(), __cached_key)
        }
    }
}

fn clear(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, asyncness, .. } = parts;
    let vis = &parts.model.vis;
    let clear = match parts.is_async() {
        true => quote!(Self::__cached_site().clear().await),
        false => quote!(Self::__cached_site().clear_blocking()),
    };
    quote! {
        /// Removes all entries of the function, of this version, from every layer.
        ///
        /// # Errors
        ///
        /// Fails if a store did not answer: it may then still have some of them.
        #vis #asyncness fn clear() -> ::core::result::Result<(), #private::Error> {
            #clear
        }
    }
}

fn stats(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    let vis = &parts.model.vis;
    quote! {
        /// Returns what was counted since the function was first called.
        #vis fn stats() -> #private::Stats {
            Self::__cached_site().stats()
        }
    }
}
