//! Every rule that looks at two things at once: options of a stack, options and parameters.

mod borrow;
mod companion;
mod each;
mod fingerprint;
mod key;
pub(crate) mod mention;
pub(crate) mod returns;
mod signature;
mod stack;

use syn::{ConstParam, GenericParam, LitStr, Result, Signature, Visibility};

pub(crate) use self::signature::has_impl_trait;
use crate::attr::{Args, FunctionArgs, Version};
use crate::errors::both;
use crate::item::MaybeItemFn;
use crate::model::{Companion, KeyPart, Layer, Model, NoneSpec, Piece, Role};

/// Checks an item against the attributes on it, outermost first.
pub(crate) fn validate(item: MaybeItemFn, stack: Result<Vec<Args>>) -> Result<Model> {
    let inputs = signature::check(&item.sig);
    let returns = returns::of(&item.sig);
    let ret = borrow::check_return(returns.value());
    let (layers, function) = match stack {
        Ok(stack) => (stack::layers(&stack), stack::function(stack)),
        Err(error) => return both(both(Err(error), inputs), ret).map(|((model, _), _)| model),
    };
    let remembers_none = layers.as_ref().is_ok_and(|layers| layers.iter().any(says_none));
    let key = both(inputs, function).and_then(|(mut inputs, function)| {
        let outward: Vec<_> = inputs.params.clone();
        let each =
            each::resolve(function.each.as_ref(), &mut inputs, returns.value(), remembers_none)?;
        let key = key::resolve(inputs, &function)?;
        each.as_ref().map_or(Ok(()), |each| each::check_key(each, &key.params))?;
        Ok((key.of_list(each.as_ref(), outward), function, each))
    });
    let (((mut key, function, each), layers), ()) = both(both(key, layers), ret)?;
    let force_param = key.params.iter().find(|param| param.role == Role::Force);
    let force_param = force_param.map(|param| param.ident.clone());
    let companion = companion::of(&item.sig, function.companion.as_ref());
    let context = function.context.as_ref().map(|context| context.value.as_slice());
    let constants = constants(&item.sig).filter(|_| companion != Companion::Nothing);
    let first = constants.chain(from_context(context.unwrap_or_default()));
    prepend(first.collect(), &mut key);
    Ok(Model {
        version: version(&function, &item),
        attrs: item.attrs,
        maybe_in_trait: companion == Companion::Siblings
            && matches!(item.vis, Visibility::Inherited),
        vis: item.vis,
        sig: signature::outward(item.sig, &key.params),
        body: item.body,
        returns,
        receiver: key.receiver,
        params: key.params,
        each,
        companion,
        parts: key.parts,
        template: key.template,
        force_param,
        layers,
        name: function.name.map(|name| name.value),
        when: function.when.as_ref().map(stack::value_fn),
        krate: function.krate.map(|path| path.value),
    })
}

/// Whether an attribute says something about `None`.
fn says_none(layer: &Layer) -> bool {
    !matches!(layer.none_timeout, NoneSpec::AsTimeout)
}

fn version(function: &FunctionArgs, item: &MaybeItemFn) -> Option<u64> {
    function.version.as_ref().map(|version| match version.value {
        Version::Number(number) => number.into(),
        Version::Auto => fingerprint::of(&item.sig, &item.body),
    })
}

/// What is part of the key without being an argument: constants that the function is generic over,
/// and what the surroundings of a call say.
fn prepend(mut parts: Vec<KeyPart>, key: &mut key::Key) {
    if let Some(template) = &mut key.template {
        let labels = parts.iter().enumerate().flat_map(|(index, part)| {
            [Piece::Text(format!("{}=", part.label)), Piece::Value(index), Piece::Text(",".into())]
        });
        let written = template.drain(..).map(|piece| match piece {
            Piece::Value(index) => Piece::Value(index + parts.len()),
            text => text,
        });
        *template = labels.chain(written.collect::<Vec<_>>()).collect();
    }
    parts.append(&mut key.parts);
    key.parts = parts;
}

fn constants(sig: &Signature) -> impl Iterator<Item = KeyPart> {
    sig.generics.params.iter().filter_map(|param| match param {
        GenericParam::Const(ConstParam { ident, ty, .. }) => Some(KeyPart {
            label: ident.to_string(),
            expr: syn::parse_quote!(#ident),
            from_context: false,
            ty: Some(ty.clone()),
            by_ref: false,
            nested_borrow: false,
        }),
        _ => None,
    })
}

fn from_context(names: &[LitStr]) -> impl Iterator<Item = KeyPart> {
    names.iter().map(|name| KeyPart {
        label: format!("context.{}", name.value()),
        expr: syn::parse_quote!(#name),
        from_context: true,
        ty: None,
        by_ref: false,
        nested_borrow: false,
    })
}
