//! Source text in, a model or errors out. An error is a part of its message and the code it is at.

mod borrow;
mod derive;
mod duration;
mod each;
mod expansion;
mod fallback;
mod fingerprint;
mod item;
mod key;
mod memory;
mod options;
mod stack;
mod template;
mod writer;

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::model::{KeyPart, Model, Role};

const ITEM: &str = "fn f(id: u64, name: &str) -> u8 { 1 }";

fn tokens(code: &str) -> TokenStream {
    code.parse().unwrap()
}

#[track_caller]
fn model(args: &str, item: &str) -> Model {
    crate::model(tokens(args), tokens(item)).unwrap()
}

/// Asserts that these are the errors, all of them, in order.
#[track_caller]
fn rejects(args: &str, item: &str, expected: &[(&str, &str)]) {
    let error = crate::model(tokens(args), tokens(item)).expect_err("the model was accepted");
    let errors: Vec<_> = error
        .into_iter()
        .map(|error| (error.to_string(), error.span().source_text().unwrap_or_default()))
        .collect();
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for ((message, at), (part, place)) in errors.iter().zip(expected) {
        assert!(message.contains(part), "`{part}` is not in `{message}`");
        assert_eq!(at, place, "the place of `{message}`");
        assert!(!message.ends_with('.'), "{message}");
        assert!(!message.starts_with(char::is_uppercase), "{message}");
        assert!(!message.contains("  "), "{message}");
    }
}

/// Asserts one error on the usual function.
#[track_caller]
fn rejects_args(args: &str, part: &str, place: &str) {
    rejects(args, ITEM, &[(part, place)]);
}

fn code(part: &impl ToTokens) -> String {
    part.to_token_stream().to_string()
}

fn labels(model: &Model) -> Vec<&str> {
    model.parts.iter().map(|part| part.label.as_str()).collect()
}

fn roles(model: &Model) -> Vec<Role> {
    model.params.iter().map(|param| param.role).collect()
}

/// Which parameters `entry(..)` takes.
fn entry_params(model: &Model) -> Vec<usize> {
    let params = model.params.iter().enumerate();
    params.filter(|(_, param)| param.role == Role::Key).map(|(at, _)| at).collect()
}

#[track_caller]
fn only_part(model: &Model) -> &KeyPart {
    assert_eq!(model.parts.len(), 1);
    &model.parts[0]
}
