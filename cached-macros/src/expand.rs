//! A model becomes code. Nothing in here can fail.
//!
//! ```text
//! async fn get(db: &Db, id: u64) -> User { body }
//! ```
//!
//! becomes the function, and a type of the same name, in the other namespace:
//!
//! ```text
//! async fn get(db: &Db, id: u64) -> User {
//!     let call = get::__cached().call(key, false);
//!     call.run(async move { body }).await
//! }
//!
//! companion! {
//!     enum get { cache, clear, stats, force_update, entry,
//!         __cached: the static, and what is said about values }
//! }
//! ```
//!
//! A method has siblings instead, `get_cache` and `get_entry`. The static is in `get_cache`, or in the
//! function itself if that may belong to a trait.
//!
//! The algorithm is in the core; nothing here looks up, locks or decides.

mod companion;
mod each;
mod function;
mod instance;
mod key;
pub(crate) mod plan;
mod site;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, GenericParam, Receiver};

use crate::model::{Companion, Each, Model, Param, Role};
use crate::place;

/// Returns the code that stands in the function's place. The attribute has a number of its own in the
/// crate.
pub(crate) fn expand(model: &Model, attribute: u32) -> TokenStream {
    let parts = Parts::of(model, attribute);
    let function = function::expand(&parts);
    let beside = match model.companion {
        Companion::Type => companion::of_type(&parts),
        Companion::Siblings => companion::siblings(&parts),
        Companion::Nothing => TokenStream::new(),
    };
    quote!(#function #beside)
}

/// What several parts of the expansion are made from.
struct Parts<'m> {
    model: &'m Model,
    attribute: u32,
    /// `::cached_kit::__private`.
    private: TokenStream,
    returns: TokenStream,
    /// What an entry holds, or what it is returned in.
    entry: TokenStream,
    /// With their bounds, but for the `where` clause.
    generics: TokenStream,
}

impl<'m> Parts<'m> {
    fn of(model: &'m Model, attribute: u32) -> Self {
        let private = place::private(model.krate.as_ref(), Span::call_site());
        let returns = model.returns.value().to_token_stream();
        Self {
            model,
            attribute,
            entry: match &model.each {
                None => returns.clone(),
                Some(each) => each::entry(each, model, &returns),
            },
            private,
            returns,
            generics: model.sig.generics.to_token_stream(),
        }
    }

    /// `name: Type, ..` of the parameters that a handle takes, `self` first: an element in place of a
    /// list, and no `mut`, as a handle changes nothing.
    fn declared_of_entry(&self) -> TokenStream {
        let receiver = self.model.receiver.iter().cloned();
        let receiver = receiver.map(|receiver| Receiver { mutability: None, ..receiver });
        let params = self.model.params.iter().enumerate().filter(|(_, param)| is_key(param));
        let declared = params.map(|(at, Param { ident, ty, .. })| match &self.model.each {
            Some(Each { param, element, ty, .. }) if *param == at => quote!(#element: #ty),
            _ => quote!(#ident: #ty),
        });
        quote!(#(#receiver,)* #(#declared),*)
    }

    /// `::<A, B>`, the function's own types and constants, or nothing.
    fn turbofish(&self) -> TokenStream {
        let names = self.model.sig.generics.params.iter().filter_map(|param| match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
        });
        let names: Vec<_> = names.collect();
        match names.is_empty() {
            true => TokenStream::new(),
            false => quote!(::<#(#names),*>),
        }
    }

    /// `get_entry`, say, with what `of` calls it.
    fn beside(&self, of: &str) -> Ident {
        let name = format_ident!("{}_{of}", self.model.sig.ident.unraw());
        self.own(name)
    }

    /// A name in the `impl`, at `self`: where it has no place, that is what tells why it is there.
    fn own(&self, mut name: Ident) -> Ident {
        let receiver = self.model.receiver.as_ref();
        let at = receiver.map_or(Span::call_site(), |receiver| receiver.self_token.span);
        name.set_span(place::ours(at));
        name
    }

    /// The attributes that decide whether there is a function at all.
    fn conditions(&self) -> impl Iterator<Item = &'m Attribute> {
        self.model.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// The function as a call in its own body or a handle beside it needs it: where it is, and what is
    /// said about values.
    fn memoized(&self, needed_by: NeededBy) -> TokenStream {
        let private = &self.private;
        match self.model.companion {
            Companion::Type => {
                let ident = &self.model.sig.ident;
                let turbofish = self.turbofish();
                let instance = instance::of_arguments(self);
                let memoized = quote!(#ident::__cached #turbofish (#instance));
                match self.model.krate {
                    None => memoized,
                    Some(_) => quote!(#private::same!(#memoized)),
                }
            }
            Companion::Siblings => {
                let instance = instance::expr(self);
                let plan = plan::expand(self);
                let facts = site::facts(self);
                let site = match (self.model.maybe_in_trait, needed_by) {
                    (true, NeededBy::Call) => quote!(#private::site!(#facts)),
                    (true, NeededBy::Handle) => quote!(#private::sibling_site!(#facts)),
                    (false, _) => {
                        let cache = self.beside("cache");
                        quote!(Self::#cache())
                    }
                };
                quote!(#site.with(#instance, #plan))
            }
            Companion::Nothing => {
                let site = site::facts(self);
                let plan = plan::expand(self);
                quote!(#private::site!(#site).with(#private::Instance::around(|| ()), #plan))
            }
        }
    }
}

/// What a function's static is needed by.
#[derive(Clone, Copy)]
enum NeededBy {
    /// The function itself.
    Call,
    /// A function beside it.
    Handle,
}

/// A parameter that `entry` takes.
fn is_key(param: &Param) -> bool {
    param.role == Role::Key
}
