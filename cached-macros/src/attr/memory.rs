//! The options of the memory layer: how much it holds, and who leaves first.

use syn::{Error, Expr, Ident, Lit, LitStr, Result};

use super::{unknown, value};
use crate::model::Bound;

/// The policies by name, and the variants of `EvictionPolicy`.
const POLICIES: [(&str, &str); 6] = [
    ("s3fifo", "S3Fifo"),
    ("lru", "Lru"),
    ("lfu", "Lfu"),
    ("fifo", "Fifo"),
    ("mru", "Mru"),
    ("random", "Random"),
];

/// The units of a size.
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

pub(super) fn entries(value: Expr) -> Result<Bound> {
    if value::is_word(&value, "unbounded") {
        return Ok(Bound::Unbounded);
    }
    let message = "`max_entries` takes a number such as `10_000`, or `unbounded`";
    let number = value::integer(&value, message)?;
    match number.base10_parse::<u64>() {
        Ok(0) => Err(Error::new(
            number.span(),
            "`max_entries = 0` keeps nothing; remove the memory layer, or write at least 1",
        )),
        Ok(entries) => Ok(Bound::Entries(entries)),
        Err(_) => Err(Error::new(
            number.span(),
            "this number of entries is too large; write `unbounded` for no bound",
        )),
    }
}

pub(super) fn bytes(key: &Ident, value: Expr) -> Result<Bound> {
    let message = "`max_bytes` takes a size: a string such as `\"64MiB\"`, a number of bytes, or \
                   a constant expression of type `u64`";
    let bytes = match value::lit(&value) {
        Some(Lit::Str(text)) => size(text)?,
        Some(_) => {
            let number = value::integer(&value, message)?;
            let too_large = |_| {
                Error::new(
                    number.span(),
                    "this size is too large; the most is 18446744073709551615",
                )
            };
            number.base10_parse().map_err(too_large)?
        }
        None if value::is_word(&value, "unbounded") => {
            let message = "`max_bytes` is a bound; for none write `max_entries = unbounded`, \
                           without `weight`";
            return Err(Error::new_spanned(value, message));
        }
        None => match value::visible(value) {
            closure @ Expr::Closure(_) => return Err(Error::new_spanned(closure, message)),
            expr => return Ok(Bound::BytesExpr { span: key.span(), expr: Box::new(expr) }),
        },
    };
    match bytes {
        0 => Err(Error::new_spanned(
            value,
            "`max_bytes = 0` keeps nothing; remove the memory layer, or write a size such as \
             `\"64MiB\"`",
        )),
        bytes => Ok(Bound::Bytes(bytes)),
    }
}

/// The bytes of a text such as `64MiB`.
fn size(literal: &LitStr) -> Result<u64> {
    let text = literal.value();
    let fail = |what: String| {
        let message =
            format!("{what}; write a size such as `\"500kB\"`, `\"64MiB\"` or `\"2GiB\"`");
        Err(Error::new(literal.span(), message))
    };
    let units = || UNITS.map(|(name, _)| format!("`{name}`")).join(", ");
    let (digits, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if text.is_empty() {
        return fail("this size is empty".into());
    }
    if digits.is_empty() {
        return fail(format!("`{text}` does not begin with a number"));
    }
    if unit.is_empty() {
        return fail(format!("`{digits}` has no unit: {}", units()));
    }
    if unit.starts_with('.') {
        return fail("a size is a whole number and a unit".into());
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return fail(format!("unknown unit `{unit}`: use one of {}", units()));
    };
    match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor)) {
        Some(bytes) => Ok(bytes),
        None => fail("this size is too large".into()),
    }
}

/// The variant of `EvictionPolicy` that a word names.
pub(super) fn policy(value: &Expr) -> Result<&'static str> {
    let known = |name: &str| POLICIES.into_iter().find(|(known, _)| *known == name);
    let name = match (value::ident(value), value::lit(value)) {
        (Some(word), _) => word.to_string(),
        (None, Some(Lit::Str(text))) => match known(&text.value()) {
            Some((name, _)) => {
                let message = format!("a policy is a word and no string: write `policy = {name}`");
                return Err(Error::new(text.span(), message));
            }
            None => text.value(),
        },
        _ => {
            let message = format!("`policy` takes the name of a policy: {}", policies());
            return Err(Error::new_spanned(value, message));
        }
    };
    match known(&name) {
        Some((_, variant)) => Ok(variant),
        None => {
            let lower = name.to_lowercase();
            let hint = unknown::hint(&lower, POLICIES.map(|(known, _)| known));
            let message = format!("unknown policy `{name}`: {hint}the policies are {}", policies());
            Err(Error::new_spanned(value, message))
        }
    }
}

fn policies() -> String {
    POLICIES.map(|(name, _)| format!("`{name}`")).join(", ")
}
