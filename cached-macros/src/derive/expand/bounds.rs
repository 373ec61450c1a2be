//! What the parameters of a generic type must do so that the type is a key.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Ident, Macro, Path, Type, TypePath};

use crate::derive::model::Model;

/// The `where` clause: that of the type, and that each field is a key whose type depends on a
/// parameter.
///
/// The demand is about the field and not about the parameter: `PhantomData<T>` is a key whatever
/// `T` is, and of `T: Trait` it may be `T::Id` that is in the key.
pub(super) fn where_clause(model: &Model, private: &TokenStream) -> TokenStream {
    let given = model.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let given: Vec<_> = given.collect();
    let demanded = demanded(model);
    if given.is_empty() && demanded.is_empty() {
        return TokenStream::new();
    }
    quote!(where #(#given,)* #(#demanded: #private::CacheKey,)*)
}

/// What must be a key.
fn demanded(model: &Model) -> Vec<Type> {
    let params: HashSet<&Ident> = model.generics.type_params().map(|param| &param.ident).collect();
    let mut demanded = Vec::new();
    let mut seen = HashSet::new();
    for field in model.fields().into_iter().filter(|field| field.with.is_none()) {
        let mut mentions =
            Mentions { ident: &model.ident, params: &params, found: Vec::new(), itself: false };
        mentions.visit_type(&field.ty);
        let types = match mentions {
            Mentions { found, .. } if found.is_empty() => continue,
            // That a list is a key would be the condition for itself.
            Mentions { found, itself: true, .. } => found.into_iter().map(of_param).collect(),
            _ => vec![field.ty.clone()],
        };
        for ty in types {
            if seen.insert(ty.to_token_stream().to_string()) {
                demanded.push(ty);
            }
        }
    }
    demanded
}

fn of_param(param: Ident) -> Type {
    Type::Path(TypePath { attrs: Vec::new(), qself: None, path: param.into() })
}

/// The names in a field's type that matter.
struct Mentions<'m> {
    /// The name of the type that has the field.
    ident: &'m Ident,
    params: &'m HashSet<&'m Ident>,
    found: Vec<Ident>,
    itself: bool,
}

impl Mentions<'_> {
    fn name(&mut self, name: &Ident) {
        self.itself |= name == self.ident || name == "Self";
        if self.params.contains(name) {
            self.found.push(name.clone());
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => self.name(&ident),
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        if let (None, Some(first)) = (path.leading_colon, path.segments.first()) {
            self.name(&first.ident);
        }
        visit::visit_path(self, path);
    }

    /// What it makes is not known; what it is given is.
    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
    }
}
