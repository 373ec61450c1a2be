//! A model becomes an `impl`. Nothing in here can fail.
//!
//! ```text
//! struct Page { number: u32, filter: Option<String> }
//! ```
//!
//! becomes
//!
//! ```text
//! impl CacheKey for Page {
//!     fn write_key(&self, key: &mut KeyWriter) {
//!         let Self { number, filter, .. } = self;
//!         key.group(|group| {
//!             write_field(group, "number", number);
//!             write_field(group, "filter", filter);
//!         });
//!     }
//! }
//! ```

mod bounds;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, Path};

use super::model::{Field, Model, Shape, Variant};
use crate::place;

/// Returns the `impl` of `CacheKey`.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let private = place::private(model.krate.as_ref(), Span::call_site());
    let body = match &model.shape {
        Shape::Struct(fields) => of_struct(model, fields),
        // A reference to a value that cannot be there does not count as one.
        Shape::Enum(variants) if variants.is_empty() => quote!(match *self {}),
        Shape::Enum(variants) => {
            let arms = variants.iter().map(|variant| arm(model, variant));
            quote!(match self { #(#arms)* })
        }
    };
    let where_clause = bounds::where_clause(model, &private);
    let (impl_generics, type_generics, _) = model.generics.split_for_impl();
    let ident = &model.ident;
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #private::CacheKey for #ident #type_generics #where_clause {
            fn write_key(&self, __cached_key: &mut #private::KeyWriter) {
                #body
            }
        }
    }
}

/// Returns an `impl` that writes nothing, for a type that is wrong.
pub(super) fn stub(ident: &Ident, generics: &Generics, krate: Option<&Path>) -> TokenStream {
    let private = place::private(krate, Span::call_site());
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics #private::CacheKey for #ident #type_generics #where_clause {
            fn write_key(&self, _: &mut #private::KeyWriter) {}
        }
    }
}

fn of_struct(model: &Model, fields: &[Field]) -> TokenStream {
    let pattern = pattern(fields);
    let write = match fields {
        [] => return quote!(__cached_key.group(|_| {});),
        [only] if only.name.is_none() => call(model, only, 0, "write_only", &quote!(__cached_key)),
        _ => {
            let fields = items(model, fields);
            quote!(__cached_key.group(|__cached_group| { #fields });)
        }
    };
    quote! {
        let Self #pattern = self;
        #write
    }
}

fn arm(model: &Model, variant: &Variant) -> TokenStream {
    let Variant { ident, name, fields } = variant;
    let pattern = pattern(fields);
    if fields.is_empty() {
        return quote!(Self::#ident #pattern => __cached_key.text(#name),);
    }
    let fields = items(model, fields);
    quote! {
        Self::#ident #pattern => __cached_key.group(|__cached_group| {
            __cached_group.item(#name);
            #fields
        }),
    }
}

/// Binds the fields that are in the key, whether they have names or not.
fn pattern(fields: &[Field]) -> TokenStream {
    let members = fields.iter().map(|field| &field.member);
    let variables = fields.iter().enumerate().map(|(index, field)| variable(index, field));
    quote!({ #(#members: #variables,)* .. })
}

fn items(model: &Model, fields: &[Field]) -> TokenStream {
    let items = fields.iter().enumerate().map(|(index, field)| {
        let group = quote!(__cached_group);
        match &field.name {
            Some(name) => call(model, field, index, "write_field", &quote!(#group, #name)),
            None => call(model, field, index, "write_item", &group),
        }
    });
    items.collect()
}

/// Writes one field.
fn call(
    model: &Model,
    field: &Field,
    index: usize,
    function: &str,
    before: &TokenStream,
) -> TokenStream {
    let place = place_of(field);
    let there = place::private(model.krate.as_ref(), place);
    let function = Ident::new(function, place);
    let variable = variable(index, field);
    match &field.with {
        None => quote_spanned!(place=> #there::#function(#before, #variable);),
        Some(with) => {
            let private = place::private(model.krate.as_ref(), Span::call_site());
            let write = quote!(|__cached_key: &mut #private::KeyWriter|);
            let key = quote!(__cached_key);
            quote_spanned! {place=>
                #there::#function(#before, &#there::with(#write #with(#variable, #key)));
            }
        }
    }
}

/// The variable that a field is bound to. It stands where the field does, so that the compiler points
/// there when the field's type is no key.
fn variable(index: usize, field: &Field) -> Ident {
    Ident::new(&format!("__cached_{index}"), place_of(field))
}

/// Where the user says how a field is written.
fn place_of(field: &Field) -> Span {
    match &field.with {
        Some(with) => with.span(),
        None => place::of_type(&field.ty),
    }
}
