use super::*;
use crate::model::{Companion, Piece, Returns};

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
    let message = "`#[cached]` goes on a function";
    rejects_item("struct S;", message, "struct");
    rejects_item("#[a] pub enum E {}", message, "pub");
    rejects_item("const X: u8 = 5;", message, "const");
    rejects_item("impl S { fn f() {} }", message, "impl");
    rejects_item("extern \"C\" { fn f(); }", message, "extern");
    rejects_item("fn f();", "a function without a body", ";");
}

#[test]
fn self_must_be_decided() {
    let message = "`self` must be decided: name what of it forms the key";
    for item in ["fn f(&self, a: u8) {}", "fn f(self) {}", "fn f(self: &Arc<Self>) {}"] {
        rejects_item(item, message, "self");
        rejects("include = [LIMIT]", "fn f(&self) {}", &[(message, "self")]);
        model("exclude = [self]", item);
        model("include = [self.id]", item);
        model("key = \"a{self.id}\"", item);
    }
    rejects("exclude = [self]", "fn f() {}", &[("no parameter `self`", "self")]);
    rejects("include = [self.id]", "fn f() {}", &[("no parameter `self`", "self")]);
    let twice = "`self` forms the key already";
    rejects("include = [self.id], exclude = [self]", "fn f(&self) {}", &[(twice, "self")]);
}

#[test]
fn a_method_that_changes_self() {
    let message = "a method that takes `&mut self` cannot be cached";
    for place in ["&mut self", "self: &mut Self", "self: Pin<&mut Self>"] {
        rejects("exclude = [self]", &format!("fn f({place}) {{}}"), &[(message, place)]);
    }
    model("exclude = [self]", "fn f(mut self) {}");
}

#[test]
fn what_stands_beside() {
    let of = |args: &str, item: &str| model(args, item).companion;
    assert_eq!(of("", "fn f() {}"), Companion::Type);
    assert_eq!(of("", "fn f() { Self::g() }"), Companion::Type, "a body can be anywhere");
    assert_eq!(of("", "fn f() -> Result<Self, E> {}"), Companion::Siblings);
    assert_eq!(of("exclude = [self]", "fn f(&self) {}"), Companion::Siblings);
    assert_eq!(of("companion = siblings", "fn f() {}"), Companion::Siblings);
    assert_eq!(of("companion = true", "fn f() {}"), Companion::Type);
    assert_eq!(of("companion = true", "fn f(a: Self) {}"), Companion::Siblings);
    assert_eq!(of("companion = false", "fn f() {}"), Companion::Nothing);
    let boxed = "fn f<'async_trait>(a: &'async_trait u8) -> Pin<Box<dyn Future<Output = u8>>> {}";
    assert_eq!(of("", boxed), Companion::Nothing);
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
    for item in [
        "fn f<T: Hash>(a: T) where T: Eq {}",
        "fn f<'a, const N: usize>(a: &'a [u8; N]) {}",
        "fn f(a: u8) where u8: Hash, {}",
        "fn f(a: &impl Hash) {}",
    ] {
        model("", item);
    }
    let constant = model("", "fn f<T, const N: usize>(a: u8) {}");
    assert_eq!(labels(&constant), ["N", "a"]);
    let template = model("key = \"x{a}\"", "fn f<const N: u8>(a: u8) {}").template.unwrap();
    assert_eq!(template.len(), 5);
    assert_eq!(template[1], Piece::Value(0));
    assert_eq!(template[4], Piece::Value(1));
}

#[test]
fn what_comes_out_of_a_boxed_future() {
    let of = |ty: &str| match model("", &format!("fn f() -> {ty} {{}}")).returns {
        Returns::Boxed(ty) => code(&ty),
        other => panic!("{other:?}"),
    };
    assert_eq!(of("Pin<Box<dyn Future<Output = u8>>>"), "u8");
    assert_eq!(of("std::pin::Pin<Box<dyn Send + a::Future<Output = Vec<u8>> + 'a>>"), "Vec < u8 >");
    assert_eq!(of("futures::future::BoxFuture<'_, Result<u8, E>>"), "Result < u8 , E >");
    for ty in ["Pin<Box<u8>>", "Box<dyn Future<Output = u8>>", "Pin<Vec<u8>>", "BoxFuture"] {
        let model = model("", &format!("fn f() -> {ty} {{}}"));
        assert!(matches!(model.returns, Returns::Now(_)), "{ty}");
    }
}

#[test]
fn returned_impl_trait() {
    let message = "a cached value needs a type that can be named";
    rejects_item("fn f() -> impl Future<Output = u8> {}", message, "impl Future<Output = u8>");
    rejects_item("fn f() -> Option<impl Sized> {}", message, "impl Sized");
}

#[test]
fn parameters() {
    let with = model("", "fn f((a, _): (u8, u8), ref b: u8, _: Db, mut c: u8) {}");
    assert_eq!(labels(&with), ["0", "1", "c"]);
    assert_eq!(roles(&with), [Role::Key, Role::Key, Role::Excluded, Role::Key]);
    let names = "__cached_arg_0 __cached_arg_1 __cached_arg_2 c";
    let outward: Vec<_> = with.params.iter().map(|param| param.ident.to_string()).collect();
    assert_eq!(outward.join(" "), names);
    let included = model("include = [a]", "fn f((a, b): (u8, u8), c: u8) {}");
    assert_eq!(roles(&included), [Role::Key, Role::Excluded]);
    let excluded = model("exclude = [b]", "fn f((Some(b) | None): Option<u8>, c: u8) {}");
    assert_eq!(labels(&excluded), ["c"]);
    rejects("exclude = [x]", "fn f((a, b): P) {}", &[("the parameters are `a`, `b`", "x")]);
    rejects_item("fn f(#[cfg(x)] a: u8) {}", "there only sometimes", "#[cfg(x)]");
}

#[test]
fn strict_asks_for_every_parameter() {
    let message = "`strict` asks what each parameter is to the key, and ";
    let all = "fn f(&self, db: &Db, (a, b): P, _: u8, force_update: bool) {}";
    rejects(
        "strict, exclude = [self]",
        all,
        &[(&format!("{message}`db`"), "db"), (&format!("{message}`a`"), "a")],
    );
    model("strict, include = [self.x, a], exclude = [db]", all);
    model("strict, key = \"k{b}\", exclude = [self, db]", all);
    model("strict", "fn f() {}");
    rejects_args("strict = true", "`strict` takes no value", "strict");
    rejects_args("strict, exclude = [id, name], strict", "duplicate `strict`", "strict");
}
