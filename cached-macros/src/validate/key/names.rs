//! The names that a function's parameters have.

use syn::visit::{self, Visit};
use syn::{Error, Ident, PatIdent};

use crate::model::{Param, Role};

/// What an expression of the key is written for.
pub(super) struct Written<'a> {
    /// The option that it stands in.
    pub(super) option: &'a str,
    pub(super) params: &'a [Param],
    pub(super) is_method: bool,
}

/// Returns the variables that a parameter is to the body.
pub(in crate::validate) fn binds(param: &Param) -> Vec<Ident> {
    struct Finder(Vec<Ident>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
            // `None` in a pattern is no variable.
            if !pat.ident.to_string().starts_with(char::is_uppercase) {
                self.0.push(pat.ident.clone());
            }
            visit::visit_pat_ident(self, pat);
        }
    }
    match &param.pat {
        None => vec![param.ident.clone()],
        Some(pat) => {
            let mut finder = Finder(Vec::new());
            finder.visit_pat(pat);
            finder.0
        }
    }
}

pub(in crate::validate) fn no_parameter(name: &Ident, params: &[Param], is_method: bool) -> Error {
    let own = is_method.then(|| "`self`".to_owned());
    let names = params.iter().flat_map(binds).map(|name| format!("`{name}`"));
    let names: Vec<_> = own.into_iter().chain(names).collect();
    let there = match names.as_slice() {
        [] => "the function has none".to_owned(),
        [one] => format!("the parameter is {one}"),
        names => format!("the parameters are {}", names.join(", ")),
    };
    Error::new(name.span(), format!("no parameter `{name}`; {there}"))
}

/// Returns the parameter that forces, if there is one.
pub(super) fn force(params: &[Param]) -> Option<&Param> {
    params.iter().find(|param| param.role == Role::Force)
}
