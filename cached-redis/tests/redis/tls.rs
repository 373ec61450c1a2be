//! Servers that speak TLS: who trusts whom, and what is said when one does not.

use std::time::Duration;

use cached_core::{Error, ErrorKind, Scope, Store, Timeout, block_on};
use cached_redis::{RedisStore, RedisStoreBuilder};
use cached_testing::{Certificates, Fault, RedisServer, Tarpit, hard_timeout};

use crate::secured::Secured;
use crate::support::{LIMIT, current_thread, on_runtime, server};

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

fn patient(builder: RedisStoreBuilder) -> RedisStore {
    builder.prefix("app").op_timeout(LIMIT / 3).connect_timeout(LIMIT / 3).build().unwrap()
}

async fn works(builder: RedisStoreBuilder) {
    let store = patient(builder);
    store.ready().await.unwrap();
    store.set("k", b"1", MINUTE).await.unwrap();
    let blocking = store.clone();
    let read = tokio::task::spawn_blocking(move || block_on(blocking.get("k")));
    assert_eq!(read.await.unwrap().unwrap().as_deref(), Some(&b"1"[..]));
}

/// What is wrong, the same from `ready` and from the first use, also of a caller that blocks.
async fn refused(builder: RedisStoreBuilder) -> Error {
    let store = patient(builder);
    let error = store.ready().await.unwrap_err();
    let first = store.get("k").await.unwrap_err();
    assert_eq!((first.kind(), first.to_string()), (error.kind(), error.to_string()));
    let blocking = tokio::task::spawn_blocking(move || block_on(store.get("k")));
    assert_eq!(blocking.await.unwrap().unwrap_err().to_string(), error.to_string());
    error
}

// Promises U24, U30, K16.
#[test]
fn u24_k16_whoever_trusts_the_authority_is_served() {
    on_runtime("tls", || async {
        let secured = Secured::start().unwrap();
        works(secured.connect()).await;
        works(secured.connect_with_certificate()).await;
        let ca = secured.certificates.ca().display();
        works(RedisStore::connect(format!("{}?ca={ca}", secured.server.tls_url()))).await;
        let mutual = Secured::start_mutual().unwrap();
        works(mutual.connect_with_certificate()).await;
        let of = |path: &std::path::Path| path.display().to_string();
        let files = &mutual.certificates;
        let files = [of(files.ca()), of(files.client_cert()), of(files.client_key())];
        let [ca, cert, key] = files;
        let url = format!("{}?ca={ca}&cert={cert}&key={key}", mutual.server.tls_url());
        works(RedisStore::connect(url)).await;
    });
}

#[test]
fn a_server_of_another_authority_is_refused() {
    on_runtime("other authority", || async {
        let secured = Secured::start().unwrap();
        let other = secured.connect().certificate_authority(secured.certificates.other_ca());
        let error = refused(other).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let said = error.to_string();
        assert!(said.contains("a certificate that we do not trust"), "{said}");
        assert!(said.contains("localhost"), "{said}");
    });
}

#[test]
fn a_server_that_wants_a_certificate_says_so() {
    on_runtime("no client certificate", || async {
        let mutual = Secured::start_mutual().unwrap();
        let error = refused(mutual.connect()).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("does not accept our certificate"), "{error}");
        assert!(error.to_string().contains("`cert`"), "{error}");
    });
}

#[test]
fn a_server_without_tls_is_named_as_such() {
    on_runtime("no tls", || async {
        let (plain, secured) = (server(), Secured::start().unwrap());
        let url = format!("rediss://localhost:{}", plain.port());
        let ca = secured.certificates.ca();
        let builder = RedisStore::connect(url).certificate_authority(ca);
        let store = builder.connect_timeout(Duration::from_millis(200)).build().unwrap();
        let error = store.ready().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("does not speak TLS on this port"), "{error}");
        // The other way round: the server hangs up on what is no TLS.
        let url = format!("redis://localhost:{}", secured.server.tls_port());
        let error = refused(RedisStore::connect(url)).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    });
}

