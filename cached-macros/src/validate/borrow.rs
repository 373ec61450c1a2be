//! What borrows, as far as can be told from the way a type is written.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Error, GenericArgument, Lifetime, ParenthesizedGenericArguments, PathArguments, PathSegment,
    Result, ReturnType, TraitBound, Type, TypeFnPtr, TypeReference,
};

use super::signature::visible;

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

/// Checks that the return type owns its data. Its second argument, the error of a `Result`, may
/// borrow, as it is never stored; returns whether it does.
pub(super) fn check_return(output: &ReturnType) -> Result<bool> {
    let ReturnType::Type(_, ty) = output else { return Ok(false) };
    let ty = visible(ty);
    let error = second_argument(ty);
    let mut finder = Finder { skipped: error, found: None };
    finder.visit_type(ty);
    match finder.found {
        Some(tokens) => Err(Error::new_spanned(
            tokens,
            "a cached value must own its data: return an owned type, such as `String` instead of \
             `&str`",
        )),
        None => Ok(error.is_some_and(|error| borrowed(error).is_some())),
    }
}

fn second_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathSegment { arguments: PathArguments::AngleBracketed(list), .. } =
        path.path.segments.last()?
    else {
        return None;
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.into_iter().nth(1)
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
