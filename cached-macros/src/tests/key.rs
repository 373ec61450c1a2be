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
    let model = model("exclude = [db]", "fn f(db: &mut Db, a: u8) {}");
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
    let model = model("include = []", ITEM);
    assert!(model.parts.is_empty());
    assert_eq!(roles(&model), [Role::Excluded, Role::Excluded]);
}

#[test]
fn include_takes_expressions_over_parameters() {
    rejects_args("include = id", "takes a list of expressions", "id");
    rejects_args("include = [user]", "no parameter `user`; the parameters are", "user");
    rejects_args("include = [user.id, id]", "no parameter `user`", "user");
    rejects_args("include = [&user.name()[1]]", "no parameter `user`", "user");
    rejects(
        "include = [a, -b, c::d, LIMIT, now(), 5, \"x\"]",
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
    assert_eq!(of("a::b"), [0; 0]);
    assert_eq!(of("P { a: b, c }"), [1, 2]);
    assert_eq!(of("if a > b { c } else { d }"), [0, 1, 2, 3]);
}

#[test]
fn a_mutable_reference_is_no_key() {
    let message = "a `&mut` parameter cannot be part of the key; list it in `exclude`";
    rejects("", "fn f(a: &mut u8) {}", &[(message, "&mut u8")]);
    rejects("include = [a]", "fn f(a: &mut u8) {}", &[("leave it out of `include`", "a")]);
    model("include = [a.len()]", "fn f(a: &mut Vec<u8>) {}");
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
    let other = model("", "fn f(force_update: &bool) {}");
    assert_eq!(roles(&other), [Role::Key]);
    assert!(other.force_param.is_none());
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
