//! Encrypted connections.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cached_core::{Error, ErrorKind};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

use super::{Stream, apart};
use crate::address::Endpoint;
use crate::error;
use crate::settings::TlsFiles;

/// What the files say, read when the first connection needs them.
pub(crate) struct Certificates {
    files: Arc<TlsFiles>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Certificates {
    pub(crate) fn new(files: TlsFiles) -> Self {
        Self { files: Arc::new(files), config: OnceCell::new() }
    }

    /// Makes a connection a secure one, within a time; the server must prove to be `host`.
    pub(super) async fn secure(
        &self,
        server: &Endpoint,
        host: &str,
        stream: TcpStream,
        limit: Duration,
    ) -> Result<Stream, Error> {
        let config = self.config().await?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            Error::new(
                ErrorKind::Config,
                format!("`{host}` is no name that a certificate can have"),
            )
        })?;
        let shaking = TlsConnector::from(config).connect(name, stream);
        let stream = match tokio::time::timeout(limit, shaking).await {
            Ok(stream) => stream.map_err(|source| error::unreachable(server, source))?,
            Err(_) => return Err(error::no_handshake(server, limit)),
        };
        Ok(Stream::Tls(Box::new(stream)))
    }

    /// Reads the files, once; a failure is not kept, as the file may be there the next time.
    ///
    /// Who waits for another one's reading holds no thread, and who reads holds none that serves
    /// others: a file can be on a disk that hangs.
    async fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let config = self.config.get_or_try_init(async || {
            let files = Arc::clone(&self.files);
            apart(move || read(&files)).await.map(Arc::new)
        });
        config.await.map(Arc::clone)
    }
}

fn read(files: &TlsFiles) -> Result<ClientConfig, Error> {
    // Named, because a program may have several providers, and then has no default one.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| wrong("TLS cannot be set up").with_source(source))?
        .with_root_certificates(roots(files)?);
    let Some((certificate, key)) = &files.client else {
        return Ok(config.with_no_client_auth());
    };
    let chain = certificates(certificate)?;
    let secret = PrivateKeyDer::from_pem_slice(&file(key)?)
        .map_err(|_| wrong(&format!("`{}` has no private key in PEM", key.display())))?;
    config.with_client_auth_cert(chain, secret).map_err(|source| {
        let files = format!("`{}` and `{}`", certificate.display(), key.display());
        wrong(&format!("the client certificate {files} cannot be used")).with_source(source)
    })
}

fn roots(files: &TlsFiles) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = &files.ca {
        for certificate in certificates(ca)? {
            roots.add(certificate).map_err(|source| {
                wrong(&format!("`{}` is no usable authority", ca.display())).with_source(source)
            })?;
        }
        return Ok(roots);
    }
    // Those of the system that cannot be used are nobody's mistake here.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(wrong("the system has no certificate authorities; name a file with `ca`"));
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&file(path)?).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(wrong(&format!("`{}` has no certificate in PEM", path.display()))),
    }
}

pub(crate) fn file(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source: io::Error| {
        let what = format!("the certificate file `{}` cannot be read", path.display());
        Error::new(ErrorKind::Config, what).with_source(source)
    })
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, what)
}
