//! Tokens become [`Args`]. Each option is read alone; no rule here looks at two of them.

mod duration;
mod memory;
mod template;
mod unknown;
pub(crate) mod value;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, LitStr, Meta, Path, Result, Token, token};

pub(crate) use self::template::TemplatePiece;
#[cfg(test)]
pub(crate) use self::unknown::KEYS;
use crate::errors::Errors;
use crate::model::{Bound, Companion, NoneSpec, TimeoutSpec};

/// The options that are about the memory layer and no other.
pub(crate) const MEMORY_KEYS: [&str; 6] =
    ["max_entries", "max_bytes", "weight", "policy", "priority", "on_removal"];

/// One `#[cached(..)]`, as written.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Args {
    /// The attribute itself, for what was not written in it.
    pub(crate) anchor: Span,
    /// The keys in source order.
    pub(crate) keys: Vec<Ident>,
    pub(crate) layer: LayerArgs,
    pub(crate) function: FunctionArgs,
}

/// What belongs to the layers of one attribute.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct LayerArgs {
    pub(crate) using: Option<Opt<Vec<LitStr>>>,
    pub(crate) timeout: Option<Opt<TimeoutSpec>>,
    pub(crate) none_timeout: Option<Opt<NoneSpec>>,
    pub(crate) memory: MemoryArgs,
}

/// What belongs to the memory layer; its keys are [`MEMORY_KEYS`].
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct MemoryArgs {
    pub(crate) max_entries: Option<Opt<Bound>>,
    pub(crate) max_bytes: Option<Opt<Bound>>,
    pub(crate) weight: Option<Opt<Expr>>,
    pub(crate) policy: Option<Opt<&'static str>>,
    pub(crate) priority: Option<Opt<Expr>>,
    pub(crate) on_removal: Option<Opt<Expr>>,
}

/// What belongs to the function, whichever attribute of the stack it stands on.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct FunctionArgs {
    pub(crate) include: Option<Opt<Vec<Expr>>>,
    pub(crate) exclude: Option<Opt<Vec<Excluded>>>,
    pub(crate) key: Option<Opt<Vec<TemplatePiece>>>,
    pub(crate) name: Option<Opt<String>>,
    pub(crate) version: Option<Opt<Version>>,
    pub(crate) companion: Option<Opt<Companion>>,
    pub(crate) strict: Option<Opt<()>>,
    pub(crate) each: Option<Opt<EachArg>>,
    /// Each a name and where it stands.
    pub(crate) context: Option<Opt<Vec<LitStr>>>,
    pub(crate) when: Option<Opt<Expr>>,
    pub(crate) krate: Option<Opt<Path>>,
}

/// What `version` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Number(u32),
    /// A fingerprint of the code.
    Auto,
}

/// One parameter in `exclude`: `db`, or `&mut db`.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Excluded {
    pub(crate) name: Ident,
    /// Whether the user accepts that a hit leaves the parameter as it was.
    pub(crate) by_mut: bool,
}

/// What `each` says: `id in ids`, or `ids`.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct EachArg {
    /// What an element is called in the key.
    pub(crate) element: Ident,
    /// The parameter.
    pub(crate) list: Ident,
}

/// An option's value, and its key for the span.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Opt<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// Fills an option that may be given once.
pub(crate) fn set_once<T>(slot: &mut Option<Opt<T>>, key: Ident, value: T) -> Result<()> {
    match slot {
        None => {
            *slot = Some(Opt { key, value });
            Ok(())
        }
        Some(first) => {
            let same = match first.key == key {
                true => String::new(),
                false => format!(", which is another name for `{}`", first.key),
            };
            let message = format!("duplicate `{key}`{same}: {}", once_rule(&key));
            Err(Error::new(key.span(), message))
        }
    }
}

fn once_rule(key: &Ident) -> &'static str {
    let mut layer_keys = ["using", "timeout", "ttl", "none_timeout"].iter().chain(&MEMORY_KEYS);
    match layer_keys.any(|k| key == k) {
        true => "it belongs to a layer; give it once in each `#[cached]`",
        false => "it belongs to the function; give it once, in any one `#[cached]` of the stack",
    }
}

