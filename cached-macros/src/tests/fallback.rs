use super::*;

fn expand(args: &str, item: &str) -> String {
    crate::cached_tokens(tokens(args), tokens(item)).to_string()
}

#[test]
fn a_good_function_keeps_its_attributes() {
    let item = "/// Docs\n #[inline] #[cached(using = \"redis\")] pub fn f() -> u8 { 1 }";
    let code = expand("", item);
    assert!(!code.contains("compile_error") && !code.contains("# [cached"), "{code}");
    assert!(code.contains("# [inline]"), "{code}");
}

#[test]
fn an_error_leaves_the_function_and_takes_the_stack() {
    let item = "#[inline] #[cached(using = \"\")] #[a::cached] #[cached_by] pub fn f() { x. }";
    let code = expand("bad = 1", item);
    assert_eq!(code.matches("compile_error").count(), 2, "{code}");
    assert!(code.ends_with("# [inline] # [cached_by] pub fn f () { x . }"), "{code}");
}

#[test]
fn what_is_no_function_is_left_as_well() {
    let code = expand("", "#[cached] struct S;");
    assert_eq!(code.matches("compile_error").count(), 1, "{code}");
    assert!(code.ends_with("struct S ;"), "{code}");
}
