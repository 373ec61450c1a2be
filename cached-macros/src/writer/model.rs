//! What an annotated writer means, once every rule has been checked.

use proc_macro2::{Span, TokenStream};
use syn::{
    AngleBracketedGenericArguments, Attribute, Expr, ExprClosure, ExprPath, Ident, Path, Signature,
    Visibility,
};

use crate::model::Returns;

/// Which of the two attributes it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Evict,
    Put,
}

impl Kind {
    /// The attribute's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Evict => "cache_evict",
            Self::Put => "cache_put",
        }
    }
}

/// A function and what it changes. Every combination that can be written here can be expanded.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The braces and what is in them, unparsed.
    pub(crate) body: TokenStream,
    pub(crate) returns: Returns,
    pub(crate) changes: Changes,
    pub(crate) captures: Captures,
    /// Where `cached_kit` is, if not where it usually is.
    pub(crate) krate: Option<Path>,
}

/// What is done, in order, and when.
#[derive(Debug)]
pub(crate) enum Changes {
    /// Before the body, whatever comes of it. No argument is a closure.
    EvictBefore(Vec<Target>),
    /// When the body has succeeded.
    Evict(Vec<Target>),
    /// When the body has succeeded.
    Put(Vec<Entry>),
}

/// What can be evicted.
#[derive(Debug)]
pub(crate) enum Target {
    Entry(Entry),
    /// All entries of the function at this path.
    Function(ExprPath),
}

/// One entry, by the call that would return what is in it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) callee: Callee,
    pub(crate) args: Vec<Arg>,
}

impl Entry {
    /// Whether it is known only when the body has returned.
    pub(crate) fn is_late(&self) -> bool {
        self.args.iter().any(|arg| matches!(arg, Arg::OfValue(_)))
    }
}

/// Whose entry it is.
#[derive(Debug)]
pub(crate) enum Callee {
    /// A free or an associated function.
    Function(ExprPath),
    Method {
        receiver: Box<Expr>,
        method: Ident,
        turbofish: Option<AngleBracketedGenericArguments>,
    },
}

impl Callee {
    /// The name that the user would look for a mistake at.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Function(path) => path_span(path),
            Self::Method { method, .. } => method.span(),
        }
    }
}

/// The last name of a path.
pub(crate) fn path_span(path: &ExprPath) -> Span {
    path.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span())
}

/// One argument of the call.
#[derive(Debug)]
pub(crate) enum Arg {
    /// Evaluated before the body.
    Given(Expr),
    /// Given what the body returned.
    OfValue(ExprClosure),
}

/// How the body takes in what it mentions.
#[derive(Debug)]
pub(crate) enum Captures {
    Moved,
    /// By reference, so that what is `&mut` is back after the body.
    Lent {
        /// What is `&mut`. It is lent as such even if the body only looks: a future that shares it
        /// could not always leave its thread.
        unique: Vec<Ident>,
        /// What is moved all the same, for the same reason, and to be dropped with the body.
        moved: Vec<Ident>,
    },
}
