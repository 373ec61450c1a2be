use super::*;
use crate::model::{Bound, Memory};

const WEIGHT: &str = "weight = |v| v.len()";

fn memory(args: &str) -> Memory {
    model(args, ITEM).layers.remove(0).memory
}

/// The bytes in `max_bytes = value`.
#[track_caller]
fn bytes(value: &str) -> u64 {
    match memory(&format!("max_bytes = {value}, {WEIGHT}")).bound {
        Some(Bound::Bytes(bytes)) => bytes,
        other => panic!("{other:?}"),
    }
}

/// Asserts the one error of `max_bytes = value`.
#[track_caller]
fn rejects_bytes(value: &str, part: &str) {
    rejects_args(&format!("max_bytes = {value}, {WEIGHT}"), part, value);
}

#[test]
fn max_entries() {
    let of = |args| memory(args).bound.unwrap();
    assert!(matches!(of("max_entries = 1"), Bound::Entries(1)));
    assert!(matches!(of("max_entries = unbounded"), Bound::Unbounded));
    rejects_args("max_entries = 0", "`max_entries = 0` keeps nothing; remove the memory l", "0");
    rejects_args("max_entries = 1.5", "takes a number such as `10_000`, or `unbounded`", "1.5");
    rejects_args("max_entries = 5u8", "takes a number", "5u8");
    rejects_args("max_entries = 99999999999999999999", "too large", "99999999999999999999");
}

#[test]
fn sizes() {
    let cases = [
        ("\"1B\"", 1),
        ("\"2kB\"", 2_000),
        ("\"2KB\"", 2_000),
        ("\"3MB\"", 3_000_000),
        ("\"4GB\"", 4_000_000_000),
        ("\"2KiB\"", 2_048),
        ("\"64MiB\"", 67_108_864),
        ("\"3GiB\"", 3_221_225_472),
        ("\"0018446744073709551615B\"", u64::MAX),
        ("1", 1),
        ("1_000_000", 1_000_000),
        ("0x10", 16),
        ("18446744073709551615", u64::MAX),
    ];
    for (value, expected) in cases {
        assert_eq!(bytes(value), expected, "{value}");
    }
}

