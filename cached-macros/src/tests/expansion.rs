//! Expansions as they are, printed, and what must be true of each of them.
//!
//! `EXPANSIONS=overwrite cargo test -p cached-macros` writes the files anew; read what changed.

mod options;

use std::collections::HashSet;
use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenTree;
use syn::visit::{self, Visit};
use syn::{ExprIf, ExprLoop, ExprMatch, ExprWhile, File, Item, Macro};

use super::*;

const PLAINEST: (&str, &str) = ("", "fn double(x: u32) -> u32 { x * 2 }");

const PLAIN: (&str, &str) = ("", "fn add(a: u64, b: &str) -> u64 { a + b.len() as u64 }");

const METHOD: (&str, &str) = (
    "include = [self.id, key, x + 1], timeout = \"5m\"",
    "/// Gets it.\n #[cfg(unix)] pub async fn get<'a, T: Load>(&'a self, key: &str, Point { mut x, .. }: \
     Point) -> Result<T, Error> where T: Clone { self.load(key, x).await }",
);

const IN_A_TRAIT: (&str, &str) = (
    "exclude = [self], companion = false, using = \"redis\"",
    "fn get<'life0, 'async_trait>(&'life0 self, id: u64) -> ::core::pin::Pin<Box<dyn \
     ::core::future::Future<Output = String> + ::core::marker::Send + 'async_trait>> where 'life0: \
     'async_trait, Self: 'async_trait { Box::pin(async move { id.to_string() }) }",
);

const BATCH: (&str, &str) = (
    "each = id in ids, exclude = [db], name = \"users.get\", using = [\"memory\", \"redis\"]",
    "async fn get(db: &Db, ids: &[u64]) -> Result<HashMap<u64, User>, DbError> { db.load(ids).await }",
);

const GENERIC: (&str, &str) = (
    "exclude = [db], version = 3",
    "fn get<T: Load, const N: usize>(db: &impl Db, key: impl CacheKey) -> [T; N] { db.load(key) }",
);

const STACKED: (&str, &str) = (
    "timeout = 60, include = [id, name.to_lowercase()], version = 2, when = |user| user.done",
    "/// Gets it.\n #[must_use] #[allow(unused)] #[cached(using = [\"near\", \"redis\"], timeout = \
     \"1h\", none_timeout = skip)] pub(crate) async fn get<'a>(db: &'a Db, id: u64, name: &str, \
     force_update: bool) -> Result<Option<User>, DbError> { db.load(id).await }",
);

const IN_MEMORY: (&str, &str) = (
    "max_bytes = \"64MiB\", weight = |v| v.len(), policy = lru, priority = rank, on_removal = |v: \
     &Vec<u8>, cause| log(v, cause)",
    "fn load(id: u64) -> Vec<u8> { read(id) }",
);

fn expanded((args, item): (&str, &str)) -> File {
    with_entries(syn::parse2(crate::expand::expand(&model(args, item), 1)).unwrap())
}

/// Takes `entry { .. }`, which comes last, out of what a macro of the core is given, so that it can be
/// read, and visited.
fn with_entries(mut file: File) -> File {
    let mut entries = Vec::new();
    for item in &mut file.items {
        let Item::Macro(called) = item else { continue };
        let mut given: Vec<_> = std::mem::take(&mut called.mac.tokens).into_iter().collect();
        let entry = given.pop().unwrap().into_token_stream();
        assert_eq!(given.pop().unwrap().to_string(), "entry");
        called.mac.tokens = given.into_iter().collect();
        let entry = syn::parse2::<syn::Block>(entry).unwrap().stmts;
        entries.extend(entry.into_iter().map(|stmt| match stmt {
            syn::Stmt::Item(entry) => entry,
            other => panic!("{other:?}"),
        }));
    }
    file.items.extend(entries);
    file
}

#[track_caller]
fn assert_is(of: (&str, &str), name: &str) {
    assert_prints(&expanded(of), name);
}

