use ::url::{Host, Url};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::key::tests::{assert_injective, text};

proptest! {
    #[test]
    fn bug_35_urls(values in vec("(HTTP|http|ws|x)://[aA.]{0,2}(:80)?/?[a./%2F]{0,3}[?#]?b?", 2..12)) {
        assert_injective(&values.iter().filter_map(|url| Url::parse(url).ok()).collect::<Vec<_>>());
    }

    #[test]
    fn bug_35_hosts(values in vec("[1a.:]{0,4}", 2..10), number in any::<u32>()) {
        let domains = values.into_iter().map(Host::Domain);
        let v4 = std::net::Ipv4Addr::from(number);
        let addresses = [Host::Ipv4(v4), Host::Ipv6(v4.to_ipv6_mapped()), Host::Domain(v4.to_string())];
        assert_injective(&domains.chain(addresses).collect::<Vec<_>>());
    }
}

#[test]
fn a_url_is_written_as_it_was_normalized() {
    let url = |text: &str| Url::parse(text).unwrap();
    assert_eq!(
        text(&url("HTTPS://Example.com:443/a/../b?c#d")),
        "https%3A%2F%2Fexample.com%2Fb%3Fc%23d"
    );
    assert_injective(
        &["a:", "a:/", "a://", "http://a", "http://a/", "http://a/?", "http://a/#"].map(url),
    );
    assert_eq!(text(&Host::parse("Example.com").unwrap()), "(domain=example.com)");
    assert_eq!(text(&Host::parse("1.2.3.4").unwrap()), "(ipv4=1.2.3.4)");
    assert_eq!(text(&Host::parse("[::1]").unwrap()), "(ipv6=%3A%3A1)");
}
