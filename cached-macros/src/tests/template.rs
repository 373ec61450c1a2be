use super::*;
use crate::model::Piece;

const ITEM: &str = "fn f(id: u64, role: &str, db: &Db) -> u8 { 1 }";

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

#[track_caller]
fn rejects_key(key: &str, part: &str) {
    rejects(&format!("key = {key}"), ITEM, &[(part, key)]);
}

#[test]
fn pieces_and_parts() {
    let model = model("key = \"user:{id}/{role.trim()}.v\"", ITEM);
    let expected = [text("user:"), Piece::Value(0), text("/"), Piece::Value(1), text(".v")];
    assert_eq!(model.template.as_deref(), Some(expected.as_slice()));
    assert_eq!(code(&model.parts[1].expr), "role . trim ()");
    assert!(model.parts[0].ty.is_some() && model.parts[1].ty.is_none());
    assert_eq!(roles(&model), [Role::Key, Role::Key, Role::Excluded]);
}

#[test]
fn the_plain_forms() {
    let all = "key = \"all\", exclude = [id, role, db]";
    assert_eq!(model(all, ITEM).template, Some(vec![text("all")]));
    assert_eq!(model("key = \"{id}\"", ITEM).template, Some(vec![Piece::Value(0)]));
    assert_eq!(entry_params(&model(all, ITEM)), [0; 0]);
    for separator in [":", "/", "|", "@", ";", "+", "-x:", "::"] {
        model(&format!("key = \"{{id}}{separator}{{role}}\""), ITEM);
    }
    let blocks = model("key = \"k:{ if id > 1 { 1 } else { 2 } }\"", ITEM);
    assert_eq!(entry_params(&blocks), [0]);
}

#[test]
fn placeholders_must_be_told_apart() {
    for key in ["\"{id}{role}\"", "\"{id}-{role}\"", "\"{id},{role}\"", "\"{id}abc{role}\""] {
        rejects_key(key, "need one of `:` `/` `|` `@` `;` `+` between them");
    }
}

#[test]
fn text_that_cannot_be_in_a_key() {
    rejects_key("\"\"", "`key` cannot be empty");
    rejects_key("\":a\"", "cannot start with `:`");
    rejects_key("\"@a\"", "cannot start with `@`");
    rejects_key("\"#a\"", "cannot start with `#`");
    rejects_key("\"a b\"", "cannot contain ' '");
    rejects_key("\"a*\"", "cannot contain '*'");
    rejects_key("\"a#\"", "cannot contain '#'");
    rejects_key("\"a%\"", "cannot contain '%'");
    rejects_key("\"é\"", "cannot contain 'é'");
    rejects_key("\"a\\n\"", "cannot contain '\\n'");
    rejects_key("\"a}\"", "`}` in `key` closes no placeholder");
    rejects_key("\"{{id}}\"", "`{{` is no escape in `key`");
    rejects_key("\"{id\"", "is not closed");
    rejects_key("\"{}\"", "is empty");
    rejects_key("\"{id:?}\"", "no format options");
    rejects_key("user", "`key` takes a string");
}

#[test]
fn placeholders_are_checked_like_other_expressions() {
    rejects_key("\"{user}\"", "no parameter `user`; the parameters are `id`, `role`, `db`");
    let item = "fn f(a: &mut u8, force_update: bool) {}";
    let mutable = &[("leaves `a` as it was", "&mut u8"), ("leave it out of `key`", "\"{a}\"")];
    rejects("key = \"{a}\"", item, mutable);
    let item = "fn f(a: u8, force_update: bool) {}";
    rejects("key = \"{force_update}\"", item, &[("never part of the key", "\"{force_update}\"")]);
}

#[test]
fn a_key_says_everything() {
    rejects_args("key = \"a\", include = [id]", "`include` conflicts with `key`", "include");
    rejects_args("exclude = [id], key = \"a{id}\"", "`id` forms the key already", "id");
    let excluded = model("exclude = [id], key = \"a{role}\"", ITEM);
    assert_eq!(roles(&excluded)[..2], [Role::Excluded, Role::Key]);
}