#[track_caller]
pub(super) fn assert_prints(file: &File, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/expansion").join(name);
    let code = prettyplease::unparse(file);
    if env::var_os("EXPANSIONS").is_some_and(|what| what == "overwrite") {
        fs::write(&path, code).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(code == expected, "{} is not what comes out:\n{code}", path.display());
}

#[test]
fn the_plainest() {
    assert_is(PLAINEST, "plainest.rs");
    let lines = prettyplease::unparse(&expanded(PLAINEST)).lines().count();
    assert!(lines <= 25, "{lines} lines");
}

#[test]
fn a_plain_one() {
    assert_is(PLAIN, "plain.rs");
}

#[test]
fn a_method() {
    assert_is(METHOD, "method.rs");
}

#[test]
fn a_method_of_a_trait() {
    assert_is(IN_A_TRAIT, "in_a_trait.rs");
}

#[test]
fn a_batch() {
    assert_is(BATCH, "batch.rs");
}

#[test]
fn a_generic_function() {
    assert_is(GENERIC, "generic.rs");
}

#[test]
fn a_stack() {
    assert_is(STACKED, "stacked.rs");
}

#[test]
fn all_about_memory() {
    assert_is(IN_MEMORY, "memory.rs");
}

/// Every way that an expansion can go.
const KINDS: [(&str, &str); 13] = [
    BATCH,
    PLAINEST,
    PLAIN,
    METHOD,
    IN_A_TRAIT,
    GENERIC,
    STACKED,
    IN_MEMORY,
    ("max_bytes = LIMIT, weight = String::len", "fn f(id: u8) -> String { g() }"),
    ("", "async fn nothing() {}"),
    ("using = \"redis\", key = \"user:{id}:{name}\"", "fn f(id: u8, name: &str) {}"),
    ("timeout = |v| life(v), max_entries = unbounded", "fn f(list: &[&str]) -> Option<u8> { g() }"),
    (
        "timeout = never, none_timeout = LIFE, exclude = [&mut db]",
        "fn f(db: &mut Db) -> Option<u8> { g() }",
    ),
];

#[test]
fn decides_nothing() {
    for kind in KINDS {
        let mut decisions = Decisions(Vec::new());
        decisions.visit_file(&expanded(kind));
        assert!(decisions.0.is_empty(), "{:?} in the expansion of {}", decisions.0, kind.1);
    }
}

#[test]
fn every_name_is_a_full_path_or_the_users() {
    for kind in KINDS {
        let mut names = Names { known: words(kind), strange: Vec::new() };
        names.visit_file(&expanded(kind));
        assert!(names.strange.is_empty(), "{:?} in the expansion of {}", names.strange, kind.1);
    }
}

#[test]
fn a_crate_path_replaces_the_usual_one() {
    let code = expand_code("crate = crate::kit", PLAIN.1);
    assert!(code.contains("crate :: kit :: __private"), "{code}");
    assert!(!code.contains("cached_kit"), "{code}");
}

fn expand_code(args: &str, item: &str) -> String {
    crate::expand::expand(&model(args, item), 1).to_string()
}

/// What decides at run time.
#[derive(Default)]
pub(super) struct Decisions(pub(super) Vec<&'static str>);

impl<'ast> Visit<'ast> for Decisions {
    fn visit_expr_if(&mut self, _: &'ast ExprIf) {
        self.0.push("if");
    }

    fn visit_expr_match(&mut self, _: &'ast ExprMatch) {
        self.0.push("match");
    }

    fn visit_expr_while(&mut self, _: &'ast ExprWhile) {
        self.0.push("while");
    }

    fn visit_expr_loop(&mut self, _: &'ast ExprLoop) {
        self.0.push("loop");
    }
}

/// Paths that start where another crate could have put something else.
pub(super) struct Names {
    /// What the user wrote.
    pub(super) known: HashSet<String>,
    pub(super) strange: Vec<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let fine = match (path.leading_colon.is_some(), names.as_slice()) {
            (true, ["core", ..] | ["cached_kit", "__private", ..]) => true,
            (
                false,
                ["Self" | "self" | "allow" | "automatically_derived" | "doc" | "inline", ..],
            ) => true,
            (false, [first, ..]) => {
                first.to_lowercase().starts_with("__cached_") || self.known.contains(*first)
            }
            _ => false,
        };
        if !fine {
            self.strange.push(code(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.check_tokens(called.tokens.clone());
    }

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        if path.ident != "cached_kit" {
            self.strange.push(code(path));
        }
    }

    // Names of lints.
    fn visit_meta_list(&mut self, _: &'ast syn::MetaList) {}
}

/// Words that mean something to the macros of the core.
const WORDS: [&str; 16] = [
    "as",
    "Value",
    "blocking",
    "async",
    "call",
    "site",
    "plan",
    "doc",
    "impl",
    "fn",
    "let",
    "_",
    "Self",
    "get_cache",
    "true",
    "false",
];

impl Names {
    /// Checks what a macro is given: how it means it cannot be known.
    fn check_tokens(&mut self, tokens: TokenStream) {
        let mut before = String::new();
        for token in tokens {
            match &token {
                TokenTree::Group(group) => self.check_tokens(group.stream()),
                TokenTree::Ident(word) => self.check_word(&word.to_string(), &before),
                _ => {}
            }
            let apart = matches!(token, TokenTree::Group(_) | TokenTree::Literal(_));
            let text = if apart { ",".to_owned() } else { token.to_string() };
            before = if text == ":" { before + &text } else { text };
        }
    }

    /// A word behind `::` or `.` belongs to what comes before that.
    fn check_word(&mut self, word: &str, before: &str) {
        let starts_path = before == "::" || before.ends_with(",::") || before.ends_with("<::");
        let fine = match before {
            _ if starts_path => ["core", "cached_kit"].contains(&word),
            before if before.ends_with("::") || before == "." => true,
            _ => self.known.contains(word) || WORDS.contains(&word) || word.starts_with("__cached"),
        };
        if !fine {
            self.strange.push(format!("{before}{word}"));
        }
    }
}

/// The words in what the user wrote.
pub(super) fn words((args, item): (&str, &str)) -> HashSet<String> {
    fn collect(tokens: TokenStream, words: &mut HashSet<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => drop(words.insert(word.to_string())),
                TokenTree::Group(group) => collect(group.stream(), words),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    let mut words = HashSet::new();
    collect(tokens(args), &mut words);
    collect(tokens(item), &mut words);
    words
}
