//! `key = "user:{id}:{role}"`: the key's text, written out.
//!
//! Two calls must never share a key. A placeholder's value is escaped, so a character that no
//! escaped value contains has to stand between two of them.

use syn::{Error, Expr, LitStr, Result};

use super::value;

/// Characters that no escaped value contains.
const SEPARATORS: &str = ":/|@;+";
/// Characters of the text beside letters and digits.
const MARKS: &str = "-_.~:/|@;,=+";

#[cfg_attr(test, derive(Debug))]
pub(crate) enum TemplatePiece {
    Text(String),
    Value(Box<Expr>),
}

pub(super) fn parse(value: &Expr) -> Result<Vec<TemplatePiece>> {
    let literal = value::string(value, "`key` takes a string such as `\"user:{id}:{role}\"`")?;
    let text = literal.value();
    if text.is_empty() {
        let message = "`key` cannot be empty; to share one entry between all calls, leave all \
                       parameters out with `exclude`";
        return Err(Error::new(literal.span(), message));
    }
    if let Some(first) = text.chars().next().filter(|c| matches!(c, ':' | '@' | '#')) {
        let message = format!(
            "`key` cannot start with `{first}`, which has a meaning of its own there; start with a \
             word, such as `\"user:{{id}}\"`"
        );
        return Err(Error::new(literal.span(), message));
    }
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        rest = match rest.strip_prefix('{') {
            Some(inside) => {
                let (expr, after) = placeholder(inside, literal)?;
                separated(&pieces, literal)?;
                pieces.push(TemplatePiece::Value(Box::new(expr)));
                after
            }
            None => {
                let (words, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
                plain(words, literal)?;
                pieces.push(TemplatePiece::Text(words.to_owned()));
                after
            }
        };
    }
    Ok(pieces)
}

/// Checks what stands before a placeholder.
fn separated(pieces: &[TemplatePiece], literal: &LitStr) -> Result<()> {
    let fine = match pieces {
        [] | [TemplatePiece::Text(_)] => true,
        [.., TemplatePiece::Text(text)] => text.contains(|c| SEPARATORS.contains(c)),
        [.., TemplatePiece::Value(_)] => false,
    };
    match fine {
        true => Ok(()),
        false => Err(Error::new(
            literal.span(),
            "two placeholders of `key` need one of `:` `/` `|` `@` `;` `+` between them, or two \
             different calls could share a key; write `\"{a}:{b}\"`",
        )),
    }
}

fn plain(text: &str, literal: &LitStr) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || MARKS.contains(c);
    let Some(c) = text.chars().find(|c| !allowed(*c)) else { return Ok(()) };
    let message = match c {
        '}' => "`}` in `key` closes no placeholder; a key contains no braces".to_owned(),
        '(' | '<' | '&' => format!(
            "`key` is the text of the key here and not its type, and cannot contain {c:?}; \
             without `key`, all parameters form the key; with it, a text such as `\"user:{{id}}\"`"
        ),
        _ => format!(
            "`key` cannot contain {c:?}; outside of placeholders use ASCII letters, digits and \
             `{MARKS}`"
        ),
    };
    Err(Error::new(literal.span(), message))
}

/// Reads from after the `{`; returns the expression and what follows the `}`.
fn placeholder<'a>(inside: &'a str, literal: &LitStr) -> Result<(Expr, &'a str)> {
    let fail = |message: &str| Err(Error::new(literal.span(), message));
    if inside.starts_with('{') {
        return fail("`{{` is no escape in `key`; a key contains no braces");
    }
    let Some(end) = closing(inside) else {
        return fail("a placeholder of `key` is not closed; add the `}`");
    };
    let (code, after) = inside.split_at(end);
    if code.trim().is_empty() {
        return fail("a placeholder of `key` is empty; name what goes there, such as `{id}`");
    }
    let expr = LitStr::new(code, literal.span()).parse().map_err(|error| {
        let message = format!(
            "`{{{code}}}` in `key` is not an expression: {error}; a placeholder takes Rust code \
             and no format options"
        );
        Error::new(literal.span(), message)
    })?;
    Ok((expr, after.strip_prefix('}').unwrap_or(after)))
}

/// Where the placeholder's own `}` is.
fn closing(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    inside.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        None
    })
}
