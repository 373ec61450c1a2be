//! The function under its own name.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::key::{self, Key};
use super::{NeededBy, Parts, each, is_key};
use crate::model::{Model, Returns};
use crate::place;

pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let Model { attrs, vis, sig, returns, .. } = parts.model;
    let private = &parts.private;
    let call = call(parts);
    let run = run(parts);
    let code = match returns {
        Returns::Now(_) => quote!(#call #run),
        Returns::Later(_) => quote!(#call #run.await),
        // Nothing is looked up before the future is polled, as for an `async fn`.
        Returns::Boxed(_) => quote!(#private::boxed(async move { #call #run.await })),
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
    let memoized = parts.memoized(NeededBy::Call);
    let key = key::expand(parts);
    let model = parts.model;
    if let Some(each) = &model.each {
        let force = model.force_param.as_ref().map_or(quote!(false), |param| quote!(#param));
        return each::call(parts, each, &key, &memoized, &force);
    }
    let Key { probing, places, may_call, list } = key;
    let call = match &model.force_param {
        Some(param) => quote!(#memoized.call_or_force(#list, #param)),
        None => quote!(#memoized.call(#list)),
    };
    // A name that says that the body does not use the argument; the key does.
    let underscored = model
        .params
        .iter()
        .any(|param| is_key(param) && param.is_named() && param.ident.to_string().starts_with('_'));
    let allow = underscored.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
    match places.is_empty() {
        true => quote!(#probing #allow let __cached_call = #call;),
        // A part may be a guard, which is not to be held while the body runs. And it may call a
        // cached function: a request to compute is for this one.
        false => {
            let private = &parts.private;
            let places = match may_call {
                true => quote! {
                    let __cached_held = #private::held();
                    #places
                    #private::core::mem::drop(__cached_held);
                },
                false => places,
            };
            quote! {
                #[allow(clippy::all, clippy::pedantic)]
                let __cached_call = { #probing #places #call };
            }
        }
    }
}

/// Runs the body, or what takes its place.
fn run(parts: &Parts<'_>) -> TokenStream {
    let Model { returns, each, .. } = parts.model;
    let body = body(parts);
    let returned = returns.value();
    let blocking = !returns.is_async();
    let Some(each) = each else {
        return match blocking {
            true => quote!(__cached_call.run_blocking(move || -> #returned #body)),
            false => quote!(__cached_call.run(async move #body)),
        };
    };
    let (copies, list) = each::prepared(parts, each);
    // Where the compiler is to look when elements and values do not go together.
    let name = if blocking { "run_blocking" } else { "run" };
    let run = Ident::new(name, place::ends(returned).0);
    match blocking {
        true => quote!(__cached_call.#run(move |__cached_missing| -> #returned {
            #copies #list #body
        })),
        false => quote!(__cached_call.#run(move |__cached_missing| {
            #copies
            async move { #list #body }
        })),
    }
}

/// The body, as a block.
fn body(parts: &Parts<'_>) -> TokenStream {
    let Parts { returns, model, .. } = parts;
    let rebound = rebound(model);
    let body = place::block(&model.body);
    match &model.returns {
        Returns::Now(_) if rebound.is_empty() && model.each.is_none() => model.body.clone(),
        Returns::Now(_) => quote!({ #rebound #body }),
        Returns::Later(_) => {
            // Where the compiler is to look when the body returns something else.
            let private = place::private(model.krate.as_ref(), place::ends(returns).0);
            let returns = place::at(quote!(returns!(#returns);), place::ends(returns).0);
            quote!({ #private::#returns #rebound #body })
        }
        Returns::Boxed(_) => {
            let boxed = match &model.each {
                None => model.sig.output.to_token_stream(),
                Some(_) => each::inferred(model.sig.output.to_token_stream()),
            };
            quote!({ (move || #boxed { #rebound #body })().await })
        }
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