// Bad input.
#[test]
fn a_file_that_is_not_there_or_no_certificate_is_named() {
    on_runtime("files", || async {
        let secured = Secured::start().unwrap();
        let (cert, key) = (secured.certificates.client_cert(), secured.certificates.client_key());
        let cases = [
            (secured.connect().certificate_authority("/no/such/ca.pem"), "/no/such/ca.pem"),
            (secured.connect().client_certificate("/no/such/cert.pem", key), "/no/such/cert.pem"),
            (secured.connect().client_certificate(cert, "/no/such/key.pem"), "/no/such/key.pem"),
            (secured.connect().certificate_authority(key), "has no certificate"),
            (secured.connect().client_certificate(cert, cert), "has no private key"),
        ];
        for (builder, said) in cases {
            let error = refused(builder).await;
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(said), "{error}");
        }
    });
}

// Bug 49: the handshake, too, is bounded.
#[test]
fn bug_49_a_server_that_hangs_in_the_handshake_costs_op_timeout() {
    on_runtime("tls handshake", || async {
        let secured = Secured::start().unwrap();
        let proxy = cached_testing::ChaosProxy::start(secured.server.tls_port()).unwrap();
        proxy.set(Fault::BlackHole);
        let url = format!("rediss://localhost:{}", proxy.port());
        let builder = RedisStore::connect(url).certificate_authority(secured.certificates.ca());
        let store = builder.build().unwrap();
        let call = tokio::time::timeout(Duration::from_millis(250 + 150), store.get("k"));
        assert_eq!(call.await.expect("in time").unwrap_err().kind(), ErrorKind::Timeout);
        proxy.clear();
        crate::support::eventually(async || store.get("k").await.is_ok()).await;
    });
}

/// One node with all slots, which knows no address of its own as long as it has met nobody.
#[cfg(feature = "cluster")]
fn lonely_node(files: &cached_testing::Certificates, port: u16) -> RedisServer {
    let text = |path: &std::path::Path| path.display().to_string();
    let (port, bus) = (port.to_string(), cached_testing::free_port().unwrap().to_string());
    let (ca, cert, key) = (text(files.ca()), text(files.server_cert()), text(files.server_key()));
    let mut args = vec!["--cluster-enabled", "yes", "--cluster-port", &bus, "--tls-port", &port];
    args.extend(["--tls-cluster", "yes", "--tls-auth-clients", "no", "--tls-ca-cert-file", &ca]);
    args.extend(["--tls-cert-file", &cert, "--tls-key-file", &key]);
    let server = RedisServer::start_with(&args).unwrap();
    server.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]).unwrap();
    server
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_speaks_tls_also_if_its_nodes_do_not_know_their_hosts() {
    on_runtime("tls cluster", || async {
        let files = cached_testing::Certificates::generate().unwrap();
        let port = cached_testing::free_port().unwrap();
        let _node = lonely_node(&files, port);
        let url = format!("rediss+cluster://localhost:{port}");
        let store = patient(RedisStore::connect(url).certificate_authority(files.ca()));
        crate::support::eventually(async || store.set("k", b"1", MINUTE).await.is_ok()).await;
        assert_eq!(store.scan(&Scope::all()).await.unwrap(), ["k"]);
        assert_eq!(store.info().await.unwrap().keys, 1);
        let blocking = store.clone();
        let clear = move || block_on(blocking.clear(&Scope::all()));
        assert_eq!(tokio::task::spawn_blocking(clear).await.unwrap().unwrap(), 1);
    });
}

#[cfg(unix)]
#[test]
fn a_file_that_hangs_holds_up_no_thread_of_the_runtime() {
    hard_timeout(LIMIT, "hanging file", || {
        let (certificates, tarpit) = (Certificates::generate().unwrap(), Tarpit::start().unwrap());
        let file = certificates.ca().with_file_name("hangs.pem");
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        let store = RedisStore::connect(format!("rediss://127.0.0.1:{}", tarpit.port()))
            .connect_timeout(Duration::from_millis(200))
            .certificate_authority(&file)
            .build()
            .unwrap();
        let runtime = current_thread();
        // The thread that reads waits for somebody who writes; the only one of the runtime does not.
        let error = runtime.block_on(store.get("k")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let error = runtime.block_on(store.subscriber()).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        runtime.shutdown_background();
        // Lets those who read go.
        drop(std::fs::OpenOptions::new().read(true).write(true).open(&file).unwrap());
    });
}
