//! How long something lives: `300`, `"1h30m"`, an expression, `never`, a closure.

use syn::{Error, Expr, ExprClosure, Ident, Lit, LitInt, LitStr, Result};

use super::value;
use crate::model::{NoneSpec, TimeoutSpec};

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// The units, longest first, which is also the order they are written in.
const UNITS: [(&str, u128); 6] = [
    ("w", 604_800 * NANOS_PER_SEC),
    ("d", 86_400 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
    ("m", 60 * NANOS_PER_SEC),
    ("s", NANOS_PER_SEC),
    ("ms", 1_000_000),
];

/// What `timeout` and `none_timeout` have in common.
enum Life {
    Fixed {
        secs: u64,
        nanos: u32,
    },
    Word(Ident),
    Closure(ExprClosure),
    /// An expression of type `Duration`, as far as can be told.
    Expr,
}

pub(super) fn timeout(key: &Ident, value: Expr) -> Result<TimeoutSpec> {
    let zero = format!(
        "`{key} = 0` would never hit; remove the attribute, or write `never` for entries that do \
         not expire"
    );
    Ok(match life(key, &value, &zero)? {
        Life::Fixed { secs, nanos } => TimeoutSpec::Fixed { secs, nanos },
        Life::Word(word) if word == "never" => TimeoutSpec::Never,
        Life::Word(_) | Life::Expr => TimeoutSpec::Expr(Box::new(value)),
        Life::Closure(closure) => {
            value::takes(&closure, key, value::Inputs::Value)?;
            TimeoutSpec::Adaptive(Box::new(closure))
        }
    })
}

pub(super) fn none_timeout(key: &Ident, value: Expr) -> Result<NoneSpec> {
    let zero = format!("`{key} = 0` would never hit; write `skip` to leave `None` out");
    Ok(match life(key, &value, &zero)? {
        Life::Fixed { secs, nanos } => NoneSpec::Fixed { secs, nanos },
        Life::Word(word) if word == "never" => NoneSpec::Never,
        Life::Word(word) if word == "skip" => NoneSpec::Skip,
        Life::Word(_) | Life::Expr => NoneSpec::Expr(Box::new(value)),
        Life::Closure(closure) => {
            let message = "`none_timeout` cannot be a closure, as there is no value to look at; \
                           write a duration, `never` or `skip`";
            return Err(Error::new_spanned(closure, message));
        }
    })
}

fn life(key: &Ident, value: &Expr, zero: &str) -> Result<Life> {
    let nanos = match value::lit(value) {
        Some(Lit::Int(seconds)) => whole_seconds(seconds)?,
        Some(Lit::Str(text)) => written(text)?,
        Some(other) => {
            let what = match other {
                Lit::Float(_) => "takes whole seconds",
                _ => "takes a duration",
            };
            let message = format!(
                "`{key}` {what}; write a string such as `\"500ms\"` or `\"1h30m\"`, or a number \
                 of seconds such as `300`"
            );
            return Err(Error::new_spanned(other, message));
        }
        None => {
            return Ok(match value::visible(value.clone()) {
                Expr::Closure(closure) => Life::Closure(closure),
                expr => match value::ident(&expr) {
                    Some(word) => Life::Word(word.clone()),
                    None => Life::Expr,
                },
            });
        }
    };
    if nanos == 0 {
        return Err(Error::new_spanned(value, zero));
    }
    let too_long = |_| Error::new_spanned(value, "this duration is too long; write `never`");
    let secs = u64::try_from(nanos / NANOS_PER_SEC).map_err(too_long)?;
    let nanos = u32::try_from(nanos % NANOS_PER_SEC).map_err(too_long)?;
    Ok(Life::Fixed { secs, nanos })
}

fn whole_seconds(seconds: &LitInt) -> Result<u128> {
    if !seconds.suffix().is_empty() {
        let message = format!(
            "a number is in seconds and takes no suffix; write `{}`, or a string such as `\"5m\"`",
            seconds.base10_digits(),
        );
        return Err(Error::new(seconds.span(), message));
    }
    let too_long = |_| Error::new(seconds.span(), "this duration is too long; write `never`");
    Ok(u128::from(seconds.base10_parse::<u64>().map_err(too_long)?) * NANOS_PER_SEC)
}

/// The nanoseconds of a text such as `1h30m`.
fn written(literal: &LitStr) -> Result<u128> {
    let text = literal.value();
    let fail = |what: String| {
        let message = format!(
            "{what}; write a duration such as `\"500ms\"`, `\"5m\"`, `\"1h30m\"` or `\"2d\"`"
        );
        Err(Error::new(literal.span(), message))
    };
    let mut rest = text.as_str();
    let mut units = UNITS.as_slice();
    let mut total = 0_u128;
    if rest.is_empty() {
        return fail("this duration is empty".into());
    }
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after, |c| !c.is_ascii_digit());
        if digits.is_empty() {
            return fail(format!("expected a number before `{unit}`"));
        }
        if unit.is_empty() {
            return fail(format!("`{digits}` has no unit: `ms`, `s`, `m`, `h`, `d` or `w`"));
        }
        let Some(nanos) = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, nanos)| nanos)
        else {
            return fail(format!("unknown unit `{unit}`: use `ms`, `s`, `m`, `h`, `d` or `w`"));
        };
        let Some(position) = units.iter().position(|(name, _)| *name == unit) else {
            return fail(format!("`{unit}` is out of place, as units go from long to short"));
        };
        units = units.get(position + 1..).unwrap_or_default();
        let part = digits.parse::<u128>().ok().and_then(|number| number.checked_mul(*nanos));
        match part.and_then(|part| total.checked_add(part)) {
            Some(sum) => total = sum,
            None => return fail("this duration is too long".into()),
        }
        rest = after;
    }
    Ok(total)
}

/// The leading characters that fit, and the rest.
fn split(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    text.split_at(end)
}
