//! What the attribute says about values.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Parts, site::is_memory};
use crate::model::{Layer, NoneSpec, TimeoutSpec};

/// Writes the function that makes the plan. Only the compiler knows the types in it, so it returns
/// `impl PlanFor`.
pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let Parts { private, returns, model, .. } = parts;
    let span = returns.to_token_stream().span();
    let memory = model.layers.iter().any(is_memory);
    let stores = model.layers.iter().any(|layer| !is_memory(layer));
    let place = match (memory, stores) {
        (true, false) => quote_spanned!(span=> in_memory),
        (false, _) => quote_spanned!(span=> in_stores),
        (true, true) => quote_spanned!(span=> in_both),
    };
    let layers = model.layers.iter().map(|layer| layer_rule(layer, private));
    let when = model.when.as_ref().map(|when| {
        let expr = &when.expr;
        quote_spanned!(when.span=> .when(#expr))
    });
    let nones =
        model.layers.iter().find(|layer| !matches!(layer.none_timeout, NoneSpec::AsTimeout));
    let is_none =
        nones.map(|layer| quote_spanned!(layer.none_timeout_span=> .is_none(#private::is_none)));
    let shape = quote_spanned!(span=> #private::ShapeProbe::<#returns>::new().shape());
    quote! {
        fn __cached_plan() -> impl #private::PlanFor<#returns> {
            #[allow(unused_imports)]
            use #private::{ShapeFallible as _, ShapePlain as _};
            #private::#place::<#returns, _, _>(#shape, |__cached_rules| {
                __cached_rules #(#layers)* #when #is_none
            })
        }
    }
}

fn layer_rule(layer: &Layer, private: &TokenStream) -> TokenStream {
    let span = layer.timeout_span;
    let lifetime = match &layer.timeout {
        TimeoutSpec::StoreDefault => quote!(store_default()),
        TimeoutSpec::Never => quote!(never()),
        TimeoutSpec::Fixed { secs, nanos } => fixed(*secs, *nanos),
        TimeoutSpec::Expr(expr) => quote_spanned!(span=> fixed(#expr)),
        TimeoutSpec::Adaptive(closure) => quote_spanned!(span=> adaptive(#closure)),
    };
    let none = match &layer.none_timeout {
        NoneSpec::AsTimeout => None,
        NoneSpec::Skip => Some(quote!(.none_skipped())),
        NoneSpec::Never => Some(quote!(.none(#private::Lifetime::never()))),
        NoneSpec::Fixed { secs, nanos } => {
            let fixed = fixed(*secs, *nanos);
            Some(quote!(.none(#private::Lifetime::#fixed)))
        }
        NoneSpec::Expr(expr) => Some(quote!(.none(#private::Lifetime::fixed(#expr)))),
    };
    quote!(.layer(#private::Lifetime::#lifetime #none))
}

fn fixed(secs: u64, nanos: u32) -> TokenStream {
    quote!(fixed(::core::time::Duration::new(#secs, #nanos)))
}
