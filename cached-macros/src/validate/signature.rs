//! What a function may look like, and its parameters.

use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, GenericParam, Generics, Ident, Pat, PatType, Result, ReturnType, Safety,
    Signature, Type, TypeImplTrait, WherePredicate,
};

use crate::errors::Errors;
use crate::model::{Param, Role};

const GENERIC: &str = "generic functions are not supported yet: write one annotated function per \
                       type and call it from the generic one";

/// Checks the signature and returns the parameters, none of them excluded yet.
pub(super) fn check(sig: &Signature) -> Result<Vec<Param>> {
    let mut errors = Errors::default();
    check_qualifiers(sig, &mut errors);
    check_generics(&sig.generics, &mut errors);
    if let ReturnType::Type(_, ty) = &sig.output {
        let message = "a cached value needs a type that can be named: return `Box<dyn Trait>` or \
                       the type itself, and make an `impl Future` an `async fn`";
        check_impl_trait(ty, message, &mut errors);
    }
    let mut params = Vec::new();
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(receiver) => errors.push(Error::new(
                receiver.self_token.span,
                "`#[cached]` on methods is not supported yet: annotate a free function and call \
                 it from the method",
            )),
            FnArg::Typed(typed) => params.extend(param(typed, &mut errors)),
        }
    }
    errors.finish(params)
}

fn check_qualifiers(sig: &Signature, errors: &mut Errors) {
    if let Some(token) = &sig.constness {
        let message = "a `const fn` cannot be cached, as it may run at compile time, where there \
                       is no cache; remove `const`";
        errors.push(Error::new(token.span, message));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        let message = "an `unsafe fn` cannot be cached, as a hit checks nothing its caller \
                       promises; annotate a safe function that calls it";
        errors.push(Error::new(token.span, message));
    }
    if let Some(abi) = &sig.abi {
        let message = "an `extern` function cannot be cached, as its callers do not know of the \
                       Rust types involved; annotate a Rust function and call it from this one";
        errors.push(Error::new_spanned(abi, message));
    }
    if let Some(variadic) = &sig.variadic {
        let message = "a variadic function cannot be cached, as its arguments have no types to \
                       form a key from; annotate a function with a fixed list of parameters";
        errors.push(Error::new_spanned(variadic, message));
    }
}

/// Lifetimes are fine; a type or a constant would make one cache per instantiation.
fn check_generics(generics: &Generics, errors: &mut Errors) {
    let mut generic = false;
    for param in &generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            generic = true;
            errors.push(Error::new_spanned(param, GENERIC));
        }
    }
    // The bounds of a generic that is reported already are not a second mistake.
    let bounds = generics.where_clause.iter().filter(|_| !generic);
    for predicate in bounds.flat_map(|bounds| &bounds.predicates) {
        if let WherePredicate::Type(predicate) = predicate {
            errors.push(Error::new_spanned(predicate, GENERIC));
        }
    }
}

fn param(typed: &PatType, errors: &mut Errors) -> Option<Param> {
    check_impl_trait(&typed.ty, GENERIC, errors);
    let conditional = ["cfg", "cfg_attr"];
    for attr in &typed.attrs {
        if conditional.iter().any(|name| attr.path().is_ident(name)) {
            let message = "a parameter that is there only sometimes cannot be cached; put the \
                           `cfg` on two functions";
            errors.push(Error::new_spanned(attr, message));
        }
    }
    match &*typed.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(Param {
            role: role(&pat.ident, &typed.ty),
            ident: pat.ident.clone(),
            ty: (*typed.ty).clone(),
        }),
        Pat::Wild(wild) => {
            let message = "a parameter needs a name; call it `_unused`, for instance, and list it \
                           in `exclude`";
            errors.push(Error::new_spanned(wild, message));
            None
        }
        other => {
            let message = "give the parameter a name and destructure it in the body";
            errors.push(Error::new_spanned(other, message));
            None
        }
    }
}

fn role(ident: &Ident, ty: &Type) -> Role {
    let is_bool =
        matches!(visible(ty), Type::Path(ty) if ty.qself.is_none() && ty.path.is_ident("bool"));
    match ident == "force_update" && is_bool {
        true => Role::Force,
        false => Role::Key,
    }
}

/// Takes off parentheses, seen and unseen (those round what a `macro_rules!` passed on).
pub(super) fn visible(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => visible(&group.elem),
        Type::Paren(paren) => visible(&paren.elem),
        ty => ty,
    }
}

fn check_impl_trait(ty: &Type, message: &'static str, errors: &mut Errors) {
    struct Finder<'e> {
        message: &'static str,
        errors: &'e mut Errors,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            self.errors.push(Error::new_spanned(ty, self.message));
        }
    }
    visit::visit_type(&mut Finder { message, errors }, ty);
}
