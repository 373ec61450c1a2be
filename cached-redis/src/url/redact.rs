//! Naming a URL that cannot be used.

const HIDDEN: &str = "...";

/// Leaves of a URL, which may be malformed, what cannot be part of a user name or a password.
pub(super) fn redact(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
            (format!("{scheme}://"), rest)
        }
        _ => (String::new(), url),
    };
    let query = rest.find(['?', '#']);
    let rest = match (rest.rfind('@'), query) {
        // Either a password with a question mark or a query with an `@`: no telling.
        (Some(at), Some(query)) if query < at => return scheme + HIDDEN,
        (Some(at), query) => &rest[at + 1..query.unwrap_or(rest.len())],
        (None, query) => &rest[..query.unwrap_or(rest.len())],
    };
    let (hosts, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let hosts: Vec<String> = hosts.split(',').map(host).collect();
    let hidden = hosts.iter().any(|host| host.ends_with(HIDDEN));
    match path {
        _ if hidden => scheme + &hosts.join(","),
        path if has_options(path) => scheme + &hosts.join(",") + "/" + HIDDEN,
        path => scheme + &hosts.join(",") + path,
    }
}

/// Options that lost their `?` can be a password.
fn has_options(text: &str) -> bool {
    text.contains(['&', '='])
}

/// What stands behind the last colon may be a password that lost its `@`, unless it is a number.
fn host(text: &str) -> String {
    if has_options(text) {
        return HIDDEN.to_owned();
    }
    match text.rsplit_once(':') {
        Some((host, port)) if host.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{host}:{HIDDEN}")
        }
        _ => text.to_owned(),
    }
}
