//! What the key is made of.

mod apart;
mod expr;
mod mutable;
mod names;

use proc_macro2::Span;
use syn::{Error, Expr, Ident, Receiver, Result};

use self::expr::{bare, check, label, path_label};
use self::names::Written;
pub(super) use self::names::{binds, no_parameter};
use super::signature::Inputs;
use super::{borrow, mention};
use crate::attr::{Excluded, FunctionArgs, TemplatePiece};
use crate::errors::Errors;
use crate::model::{Each, KeyPart, Param, Piece, Role};

/// The parameters with their roles, and what they form.
pub(super) struct Key {
    pub(super) receiver: Option<Receiver>,
    pub(super) params: Vec<Param>,
    pub(super) parts: Vec<KeyPart>,
    pub(super) template: Option<Vec<Piece>>,
}

/// Decides between `key`, `include` and all parameters; at most one of the first two is given.
pub(super) fn resolve(inputs: Inputs, function: &FunctionArgs) -> Result<Key> {
    let mut errors = Errors::default();
    let exprs = written(function);
    let mentioned = |param: &Param| {
        let names = binds(param);
        exprs.iter().flatten().any(|expr| names.iter().any(|name| mention::mentions(expr, name)))
    };
    let mentioned: Vec<_> = inputs.params.iter().map(mentioned).collect();
    let mut own = Own::of(&inputs.receiver, exprs.as_deref());
    let mut key =
        Key { receiver: inputs.receiver, params: inputs.params, parts: Vec::new(), template: None };
    let exclude = function.exclude.as_ref().map(|exclude| exclude.value.as_slice());
    let excluded = exclude.unwrap_or_default();
    for one in excluded {
        errors.keep(key.exclude(one, &mentioned, &mut own));
    }
    mutable::check(&key.params, excluded, &mut errors);
    errors.keep(own.decided());
    if function.strict.is_some() {
        key.check_all_named(&mentioned, &mut errors);
    }
    match &exprs {
        None => key.derive(),
        Some(exprs) => {
            let option = if function.key.is_some() { "key" } else { "include" };
            let in_key = key.key_params(&mentioned);
            errors.keep(key.write(option, exprs, &mentioned).and_then(|()| {
                let of_call = own.mentioned || function.each.is_some();
                if of_call { Ok(()) } else { apart::check(function, &in_key) }
            }));
        }
    }
    key.template = function.key.as_ref().map(|template| pieces(&template.value));
    errors.finish(key)
}

/// The expressions of `key` or `include`.
fn written(function: &FunctionArgs) -> Option<Vec<&Expr>> {
    if let Some(template) = &function.key {
        let exprs = template.value.iter().filter_map(|piece| match piece {
            TemplatePiece::Text(_) => None,
            TemplatePiece::Value(expr) => Some(&**expr),
        });
        return Some(exprs.collect());
    }
    function.include.as_ref().map(|include| include.value.iter().collect())
}

fn pieces(template: &[TemplatePiece]) -> Vec<Piece> {
    let mut values = 0..;
    let piece = |piece: &TemplatePiece| match piece {
        TemplatePiece::Text(text) => Piece::Text(text.clone()),
        TemplatePiece::Value(_) => Piece::Value(values.next().unwrap_or_default()),
    };
    template.iter().map(piece).collect()
}

/// What is said about `self`.
struct Own {
    token: Option<Span>,
    mentioned: bool,
    excluded: bool,
}

impl Own {
    fn of(receiver: &Option<Receiver>, exprs: Option<&[&Expr]>) -> Self {
        let mentioned = receiver.as_ref().is_some_and(|receiver| {
            let name = Ident::from(receiver.self_token);
            exprs.into_iter().flatten().any(|expr| mention::mentions(expr, &name))
        });
        let token = receiver.as_ref().map(|receiver| receiver.self_token.span);
        Self { token, mentioned, excluded: false }
    }

    /// Leaving out what a method belongs to is for the user to decide, and not for a default.
    fn decided(&self) -> Result<()> {
        match self.token {
            Some(span) if !self.mentioned && !self.excluded => {
                let message = "`self` must be decided: name what of it forms the key, as in \
                               `include = [self.id, ..]`, or leave it out with `exclude = [self]`";
                Err(Error::new(span, message))
            }
            _ => Ok(()),
        }
    }
}

