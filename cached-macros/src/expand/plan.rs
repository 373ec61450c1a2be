//! What the attribute says about values.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::Parts;
use super::site::is_memory;
use crate::model::{Layer, Memory, Model, NoneSpec, TimeoutSpec, ValueFn};
use crate::place;

/// Writes what makes the plan.
pub(super) fn expand(parts: &Parts<'_>) -> TokenStream {
    let Parts { entry: returns, model, .. } = parts;
    let (start, end) = place::ends(returns);
    let private = place::private(model.krate.as_ref(), start);
    let memory = model.layers.iter().any(is_memory);
    let stores = model.layers.iter().any(|layer| !is_memory(layer));
    let make = match (memory, stores) {
        (true, false) => quote_spanned!(start=> #private::in_memory),
        (false, _) => quote_spanned!(start=> #private::in_stores),
        (true, true) => quote_spanned!(start=> #private::in_both),
    };
    let shape = quote_spanned!(start=> #private::ShapeProbe::<#returns>::new().shape());
    let shape = place::ending_at(shape, end);
    let name = place::ending_at(quote_spanned!(start=> #make::<#returns, _>), end);
    let make = place::ending_at(quote_spanned!(start=> #name(#shape)), end);
    match rules(model) {
        None => make,
        Some(rules) => place::ending_at(quote_spanned!(start=> #make.ruled_by(#rules)), end),
    }
}

/// The type of the plan. Only the compiler knows the types in it.
pub(super) fn opaque_type(parts: &Parts<'_>) -> TokenStream {
    let Parts { entry: returns, model, .. } = parts;
    // Where the other complaints are, for the compiler reports one of several at one place.
    let (start, end) = place::ends(returns);
    let private = place::private(model.krate.as_ref(), start);
    place::ending_at(quote_spanned!(start=> impl #private::PlanFor<#returns>), end)
}

/// The closure that makes the rules; `None` if nothing was said.
fn rules(model: &Model) -> Option<TokenStream> {
    let unsaid = |layer: &Layer| {
        matches!(layer.timeout, TimeoutSpec::StoreDefault)
            && matches!(layer.none_timeout, NoneSpec::AsTimeout)
    };
    let when = model.when.as_ref().map(|when| value_rule("when", when));
    let memory = model.layers.iter().find(|layer| is_memory(layer)).map(memory_rules);
    let memory = memory.filter(|rules| !rules.is_empty());
    if model.layers.iter().all(unsaid) && when.is_none() && memory.is_none() {
        return None;
    }
    let layers = model.layers.iter().map(|layer| layer_rule(layer, model));
    let nones =
        model.layers.iter().find(|layer| !matches!(layer.none_timeout, NoneSpec::AsTimeout));
    let is_none = nones.map(|layer| {
        let span = layer.none_timeout_span;
        let private = place::private(model.krate.as_ref(), span);
        quote_spanned!(span=> .is_none(#private::is_none))
    });
    Some(quote!(|__cached_rules| { __cached_rules #(#layers)* #when #is_none #memory }))
}

fn layer_rule(layer: &Layer, model: &Model) -> TokenStream {
    let span = layer.timeout_span;
    let private = place::private(model.krate.as_ref(), span);
    let lifetime = match &layer.timeout {
        TimeoutSpec::StoreDefault => quote_spanned!(span=> store_default()),
        TimeoutSpec::Never => quote_spanned!(span=> never()),
        TimeoutSpec::Fixed { secs, nanos } => fixed(*secs, *nanos),
        TimeoutSpec::Expr(expr) => quote_spanned!(span=> fixed(#expr)),
        TimeoutSpec::Adaptive(closure) => quote_spanned!(span=> adaptive(#closure)),
    };
    let none_span = layer.none_timeout_span;
    let none_private = place::private(model.krate.as_ref(), none_span);
    let none = match &layer.none_timeout {
        NoneSpec::AsTimeout => None,
        NoneSpec::Skip => Some(quote!(.none_skipped())),
        NoneSpec::Never => {
            Some(quote_spanned!(none_span=> .none(#none_private::Lifetime::never())))
        }
        NoneSpec::Fixed { secs, nanos } => {
            let fixed = fixed(*secs, *nanos);
            Some(quote_spanned!(none_span=> .none(#none_private::Lifetime::#fixed)))
        }
        NoneSpec::Expr(expr) => {
            Some(quote_spanned!(none_span=> .none(#none_private::Lifetime::fixed(#expr))))
        }
    };
    quote_spanned!(span=> .layer(#private::Lifetime::#lifetime #none))
}

/// Says something about values by a function of them.
fn value_rule(method: &str, function: &ValueFn) -> TokenStream {
    let ValueFn { span, expr } = function;
    let method = Ident::new(method, *span);
    quote_spanned!(*span=> .#method(#expr))
}

fn memory_rules(layer: &Layer) -> TokenStream {
    let Memory { weight, priority, on_removal, .. } = &layer.memory;
    let weigh = weight.as_ref().map(|weight| value_rule("weigh", weight));
    let priority = priority.as_ref().map(|priority| value_rule("priority", priority));
    let on_removal = on_removal.as_ref().map(|listener| value_rule("on_removal", listener));
    quote!(#weigh #priority #on_removal)
}

fn fixed(secs: u64, nanos: u32) -> TokenStream {
    quote!(fixed(::core::time::Duration::new(#secs, #nanos)))
}
