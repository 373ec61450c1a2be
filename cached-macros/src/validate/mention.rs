//! Whether an expression mentions a parameter.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Expr, ExprPath, Ident};

/// Whether `name` occurs in the expression as a variable. In a macro's input, which cannot be
/// understood here, every occurrence counts, and so does a `{name}` in a literal.
pub(crate) fn mentions(expr: &Expr, name: &Ident) -> bool {
    let mut finder = Finder { name, found: false };
    finder.visit_expr(expr);
    finder.found
}

struct Finder<'n> {
    name: &'n Ident,
    found: bool,
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.found |= path.path.is_ident(self.name);
        visit::visit_expr_path(self, path);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.found |= occurs(tokens, self.name);
    }
}

/// Whether `name` occurs anywhere in code that is not parsed.
pub(crate) fn occurs(tokens: &TokenStream, name: &Ident) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => occurs(&group.stream(), name),
        TokenTree::Literal(literal) => interpolated(&literal.to_string(), name),
        TokenTree::Punct(_) => false,
    })
}

/// Whether a format string takes in the name, as `{name}` or `{name:..}`.
fn interpolated(literal: &str, name: &Ident) -> bool {
    let opening = format!("{{{}", name.unraw());
    literal
        .match_indices(&opening)
        .filter_map(|(at, _)| literal.get(at + opening.len()..))
        .any(|rest| rest.starts_with(['}', ':']))
}
