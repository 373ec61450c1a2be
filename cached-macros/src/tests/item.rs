use super::*;

#[track_caller]
fn rejects_item(item: &str, part: &str, place: &str) {
    rejects("", item, &[(part, place)]);
}

#[test]
fn free_functions() {
    for item in [
        "fn f() {}",
        "async fn f() -> u8 { 1 }",
        "pub(crate) async fn f<'a, 'b: 'a>(a: &'a str) where 'b: 'a {}",
        "fn f(#[allow(unused)] a: u8) {}",
        "fn f() { #![allow(unused)] let x = ; }",
        "fn f(f: fn(u8) -> u8) -> Box<dyn Future<Output = u8>> {}",
    ] {
        model("", item);
    }
}

#[test]
fn the_body_is_not_parsed() {
    let model = model("", "fn f() { let x = foo. }");
    assert_eq!(model.body.to_string(), "{ let x = foo . }");
}

#[test]
fn other_items() {
    let message = "`#[cached]` goes on a free function";
    rejects_item("struct S;", message, "struct");
    rejects_item("#[a] pub enum E {}", message, "pub");
    rejects_item("const X: u8 = 5;", message, "const");
    rejects_item("impl S { fn f() {} }", message, "impl");
    rejects_item("extern \"C\" { fn f(); }", message, "extern");
    rejects_item("fn f();", "a function without a body", ";");
}

#[test]
fn methods() {
    for (item, place) in [
        ("fn f(&self, a: u8) {}", "self"),
        ("fn f(self) {}", "self"),
        ("fn f(self: Arc<Self>) {}", "self"),
    ] {
        let message = "`#[cached]` on methods is not supported yet: annotate a free function and \
                       call it from the method";
        rejects_item(item, message, place);
    }
}

#[test]
fn qualifiers() {
    rejects_item("const fn f() {}", "a `const fn` cannot be cached", "const");
    rejects_item("unsafe fn f() {}", "an `unsafe fn` cannot be cached", "unsafe");
    rejects_item("extern \"C\" fn f() {}", "an `extern` function", "extern \"C\"");
    rejects_item("fn f(a: u8, ...) {}", "a variadic function", "...");
}

#[test]
fn generics() {
    let message = "generic functions are not supported yet: write one annotated function per type";
    rejects_item("fn f<T: Hash>(a: T) where T: Eq {}", message, "T: Hash");
    rejects_item("fn f<'a, const N: usize>(a: [u8; N]) {}", message, "const N: usize");
    rejects_item("fn f(a: u8) where u8: Hash, {}", message, "u8: Hash");
    rejects_item("fn f(a: &impl Hash) {}", message, "impl Hash");
    let both = "fn f<T, U>(a: T) {}";
    rejects("", both, &[(message, "T"), (message, "U")]);
}

#[test]
fn returned_impl_trait() {
    let message = "a cached value needs a type that can be named";
    rejects_item("fn f() -> impl Future<Output = u8> {}", message, "impl Future<Output = u8>");
    rejects_item("fn f() -> Option<impl Sized> {}", message, "impl Sized");
}

#[test]
fn parameters() {
    rejects_item("fn f((a, b): (u8, u8)) {}", "give the parameter a name", "(a, b)");
    rejects_item("fn f(ref a: u8) {}", "give the parameter a name", "ref a");
    rejects_item("fn f(_: u8) {}", "call it `_unused`", "_");
    rejects_item("fn f(#[cfg(x)] a: u8) {}", "there only sometimes", "#[cfg(x)]");
}
