//! A hit does not run the body, so that what a function is given by `&mut` stays as it was.

use syn::{Error, Pat};

use super::super::borrow;
use super::names::binds;
use crate::attr::Excluded;
use crate::errors::Errors;
use crate::model::Param;

/// Refuses parameters that are borrowed mutably, unless `exclude` names them with their `&mut`.
pub(super) fn check(params: &[Param], excluded: &[Excluded], errors: &mut Errors) {
    for param in params.iter().filter(|param| !matches!(param.pat, Some(Pat::Wild(_)))) {
        let names = binds(param);
        let one = excluded.iter().find(|one| names.contains(&one.name));
        match (borrow::mutably(&param.ty), one) {
            (true, Some(Excluded { by_mut: true, .. })) => {}
            (true, one) => {
                let Some(name) = one.map(|one| &one.name).or(names.first()) else { continue };
                let message = format!(
                    "a hit does not run the body, and leaves `{name}` as it was; where that is \
                     fine, as for a connection, write `exclude = [&mut {name}]`; otherwise return \
                     what the body would write"
                );
                errors.push(match one {
                    Some(one) => Error::new(one.name.span(), message),
                    None => Error::new_spanned(&param.ty, message),
                });
            }
            (false, Some(Excluded { by_mut: true, name })) => {
                let message = format!("`{name}` is no `&mut`; write `exclude = [{name}]`");
                errors.push(Error::new(name.span(), message));
            }
            (false, _) => {}
        }
    }
}
