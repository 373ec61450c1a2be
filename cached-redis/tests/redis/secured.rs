//! A server that speaks TLS, and stores that do.

use std::io;

use cached_redis::{RedisStore, RedisStoreBuilder};
use cached_testing::{Certificates, RedisServer};

/// A server that speaks TLS, and what it and its clients show.
pub(crate) struct Secured {
    pub(crate) server: RedisServer,
    pub(crate) certificates: Certificates,
}

impl Secured {
    pub(crate) fn start() -> io::Result<Self> {
        let certificates = Certificates::generate()?;
        Ok(Self { server: RedisServer::start_tls(&certificates)?, certificates })
    }

    /// Starts one that wants to see a certificate.
    pub(crate) fn start_mutual() -> io::Result<Self> {
        let certificates = Certificates::generate()?;
        Ok(Self { server: RedisServer::start_mutual_tls(&certificates)?, certificates })
    }

    pub(crate) fn connect(&self) -> RedisStoreBuilder {
        let builder = RedisStore::connect(self.server.tls_url());
        builder.certificate_authority(self.certificates.ca())
    }

    pub(crate) fn connect_with_certificate(&self) -> RedisStoreBuilder {
        let files = &self.certificates;
        self.connect().client_certificate(files.client_cert(), files.client_key())
    }
}