#[test]
fn sizes_may_be_expressions() {
    for value in ["LIMIT", "64 * 1024", "limits::BYTES / 2", "{ 5 }"] {
        match memory(&format!("max_bytes = {value}, {WEIGHT}")).bound {
            Some(Bound::BytesExpr { span, expr }) => {
                assert_eq!(code(&expr).replace(' ', ""), value.replace(' ', ""));
                assert_eq!(span.source_text().unwrap(), "max_bytes");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn sizes_that_are_none() {
    rejects_bytes("0", "`max_bytes = 0` keeps nothing; remove the memory layer, or write a size");
    rejects_bytes("\"0MiB\"", "`max_bytes = 0` keeps nothing");
    rejects_bytes("\"\"", "this size is empty; write a size such as `\"500kB\"`, `\"64MiB\"`");
    rejects_bytes("\"64\"", "`64` has no unit: `B`, `kB`, `KB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`;");
    rejects_bytes("\"MiB\"", "`MiB` does not begin with a number");
    rejects_bytes("\"-1MiB\"", "`-1MiB` does not begin with a number");
    rejects_bytes("\"1TiB\"", "unknown unit `TiB`: use one of `B`, `kB`");
    rejects_bytes("\"1mb\"", "unknown unit `mb`: use one of");
    rejects_bytes("\"64 MiB\"", "unknown unit ` MiB`: use one of");
    rejects_bytes("\"1.5MiB\"", "a size is a whole number and a unit");
    rejects_bytes("\"18446744073709551616B\"", "this size is too large");
    rejects_bytes("\"17179869184GiB\"", "this size is too large");
    rejects_bytes("18446744073709551616", "this size is too large");
    rejects_bytes("5u64", "takes a size: a string such as `\"64MiB\"`, a number of bytes");
    rejects_bytes("1.5", "takes a size");
    rejects_bytes("true", "takes a size");
    rejects_bytes("|v| 5", "takes a size");
    rejects_bytes("unbounded", "for none write `max_entries = unbounded`");
}

#[test]
fn bytes_and_weight_need_each_other() {
    rejects_args("max_bytes = 5", "`max_bytes` needs `weight`: only you know", "max_bytes");
    rejects_args(WEIGHT, "`weight` needs `max_bytes`: it is what entries weigh", "weight");
    rejects_args("max_entries = 5, weight = f", "`weight` needs `max_bytes`", "weight");
    rejects_args(
        "max_entries = 5, max_bytes = 5, weight = f",
        "`max_bytes` conflicts with `max_entries`: memory has one bound",
        "max_bytes",
    );
    rejects_args(
        "weight = f, max_bytes = 5, max_entries = unbounded",
        "`max_entries` conflicts with `max_bytes`",
        "max_entries",
    );
}

#[test]
fn policies() {
    for (name, variant) in [
        ("s3fifo", "S3Fifo"),
        ("lru", "Lru"),
        ("lfu", "Lfu"),
        ("fifo", "Fifo"),
        ("mru", "Mru"),
        ("random", "Random"),
    ] {
        assert_eq!(memory(&format!("policy = {name}")).policy, Some(variant));
    }
    let list = "policies are `s3fifo`, `lru`, `lfu`, `fifo`, `mru`, `random`";
    rejects_args("policy = arc", &format!("unknown policy `arc`: the {list}"), "arc");
    rejects_args("policy = Lru", "unknown policy `Lru`: did you mean `lru`? the pol", "Lru");
    rejects_args("policy = fifi", "did you mean `fifo`?", "fifi");
    rejects_args("policy = \"lru\"", "a word and no string: write `policy = lru`", "\"lru\"");
    rejects_args("policy = \"clock\"", &format!("unknown policy `clock`: the {list}"), "\"clock\"");
    rejects_args("policy = 5", "takes the name of a policy: `s3fifo`, `lru`", "5");
    rejects_args("policy = Policy::Lru", "takes the name of a policy", "Policy::Lru");
}

#[test]
fn functions_of_the_value() {
    let of = memory(
        "max_bytes = 5, weight = Vec::len, priority = |v| v.rank, on_removal = |_, cause| f(cause)",
    );
    let weight = of.weight.unwrap();
    assert_eq!(
        (code(&weight.expr).as_str(), weight.span.source_text().unwrap().as_str()),
        ("Vec :: len", "weight")
    );
    let priority = of.priority.unwrap();
    assert_eq!(code(&priority.expr), "| v | v . rank");
    assert_eq!(priority.span.source_text().unwrap(), "priority");
    let on_removal = of.on_removal.unwrap();
    assert_eq!(code(&on_removal.expr), "| _ , cause | f (cause)");
    assert_eq!(on_removal.span.source_text().unwrap(), "on_removal");
    assert!(memory("on_removal = log::removal").on_removal.is_some());
}

#[test]
fn functions_of_the_value_that_are_none() {
    rejects_args(
        "max_bytes = 5, weight = 8",
        "`weight` takes a closure such as `|v: &T| v.len()`",
        "8",
    );
    rejects_args("priority = 9", "`priority` takes a closure such as `|v: &T| if v.is_dear()", "9");
    rejects_args("on_removal = \"log\"", "such as `|v: &T, cause| log(v, cause)`", "\"log\"");
    rejects_args("max_bytes = 5, weight = || 8", "of `weight` takes one parameter", "|| 8");
    rejects_args("priority = |k, v| 8", "of `priority` takes one parameter", "|k, v| 8");
    rejects_args(
        "on_removal = |v| drop(v)",
        "two parameters, the value and the cause: `|v: &T, cause: RemovalCause| ..`",
        "|v| drop(v)",
    );
}

#[test]
fn memory_options_are_about_the_memory_layer() {
    for option in [
        "max_entries = 5",
        "max_bytes = 5, weight = f",
        "policy = lru",
        "priority = f",
        "on_removal = f",
    ] {
        let key = option.split(' ').next().unwrap();
        let message = format!("`{key}` is about the memory layer, and this attribute has none; m");
        let below = format!("#[cached(using = \"redis\", {option})] {ITEM}");
        let mut expected = vec![(message.as_str(), key)];
        if key == "max_bytes" {
            expected.push(("`weight` is about the memory layer", "weight"));
        }
        rejects("", &below, &expected);
        rejects(&format!("using = \"redis\", {option}"), ITEM, &expected);
        let model = model(&format!("using = [\"memory\", \"redis\"], {option}"), ITEM);
        let said = model.layers.iter().map(|layer| {
            let Memory { bound, policy, weight, priority, on_removal } = &layer.memory;
            let functions = [weight, priority, on_removal];
            bound.is_some() || policy.is_some() || functions.iter().any(|said| said.is_some())
        });
        assert_eq!(said.collect::<Vec<_>>(), [true, false]);
    }
}

#[test]
fn a_memory_that_is_never_full_needs_no_policy() {
    let why = "says who leaves a full memory, and one that is `unbounded` is never full; remove it";
    rejects(
        "policy = lru, max_entries = unbounded, priority = f",
        ITEM,
        &[(&format!("`policy` {why}"), "policy"), (&format!("`priority` {why}"), "priority")],
    );
    assert!(memory("max_entries = unbounded, on_removal = f").on_removal.is_some());
}

#[test]
fn memory_options_stand_once_in_each_attribute() {
    for option in ["max_bytes = 5, weight = f, max_bytes = 6", "policy = lru, policy = lru"] {
        let key = option.split(' ').next().unwrap();
        rejects_args(option, "it belongs to a layer; give it once in each `#[cached]`", key);
    }
}
