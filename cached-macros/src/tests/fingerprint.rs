//! `version = auto`: what changes the number, and what does not.

use super::*;

fn of(item: &str) -> u64 {
    model("version = auto", item).version.unwrap()
}

const CODE: &str =
    "fn f(a: u8) -> Vec<Vec<u8>> { let b = (g(a, 1), [2, 3],); h(&b && x || *y, 4) }";

#[test]
fn layout_and_comments_make_no_difference() {
    let same = [
        "fn f(a: u8)->Vec<Vec<u8>>{let b=(g(a,1),[2,3],);h(&b&&x||*y,4)}",
        "/// Docs.\n#[inline]\npub fn f(a: u8) -> Vec<Vec<u8> > {\n // says\n let b = (\n g(\n a,\n \
         1,\n ),\n [\n 2,\n 3,\n ],\n ); /* here */ /// doc\n h(&b && x || *y, 4,) }",
        "fn f(a: u8,) -> Vec<Vec<u8,>,> { let b = (g(a, 1), [2, 3]); h(&b && x || *y, 4) }",
    ];
    for item in same {
        assert_eq!(of(item), of(CODE), "{item}");
    }
}

#[test]
fn code_makes_a_difference() {
    let bodies = [
        "",
        "1",
        "1.0",
        "\"1\"",
        "a",
        "b",
        "(a)",
        "(a,)",
        "return (a)",
        "return (a,)",
        "[a]",
        "{ a }",
        "a & &b",
        "a && b",
        "a | |b| c",
        "a || b(c)",
        "a = = b",
        "a == b",
        "a b",
        "ab",
        "a; b",
        "f(a, b)",
        "f((a, b))",
        "f(a)(b)",
        "#[cfg(a)] b",
        "#[cfg(b)] b",
    ];
    let mut seen = HashSet::new();
    for body in bodies {
        assert!(seen.insert(of(&format!("fn f() {{ {body} }}"))), "{body}");
    }
    for item in ["fn g() {}", "fn f(a: u8) {}", "fn f() -> u8 {}", "async fn f() {}"] {
        assert!(seen.insert(of(item)), "{item}");
    }
}

#[test]
fn the_number_is_the_same_everywhere() {
    assert_eq!(of("fn f(a: u8) -> u8 { a + 1 }"), 3_180_066_727_680_605_178);
}
