//! `#[cache_evict]` and `#[cache_put]`: what is understood, what is refused, and what comes out.

use syn::File;
use syn::visit::Visit;

use super::expansion::{Decisions, Names, assert_prints, words};
use super::*;
use crate::writer::Kind::{Evict, Put};
use crate::writer::{self, Kind};

const WRITE: &str = "fn write(db: &Db, user: User) -> Result<User, E> { db.save(user) }";

const EVICT: (Kind, &str, &str) = (
    Evict,
    "get_user(user.id), users::list, self.get(1), Repo::find::<T>(id), Self::find",
    "/// Writes.\n #[must_use] pub fn write(self, db: &Db, user: User) -> Result<User, E> { db.save(user) }",
);

const PUT: (Kind, &str, &str) = (
    Put,
    "self.get(|user| user.id), find::<u8>(&name, |user: &User| &user.id)",
    "#[cache_evict(list)] async fn create(&mut self, name: String, mut role: Role) -> User { self.add(name, role) }",
);

const BEFORE: (Kind, &str, &str) = (
    Evict,
    "before, get_user(id), crate = crate::kit",
    "fn write<'async_trait>(id: u64) -> Pin<Box<dyn Future<Output = u8> + Send + 'async_trait>> { Box::pin(async move { id }) }",
);

const BEFORE_NOW: (Kind, &str, &str) = (Evict, "before, list", "fn write() {}");

fn expanded((kind, args, item): (Kind, &str, &str)) -> File {
    let writer = writer::model(kind, tokens(args), tokens(item)).unwrap();
    syn::parse2(writer::expand(&writer)).unwrap()
}

#[test]
fn the_eviction_of_everything() {
    assert_prints(&expanded(EVICT), "writer_evict.rs");
}

#[test]
fn putting_what_is_known_afterwards() {
    assert_prints(&expanded(PUT), "writer_put.rs");
}

#[test]
fn an_eviction_before_a_boxed_future() {
    assert_prints(&expanded(BEFORE), "writer_before.rs");
}

#[test]
fn an_expansion_decides_nothing_and_takes_every_name_by_its_full_path() {
    for kind in [EVICT, PUT, BEFORE, BEFORE_NOW] {
        let file = expanded(kind);
        let mut decisions = Decisions::default();
        decisions.visit_file(&file);
        assert!(decisions.0.is_empty(), "{:?} for {}", decisions.0, kind.1);
        let mut known = words((kind.1, kind.2));
        known.insert("__cached_outcome".into());
        let mut names = Names { known, strange: Vec::new() };
        names.visit_file(&file);
        assert!(names.strange.is_empty(), "{:?} for {}", names.strange, kind.1);
    }
}

#[track_caller]
fn rejects(kind: Kind, args: &str, item: &str, expected: &[(&str, &str)]) {
    let error = writer::model(kind, tokens(args), tokens(item)).expect_err("it was accepted");
    let place = |error: syn::Error| (error.to_string(), error.span().source_text());
    let errors: Vec<_> = error.into_iter().map(place).collect();
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for ((message, at), (part, place)) in errors.iter().zip(expected) {
        assert!(message.contains(part), "`{part}` is not in `{message}`");
        assert_eq!(at.as_deref().unwrap_or_default(), *place, "the place of `{message}`");
        assert!(!message.ends_with('.') && !message.contains("  "), "{message}");
    }
}

#[track_caller]
fn rejects_both(args: &str, part: &str, place: &str) {
    rejects(Evict, args, WRITE, &[(part, place)]);
    rejects(Put, args, WRITE, &[(part, place)]);
}

#[test]
fn what_is_no_entry() {
    let part = "expected an entry such as `get_user(user.id)`";
    for item in
        ["5", "\"users\"", "!get", "get()?", "get().await", "|u| get(u)", "get!(1)", "(a, b)"]
    {
        rejects_both(item, part, item);
    }
    rejects_both("#[cfg(x)] get(1)", part, "#[cfg(x)] get(1)");
    rejects_both("(f)(1)", part, "(f)");
    rejects_both("x[1] = 2", part, "x[1]");
    rejects_both("self.list", "write `Self::list` for all entries", "self.list");
    rejects_both("self.0", "`.0(..)`", "self.0");
    rejects(Evict, "list::<u8>", WRITE, &[("write `list` alone", "::<u8>")]);
}

#[test]
fn options() {
    rejects_both("tags = [\"users\"]", "unknown option `tags`", "tags");
    rejects_both("f(1), before = true", "`before` takes no value", "before");
    rejects_both("crate = \"x\", f(1)", "`crate` takes the path", "\"x\"");
    rejects_both("crate = a, f(1), crate = b", "duplicate `crate`", "crate");
    rejects(Evict, "before, f(1), before", WRITE, &[("duplicate `before`", "before")]);
    let late = &[("`before` is for `#[cache_evict]`", "before")];
    rejects(Put, "f(1), before", WRITE, late);
    rejects(Put, "f(|u| u.id), before", WRITE, late);
    let closure = "a closure is given what the function returned, which is not there `before`";
    rejects(Evict, "before, f(2, |u| u.id)", WRITE, &[(closure, "|u| u.id")]);
    rejects(Put, "f(1), list", WRITE, &[("stores in one entry", "list")]);
    for args in ["f(|| 1)", "f(|a, b| a)"] {
        rejects_both(args, "takes one parameter", &args[2..args.len() - 1]);
    }
}

#[test]
fn nothing_to_change() {
    rejects_both("", "nothing says what to change", "");
    rejects_both("crate = a", "nothing says what to change", "crate");
    rejects(Evict, "before", WRITE, &[("nothing says", "before")]);
}

#[test]
fn what_is_not_complete() {
    rejects_both("users::", "what begins here is not complete", "users");
    rejects_both("f(1) g(2)", "expected `,`", "g");
    rejects_both("f(1), g(user.)", "expected identifier or integer", "g");
}

#[test]
fn independent_mistakes_are_told_together() {
    rejects(
        Put,
        "before, 5, list, f(|| 1)",
        "const fn write() -> impl Sized {}",
        &[
            ("expected an entry", "5"),
            ("takes one parameter", "|| 1"),
            ("a `const fn` cannot change a cache", "const"),
            ("a return type that can be named", "impl Sized"),
        ],
    );
    rejects(
        Put,
        "before, list",
        WRITE,
        &[("`before` is for", "before"), ("stores in one entry", "list")],
    );
}

#[test]
fn what_it_stands_on() {
    rejects(
        Evict,
        "5, f(1)",
        "struct S;",
        &[("`#[cache_evict(..)]` goes on a function", "struct"), ("expected an entry", "5")],
    );
    rejects(Put, "f(1)", "fn f();", &[("a function without a body writes nothing", ";")]);
    let kept = "the future that the function returns keeps `self`";
    let boxed = "fn f(&mut self) -> BoxFuture<'_, u8> {}";
    rejects(Evict, "self.get(|id| *id)", boxed, &[(kept, "self")]);
    rejects(Put, "get(|id| id + self.id)", boxed, &[(kept, "id + self.id")]);
    writer::model(Evict, tokens("self.get(1), get(|id| *id)"), tokens(boxed)).unwrap();
}

#[test]
fn a_function_with_a_mistake_stays_as_it_was() {
    let item = "#[inline] #[cache_put(f(1))] #[cached] pub fn f() { x. }";
    let code = writer::tokens(Evict, tokens("5, 6"), tokens(item)).to_string();
    assert_eq!(code.matches("compile_error").count(), 2, "{code}");
    assert!(code.ends_with(&tokens(item).to_string()), "{code}");
}
