use std::time::Duration;

use super::*;

fn parsed(url: &str) -> Settings {
    parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

#[test]
fn a_good_url_is_taken_apart() {
    let cases = [
        ("redis://localhost", "localhost:6379", 0),
        ("redis://localhost/", "localhost:6379", 0),
        ("redis://u:p@10.0.0.1:7000/3", "10.0.0.1:7000", 3),
        ("redis://[::1]:7000", "[::1]:7000", 0),
        ("redis://[::1]", "[::1]:6379", 0),
        ("valkey://host", "host:6379", 0),
        ("unix:///run/redis.sock?db=2&pass=hush", "/run/redis.sock", 2),
        ("redis+unix:///run/redis.sock", "/run/redis.sock", 0),
        ("unix://user:hush@/run/redis.sock?db=2", "/run/redis.sock", 2),
        ("unix:///run/app@1/a%26b%3Dc.sock", "/run/app@1/a&b=c.sock", 0),
        (
            "redis+sentinel://a,b:7,[::2]/main/4",
            "main of the sentinels a:26379, b:7, [::2]:26379",
            4,
        ),
        ("redis+sentinel://a/main", "main of the sentinels a:26379", 0),
    ];
    for (url, place, db) in cases {
        let settings = parsed(url);
        assert_eq!(
            (settings.address().to_string().as_str(), settings.login.db),
            (place, db),
            "{url}"
        );
    }
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_has_several_hosts() {
    let settings = parsed("redis+cluster://user:pass@a:1,b,c:3");
    assert_eq!(settings.address().to_string(), "cluster a:1, b:6379, c:3");
    assert_eq!(settings.login.user.as_deref(), Some("user"));
}

#[test]
fn user_and_password_are_decoded() {
    let login = parsed("redis://a%40b:p%2Fq%3F%23%25%3A@host").login;
    assert_eq!((login.user.as_deref(), login.password.as_deref()), (Some("a@b"), Some("p/q?#%:")));
    let login = parsed("redis://:only@host").login;
    assert_eq!((login.user, login.password.as_deref()), (None, Some("only")));
    let login = parsed("unix://u:p%26q@/s").login;
    assert_eq!((login.user.as_deref(), login.password.as_deref()), (Some("u"), Some("p&q")));
    let login = parsed("unix:///s?user=u&pass=p%26q").login;
    assert_eq!((login.user.as_deref(), login.password.as_deref()), (Some("u"), Some("p&q")));
}

#[test]
fn every_option_is_read() {
    let settings = parsed(
        "redis://h?op_timeout=100ms&connect_timeout=3s&keepalive=off&user_timeout=1m&health_check=10s\
         &retries=0&connections=4&client_name=app&protocol=resp3&db=7",
    );
    assert_eq!(settings.op_timeout, Duration::from_millis(100));
    assert_eq!(settings.connect_timeout, Duration::from_secs(3));
    assert_eq!(settings.tcp.keepalive, None);
    assert_eq!(settings.tcp.user_timeout, Some(Duration::from_secs(60)));
    assert_eq!(settings.health_check, Some(Duration::from_secs(10)));
    assert_eq!((settings.retries, settings.connections), (0, 4));
    assert_eq!(settings.login.name.as_deref(), Some("app"));
    assert!(settings.login.resp3);
    assert_eq!(settings.login.db, 7);
    let settings =
        parsed("redis+sentinel://s/m?sentinel_user=x&sentinel_pass=y&read_from_replicas=true");
    assert_eq!(settings.sentinel_login.password.as_deref(), Some("y"));
    assert!(settings.from_replicas);
}

#[cfg(feature = "tls")]
#[test]
fn certificates_are_named_by_their_files() {
    let files = parsed("rediss://h?key=k.pem&ca=ca.pem&cert=c.pem").tls.unwrap();
    assert_eq!(files.ca, Some(PathBuf::from("ca.pem")));
    assert_eq!(files.client, Some((PathBuf::from("c.pem"), PathBuf::from("k.pem"))));
    assert!(parsed("rediss://h").tls.is_some());
    assert!(parse("rediss://h?cert=c.pem").unwrap_err().to_string().contains("both"));
}

#[test]
fn a_bad_url_says_what_to_write() {
    let cases = [
        ("localhost:6379", "write for instance `redis://localhost:6379/0`"),
        ("http://localhost", "known are `redis://`, `rediss://`, `unix://`"),
        ("redis://localhost/users", "number of a database"),
        ("redis://localhost/-1", "negative"),
        ("redis://localhost:none", "cannot be read"),
        ("redis://localhost:70000", "cannot be read"),
        ("redis://", "no host"),
        ("redis://a,b", "`redis+cluster://`"),
        ("redis://0.0.0.0", "wildcard"),
        ("redis+sentinel://a,b", "name of the primary"),
        ("redis+sentinel://a,b//0", "name of the primary"),
        ("unix://", "path"),
        ("unix://run/redis.sock", "begins with `/`"),
        ("unix://u:p@run/redis.sock", "begins with `/`"),
        ("unix:///s&db=1", "the first option follows a `?`"),
        ("redis://h/0&db=1", "the first option follows a `?`"),
        ("redis://h?colour=red", "unknown option `colour` in it; known are `db`, `user`, `pass`"),
        ("redis://h?op_timeout=5", "has a unit"),
        ("redis://h?retries=many", "the option `retries` takes a number"),
        ("redis://h?protocol=resp9", "`resp2` or `resp3`"),
        ("redis://h?ca=x", "`rediss://`"),
        ("redis://h?read_from_replicas=true", "needs a cluster or sentinels"),
        ("redis://h%zz", "two hex digits"),
        ("redis://u:a@b@h", "`%40`"),
        ("", "not a URL"),
    ];
    for (url, part) in cases {
        let error = parse(url).err().unwrap_or_else(|| panic!("{url} was taken"));
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "{url}: {error}");
    }
}

// Bug 64.
#[test]
fn bug_64_a_socket_is_named_without_its_credentials() {
    for url in ["unix://ann:hush@/run/redis.sock", "unix:///run/redis.sock?user=ann&pass=hush"] {
        let settings = parsed(url);
        let said = format!("{settings:?} {}", settings.address());
        assert!(!said.contains("hush") && !said.contains("ann"), "{url}: {said}");
        assert_eq!(settings.login.password.as_deref(), Some("hush"));
    }
}

// Bug 64.
#[test]
fn bug_64_a_bad_url_is_named_without_its_credentials() {
    let urls = [
        "http://user:hush@host/0",
        "rediss+unix://user:hush@host",
        "redis://user:hush@host/users",
        "redis://user:hush@host:none",
        "redis://user:hush/x@host/0",
        "redis://user:hush?x@host/0",
        "redis://user:hush#x@host/0",
        "redis://user:hush@x@host:none/0",
        "redis://:hush",
        "redis://host:hush",
        "redis//user:hush@host",
        "user:hush@host",
        "unix://?pass=hush",
        "http://host?pass=hush@x",
        "redis://user:hush@",
        "redis+cluster://user:hush@",
        "redis+sentinel://user:hush@a,b",
        "redis+sentinel://a:hush,b:hush/m",
        "redis://h?pass=hush&colour=user:",
        "redis://user:hush%@h",
        "unix://user:hush@run/redis.sock",
        "unix://user:hush/x@/run/redis.sock",
        "unix://socket:hush",
        "unix:///s&pass=hush",
        "unix:///s&pass=hush@x",
        "unix:///s/pass=hush/x",
        "redis://h/0&pass=hush",
        "redis://h&pass=hush",
        "redis://h:1&pass=hush/0",
        "redis+sentinel://a/main&pass=hush",
        "redis+sentinel://a,b&pass=hush/main/0",
    ];
    for url in urls {
        let error = parse(url).err().unwrap_or_else(|| panic!("{url} was taken"));
        let said = format!("{error} {error:?}");
        assert!(!said.contains("hush"), "{url}: {said}");
        assert!(!said.contains("user:") && !said.contains("user@"), "{url}: {said}");
    }
}
