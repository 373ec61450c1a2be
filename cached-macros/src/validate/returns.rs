//! What a function returns, and when.

use syn::{
    AssocType, GenericArgument, PathArguments, PathSegment, ReturnType, Signature, TraitBound,
    Type, TypeParamBound, TypePath, TypeTraitObject,
};

use super::signature::visible;
use crate::model::Returns;

/// Tells the value from the future that it comes in.
pub(crate) fn of(sig: &Signature) -> Returns {
    let ty: Type = match &sig.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    if sig.asyncness.is_some() {
        return Returns::Later(ty);
    }
    match boxed_output(visible(&ty)) {
        Some(output) => Returns::Boxed(output.clone()),
        None => Returns::Now(ty),
    }
}

/// What comes out of a boxed future: `Pin<Box<dyn Future<Output = T> + ..>>`, or what the crate
/// `futures` calls `BoxFuture<'_, T>`. There is nothing but the names to tell.
fn boxed_output(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
    if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
        return only_type(last);
    }
    let boxed = last_segment(only_type(last).filter(|_| last.ident == "Pin")?)?;
    let Type::TraitObject(TypeTraitObject { bounds, .. }) =
        visible(only_type(boxed).filter(|_| boxed.ident == "Box")?)
    else {
        return None;
    };
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(TraitBound { path, .. }) => output(path.segments.last()?),
        _ => None,
    })
}

/// The `T` of `Future<Output = T>`.
fn output(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return None };
    if segment.ident != "Future" {
        return None;
    }
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == "Output" => Some(ty),
        _ => None,
    })
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match visible(ty) {
        Type::Path(TypePath { path, .. }) => path.segments.last(),
        _ => None,
    }
}

fn only_type(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return None };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
