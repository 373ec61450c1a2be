//! A model becomes code. Nothing in here can fail.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

/// Returns the code that stands in the function's place.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let Model { attrs, vis, sig, body, .. } = model;
    quote!(#(#attrs)* #vis #sig #body)
}
