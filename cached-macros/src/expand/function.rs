//! The function under its own name.

use proc_macro2::TokenStream;
use quote::quote;

use super::key::{self, Key};
use super::{Parts, place};
use crate::model::{Model, Returns};

pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let Model { attrs, vis, sig, returns, .. } = parts.model;
    let private = &parts.private;
    let call = call(parts);
    let code = match returns {
        Returns::Now(returned) => {
            let body = blocking_body(parts.model);
            quote!(#call __cached_call.run_blocking(move || -> #returned #body))
        }
        Returns::Later(_) => {
            let body = body(parts);
            quote!(#call __cached_call.run(async move { #body }).await)
        }
        // Nothing is looked up before the future is polled, as for an `async fn`.
        Returns::Boxed(_) => {
            let body = body(parts);
            quote!(#private::boxed(async move {
                #call
                __cached_call.run(async move { #body }).await
            }))
        }
    };
    quote! {
        #(#attrs)*
        #vis #sig {
            #code
        }
    }
}

/// Looks into memory, by reference: what is borrowed for the key is let go of before the body.
fn call(parts: &Parts<'_>) -> TokenStream {
    let memoized = parts.memoized();
    let Key { probing, places, list } = key::expand(parts);
    let call = match &parts.model.force_param {
        Some(param) => quote!(#memoized.call_or_force(#list, #param)),
        None => quote!(#memoized.call(#list)),
    };
    match places.is_empty() {
        true => quote!(#probing let __cached_call = #call;),
        // A part may be a guard, which is not to be held while the body runs.
        false => quote! {
            #[allow(clippy::all, clippy::pedantic)]
            let __cached_call = { #probing #places #call };
        },
    }
}

fn body(parts: &Parts<'_>) -> TokenStream {
    let Parts { returns, model, .. } = parts;
    let rebound = rebound(model);
    let body = &model.body;
    match &model.returns {
        Returns::Boxed(_) => {
            let syn::ReturnType::Type(_, boxed) = &model.sig.output else {
                return TokenStream::new();
            };
            quote!((move || -> #boxed { #rebound #body })().await)
        }
        _ => {
            // Where the compiler is to look when the body returns something else.
            let private = place::private(model, place::ends(returns).0);
            let returns = place::at(quote!(returns!(#returns);), place::ends(returns).0);
            quote!(#private::#returns #rebound #body)
        }
    }
}

fn blocking_body(model: &Model) -> TokenStream {
    let rebound = rebound(model);
    let body = &model.body;
    match rebound.is_empty() {
        true => quote!(#body),
        false => quote!({ #rebound #body }),
    }
}

/// Gives the body the patterns that it was written with.
fn rebound(model: &Model) -> TokenStream {
    let patterns = model.params.iter().filter_map(|param| {
        let (pat, ident) = (param.pat.as_ref()?, &param.ident);
        Some(quote!(let #pat = #ident;))
    });
    quote!(#(#patterns)*)
}
