//! A model becomes code. Nothing in here can fail.
//!
//! ```text
//! async fn get(db: &Db, id: u64) -> User { body }
//! ```
//!
//! becomes a function that forwards, and a type of the same name, in the other namespace:
//!
//! ```text
//! async fn get(db: &Db, id: u64) -> User { get::__cached_call(false, db, id).await }
//!
//! enum get {}
//! impl get { force_update, entry, clear, stats }
//! impl get {
//!     fn __cached_site() -> &'static Site { a static, also in the linker's list }
//!     fn __cached_plan() -> impl PlanFor<User> { what the attribute says about values }
//!     fn __cached_call(force: bool, db: &Db, id: u64) -> impl Future<Output = User> {
//!         let call = site.call(plan, key, force);
//!         call.run(Self::__cached_body(db, id))
//!     }
//!     async fn __cached_body(db: &Db, id: u64) -> User { body }
//! }
//! ```
//!
//! The algorithm is in the core; nothing here looks up, locks or decides.

mod companion;
mod key;
mod place;
mod plan;
mod site;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Ident, ReturnType};

use crate::model::{Model, Param, Role};

/// Returns the code that stands in the function's place.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let function = forwarding(model);
    let companion = companion::expand(model);
    let machinery = machinery(model);
    quote!(#function #companion #machinery)
}

/// What several parts of the expansion are made from.
struct Parts<'m> {
    model: &'m Model,
    /// `::cached_kit::__private`.
    private: TokenStream,
    returns: TokenStream,
    /// `async` and `.await`, or nothing.
    asyncness: TokenStream,
    wait: TokenStream,
    lifetimes: TokenStream,
}

impl<'m> Parts<'m> {
    fn of(model: &'m Model) -> Self {
        let is_async = model.sig.asyncness.is_some();
        Self {
            model,
            private: place::private(model, Span::call_site()),
            returns: match &model.sig.output {
                ReturnType::Default => quote!(()),
                ReturnType::Type(_, ty) => quote!(#ty),
            },
            asyncness: if is_async { quote!(async) } else { TokenStream::new() },
            wait: if is_async { quote!(.await) } else { TokenStream::new() },
            lifetimes: model.sig.generics.to_token_stream(),
        }
    }

    fn is_async(&self) -> bool {
        self.model.sig.asyncness.is_some()
    }

    /// `name: Type, ..` of the parameters that `keep` keeps.
    fn declared(&self, keep: impl Fn(&Param) -> bool) -> TokenStream {
        let params = self.model.params.iter().filter(|param| keep(param));
        let declared = params.map(|Param { ident, ty, .. }| quote!(#ident: #ty));
        quote!(#(#declared),*)
    }

    /// `name, ..` of all parameters, with `true` for the one that forces if `forced`.
    fn passed(&self, forced: bool) -> TokenStream {
        let passed = self.model.params.iter().map(|Param { ident, role, .. }| match role {
            Role::Force if forced => quote!(true),
            _ => quote!(#ident),
        });
        quote!(#(#passed),*)
    }
}

/// The function under its own name.
fn forwarding(model: &Model) -> TokenStream {
    let parts = Parts::of(model);
    let Parts { returns, asyncness, wait, lifetimes, .. } = &parts;
    let Model { vis, sig, .. } = model;
    let ident = &sig.ident;
    // What `#[expect]` expects happens in the body.
    let attrs = model.attrs.iter().filter(|attr| !attr.path().is_ident("expect"));
    let where_clause = &sig.generics.where_clause;
    // A lifetime can have its uses in the body, which is elsewhere now.
    let lints = (!lifetimes.is_empty())
        .then(|| quote!(#[allow(single_use_lifetimes, clippy::needless_lifetimes)]));
    let declared = parts.declared(|_| true);
    let passed = parts.passed(false);
    let force = match &model.force_param {
        Some(param) => quote!(#param),
        None => quote!(false),
    };
    quote! {
        #(#attrs)*
        #lints
        #vis #asyncness fn #ident #lifetimes (#declared) -> #returns #where_clause {
            #ident::__cached_call(#force, #passed) #wait
        }
    }
}

/// The hidden functions that all others call.
fn machinery(model: &Model) -> TokenStream {
    let parts = Parts::of(model);
    let site = site::expand(&parts);
    let plan = plan::expand(&parts);
    let call = call(&parts);
    let body = body(model);
    let ident = &model.sig.ident;
    quote! {
        impl #ident {
            #site
            #plan
            #call
            #body
        }
    }
}

fn call(parts: &Parts<'_>) -> TokenStream {
    let Parts { returns, lifetimes, .. } = parts;
    let where_clause = &parts.model.sig.generics.where_clause;
    let declared = parts.declared(|_| true);
    let passed = parts.passed(false);
    let key = key::expand(parts);
    let future = quote!(impl ::core::future::Future<Output = #returns>);
    let (run, returns) = match parts.is_async() {
        true => (quote!(run(Self::__cached_body(#passed))), future),
        false => (quote!(run_blocking(move || Self::__cached_body(#passed))), quote!(#returns)),
    };
    quote! {
        #[allow(single_use_lifetimes, clippy::all, clippy::pedantic)]
        #[inline]
        fn __cached_call #lifetimes (__cached_force: ::core::primitive::bool, #declared) -> #returns
        #where_clause
        {
            let __cached_call = {
                #key
                Self::__cached_site().call(Self::__cached_plan(), __cached_key, __cached_force)
            };
            __cached_call.#run
        }
    }
}

/// The user's own function, with the lints that they set for it.
fn body(model: &Model) -> TokenStream {
    let mut sig = model.sig.clone();
    sig.ident = Ident::new("__cached_body", sig.ident.span());
    let lints = model.attrs.iter().filter(|attr| is_lint(attr));
    let body = &model.body;
    quote! {
        #(#lints)*
        #[allow(clippy::too_many_arguments)]
        #sig #body
    }
}

fn is_lint(attr: &Attribute) -> bool {
    ["allow", "expect", "warn", "deny", "forbid"].iter().any(|lint| attr.path().is_ident(lint))
}