impl Key {
    /// Gives a batch function its list back; what is an element in the key is a reference to one.
    pub(super) fn of_list(mut self, each: Option<&Each>, outward: Vec<Param>) -> Self {
        let Some(each) = each else { return self };
        for part in &mut self.parts {
            if bare(&part.expr).is_some_and(|name| *name == each.element) {
                part.by_ref = true;
            }
        }
        for (param, outward) in self.params.iter_mut().zip(outward) {
            (param.ident, param.ty) = (outward.ident, outward.ty);
        }
        self
    }

    /// Leaves a parameter out.
    fn exclude(&mut self, one: &Excluded, mentioned: &[bool], own: &mut Own) -> Result<()> {
        let Excluded { name, by_mut } = one;
        let twice = || {
            let message = format!(
                "`{name}` forms the key already, by what is written out; keep it in one of the \
                 two places"
            );
            Err(Error::new(name.span(), message))
        };
        if name == "self" && own.token.is_some() {
            own.excluded = true;
            return if own.mentioned { twice() } else { Ok(()) };
        }
        let mut params = self.params.iter_mut().zip(mentioned);
        let Some((param, mentioned)) =
            params.find(|(param, _)| binds(param).iter().any(|bound| bound == name))
        else {
            return Err(no_parameter(name, &self.params, self.receiver.is_some()));
        };
        match (mentioned, by_mut) {
            (true, false) => return twice(),
            // What it says is in the key, and the user accepts that a hit does not change it.
            (true, true) => return Ok(()),
            (false, _) => {}
        }
        if param.role == Role::Key {
            param.role = Role::Excluded;
        }
        Ok(())
    }

    /// Checks what `strict` asks for.
    fn check_all_named(&self, mentioned: &[bool], errors: &mut Errors) {
        for (param, mentioned) in self.params.iter().zip(mentioned) {
            if let (Role::Key, false, Some(name)) = (param.role, mentioned, binds(param).first()) {
                let message = format!(
                    "`strict` asks what each parameter is to the key, and `{name}` is named \
                     nowhere: add it to `include` or to `exclude`"
                );
                errors.push(Error::new(name.span(), message));
            }
        }
    }

    /// Makes the key of all parameters that are left.
    fn derive(&mut self) {
        for (position, param) in self.params.iter().enumerate() {
            if param.role != Role::Key {
                continue;
            }
            let ident = &param.ident;
            let label = match param.is_named() {
                true => label(ident),
                false => position.to_string(),
            };
            self.parts.push(part(label, syn::parse_quote!(#ident), Some(param)));
        }
    }

    /// The parameters that are left to form the key, and whether an expression mentions them.
    fn key_params(&self, mentioned: &[bool]) -> Vec<(Ident, bool)> {
        let params = self.params.iter().zip(mentioned);
        let left = params.filter(|(param, _)| param.role == Role::Key);
        left.filter_map(|(param, mentioned)| Some((binds(param).into_iter().next()?, *mentioned)))
            .collect()
    }

    /// Makes the key of these expressions, given as `option`.
    fn write(&mut self, option: &str, exprs: &[&Expr], mentioned: &[bool]) -> Result<()> {
        let mut errors = Errors::default();
        for (position, expr) in exprs.iter().enumerate() {
            let of = Written { option, params: &self.params, is_method: self.receiver.is_some() };
            errors.keep(check(expr, &of));
            let bare =
                bare(expr).and_then(|name| self.params.iter().find(|param| param.ident == *name));
            let label = path_label(expr).unwrap_or_else(|| position.to_string());
            self.parts.push(part(label, (*expr).clone(), bare));
        }
        for (param, mentioned) in self.params.iter_mut().zip(mentioned) {
            if param.role == Role::Key && !mentioned {
                param.role = Role::Excluded;
            }
        }
        errors.finish(())
    }
}

pub(super) fn part(label: String, expr: Expr, param: Option<&Param>) -> KeyPart {
    let borrowing = param.map(|param| borrow::of(&param.ty));
    KeyPart {
        label,
        expr,
        from_context: false,
        ty: param.map(|param| param.ty.clone()),
        by_ref: borrowing.as_ref().is_some_and(|borrowing| borrowing.by_ref),
        nested_borrow: borrowing.is_some_and(|borrowing| borrowing.nested),
    }
}
