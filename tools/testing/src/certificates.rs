//! Certificates for servers and clients that speak TLS.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// A certificate authority of this test alone, what it signed, and a second authority that signed
/// none of it; PEM files in a temporary directory.
///
/// Clones share the files, which go with the last one. A server that uses them holds a clone.
///
/// # Examples
///
/// ```
/// use cached_testing::Certificates;
///
/// let certificates = Certificates::generate()?;
/// let pem = std::fs::read_to_string(certificates.ca())?;
/// assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Certificates {
    ca: PathBuf,
    server: Identity,
    client: Identity,
    other_ca: PathBuf,
    _dir: Arc<TempDir>,
}

/// The files of one certificate.
#[derive(Clone, Debug)]
struct Identity {
    cert: PathBuf,
    key: PathBuf,
}

impl Certificates {
    /// Makes new keys and certificates and writes them.
    ///
    /// # Errors
    ///
    /// Returns the system's error when the files cannot be written or no key can be made.
    pub fn generate() -> io::Result<Certificates> {
        let dir = tempfile::Builder::new().prefix("cached-testing-tls-").tempdir()?;
        let ca = authority("cached-testing CA")?;
        let other = authority("cached-testing other CA")?;
        let names = ["localhost", "127.0.0.1"];
        let server = ExtendedKeyUsagePurpose::ServerAuth;
        let client = ExtendedKeyUsagePurpose::ClientAuth;
        Ok(Certificates {
            ca: write(dir.path(), "ca.pem", &ca.pem())?,
            // Redis presents it to its peers as well, when it replicates over TLS.
            server: identity(dir.path(), "server", &names, vec![server, client.clone()], &ca)?,
            client: identity(dir.path(), "client", &[], vec![client], &ca)?,
            other_ca: write(dir.path(), "other-ca.pem", &other.pem())?,
            _dir: Arc::new(dir),
        })
    }

    /// Returns the certificate of the authority that signed the server and the client.
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// Returns the certificate of the server, for `localhost` and `127.0.0.1`.
    pub fn server_cert(&self) -> &Path {
        &self.server.cert
    }

    /// Returns the key of the server.
    pub fn server_key(&self) -> &Path {
        &self.server.key
    }

    /// Returns the certificate of the client.
    pub fn client_cert(&self) -> &Path {
        &self.client.cert
    }

    /// Returns the key of the client.
    pub fn client_key(&self) -> &Path {
        &self.client.key
    }

    /// Returns the certificate of an authority that signed nothing of this.
    ///
    /// A client that trusts only this one must refuse the server.
    pub fn other_ca(&self) -> &Path {
        &self.other_ca
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> io::Result<Authority> {
    let mut params = named(name, &[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(io::Error::other)?;
    CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)
}

fn identity(
    dir: &Path,
    name: &str,
    hosts: &[&str],
    usages: Vec<ExtendedKeyUsagePurpose>,
    ca: &Authority,
) -> io::Result<Identity> {
    let mut params = named(&format!("cached-testing {name}"), hosts)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = usages;
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let cert = params.signed_by(&key, ca).map_err(io::Error::other)?;
    Ok(Identity {
        cert: write(dir, &format!("{name}.pem"), &cert.pem())?,
        key: write(dir, &format!("{name}-key.pem"), &key.serialize_pem())?,
    })
}

/// Returns what all certificates have: a name, and the hosts they are good for.
fn named(name: &str, hosts: &[&str]) -> io::Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let mut params = CertificateParams::new(hosts).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn write(dir: &Path, name: &str, pem: &str) -> io::Result<PathBuf> {
    let path = dir.join(name);
    fs::write(&path, pem)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Returns whether `openssl` finds `cert` good for `purpose` when it trusts only `ca`.
    fn verifies(ca: &Path, cert: &Path, purpose: &[&str]) -> bool {
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-x509_strict", "-no-CApath", "-no-CAstore"]).args(purpose);
        openssl.arg("-CAfile").arg(ca).arg(cert).output().unwrap().status.success()
    }

    #[test]
    fn the_certificates_are_good_for_what_they_are_for_and_nothing_else() {
        let all = Certificates::generate().unwrap();
        let server = ["-purpose", "sslserver", "-verify_hostname", "localhost"];
        assert!(verifies(all.ca(), all.server_cert(), &server));
        assert!(verifies(all.ca(), all.server_cert(), &["-verify_ip", "127.0.0.1"]));
        assert!(!verifies(all.ca(), all.server_cert(), &["-verify_hostname", "example.org"]));
        assert!(verifies(all.ca(), all.client_cert(), &["-purpose", "sslclient"]));
        assert!(!verifies(all.ca(), all.client_cert(), &["-purpose", "sslserver"]));
    }

    #[test]
    fn the_other_authority_signed_nothing() {
        let all = Certificates::generate().unwrap();
        assert!(!verifies(all.other_ca(), all.server_cert(), &[]));
        assert!(!verifies(all.other_ca(), all.client_cert(), &[]));
        assert!(verifies(all.other_ca(), all.other_ca(), &[]));
    }

    #[test]
    fn the_files_go_with_the_last_clone() {
        let one = Certificates::generate().unwrap();
        let key = one.client_key().to_owned();
        let other = one.clone();
        drop(one);
        assert!(other.server_key().exists() && key.exists());
        drop(other);
        assert!(!key.exists());
    }
}
