//! One thing that is changed, and where in the code it comes to be.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{ExprPath, Path, PathArguments, PathSegment};

use super::super::attr::is_associated;
use super::super::model::{Arg, Callee, Entry, Target, path_span};
use crate::place;

pub(super) struct Handle<'w> {
    index: usize,
    /// A value will be put: nothing else is to have changed the entry meanwhile.
    fenced: bool,
    what: What<'w>,
    krate: Option<&'w Path>,
}

enum What<'w> {
    Entry(&'w Entry),
    Function(&'w ExprPath),
}

impl<'w> Handle<'w> {
    pub(super) fn of(index: usize, target: &'w Target, krate: Option<&'w Path>) -> Self {
        let what = match target {
            Target::Entry(entry) => What::Entry(entry),
            Target::Function(path) => What::Function(path),
        };
        Self { index, fenced: false, what, krate }
    }

    pub(super) fn of_entry(index: usize, entry: &'w Entry, krate: Option<&'w Path>) -> Self {
        Self { index, fenced: true, what: What::Entry(entry), krate }
    }

    /// Where the user named it.
    pub(super) fn span(&self) -> Span {
        place::ours(match self.what {
            What::Entry(entry) => entry.callee.span(),
            What::Function(path) => path_span(path),
        })
    }

    /// What is done before the body: the body may move what the arguments are made of.
    pub(super) fn early(&self) -> TokenStream {
        match self.late() {
            None => {
                let variable = self.variable();
                let made = self.made();
                let fenced = self.fenced.then(|| quote_spanned!(self.span()=> .fenced()));
                quote!(let #variable = #made #fenced;)
            }
            Some(entry) => {
                let given = entry.args.iter().enumerate().filter_map(|(position, arg)| match arg {
                    Arg::Given(expr) => Some((self.argument(position), expr)),
                    Arg::OfValue(_) => None,
                });
                let given = given.map(|(variable, expr)| quote!(let #variable = #expr;));
                let since = self.fenced.then(|| {
                    let (variable, span) = (self.variable(), self.span());
                    let private = place::private(self.krate, span);
                    quote_spanned!(span=> let #variable = #private::Version::now();)
                });
                quote!(#(#given)* #since)
            }
        }
    }

    /// The handle, after the body.
    pub(super) fn later(&self) -> TokenStream {
        let Some(entry) = self.late() else {
            let variable = self.variable();
            return quote!(#variable);
        };
        let callee = callee(&entry.callee);
        let args = entry.args.iter().enumerate().map(|(position, arg)| match arg {
            Arg::Given(_) => {
                let variable = self.argument(position);
                quote!(#variable)
            }
            Arg::OfValue(closure) => {
                // What is not what the entry takes is reported at the closure.
                let (start, end) = place::ends(closure);
                let private = place::private(self.krate, start);
                let value = quote_spanned!(start=> of_value(__cached_success.value(), #closure));
                let value = place::ending_at(value, end);
                quote_spanned!(start=> #private::#value)
            }
        });
        let since = self.fenced.then(|| {
            let variable = self.variable();
            quote_spanned!(self.span()=> .fenced_since(#variable))
        });
        quote!(#callee(#(#args),*) #since)
    }

    /// The handle, from what there is before the body.
    pub(super) fn made(&self) -> TokenStream {
        match self.what {
            What::Entry(entry) => {
                let callee = callee(&entry.callee);
                let args = entry.args.iter().filter_map(|arg| match arg {
                    Arg::Given(expr) => Some(expr),
                    Arg::OfValue(_) => None,
                });
                quote!(#callee(#(#args),*))
            }
            What::Function(path) => {
                let of_all = beside(path, "cache");
                quote!(#of_all())
            }
        }
    }

    fn late(&self) -> Option<&'w Entry> {
        match self.what {
            What::Entry(entry) if entry.is_late() => Some(entry),
            _ => None,
        }
    }

    fn variable(&self) -> Ident {
        place::variable(self.index, self.span())
    }

    fn argument(&self, position: usize) -> Ident {
        format_ident!("__cached_{}_{position}", self.index, span = self.span())
    }
}

/// What makes the handle of an entry.
fn callee(callee: &Callee) -> TokenStream {
    match callee {
        Callee::Function(path) => {
            let path = beside(path, "entry");
            quote!(#path)
        }
        Callee::Method { receiver, method, turbofish } => {
            let entry = sibling(method, "entry");
            // The dot is of the attribute: a method that is not there is reported at its name.
            quote_spanned!(place::ours(method.span())=> #receiver.#entry #turbofish)
        }
    }
}

/// What stands beside the function at a path: in the type of its name, or next to it.
fn beside(path: &ExprPath, what: &str) -> ExprPath {
    let mut beside = path.clone();
    let Some(last) = beside.path.segments.last_mut() else { return beside };
    if is_associated(path) {
        last.ident = sibling(&last.ident, what);
        return beside;
    }
    let arguments = std::mem::replace(&mut last.arguments, PathArguments::None);
    let ident = Ident::new(what, place::ours(last.ident.span()));
    beside.path.segments.push(PathSegment { ident, arguments });
    beside
}

fn sibling(function: &Ident, what: &str) -> Ident {
    format_ident!("{}_{what}", function.unraw(), span = place::ours(function.span()))
}
