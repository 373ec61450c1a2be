use super::*;

#[test]
fn all_parameters_by_default() {
    let model = model("", "fn f(mut a: u8, r#type: &str) {}");
    assert_eq!(labels(&model), ["a", "type"]);
    assert_eq!(code(&model.parts[1].expr), "r#type");
    assert_eq!(code(model.parts[1].ty.as_ref().unwrap()), "& str");
    assert!(!model.parts[0].by_ref && model.parts[1].by_ref);
}

#[test]
fn exclude() {
    let model = model("exclude = [db]", "fn f(db: &Db, a: u8) {}");
    assert_eq!(labels(&model), ["a"]);
    assert_eq!(roles(&model), [Role::Excluded, Role::Key]);
    rejects_args("exclude = [db]", "no parameter `db`; the parameters are `id`, `name`", "db");
    rejects("exclude = [db]", "fn f(a: u8) {}", &[("the parameter is `a`", "db")]);
    rejects("exclude = [db]", "fn f() {}", &[("the function has none", "db")]);
    rejects_args("exclude = id", "takes a list of parameter names", "id");
    rejects_args("exclude = [name.len()]", "takes the names of parameters", "name.len()");
}

#[test]
fn include() {
    let item = "fn f(req: &Req, name: &str, id: u8, db: &Db) {}";
    let model =
        model("include = [req.tenant, name.to_lowercase(), id, req.pair.0, &id, LIMIT]", item);
    assert_eq!(labels(&model), ["req.tenant", "1", "id", "req.pair.0", "4", "LIMIT"]);
    let typed: Vec<_> = model.parts.iter().map(|part| part.ty.is_some()).collect();
    assert_eq!(typed, [false, false, true, false, false, false]);
    assert_eq!(roles(&model), [Role::Key, Role::Key, Role::Key, Role::Excluded]);
}

#[test]
fn one_entry_for_all_calls() {
    for args in ["exclude = [id, name]", "include = [], exclude = [id, name]"] {
        let model = model(args, ITEM);
        assert!(model.parts.is_empty());
        assert_eq!(roles(&model), [Role::Excluded, Role::Excluded]);
    }
    for item in ["fn f() {}", "fn f(_: u8, force_update: bool) {}"] {
        model("include = []", item);
        model("key = \"all\"", item);
    }
}

/// finding "First hour" 2, "Behaviour" 4
#[test]
fn a_key_without_any_parameter_is_refused() {
    let nothing = "nothing in `include` depends on a parameter";
    let instead = "`exclude = [id, name]`";
    for args in ["include = []", "include = [LIMIT]", "include = [now(), c::d]"] {
        rejects_args(args, nothing, "include");
        rejects_args(args, instead, "include");
    }
    rejects_args("include = [LIMIT], exclude = [id]", "`exclude = [name]`", "include");
    model("include = [LIMIT], exclude = [id, name]", ITEM);
    model("include = [LIMIT, id]", ITEM);
    model("include = [self.x]", "fn f(&self, id: u8) {}");
    let method = "fn f(&self, id: u8) {}";
    rejects("include = [LIMIT], exclude = [self]", method, &[(nothing, "include")]);

    let no_placeholder = "no placeholder of `key` names a parameter";
    let of_type = "`key` is the text of the key here and not its type";
    for part in [no_placeholder, of_type, "`key = \"call:{id}:{name}\"`", instead] {
        rejects_args("key = \"String\"", part, "key");
    }
    rejects_args("key = \"all\"", "as in `key = \"all:{id}:{name}\"`", "key");
    rejects_args("key = \"{LIMIT}\"", no_placeholder, "key");
    rejects_args("key = \"(String, u8)\"", of_type, "\"(String, u8)\"");
    model("key = \"all\", exclude = [id, name]", ITEM);
}

/// finding "Behaviour" 4
#[test]
fn a_constant_tells_nothing_apart() {
    let same = "is the same in every call, so that it tells no two of them apart";
    for expr in ["..", "5", "\"x\"", "(1)", "&[1, 2]", "()", "1..=2", "-1 + 2", "..5 as u8"] {
        rejects_args(&format!("include = [id, {expr}]"), same, expr);
    }
    rejects_args("include = [..]", "`..` is the same", "..");
    rejects_args("key = \"{id}:{5}\"", "remove it from `key`", "\"{id}:{5}\"");
}

#[test]
fn include_takes_expressions_over_parameters() {
    rejects_args("include = id", "takes a list of expressions", "id");
    rejects_args("include = [user]", "no parameter `user`; the parameters are", "user");
    rejects_args("include = [user.id, id]", "no parameter `user`", "user");
    rejects_args("include = [&user.name()[1]]", "no parameter `user`", "user");
    rejects(
        "include = [a, -b, c::d, LIMIT, now()]",
        ITEM,
        &[("no parameter `a`", "a"), ("no parameter `b`", "b")],
    );
    let both = model("include = [id], exclude = [name]", ITEM);
    assert_eq!(roles(&both), [Role::Key, Role::Excluded]);
    rejects_args("include = [id], exclude = [id]", "`id` forms the key already", "id");
}

