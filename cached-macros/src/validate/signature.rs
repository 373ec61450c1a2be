//! What a function may look like, and its parameters.

use quote::format_ident;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, Pat, PatIdent, PatType, Receiver, ReceiverKind, Result, ReturnType, Safety,
    Signature, Type, TypeImplTrait,
};

use super::borrow;
use crate::errors::Errors;
use crate::model::{Param, Role};

/// Who calls a function, and with what.
pub(super) struct Inputs {
    pub(super) receiver: Option<Receiver>,
    /// None of them excluded yet.
    pub(super) params: Vec<Param>,
}

/// Checks the signature and returns the parameters.
pub(super) fn check(sig: &Signature) -> Result<Inputs> {
    let mut errors = Errors::default();
    check_qualifiers(sig, &mut errors);
    if let ReturnType::Type(_, ty) = &sig.output {
        check_no_impl_trait(ty, &mut errors);
    }
    let mut inputs = Inputs { receiver: None, params: Vec::new() };
    for (position, input) in sig.inputs.iter().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                errors.keep(check_receiver(receiver));
                inputs.receiver = Some(receiver.clone());
            }
            FnArg::Typed(typed) => inputs.params.push(param(position, typed, &mut errors)),
        }
    }
    errors.finish(inputs)
}

/// Returns the signature with a name for each parameter, as its callers see it.
pub(super) fn outward(mut sig: Signature, params: &[Param]) -> Signature {
    let typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (typed, Param { ident, pat, .. }) in typed.zip(params) {
        if pat.is_some() {
            *typed.pat = syn::parse_quote!(#ident);
        }
    }
    sig
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

fn check_receiver(receiver: &Receiver) -> Result<()> {
    let mutable = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        // Also that of `Pin<&mut Self>`.
        ReceiverKind::Typed(_, ty) => borrow::mutably(ty),
        _ => false,
    };
    match mutable {
        true => Err(Error::new_spanned(
            receiver,
            "a method that takes `&mut self` cannot be cached, as a hit changes nothing; take \
             `&self`, and annotate the part that only computes",
        )),
        false => Ok(()),
    }
}

fn param(position: usize, typed: &PatType, errors: &mut Errors) -> Param {
    let conditional = ["cfg", "cfg_attr"];
    for attr in &typed.attrs {
        if conditional.iter().any(|name| attr.path().is_ident(name)) {
            let message = "a parameter that is there only sometimes cannot be cached; put the \
                           `cfg` on two functions";
            errors.push(Error::new_spanned(attr, message));
        }
    }
    let ty = (*typed.ty).clone();
    let hidden = || format_ident!("__cached_arg_{position}");
    match &*typed.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Param {
            role: role(pat, &ty, errors),
            ident: pat.ident.clone(),
            ty,
            pat: pat.mutability.is_some().then(|| (*typed.pat).clone()),
        },
        // The body cannot see it, so that it makes no difference.
        Pat::Wild(_) => {
            Param { role: Role::Excluded, ident: hidden(), ty, pat: Some((*typed.pat).clone()) }
        }
        other => Param { role: Role::Key, ident: hidden(), ty, pat: Some(other.clone()) },
    }
}

/// Any other type of that name would be a part of the key, and would never force anything.
fn role(pat: &PatIdent, ty: &Type, errors: &mut Errors) -> Role {
    if pat.ident.unraw() != "force_update" {
        return Role::Key;
    }
    match visible(ty) {
        Type::Path(path) if path.qself.is_none() && path.path.is_ident("bool") => {}
        other => {
            let message = "a parameter called `force_update` has the function compute anew when it \
                           is `true`, so its type is to be written `bool`; give a parameter that \
                           means something else another name";
            errors.push(Error::new_spanned(other, message));
        }
    }
    Role::Force
}

/// Takes off parentheses, seen and unseen (those round what a `macro_rules!` passed on).
pub(super) fn visible(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => visible(&group.elem),
        Type::Paren(paren) => visible(&paren.elem),
        ty => ty,
    }
}

fn check_no_impl_trait(ty: &Type, errors: &mut Errors) {
    struct Finder<'e>(&'e mut Errors);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            let message = "a cached value needs a type that can be named: return `Box<dyn Trait>` \
                           or the type itself, and make an `impl Future` an `async fn`";
            self.0.push(Error::new_spanned(ty, message));
        }
    }
    visit::visit_type(&mut Finder(errors), ty);
}

/// Whether a type contains an `impl Trait`.
pub(crate) fn has_impl_trait(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}
