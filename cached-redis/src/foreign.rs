//! Our settings in the terms of the `redis` crate, for what it connects to by itself.

use cached_core::{Error, ErrorKind};
use redis::RedisConnectionInfo;
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use crate::address::Endpoint;
use crate::net::apart;
use crate::settings::Settings;

/// Where a server is, and who we are there.
pub(crate) fn info(settings: &Settings, server: &Endpoint) -> Result<ConnectionInfo, Error> {
    let address = match server {
        Endpoint::Unix(path) => ConnectionAddr::Unix(path.clone()),
        #[cfg(feature = "tls")]
        Endpoint::Tcp { host, port } if settings.tls.is_some() => {
            let (host, port) = (host.clone(), *port);
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        }
        Endpoint::Tcp { host, port } => ConnectionAddr::Tcp(host.clone(), *port),
    };
    let login = &settings.login;
    let mut who = RedisConnectionInfo::default().set_db(login.db);
    if let Some(user) = &login.user {
        who = who.set_username(user);
    }
    if let Some(password) = &login.password {
        who = who.set_password(password);
    }
    if login.resp3 {
        who = who.set_protocol(ProtocolVersion::RESP3);
    }
    let info = address.into_connection_info().map_err(|_| unusable(server))?;
    Ok(info.set_redis_settings(who).set_tcp_settings(tcp(settings)))
}

/// A client for one server that has not connected yet.
pub(crate) fn client(settings: &Settings, server: &Endpoint) -> Result<Client, Error> {
    let info = info(settings, server)?;
    #[cfg(feature = "tls")]
    if let Some(files) = &settings.tls {
        let client = Client::build_with_tls(info, certificates(files)?);
        return client.map_err(|_| unusable(server));
    }
    Client::open(info).map_err(|_| unusable(server))
}

/// Makes something of the settings; if that means to read files, on a thread for that.
pub(crate) async fn prepare<T: Send + 'static>(
    settings: &Settings,
    make: impl FnOnce(&Settings) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    if settings.tls.is_none() {
        return make(settings);
    }
    let settings = settings.clone();
    apart(move || make(&settings)).await
}

pub(crate) fn tcp(settings: &Settings) -> TcpSettings {
    let mut tcp = TcpSettings::default().set_nodelay(true);
    if let Some(idle) = settings.tcp.keepalive {
        tcp = tcp.set_keepalive(TcpKeepalive::new().with_time(idle));
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    if let Some(timeout) = settings.tcp.user_timeout {
        tcp = tcp.set_user_timeout(timeout);
    }
    tcp
}

/// What is in the files; the `redis` crate wants it before it connects.
#[cfg(feature = "tls")]
pub(crate) fn certificates(
    files: &crate::settings::TlsFiles,
) -> Result<redis::TlsCertificates, Error> {
    // It takes the provider of the process; if there is none yet, there can be several to choose
    // from, which it would not survive.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let client_tls = match &files.client {
        None => None,
        Some((certificate, key)) => Some(redis::ClientTlsConfig {
            client_cert: crate::net::file(certificate)?,
            client_key: crate::net::file(key)?,
        }),
    };
    let root_cert = files.ca.as_deref().map(crate::net::file).transpose()?;
    Ok(redis::TlsCertificates { client_tls, root_cert })
}

fn unusable(server: &Endpoint) -> Error {
    Error::new(ErrorKind::Config, format!("{server} cannot be used as an address"))
}
