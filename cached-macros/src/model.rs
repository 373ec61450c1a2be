//! What an annotated function means, once every rule has been checked.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Expr, ExprClosure, Ident, Pat, Path, Receiver, Signature, Type, Visibility};

/// A function and its cache. Every combination that can be written here can be expanded.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Model {
    /// The attributes that stay on the function, the `#[cached]` ones taken out.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// The signature as its callers see it: each parameter is a name.
    pub(crate) sig: Signature,
    /// The braces and what is in them, unparsed.
    pub(crate) body: TokenStream,
    /// What the function hands out.
    pub(crate) returns: Returns,
    /// The first of `sig.inputs`, if it is a method.
    pub(crate) receiver: Option<Receiver>,
    /// The parameters in order, one for each of `sig.inputs` but the receiver.
    pub(crate) params: Vec<Param>,
    /// Set if the function is a batch.
    pub(crate) each: Option<Each>,
    /// What stands beside the function.
    pub(crate) companion: Companion,
    /// Whether it may be the method of a trait, as a function without `pub` in an `impl` may.
    pub(crate) maybe_in_trait: bool,
    /// What the key is made of, in order. Empty when every call shares one entry.
    pub(crate) parts: Vec<KeyPart>,
    /// The key's text, when it was written out with `key`.
    pub(crate) template: Option<Vec<Piece>>,
    /// The parameter that asks for a new computation, if there is one.
    pub(crate) force_param: Option<Ident>,
    /// The layers, outermost first; at least one.
    pub(crate) layers: Vec<Layer>,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<u64>,
    pub(crate) when: Option<ValueFn>,
    /// Where `cached_kit` is, if not where it usually is.
    pub(crate) krate: Option<Path>,
}

/// How a function returns its value.
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Returns {
    /// When it is done.
    Now(Type),
    /// An `async fn`.
    Later(Type),
    /// In a `Pin<Box<dyn Future<Output = ..>>>`, as `#[async_trait]` writes it.
    Boxed(Type),
}

impl Returns {
    /// The type of the value.
    pub(crate) fn value(&self) -> &Type {
        match self {
            Self::Now(ty) | Self::Later(ty) | Self::Boxed(ty) => ty,
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        !matches!(self, Self::Now(_))
    }
}

/// The list of a batch function.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Each {
    /// An index into [`Model::params`].
    pub(crate) param: usize,
    /// What an element is called in the key.
    pub(crate) element: Ident,
    pub(crate) ty: Type,
    /// How the body has the list.
    pub(crate) list: ListKind,
    /// Whether an element without a value is remembered.
    pub(crate) remembers_none: bool,
}

/// What a list is to the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// `&[T]`
    Slice,
    /// `&Vec<T>`
    VecRef,
    /// `Vec<T>`
    Vec,
}

/// What gives access to the entries of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Companion {
    /// A type of the same name.
    Type,
    /// More functions, in the same `impl`.
    Siblings,
    /// Nothing: there is no room in the `impl` of a trait.
    Nothing,
}

/// One parameter of the function.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Param {
    /// What its callers, or the expansion, call it.
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// What the body takes it apart with, if it is not just a name.
    pub(crate) pat: Option<Pat>,
}

impl Param {
    /// Whether the user gave it its name.
    pub(crate) fn is_named(&self) -> bool {
        match &self.pat {
            None => true,
            Some(Pat::Ident(pat)) => pat.ident == self.ident,
            Some(_) => false,
        }
    }
}

/// What a parameter is to the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// In the key, or mentioned by an expression that is.
    Key,
    /// Not in the key.
    Excluded,
    /// `force_update: bool`.
    Force,
}

/// One value of the key.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct KeyPart {
    /// What stands before the value in the key's text: `id`, `req.tenant`, or a position.
    pub(crate) label: String,
    pub(crate) expr: Expr,
    /// Whether the expression is a name for `KeyContext`.
    pub(crate) from_context: bool,
    /// The declared type, when the expression is a parameter and nothing else.
    pub(crate) ty: Option<Type>,
    /// Whether `ty` is `&T`.
    pub(crate) by_ref: bool,
    /// Whether `ty` still borrows once a leading `&` is taken off.
    pub(crate) nested_borrow: bool,
}

/// One piece of a written-out key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// An index into [`Model::parts`].
    Value(usize),
}

/// One store and how it is used.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Layer {
    pub(crate) store: String,
    /// The store's name, or the attribute when no name was written.
    pub(crate) store_span: Span,
    pub(crate) timeout: TimeoutSpec,
    /// The key of `timeout`, or `store_span`.
    pub(crate) timeout_span: Span,
    pub(crate) none_timeout: NoneSpec,
    /// The key of `none_timeout`, or `store_span`.
    pub(crate) none_timeout_span: Span,
    /// Only ever set on the memory layer.
    pub(crate) memory: Memory,
}

/// How long an entry is fresh.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum TimeoutSpec {
    StoreDefault,
    Never,
    Fixed {
        secs: u64,
        nanos: u32,
    },
    /// Of type `Duration`.
    Expr(Box<Expr>),
    /// From the value, by reference, to a `Duration`.
    Adaptive(Box<ExprClosure>),
}

/// How long a `None` is fresh.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum NoneSpec {
    AsTimeout,
    Skip,
    Never,
    Fixed {
        secs: u64,
        nanos: u32,
    },
    /// Of type `Duration`.
    Expr(Box<Expr>),
}

/// What is said about the memory layer.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Memory {
    pub(crate) bound: Option<Bound>,
    /// The variant of `EvictionPolicy`.
    pub(crate) policy: Option<&'static str>,
    /// Set if and only if the bound is in bytes.
    pub(crate) weight: Option<ValueFn>,
    pub(crate) priority: Option<ValueFn>,
    pub(crate) on_removal: Option<ValueFn>,
}

/// How much the memory layer holds.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Bound {
    Entries(u64),
    Unbounded,
    Bytes(u64),
    BytesExpr {
        /// The key `max_bytes`.
        span: Span,
        /// Constant, of type `u64`.
        expr: Box<Expr>,
    },
}

/// A function of the value, such as which values are stored.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct ValueFn {
    /// The option's key.
    pub(crate) span: Span,
    /// A closure or a path.
    pub(crate) expr: Expr,
}
