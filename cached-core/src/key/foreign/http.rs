//! `CacheKey` for `http`: without what `==` does not look at, such as the case of a host.

use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};

use crate::key::{CacheKey, KeyWriter};

impl CacheKey for Method {
    fn write_key(&self, key: &mut KeyWriter) {
        key.text(self.as_str());
    }
}

/// The four parts are written one by one: `*` alone can be a host, or the path of `OPTIONS *`.
impl CacheKey for Uri {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|parts| {
            parts.item(&self.scheme());
            parts.item(&self.authority());
            parts.item(self.path());
            parts.item(&self.query());
        });
    }
}

impl CacheKey for Scheme {
    fn write_key(&self, key: &mut KeyWriter) {
        let lower = self.as_str().to_ascii_lowercase();
        // To `==`, an `HTTP` that was not read as part of a URI is another scheme than `http`.
        if matches!(lower.as_str(), "http" | "https") && lower != self.as_str() {
            return key.text(&lower.to_ascii_uppercase());
        }
        key.text(&lower);
    }
}

impl CacheKey for Authority {
    fn write_key(&self, key: &mut KeyWriter) {
        key.text(&self.as_str().to_ascii_lowercase());
    }
}

impl CacheKey for StatusCode {
    fn write_key(&self, key: &mut KeyWriter) {
        key.atom(self.as_u16());
    }
}

impl CacheKey for HeaderName {
    fn write_key(&self, key: &mut KeyWriter) {
        key.text(self.as_str());
    }
}

impl CacheKey for HeaderValue {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self.as_bytes());
    }
}
