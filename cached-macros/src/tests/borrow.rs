use super::*;

#[track_caller]
fn borrows(ty: &str) -> (bool, bool) {
    let model = model("", &format!("fn f<'a>(p: {ty}) {{}}"));
    let part = only_part(&model);
    (part.by_ref, part.nested_borrow)
}

#[test]
fn owned_types() {
    for ty in [
        "u64",
        "String",
        "Vec<Option<u8>>",
        "&'static [&'static str]",
        "Option<&'static str>",
        "Cow<'static, str>",
        "fn(&str) -> &str",
        "Box<dyn Fn(&str) -> &str>",
        "Box<dyn for<'x> Parse<'x>>",
    ] {
        assert!(!borrows(ty).1, "{ty}");
    }
}

#[test]
fn one_leading_reference_is_taken_off() {
    for ty in ["&str", "&'a str", "&[u8]", "&'static str", "(&str)"] {
        assert_eq!(borrows(ty), (true, false), "{ty}");
    }
}

#[test]
fn nested_borrows() {
    for ty in ["&&str", "&[&str]", "&Cow<'_, str>", "&(u8, &'a str)"] {
        assert_eq!(borrows(ty), (true, true), "{ty}");
    }
    for ty in ["Option<&str>", "Cow<'a, str>", "(u8, &str)", "Box<dyn Any + 'a>", "[&str; 2]"] {
        assert_eq!(borrows(ty), (false, true), "{ty}");
    }
}

#[test]
fn a_cached_value_owns_its_data() {
    for (ty, place) in [
        ("&str", "&str"),
        ("&'a [u8]", "&'a [u8]"),
        ("Option<&str>", "&str"),
        ("Result<&'a str, Error>", "&'a str"),
        ("Cow<'a, str>", "'a"),
        ("Vec<(u8, Ref<'_>)>", "'_"),
        ("(u8, &mut u8)", "&mut u8"),
    ] {
        let item = format!("fn f<'a>(p: &'a str) -> {ty} {{ p }}");
        rejects("", &item, &[("a cached value must own its data: return an owned", place)]);
    }
}

#[test]
fn an_error_owns_its_data() {
    let message = "a cached function's error must own its data";
    let value = "a cached value must own its data";
    for (ty, expected) in [
        ("Result<u8, &'a str>", &[(message, "&'a str")][..]),
        ("a::MyResult<Vec<u8>, ParseError<'a>>", &[(message, "'a")]),
        ("Result<&'a u8, (u8, &str)>", &[(value, "&'a u8"), (message, "&str")]),
        ("HashMap<u8, &str>", &[(value, "&str")]),
    ] {
        rejects("", &format!("fn f<'a>() -> {ty} {{ p }}"), expected);
    }
    for ty in ["Result<u8, Error>", "Result<u8, &'static str>", "&'static str", "()"] {
        model("", &format!("fn f<'a>() -> {ty} {{ p }}"));
    }
}
