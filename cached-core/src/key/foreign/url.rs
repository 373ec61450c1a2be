//! `CacheKey` for `url`: the text of the URL as the crate has normalized it.

use url::{Host, Url};

use crate::key::{CacheKey, KeyWriter};

impl CacheKey for Url {
    fn write_key(&self, key: &mut KeyWriter) {
        key.text(self.as_str());
    }
}

/// Says the kind, because a domain can be any text, also that of an address.
impl<S: CacheKey> CacheKey for Host<S> {
    fn write_key(&self, key: &mut KeyWriter) {
        key.group(|parts| match self {
            Host::Domain(domain) => parts.field("domain", domain),
            Host::Ipv4(address) => parts.field("ipv4", address),
            Host::Ipv6(address) => parts.field("ipv6", address),
        });
    }
}
