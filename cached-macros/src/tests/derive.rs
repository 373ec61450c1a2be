//! The same for `#[derive(CacheKey)]`.

mod bounds;
mod expansion;
mod options;

use syn::DeriveInput;

use super::{code, tokens};
use crate::derive::{expand, validate};

fn input(item: &str) -> DeriveInput {
    syn::parse2(tokens(item)).unwrap()
}

fn expanded(item: &str) -> syn::File {
    syn::parse2(expand(&validate(&input(item)).unwrap())).unwrap()
}

/// Asserts that these are the errors, all of them, in order.
#[track_caller]
fn rejects(item: &str, expected: &[(&str, &str)]) {
    let error = validate(&input(item)).expect_err("the model was accepted");
    let errors: Vec<_> = error
        .into_iter()
        .map(|error| (error.to_string(), error.span().source_text().unwrap_or_default()))
        .collect();
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for ((message, at), (part, place)) in errors.iter().zip(expected) {
        assert!(message.contains(part), "`{part}` is not in `{message}`");
        assert_eq!(at, place, "the place of `{message}`");
        assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
    }
}
