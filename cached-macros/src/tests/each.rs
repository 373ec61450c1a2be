//! Batches.

use super::*;
use crate::model::ListKind;

const MANY: &str = "fn f(db: &Db, ids: &[u64], kind: u8) -> Vec<u8> { g() }";

#[test]
fn an_element_takes_the_place_of_the_list() {
    let named = model("each = id in ids, exclude = [db]", MANY);
    assert_eq!(labels(&named), ["id", "kind"]);
    assert_eq!(roles(&named), [Role::Excluded, Role::Key, Role::Key]);
    let each = named.each.unwrap();
    assert_eq!((each.param, each.list, each.remembers_none), (1, ListKind::Slice, false));
    assert_eq!(code(&each.ty), "u64");
    assert_eq!(named.params[1].ident, "ids");
    assert_eq!(labels(&model("each = ids, include = [ids]", MANY)), ["ids"]);
    let written = model("each = id in ids, include = [kind, id.low, f(id)]", MANY);
    assert_eq!(labels(&written), ["kind", "id.low", "2"]);
    let none = model("each = id in ids, exclude = [db], none_timeout = 5", MANY);
    assert!(none.each.unwrap().remembers_none);
}

#[test]
fn lists() {
    let kind = |ty: &str| {
        model("each = ids", &format!("fn f(ids: {ty}) -> Vec<u8> {{}}")).each.unwrap().list
    };
    assert_eq!(kind("&'a [(A, B)]"), ListKind::Slice);
    assert_eq!(kind("&Vec<u8>"), ListKind::VecRef);
    assert_eq!(kind("std::vec::Vec<&str>"), ListKind::Vec);
    for ty in ["u8", "&u8", "&mut [u8]", "[u8; 4]", "HashSet<u8>", "&&[u8]"] {
        let message = "`each` needs a list that it can take elements out of";
        rejects("each = ids", &format!("fn f(ids: {ty}) -> Vec<u8> {{}}"), &[(message, ty)]);
    }
}

#[test]
fn what_is_wrong_with_a_batch() {
    let takes = "`each` takes a parameter that is a list";
    for args in ["each = &ids", "each = id in", "each", "each = id in &ids", "each(ids)"] {
        rejects(args, MANY, &[(takes, "each")]);
    }
    rejects("each = id in idx", MANY, &[("no parameter `idx`", "idx")]);
    let another = "`kind` is another parameter";
    rejects("each = kind in ids", MANY, &[(another, "kind")]);
    let pattern = "fn f((a, b): (u8, u8), ids: &[u64]) -> Vec<u8> {}";
    rejects("each = b in ids, include = [a, b]", pattern, &[("`b` is another parameter", "b")]);
    let in_key = "an element must be part of the key";
    rejects("each = id in ids, include = [kind]", MANY, &[(in_key, "id")]);
    rejects("each = ids, exclude = [db, ids]", MANY, &[(in_key, "ids")]);
    rejects("each = id in ids, include = [ids]", MANY, &[("no parameter `ids`", "ids")]);
    for ty in ["u64", "String", "(u8, u8)", "[u8; 3]", "bool"] {
        let item = format!("fn f(ids: &[u64]) -> {ty} {{}}");
        rejects("each = ids", &item, &[("a batch function returns a `HashMap`", ty)]);
    }
    let mutable = "fn f(ids: &[u8], out: &mut u8, all: &mut Vec<u8>) -> Vec<u8> {}";
    rejects(
        "each = ids, exclude = [out, all]",
        mutable,
        &[("take `&` instead of `&mut`", "&mut u8"), ("a copy", "&mut Vec<u8>")],
    );
    for by_value in ["self", "self: Arc<Self>"] {
        let item = format!("fn f({by_value}, ids: &[u8]) -> Vec<u8> {{}}");
        rejects("each = ids, exclude = [self]", &item, &[("cannot take `self` away", by_value)]);
    }
    model("each = ids, exclude = [self]", "fn f(self: &Arc<Self>, ids: &[u8]) -> Vec<u8> {}");
}
