use super::*;
use crate::model::{Bound, Memory, NoneSpec, TimeoutSpec};

#[test]
fn defaults() {
    let model = model("", ITEM);
    assert_eq!(model.layers.len(), 1);
    let layer = &model.layers[0];
    assert_eq!(layer.store, "memory");
    assert!(matches!(layer.timeout, TimeoutSpec::StoreDefault));
    assert!(matches!(layer.none_timeout, NoneSpec::AsTimeout));
    let Memory { bound, policy, weight, priority, on_removal } = &layer.memory;
    assert!(bound.is_none() && policy.is_none() && weight.is_none());
    assert!(priority.is_none() && on_removal.is_none());
    assert!(model.krate.is_none());
    assert_eq!(labels(&model), ["id", "name"]);
    assert_eq!(roles(&model), [Role::Key, Role::Key]);
    assert!(model.name.is_none() && model.version.is_none() && model.when.is_none());
    assert!(model.template.is_none() && model.force_param.is_none());
}

#[test]
fn every_option_is_accepted() {
    let model = model(
        "using = [\"memory\", \"redis\"], ttl = 60, exclude = [name], name = \"users::get-1.x\", \
         version = 2, max_entries = 10_000, when = |v: &u8| *v > 1, none_timeout = skip, \
         crate = crate::kit,",
        ITEM,
    );
    assert_eq!(model.name.as_deref(), Some("users::get-1.x"));
    assert_eq!(model.version, Some(2));
    assert_eq!(code(&model.krate), "crate :: kit");
    let when = model.when.as_ref().unwrap();
    assert_eq!(when.span.source_text().unwrap(), "when");
    assert_eq!(code(&when.expr), "| v : & u8 | * v > 1");
    assert!(matches!(model.layers[0].memory.bound, Some(Bound::Entries(10_000))));
    assert!(model.layers[1].memory.bound.is_none());
    assert_eq!(model.layers[1].store_span.source_text().unwrap(), "\"redis\"");
    assert_eq!(model.layers[1].timeout_span.source_text().unwrap(), "ttl");
    assert_eq!(model.layers[0].none_timeout_span.source_text().unwrap(), "none_timeout");
    assert!(model.layers.iter().all(|layer| matches!(layer.none_timeout, NoneSpec::Skip)));
}

#[test]
fn unknown_options_list_all_and_name_the_nearest() {
    rejects_args("timeuot = 5", "unknown option `timeuot`: did you mean `timeout`? the", "timeuot");
    rejects_args("max_entrie = 5", "did you mean `max_entries`?", "max_entrie");
    rejects_args("tags = [\"a\"]", "unknown option `tags`: the options are `using`, `t", "tags");
    rejects_args("lenient", "`none_timeout`, `crate`", "lenient");
    rejects_args("codec(5)", "unknown option `codec`", "codec");
    rejects_args("jitter = ]".trim_end_matches(']'), "unknown option `jitter`", "jitter");
}

#[test]
fn one_bad_option_does_not_hide_the_next() {
    rejects(
        "codec = json, version = soon, companionn = |a, b| a, using = \"\"",
        ITEM,
        &[
            ("unknown option `codec`", "codec"),
            ("a whole number from 0 to 4294967295, such as `2`, or `auto`", "soon"),
            ("did you mean `companion`?", "companionn"),
            ("cannot be empty", "\"\""),
        ],
    );
}

#[test]
fn an_option_is_a_key_and_a_value() {
    rejects_args("\"redis\"", "expected an option, such as `timeout = 60`; the", "\"redis\"");
    rejects_args("timeout", "`timeout` needs a value: `timeout = ..`", "timeout");
    rejects_args("timeout(5)", "`timeout` needs a value", "timeout");
    rejects_args("timeout =", "`timeout` needs a value", "timeout");
    rejects_args("timeout = , version = 1", "`timeout` needs a value", "timeout");
    rejects_args("timeout = 5 +", "the value of `timeout` is not complete", "timeout");
    rejects_args("timeout = 5 version = 1", "expected `,`", "version");
}

#[test]
fn the_same_option_twice_in_one_attribute() {
    rejects_args("timeout = 5, timeout = 6", "give it once in each `#[cached]`", "timeout");
    rejects_args("timeout = 5, ttl = 6", "`ttl`, which is another name for `timeout`: ", "ttl");
    rejects_args("name = \"a\", name = \"b\"", "`name`: it belongs to the function", "name");
}

#[test]
fn using() {
    let of = |args| model(args, ITEM).layers.into_iter().map(|l| l.store).collect::<Vec<_>>();
    assert_eq!(of("using = \"redis\""), ["redis"]);
    assert_eq!(of("using = [\"memory\", \"my_Store-2\"]"), ["memory", "my_Store-2"]);
    rejects_args("using = []", "names no store", "[]");
    rejects_args("using = \"\"", "cannot be empty", "\"\"");
    rejects_args("using = [\"a b\"]", "cannot contain ' '", "\"a b\"");
    rejects_args("using = redis", "takes a store's name or a list of names", "redis");
    rejects_args("using = [\"a\", 5]", "takes a store's name or a list", "5");
}

#[test]
fn name() {
    rejects_args("name = \"\"", "cannot be empty", "\"\"");
    rejects_args("name = users", "takes a string", "users");
    rejects_args("name = \"a b\"", "cannot contain ' '", "\"a b\"");
    for name in ["\":a\"", "\"a:\"", "\"::a\"", "\"a::\"", "\"a:b\"", "\"a:::b\""] {
        rejects_args(&format!("name = {name}"), "comes in pairs", name);
    }
}

#[test]
fn version() {
    rejects_args("version = \"2\"", "takes a whole number", "\"2\"");
    rejects_args("version = 4294967296", "from 0 to 4294967295", "4294967296");
}

#[test]
fn when() {
    let of = |args| code(&model(args, ITEM).when.unwrap().expr);
    assert_eq!(of("when = policy::worth_it"), "policy :: worth_it");
    assert_eq!(of("when = |v| v.ok"), "| v | v . ok");
    rejects_args("when = true", "takes a closure such as", "true");
    rejects_args("when = || true", "takes one parameter, the value", "|| true");
}

#[test]
fn crate_path() {
    assert_eq!(code(&model("crate = kit", ITEM).krate), "kit");
    rejects_args("crate = \"kit\"", "takes the path of the cached_kit crate", "\"kit\"");
    rejects_args("crate = kit::<u8>", "takes the path", "kit::<u8>");
}
