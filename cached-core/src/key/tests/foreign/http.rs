use ::http::uri::{Authority, Parts, Scheme};
use ::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

fn read<T: std::str::FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

proptest! {
    #[test]
    fn bug_35_uris(values in vec("((HTTP|http|Ws|ws)://)?[aA*@:1]{0,3}(/[a/]{0,2})?[?]?[aA]?", 2..20)) {
        assert_injective(&read::<Uri>(&values));
    }

    #[test]
    fn bug_35_parts_of_uris(values in vec("(HTTP|http|Http|https|HTTPS|[aA+]{1,2})", 2..12)) {
        assert_injective(&read::<Scheme>(&values));
        assert_injective(&read::<Authority>(&values));
    }

    #[test]
    fn bug_35_methods_and_headers(values in vec("(GET|get|[aA!~'*-]{0,2})", 2..12)) {
        assert_injective(&read::<Method>(&values));
        assert_injective(&read::<HeaderName>(&values));
        assert_injective(&read::<HeaderValue>(&values));
    }
}

#[test]
fn what_equality_ignores_is_not_in_the_key() {
    let uri = |text: &str| text.parse::<Uri>().unwrap();
    assert_eq!(text(&uri("HTTP://Example.com/A?b")), "(http,example.com,%2FA,b)");
    assert_eq!(text(&uri("http://example.com/A?b#c")), "(http,example.com,%2FA,b)");
    assert_eq!(text(&uri("/A?")), "(!,!,%2FA,~)");
    assert_eq!(text(&uri("example.com:80")), "(!,example.com%3A80,~,!)");
    let sensitive = |text| {
        let mut value = HeaderValue::from_static(text);
        value.set_sensitive(true);
        value
    };
    assert_injective(&[HeaderValue::from_static("a"), sensitive("a"), sensitive("b")]);
    assert_eq!(text(&HeaderValue::from_bytes(b"\xff").unwrap()), "%FF");
    assert_eq!(text(&HeaderName::from_static("x-a")), "x-a");
    assert_eq!((text(&Method::GET), text(&StatusCode::NOT_FOUND)), ("GET".into(), "404".into()));
}

#[test]
fn bug_35_a_host_is_not_the_path_of_everything() {
    let mut parts = Parts::default();
    parts.authority = Some(Authority::from_static("*"));
    let host = Uri::from_parts(parts).unwrap();
    let everything: Uri = "*".parse().unwrap();
    assert_eq!(host.to_string(), everything.to_string());
    assert_injective(&[host, everything]);
}