impl Args {
    /// Reads what stands in the parentheses of the attribute at `anchor`.
    pub(crate) fn parse(tokens: TokenStream, anchor: Span) -> Result<Args> {
        let mut args = Args {
            anchor,
            keys: Vec::new(),
            layer: LayerArgs::default(),
            function: FunctionArgs::default(),
        };
        let mut errors = Errors::default();
        let read = |input: ParseStream| {
            while !input.is_empty() {
                args.option(input, &mut errors)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        let read = read.parse2(tokens);
        errors.keep(read);
        errors.finish(args)
    }

    /// Reads a `#[cached]` below the one being expanded.
    pub(crate) fn from_attribute(attr: &Attribute) -> Result<Args> {
        let anchor = match attr.path().segments.last() {
            Some(segment) => segment.ident.span(),
            None => attr.pound_token.span,
        };
        match &attr.meta {
            Meta::Path(_) => Args::parse(TokenStream::new(), anchor),
            Meta::List(list) => Args::parse(list.tokens.clone(), anchor),
            Meta::NameValue(pair) => {
                let message = "expected parentheses: `#[cached(using = \"redis\", timeout = 60)]`";
                Err(Error::new_spanned(pair, message))
            }
        }
    }

    /// Reads one `key = value`. What is only wrong in itself is recorded; an error is returned when
    /// there is no telling where the next option starts.
    fn option(&mut self, input: ParseStream, errors: &mut Errors) -> Result<()> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!(
                "expected an option, such as `timeout = 60`; the options are {}",
                unknown::all_keys(),
            )));
        }
        let key = input.call(Ident::parse_any)?;
        if !unknown::is_known(&key) {
            errors.push(unknown::error(&key));
            skip_value(input);
            return Ok(());
        }
        if key == "strict" {
            errors.keep(flag(&key, input)?);
            if errors.keep(set_once(&mut self.function.strict, key.clone(), ())).is_some() {
                self.keys.push(key);
            }
            return Ok(());
        }
        if key == "each" {
            let each = each_of(&key, input)?;
            if errors.keep(set_once(&mut self.function.each, key.clone(), each)).is_some() {
                self.keys.push(key);
            }
            return Ok(());
        }
        let value = value_of(&key, input)?;
        if errors.keep(self.set(key.clone(), value)).is_some() {
            self.keys.push(key);
        }
        Ok(())
    }

    fn set(&mut self, key: Ident, value: Expr) -> Result<()> {
        let Args { layer, function, .. } = self;
        match key.to_string().as_str() {
            "using" => set_once(&mut layer.using, key, value::stores(value)?),
            "timeout" | "ttl" => {
                let value = duration::timeout(&key, value)?;
                set_once(&mut layer.timeout, key, value)
            }
            "none_timeout" => {
                let value = duration::none_timeout(&key, value)?;
                set_once(&mut layer.none_timeout, key, value)
            }
            "include" => set_once(&mut function.include, key, value::include(value)?),
            "exclude" => set_once(&mut function.exclude, key, value::exclude(value)?),
            "key" => set_once(&mut function.key, key, template::parse(&value)?),
            "name" => set_once(&mut function.name, key, value::name(&value)?),
            "version" => set_once(&mut function.version, key, value::version(&value)?),
            "companion" => set_once(&mut function.companion, key, value::companion(&value)?),
            "context" => set_once(&mut function.context, key, value::context(value)?),
            "when" => {
                let value = value::function(&key, value, value::Inputs::Value)?;
                set_once(&mut function.when, key, value)
            }
            "crate" => set_once(&mut function.krate, key, value::krate(value)?),
            _ => layer.memory.set(key, value),
        }
    }
}

impl MemoryArgs {
    fn set(&mut self, key: Ident, value: Expr) -> Result<()> {
        use value::Inputs;
        match key.to_string().as_str() {
            "max_entries" => set_once(&mut self.max_entries, key, memory::entries(value)?),
            "max_bytes" => {
                let value = memory::bytes(&key, value)?;
                set_once(&mut self.max_bytes, key, value)
            }
            "policy" => set_once(&mut self.policy, key, memory::policy(&value)?),
            "weight" => {
                let value = value::function(&key, value, Inputs::Value)?;
                set_once(&mut self.weight, key, value)
            }
            "priority" => {
                let value = value::function(&key, value, Inputs::Value)?;
                set_once(&mut self.priority, key, value)
            }
            "on_removal" => {
                let value = value::function(&key, value, Inputs::ValueAndCause)?;
                set_once(&mut self.on_removal, key, value)
            }
            _ => Err(unknown::error(&key)),
        }
    }
}

/// An option without a value; the outer error is for when the next option cannot be found.
fn flag(key: &Ident, input: ParseStream) -> Result<Result<()>> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Ok(()));
    }
    let message = format!("`{key}` takes no value; write `{key}` alone");
    let error = Error::new(key.span(), message);
    skip_value(input);
    Ok(Err(error))
}

/// Reads `= id in ids`, which is no expression.
fn each_of(key: &Ident, input: ParseStream) -> Result<EachArg> {
    let message = "`each` takes a parameter that is a list, with or without a name for an element: \
                   `each = id in ids`, or `each = ids`";
    let wrong = |_| Error::new(key.span(), message);
    input.parse::<Token![=]>().map_err(wrong)?;
    let first: Ident = input.parse().map_err(wrong)?;
    if input.parse::<Option<Token![in]>>()?.is_none() {
        return Ok(EachArg { element: first.clone(), list: first });
    }
    Ok(EachArg { element: first, list: input.parse().map_err(wrong)? })
}

fn value_of(key: &Ident, input: ParseStream) -> Result<Expr> {
    let missing = || Error::new(key.span(), format!("`{key}` needs a value: `{key} = ..`"));
    if !input.peek(Token![=]) {
        return Err(missing());
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(missing());
    }
    input.parse().map_err(|error: Error| match input.is_empty() {
        // The end of the attribute has no span of its own: it would underline all of it.
        true => Error::new(key.span(), format!("the value of `{key}` is not complete: {error}")),
        false => error,
    })
}

/// Steps over what follows an unknown key, or over everything where that cannot be told.
fn skip_value(input: ParseStream) {
    let skipped = if input.is_empty() || input.peek(Token![,]) {
        return;
    } else if input.peek(token::Paren) {
        input.parse::<TokenTree>().map(drop)
    } else {
        input.parse::<Token![=]>().and_then(|_| input.parse::<Expr>()).map(drop)
    };
    if skipped.is_err() || !(input.is_empty() || input.peek(Token![,])) {
        drop(input.parse::<TokenStream>());
    }
}
