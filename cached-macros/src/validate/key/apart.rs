//! A key has to tell the calls of a function apart, unless the user says that it need not.

use syn::{Error, Ident, Result};

use crate::attr::{FunctionArgs, TemplatePiece};

/// Refuses a written key that depends on no parameter. `params` are those that are not excluded, each
/// with whether the key mentions it.
pub(super) fn check(function: &FunctionArgs, params: &[(Ident, bool)]) -> Result<()> {
    if params.is_empty() || params.iter().any(|(_, mentioned)| *mentioned) {
        return Ok(());
    }
    let names: Vec<_> = params.iter().map(|(name, _)| name.to_string()).collect();
    let list = names.join(", ");
    match (&function.key, &function.include) {
        (Some(key), _) => {
            let (hint, prefix) = match key.value.as_slice() {
                // In the crate `cached`, `key` is the type of the keys.
                [TemplatePiece::Text(text)] if text.starts_with(char::is_uppercase) => {
                    ("`key` is the text of the key here and not its type; ", "call")
                }
                [TemplatePiece::Text(text)] => ("", text.as_str()),
                _ => ("", "call"),
            };
            let message = format!(
                "no placeholder of `key` names a parameter, so that all calls would share one \
                 entry; {hint}without `key`, all parameters form the key; with it, write them into \
                 the text, as in `key = \"{prefix}:{{{}}}\"`, or say that they make no difference: \
                 `exclude = [{list}]`",
                names.join("}:{"),
            );
            Err(Error::new(key.key.span(), message))
        }
        (None, Some(include)) => {
            let message = format!(
                "nothing in `include` depends on a parameter, so that all calls would share one \
                 entry; name what tells them apart, or say that the parameters make no \
                 difference: `exclude = [{list}]`"
            );
            Err(Error::new(include.key.span(), message))
        }
        (None, None) => Ok(()),
    }
}
