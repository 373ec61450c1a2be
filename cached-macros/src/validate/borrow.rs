//! What borrows, as far as can be told from the way a type is written.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Error, GenericArgument, Lifetime, ParenthesizedGenericArguments, PathArguments, PathSegment,
    Result, TraitBound, Type, TypeFnPtr, TypeReference,
};

use super::signature::visible;
use crate::errors::Errors;

/// How the type of a key part borrows.
pub(super) struct Borrowing {
    /// `&T`
    pub(super) by_ref: bool,
    /// `&mut T`
    pub(super) by_mut: bool,
    /// Something within still borrows: `&[&str]`, `Option<&str>`, `Cow<'_, str>`.
    pub(super) nested: bool,
}

pub(super) fn of(ty: &Type) -> Borrowing {
    match visible(ty) {
        Type::Reference(TypeReference { mutability: Some(_), .. }) => {
            Borrowing { by_ref: false, by_mut: true, nested: false }
        }
        Type::Reference(reference) => {
            Borrowing { by_ref: true, by_mut: false, nested: borrowed(&reference.elem).is_some() }
        }
        ty => Borrowing { by_ref: false, by_mut: false, nested: borrowed(ty).is_some() },
    }
}

/// Whether something in the type is borrowed mutably: `&mut T`, `Pin<&mut T>`, `Option<&mut T>`.
pub(super) fn mutably(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
            self.0 |= reference.mutability.is_some();
            visit::visit_type_reference(self, reference);
        }

        // What a function takes it is given by its own callers.
        fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

        fn visit_parenthesized_generic_arguments(
            &mut self,
            _: &'ast ParenthesizedGenericArguments,
        ) {
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}

/// Checks that the return type owns its data: the value is kept, and the error of a `Result` goes to
/// every call that waited for it, which have their own arguments.
pub(super) fn check_return(returned: &Type) -> Result<()> {
    let ty = visible(returned);
    let error = error_type(ty);
    let mut finder = Finder { skipped: error, found: None };
    finder.visit_type(ty);
    let mut errors = Errors::default();
    if let Some(tokens) = finder.found {
        let message = "a cached value must own its data: return an owned type, such as `String` \
                       instead of `&str`";
        errors.push(Error::new_spanned(tokens, message));
    }
    if let Some(tokens) = error.and_then(borrowed) {
        let message = "a cached function's error must own its data, as it may be handed to other \
                       calls: return an owned type, such as `String` instead of `&str`";
        errors.push(Error::new_spanned(tokens, message));
    }
    errors.finish(())
}

/// The second argument of what is called a `Result`. The name decides the words of a message and
/// nothing else.
fn error_type(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathSegment { ident, arguments } = path.path.segments.last()?;
    let PathArguments::AngleBracketed(list) = arguments else { return None };
    let mut types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.nth(1).filter(|_| ident.to_string().ends_with("Result"))
}

/// The first reference or lifetime in the type that is not `'static`.
fn borrowed(ty: &Type) -> Option<TokenStream> {
    let mut finder = Finder { skipped: None, found: None };
    finder.visit_type(ty);
    finder.found
}

struct Finder<'ast> {
    skipped: Option<&'ast Type>,
    found: Option<TokenStream>,
}

impl<'ast> Visit<'ast> for Finder<'ast> {
    fn visit_type(&mut self, ty: &'ast Type) {
        if !self.skipped.is_some_and(|skipped| std::ptr::eq(skipped, ty)) {
            visit::visit_type(self, ty);
        }
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => self.visit_type(&reference.elem),
            _ => {
                self.found.get_or_insert_with(|| reference.to_token_stream());
            }
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.found.get_or_insert_with(|| lifetime.to_token_stream());
        }
    }

    // The lifetimes of a function's own parameters are for each call of it: it borrows nothing.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }
}
