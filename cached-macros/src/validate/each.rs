//! The list of a batch function.

use syn::{
    Error, GenericArgument, PathArguments, Receiver, ReceiverKind, Result, Type, TypeReference,
};

use super::borrow;
use super::key::{binds, no_parameter};
use super::signature::{Inputs, visible};
use crate::attr::{EachArg, Opt};
use crate::errors::Errors;
use crate::model::{Each, ListKind, Role};

/// Finds the list, and puts an element in its place, as the key knows only elements.
pub(super) fn resolve(
    each: Option<&Opt<EachArg>>,
    inputs: &mut Inputs,
    returned: &Type,
    remembers_none: bool,
) -> Result<Option<Each>> {
    let Some(Opt { key, value: EachArg { element, list } }) = each else { return Ok(None) };
    let mut errors = Errors::default();
    if is_one_value(visible(returned)) {
        let message = "a batch function returns a `HashMap` or a `BTreeMap` from elements to \
                       values, or a `Vec` with one value for each element, in their order; each \
                       may be in a `Result`";
        errors.push(Error::new_spanned(returned, message));
    }
    errors.keep(check_receiver(inputs.receiver.as_ref()));
    let position = inputs.params.iter().position(|param| param.ident == *list);
    let Some(position) = position else {
        errors.push(no_parameter(list, &inputs.params, false));
        return errors.finish(None);
    };
    for (_, param) in inputs.params.iter().enumerate().filter(|(at, _)| *at != position) {
        if binds(param).contains(element) {
            let message = format!(
                "`{element}` is another parameter, which the key could not tell from the element; \
                 give the element a name of its own, as in `each = each_{element} in {list}`"
            );
            errors.push(Error::new(element.span(), message));
        }
        if borrow::of(&param.ty).by_mut {
            let message = "a batch function may call its body more than once, and gives it a copy \
                           of each other parameter; take `&` instead of `&mut`";
            errors.push(Error::new_spanned(&param.ty, message));
        }
    }
    let param = &mut inputs.params[position];
    let Some((ty, kind)) = element_of(&param.ty) else {
        let message = format!(
            "`{key}` needs a list that it can take elements out of: `&[T]`, `&Vec<T>` or `Vec<T>`"
        );
        errors.push(Error::new_spanned(&param.ty, message));
        return errors.finish(None);
    };
    (param.ident, param.ty, param.role) = (element.clone(), ty.clone(), Role::Key);
    let each = Each { param: position, element: element.clone(), ty, list: kind, remembers_none };
    errors.finish(Some(each))
}

/// Checks that an element is told apart from the others.
pub(super) fn check_key(each: &Each, inputs: &[crate::model::Param]) -> Result<()> {
    match inputs.get(each.param) {
        Some(param) if param.role == Role::Key => Ok(()),
        _ => Err(Error::new(
            each.element.span(),
            format!(
                "an element must be part of the key, or all would share one entry; name \
                 `{}` in `include`, or remove it from `exclude`",
                each.element
            ),
        )),
    }
}

fn check_receiver(receiver: Option<&Receiver>) -> Result<()> {
    let by_value = receiver.is_some_and(|receiver| match &receiver.kind {
        ReceiverKind::Reference(..) => false,
        ReceiverKind::Typed(_, ty) => !matches!(visible(ty), Type::Reference(_)),
        _ => true,
    });
    match (receiver, by_value) {
        (Some(receiver), true) => Err(Error::new_spanned(
            receiver,
            "a batch method may call its body more than once, so it cannot take `self` away; take \
             `&self`",
        )),
        _ => Ok(()),
    }
}

/// Whether a type is surely no collection; that of others is for the compiler to say, which knows
/// what their names mean.
fn is_one_value(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            name == "String" || name.starts_with(char::is_lowercase)
        }),
        Type::Tuple(_) | Type::Array(_) => true,
        _ => false,
    }
}

fn element_of(ty: &Type) -> Option<(Type, ListKind)> {
    match visible(ty) {
        Type::Reference(TypeReference { elem, mutability: None, .. }) => match visible(elem) {
            Type::Slice(slice) => Some(((*slice.elem).clone(), ListKind::Slice)),
            list => Some((vec_element(list)?, ListKind::VecRef)),
        },
        list => Some((vec_element(list)?, ListKind::Vec)),
    }
}

fn vec_element(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Vec")?;
    let PathArguments::AngleBracketed(list) = &last.arguments else { return None };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}
