//! Every rule that looks at two things at once: options of a stack, options and parameters.

mod borrow;
mod key;
mod mention;
mod signature;
mod stack;

use syn::Result;

use crate::attr::Args;
use crate::errors::both;
use crate::item::MaybeItemFn;
use crate::model::{Model, Role};

/// Checks an item against the attributes on it, outermost first.
pub(crate) fn validate(item: MaybeItemFn, stack: Result<Vec<Args>>) -> Result<Model> {
    let params = signature::check(&item.sig);
    let ret = borrow::check_return(&item.sig.output);
    let (layers, function) = match stack {
        Ok(stack) => (stack::layers(&stack), stack::function(stack)),
        Err(error) => return both(both(Err(error), params), ret).map(|((model, _), _)| model),
    };
    let key = both(params, function).and_then(|(params, function)| {
        let key = key::resolve(params, &function)?;
        Ok((key, function))
    });
    let (((key, function), layers), ()) = both(both(key, layers), ret)?;
    let force_param = key.params.iter().find(|param| param.role == Role::Force);
    let force_param = force_param.map(|param| param.ident.clone());
    Ok(Model {
        attrs: item.attrs,
        vis: item.vis,
        sig: item.sig,
        body: item.body,
        params: key.params,
        parts: key.parts,
        template: key.template,
        force_param,
        layers,
        name: function.name.map(|name| name.value),
        version: function.version.map(|version| version.value),
        when: function.when.as_ref().map(stack::value_fn),
        krate: function.krate.map(|path| path.value),
    })
}
