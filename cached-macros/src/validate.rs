//! Every rule that looks at two things at once: options of a stack, options and parameters.

mod borrow;
mod companion;
mod fingerprint;
mod key;
pub(crate) mod mention;
pub(crate) mod returns;
mod signature;
mod stack;

use syn::{GenericParam, Result, Signature};

pub(crate) use self::signature::has_impl_trait;
use crate::attr::{Args, FunctionArgs, Version};
use crate::errors::both;
use crate::item::MaybeItemFn;
use crate::model::{Companion, KeyPart, Model, Piece, Role};

/// Checks an item against the attributes on it, outermost first.
pub(crate) fn validate(item: MaybeItemFn, stack: Result<Vec<Args>>) -> Result<Model> {
    let inputs = signature::check(&item.sig);
    let returns = returns::of(&item.sig);
    let ret = borrow::check_return(returns.value());
    let (layers, function) = match stack {
        Ok(stack) => (stack::layers(&stack), stack::function(stack)),
        Err(error) => return both(both(Err(error), inputs), ret).map(|((model, _), _)| model),
    };
    let key = both(inputs, function).and_then(|(inputs, function)| {
        let key = key::resolve(inputs, &function)?;
        Ok((key, function))
    });
    let (((mut key, function), layers), ()) = both(both(key, layers), ret)?;
    let force_param = key.params.iter().find(|param| param.role == Role::Force);
    let force_param = force_param.map(|param| param.ident.clone());
    let companion = companion::of(&item.sig, function.companion.as_ref());
    if companion != Companion::Nothing {
        prepend_constants(&item.sig, &mut key);
    }
    Ok(Model {
        version: version(&function, &item),
        attrs: item.attrs,
        vis: item.vis,
        sig: signature::outward(item.sig, &key.params),
        body: item.body,
        returns,
        receiver: key.receiver,
        params: key.params,
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

fn version(function: &FunctionArgs, item: &MaybeItemFn) -> Option<u64> {
    function.version.as_ref().map(|version| match version.value {
        Version::Number(number) => number.into(),
        Version::Auto => fingerprint::of(&item.sig, &item.body),
    })
}

/// A constant that a function is generic over is part of the key like an argument.
fn prepend_constants(sig: &Signature, key: &mut key::Key) {
    let constants = sig.generics.params.iter().filter_map(|param| match param {
        GenericParam::Const(constant) => Some(constant),
        _ => None,
    });
    let mut parts: Vec<_> = constants.map(constant_part).collect();
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

fn constant_part(constant: &syn::ConstParam) -> KeyPart {
    let ident = &constant.ident;
    KeyPart {
        label: ident.to_string(),
        expr: syn::parse_quote!(#ident),
        ty: Some(constant.ty.clone()),
        by_ref: false,
        nested_borrow: false,
    }
}
