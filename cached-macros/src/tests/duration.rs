use super::*;
use crate::model::{NoneSpec, TimeoutSpec};

fn timeout(value: &str) -> TimeoutSpec {
    model(&format!("timeout = {value}"), ITEM).layers.remove(0).timeout
}

fn none_timeout(value: &str) -> NoneSpec {
    model(&format!("none_timeout = {value}"), ITEM).layers.remove(0).none_timeout
}

#[track_caller]
fn lasts(value: &str, expected: (u64, u32)) {
    match timeout(value) {
        TimeoutSpec::Fixed { secs, nanos } => assert_eq!((secs, nanos), expected, "{value}"),
        other => panic!("{value}: {other:?}"),
    }
}

#[test]
fn literals() {
    lasts("300", (300, 0));
    lasts("1_000", (1000, 0));
    lasts("\"300ms\"", (0, 300_000_000));
    lasts("\"1500ms\"", (1, 500_000_000));
    lasts("\"5s\"", (5, 0));
    lasts("\"5m\"", (300, 0));
    lasts("\"1h30m\"", (5400, 0));
    lasts("\"1h2m3s4ms\"", (3723, 4_000_000));
    lasts("\"2d\"", (172_800, 0));
    lasts("\"1w\"", (604_800, 0));
    lasts("18446744073709551615", (u64::MAX, 0));
}

#[test]
fn other_values() {
    assert!(matches!(timeout("never"), TimeoutSpec::Never));
    for expr in ["Duration::from_secs(5)", "LONG", "config::LONG", "5 * MINUTE"] {
        assert!(matches!(timeout(expr), TimeoutSpec::Expr(_)), "{expr}");
    }
    assert!(matches!(timeout("|v: &u8| v.age()"), TimeoutSpec::Adaptive(_)));
    assert!(matches!(none_timeout("never"), NoneSpec::Never));
    assert!(matches!(none_timeout("skip"), NoneSpec::Skip));
    assert!(matches!(none_timeout("\"2s\""), NoneSpec::Fixed { secs: 2, nanos: 0 }));
    assert!(matches!(none_timeout("SHORT"), NoneSpec::Expr(_)));
}

#[test]
fn what_a_macro_passes_on_is_seen_through() {
    let group = |code: &str| {
        let group = proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens(code));
        proc_macro2::TokenTree::Group(group)
    };
    let (five, store, ty) = (group("5"), group("\"redis\""), group("&mut u8"));
    let args = quote::quote!(timeout = #five, using = #store);
    let model = crate::model(args, tokens(ITEM)).unwrap();
    assert!(matches!(model.layers[0].timeout, TimeoutSpec::Fixed { secs: 5, nanos: 0 }));
    assert_eq!(model.layers[0].store, "redis");
    let item = quote::quote!(fn f(a: #ty) {});
    let error = crate::model(TokenStream::new(), item).expect_err("a `&mut` in the key");
    assert!(error.to_string().contains("leaves `a` as it was"));
}

#[test]
fn zero() {
    let message = "`timeout = 0` would never hit; remove the attribute, or write `never` for \
                   entries that do not expire";
    for zero in ["0", "\"0s\"", "\"0h0m\""] {
        rejects_args(&format!("timeout = {zero}"), message, zero);
    }
    rejects_args("ttl = 0", "`ttl = 0` would never hit", "0");
    rejects_args("none_timeout = 0", "write `skip` to leave `None` out", "0");
}

#[test]
fn not_a_duration() {
    rejects_args("timeout = 1.5", "takes whole seconds; write a string such as `\"500ms\"", "1.5");
    rejects_args("timeout = true", "`timeout` takes a duration; write", "true");
    rejects_args("timeout = 5s", "takes no suffix; write `5`, or a string", "5s");
    rejects_args("timeout = 5u64", "takes no suffix", "5u64");
    rejects_args("timeout = 18446744073709551616", "too long", "18446744073709551616");
    rejects_args("timeout = || LONG", "closure of `timeout` takes one parameter", "|| LONG");
    rejects_args("none_timeout = |v| LONG", "cannot be a closure", "|v| LONG");
}

#[test]
fn not_a_written_duration() {
    for (value, message) in [
        ("\"\"", "this duration is empty"),
        ("\"5\"", "`5` has no unit"),
        ("\"h\"", "expected a number before `h`"),
        ("\"5y\"", "unknown unit `y`"),
        ("\"5us\"", "unknown unit `us`"),
        ("\"1.5s\"", "unknown unit `.`"),
        ("\"5m 3s\"", "unknown unit `m `"),
        ("\"5m1h\"", "`h` is out of place"),
        ("\"5m5m\"", "`m` is out of place"),
        ("\"-5m\"", "expected a number before `-`"),
        ("\"18446744073709551616s\"", "too long; write `never`"),
        ("\"9999999999999999999999999999999999999999s\"", "too long"),
    ] {
        rejects_args(&format!("timeout = {value}"), message, value);
    }
}
