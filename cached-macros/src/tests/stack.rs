use super::*;
use crate::model::TimeoutSpec;

fn under(inner: &str) -> String {
    format!("{inner} {ITEM}")
}

#[test]
fn layers_are_outermost_first() {
    let model = model(
        "using = \"memory\", timeout = 1",
        &under(
            "/// Docs\n #[cached(using = [\"near\", \"far\"], timeout = 2)] #[inline] \
             #[cached_kit::cached(using = \"disk\", name = \"n\")]",
        ),
    );
    let stores: Vec<_> = model.layers.iter().map(|layer| layer.store.as_str()).collect();
    assert_eq!(stores, ["memory", "near", "far", "disk"]);
    let fixed = |at: usize| match model.layers[at].timeout {
        TimeoutSpec::Fixed { secs, .. } => secs,
        _ => 0,
    };
    assert_eq!([fixed(0), fixed(1), fixed(2), fixed(3)], [1, 2, 2, 0]);
    assert_eq!(model.name.as_deref(), Some("n"));
    assert_eq!(model.attrs.len(), 2);
}

#[test]
fn options_of_the_function_stand_once() {
    for option in [
        "include = [id]",
        "exclude = [id]",
        "key = \"a:{id}\"",
        "name = \"a\"",
        "version = 1",
        "when = f",
        "crate = c",
    ] {
        let key = option.split(' ').next().unwrap();
        let inner = under(&format!("#[cached(using = \"redis\", {option})]"));
        model("", &inner);
        rejects(option, &inner, &[("give it once, in any one `#[cached]` of the stack", key)]);
    }
}

#[test]
fn conflicts_reach_across_the_stack() {
    let inner = under("#[cached(using = \"redis\", include = [id])]");
    rejects("key = \"k:{id}\"", &inner, &[("`include` conflicts with `key`", "include")]);
}

#[test]
fn a_store_is_used_once() {
    let message = "`\"redis\"` is used twice: two layers in one store hold the same entry twice";
    rejects_args("using = [\"redis\", \"redis\"]", message, "\"redis\"");
    let inner = under("#[cached(using = \"redis\")]");
    rejects("using = \"redis\"", &inner, &[(message, "\"redis\"")]);
    rejects("timeout = 5", &under("#[cached]"), &[("`\"memory\"` is used twice", "cached")]);
}

#[test]
fn memory_comes_first() {
    let message = "the memory layer must come first: ";
    rejects_args("using = [\"redis\", \"memory\"]", message, "\"memory\"");
    let inner = under("#[cached(using = \"memory\")]");
    rejects("using = \"redis\"", &inner, &[(message, "\"memory\"")]);
    rejects("using = \"redis\"", &under("#[a::cached()]"), &[(message, "cached")]);
}

#[test]
fn errors_of_all_attributes_are_reported_together() {
    rejects(
        "timeout = 0",
        "#[cached(using = \"\")] #[cached = 5] const fn f(&mut self) -> &str {}",
        &[
            ("would never hit", "0"),
            ("cannot be empty", "\"\""),
            ("expected parentheses", "cached = 5"),
            ("a `const fn` cannot be cached", "const"),
            ("takes `&mut self` cannot be cached", "&mut self"),
            ("must own its data", "&str"),
        ],
    );
    rejects(
        "exclude = [db], max_entries = 5, using = \"redis\"",
        ITEM,
        &[("no parameter `db`", "db"), ("this attribute has none", "max_entries")],
    );
    rejects(
        "timeout = 1.5",
        "struct S;",
        &[("goes on a function", "struct"), ("takes whole seconds", "1.5")],
    );
}