#[test]
fn mentions_are_found_in_nested_code_and_not_in_fields() {
    let item = "fn f(a: u8, b: u8, c: u8, d: u8, e: S) {}";
    let of = |expr: &str| entry_params(&model(&format!("include = [{expr}]"), item));
    assert_eq!(of("max(a, b)"), [0, 1]);
    assert_eq!(of("format!(\"{a}-{b:>3}-{cc}\", d)"), [0, 1, 3]);
    assert_eq!(of("e.a"), [4]);
    assert_eq!(of("e.b(c)"), [2, 4]);
    assert_eq!(of("a::b, e"), [4]);
    assert_eq!(of("P { a: b, c }"), [1, 2]);
    assert_eq!(of("if a > b { c } else { d }"), [0, 1, 2, 3]);
}

/// finding "First hour" 5
#[test]
fn a_mutable_reference_is_left_as_it_was() {
    let message = "a hit does not run the body, and leaves `a` as it was";
    let instead = "write `exclude = [&mut a]`";
    let item = "fn f(a: &mut u8, b: u8) {}";
    for part in [message, instead] {
        rejects("", item, &[(part, "&mut u8")]);
        rejects("exclude = [a]", item, &[(part, "a")]);
        rejects("include = [b]", item, &[(part, "&mut u8")]);
        rejects("include = [a.len(), b]", item, &[(part, "&mut u8")]);
        rejects("key = \"x{b}\"", item, &[(part, "&mut u8")]);
    }
    rejects("include = [a]", item, &[(message, "&mut u8"), ("leave it out of `include`", "a")]);
    for ty in ["Pin<&mut u8>", "Option<&mut Vec<u8>>", "(u8, &'a mut [u8])"] {
        rejects("", &format!("fn f(a: {ty}) {{}}"), &[(message, ty)]);
    }
    let accepted = model("exclude = [&mut a]", item);
    assert_eq!(roles(&accepted), [Role::Excluded, Role::Key]);
    let mentioned = model("include = [a.len(), b], exclude = [&mut a]", item);
    assert_eq!(roles(&mentioned), [Role::Key, Role::Key]);
    model("strict, include = [b], exclude = [&mut a]", item);
    model("exclude = [&mut a]", "fn f((a, b): &mut (u8, u8)) {}");
    for item in ["fn f(_: &mut u8, b: u8) {}", "fn f(a: fn(&mut u8), g: &dyn Fn(&mut u8)) {}"] {
        model("", item);
    }
    rejects("exclude = [&mut b]", "fn f(b: &u8) {}", &[("`b` is no `&mut`", "b")]);
    rejects("exclude = [&b]", "fn f(b: &u8) {}", &[("takes the names of parameters", "&b")]);
}

#[test]
fn force_update() {
    let item = "fn f(id: u8, mut force_update: bool) {}";
    let with = model("", item);
    assert_eq!(roles(&with), [Role::Key, Role::Force]);
    assert_eq!(with.force_param.as_ref().unwrap(), "force_update");
    assert_eq!(labels(&with), ["id"]);
    assert!(model("exclude = [force_update]", item).force_param.is_some());
    assert!(model("include = [id]", item).force_param.is_some());
    let message = "`force_update` is never part of the key, as it says whether to compute again; \
                   remove it from `include`";
    rejects("include = [force_update]", item, &[(message, "force_update")]);
    rejects("include = [g(force_update)]", item, &[(message, "g(force_update)")]);
    let written = "its type is to be written `bool`";
    for ty in ["Flag", "&bool", "Option<bool>", "std::primitive::bool"] {
        for args in ["", "exclude = [force_update]"] {
            rejects(args, &format!("fn f(id: u8, force_update: {ty}) {{}}"), &[(written, ty)]);
        }
    }
}

#[test]
fn context_is_part_of_the_key() {
    let from = |args: &str| model(args, ITEM);
    assert_eq!(labels(&from("context = \"tenant\"")), ["context.tenant", "id", "name"]);
    let template = from("context = [\"a\", \"b\"], key = \"x{id}\"").template.unwrap();
    assert_eq!(template.len(), 8);
    rejects_args("context = []", "takes the names of parts that `KeyContext` sets", "[]");
    rejects_args("context = tenant", "takes the names of parts", "tenant");
    rejects_args("context = [\"a b\"]", "is made of ASCII letters", "\"a b\"");
    rejects_args("context = \"\"", "is made of ASCII letters", "\"\"");
}
