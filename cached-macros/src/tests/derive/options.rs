use super::*;

/// Puts options on a field.
fn on_field(options: &str) -> String {
    format!("struct S {{ #[cache_key({options})] id: u64, name: String }}")
}

#[track_caller]
fn rejects_option(options: &str, part: &str, place: &str) {
    rejects(&on_field(options), &[(part, place)]);
}

#[test]
fn an_option_is_read_alone() {
    rejects_option("skipped", "unknown option: the options are `skip`, ", "skipped");
    rejects_option("a::skip", "unknown option", "a::skip");
    rejects_option("default = 5", "unknown option", "default");
    rejects_option("skip = true", "`skip` takes no value", "skip");
    rejects_option("skip(a)", "`skip` takes no value", "skip");
    rejects_option("rename", "`rename` takes a string such as `\"id\"`: `rename = ..`", "rename");
    rejects_option("rename =", "`rename` takes a string", "rename");
    rejects_option("rename = 5", "`rename` takes a string", "5");
    rejects_option("rename(\"a\")", "`rename` takes a string", "rename");
    rejects_option("rename = \"\"", "cannot be empty", "\"\"");
    rejects_option(
        "with = |v, key| ()",
        "`with` takes the path of a `fn(&T, &mut Key",
        "|v, key| ()",
    );
    rejects_option("with = a::", "`with` takes the path", "a");
    rejects_option("with = f + g", "`with` takes the path", "f + g");
    rejects_option("rename = \"a\" b", "expected `,`", "b");
    rejects("#[cache_key(crate = a::<u8>)] struct S;", &[("`crate` takes the p", "a::<u8>")]);
    rejects("#[cache_key(crate = \"a\")] struct S;", &[("`crate` takes the path", "\"a\"")]);
    rejects("struct S(#[cache_key] u8);", &[("expected options in parentheses", "cache_key")]);
    rejects("#[cache_key = \"a\"] struct S;", &[("expected options in", "cache_key = \"a\"")]);
}

#[test]
fn an_option_is_given_once() {
    rejects_option("skip, skip", "`skip` is given twice", "skip");
    rejects_option("rename = \"a\", rename = \"b\"", "`rename` is given twice", "rename");
    rejects(
        "struct S(#[cache_key(with = f)] #[cache_key(with = g)] u8);",
        &[("`with` is given twice", "with")],
    );
}

#[test]
fn an_option_has_its_place() {
    rejects(
        "#[cache_key(skip)] struct S;",
        &[("`skip` cannot stand on the type: it goes", "skip")],
    );
    rejects("struct S(#[cache_key(rename = \"a\")] u8);", &[("a field without a name", "rename")]);
    rejects("struct S(#[cache_key(crate = a)] u8);", &[("it goes on the type itself", "crate")]);
    rejects(
        "enum E { #[cache_key(skip)] A, #[cache_key(with = f)] B(u8) }",
        &[("cannot stand on a variant: it goes on fields", "skip"), ("a variant", "with")],
    );
}

#[test]
fn what_is_left_out_is_not_written_in_another_way() {
    rejects_option("skip, with = f", "`with` says how a field is written, and `skip`", "with");
    rejects_option("rename = \"a\", skip", "`rename` says how", "rename");
}

#[test]
fn bug_35_two_of_one_name() {
    let message = "two fields are called `name` in the key: each needs";
    rejects_option("rename = \"name\"", message, "\"name\"");
    rejects("struct S { r#type: u8, #[cache_key(rename = \"type\")] b: u8 }", &[("", "\"type\"")]);
    let variants = "two variants are called `A` in the key";
    rejects("enum E { A, #[cache_key(rename = \"A\")] B(u8) }", &[(variants, "\"A\"")]);
    rejects(
        "enum E { #[cache_key(rename = \"A\")] B(u8), #[cache_key(rename = \"A\")] C, A }",
        &[(variants, "\"A\""), (variants, "\"A\"")],
    );
    // What is not in the key has no name there; two variants have their own fields.
    let accepted = "enum E { A { #[cache_key(rename = \"b\")] a: u8, #[cache_key(skip)] b: u8 }, \
                    B { #[cache_key(rename = \"c\")] b: u8 } }";
    assert!(validate(&input(accepted)).is_ok());
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    rejects(
        "#[cache_key(skip)] struct S { #[cache_key(renam = \"b\", skip, skip)] a: u8, \
         #[cache_key(rename = 5, x = [1, 2])] b: u8 }",
        &[
            ("`skip` cannot stand on the type", "skip"),
            ("unknown option", "renam"),
            ("`skip` is given twice", "skip"),
            ("`rename` takes", "5"),
            ("unknown option", "x"),
        ],
    );
    rejects(
        "enum E { #[cache_key(rename = \"\")] A { #[cache_key(with)] a: u8 }, B }",
        &[("cannot be empty", "\"\""), ("`with` takes", "with")],
    );
}

#[test]
fn a_union_is_refused() {
    rejects("union U { a: u8 }", &[("a union does not say which of its fields", "union")]);
}
