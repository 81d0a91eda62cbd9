//! TLS over real sockets, with certificates made in the test.

use super::operators::figure;
use super::*;
use crate::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::path::Path;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// An authority of the test's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), root }
    }

    /// A certificate for this machine, written where a relay looks for it.
    fn write(&self, folder: &Path) -> TlsFiles {
        self.write_until(2040, folder)
    }

    /// The same, which holds until the first day of a year.
    fn write_until(&self, year: i32, folder: &Path) -> TlsFiles {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
        std::fs::write(&files.certificate, params.signed_by(&key, &self.issuer).unwrap().pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        files
    }

    /// A connection of somebody who trusts this authority and no other.
    async fn connect(&self, relay: &RelayHandle) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(relay.address()).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }
}

/// A certificate of some authority, and its key.
pub(super) fn certificate(folder: &Path) -> TlsFiles {
    Authority::new().write(folder)
}

fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

fn on_disk(files: &TlsFiles) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(&files.certificate).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_it_speaks_tls_and_tells_whoever_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let tls = Some(authority.write(folder.path()));
    let relay = start(RelayConfig { tls, ..config(&folder.path().join("relay")) }).await.unwrap();
    assert!(relay.url().starts_with("wss://"), "{}", relay.url());
    let stream = authority.connect(&relay).await.unwrap();
    let (mut socket, _) = client_async("wss://localhost/sync", stream).await.unwrap();
    let first = socket.next().await.unwrap().unwrap().into_data();
    assert!(matches!(Frame::decode(&first).unwrap(), Frame::Challenge { .. }));
    socket.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(refusal(&mut socket).await, "sync.out_of_turn");

    let plain = operators::page(relay.address(), "/sync").await;
    assert!(
        plain.contains("426 Upgrade Required")
            && plain.ends_with("this relay speaks TLS; write its address with wss://host\n")
    );
    let strange = Authority::new().connect(&relay).await.unwrap_err().to_string();
    assert!(strange.contains("invalid peer certificate"), "{strange}");
    // The relay counts it when the handshake is over on its side, too.
    while operators::counted(&relay, "refused_total{code=\"relay.tls_handshake\"}").await.is_none_or(|n| n < 1.0) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_a_handshake_and_falls_silent_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Some(Authority::new().write(folder.path()));
    let limits = Limits { opening: Duration::from_millis(200), ..Limits::default() };
    let relay = start(RelayConfig { tls, limits, ..config(&folder.path().join("relay")) }).await.unwrap();
    // Nothing at all; and the head of a handshake record of 512 bytes without its bytes.
    for says in [&[][..], &[22, 3, 1, 2, 0]] {
        let mut silent = TcpStream::connect(relay.address()).await.unwrap();
        silent.write_all(says).await.unwrap();
        let mut rest = Vec::new();
        silent.read_to_end(&mut rest).await.ok();
        assert_eq!(rest, b"", "{says:?}");
    }
    while figure(&relay, "refused_total{code=\"relay.too_slow\"}").await < 2.0 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_from_then_on_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let files = authority.write(folder.path());
    let first = on_disk(&files);
    let tls = Some(files.clone());
    let relay = start(RelayConfig { tls, ..config(&folder.path().join("relay")) }).await.unwrap();
    assert!(!relay.renew_certificate().unwrap(), "nothing new");
    let old_friend = authority.connect(&relay).await.unwrap();
    assert_eq!(shown(&old_friend), first);

    std::fs::write(&files.key, "half a ke").unwrap();
    assert!(relay.renew_certificate().unwrap_err().to_string().contains("no private key"));
    assert_eq!(shown(&authority.connect(&relay).await.unwrap()), first, "the old one stays in use");

    authority.write(folder.path());
    assert!(relay.renew_certificate().unwrap());
    let second = on_disk(&files);
    assert_ne!(first, second);
    assert_eq!(shown(&authority.connect(&relay).await.unwrap()), second);
    client_async("wss://localhost/sync", old_friend).await.expect("who is connected stays connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_when_the_certificate_in_use_expires_and_nothing_of_it_where_there_is_none() {
    const NAME: &str = "certificate_expires_timestamp_seconds";
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let files = authority.write_until(2031, folder.path());
    let relay = start(RelayConfig { tls: Some(files.clone()), ..config(&folder.path().join("relay")) }).await.unwrap();
    assert_eq!(figure(&relay, NAME).await, 1_924_992_000.0, "2031-01-01");
    authority.write_until(2036, folder.path());
    assert_eq!(figure(&relay, NAME).await, 1_924_992_000.0, "not in use yet");
    assert!(relay.renew_certificate().unwrap());
    assert_eq!(figure(&relay, NAME).await, 2_082_758_400.0, "2036-01-01");
    // A chain holds as long as the first of its certificates to expire.
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let earlier = std::fs::read_to_string(authority.write_until(2033, &other).certificate).unwrap();
    let chain = std::fs::read_to_string(&files.certificate).unwrap() + &earlier;
    std::fs::write(&files.certificate, chain).unwrap();
    assert!(relay.renew_certificate().unwrap());
    assert_eq!(figure(&relay, NAME).await, 1_988_150_400.0, "2033-01-01");

    let plain = start(config(&folder.path().join("plain"))).await.unwrap();
    assert!(!operators::page(plain.admin().unwrap(), "/metrics").await.contains(NAME));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_says_why_before_anybody_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let good = authority.write(folder.path());
    let elsewhere = folder.path().join("other");
    std::fs::create_dir(&elsewhere).unwrap();
    let other = authority.write(&elsewhere);
    let table = [
        (folder.path().join("none"), good.key.clone(), "cannot be read"),
        (good.key.clone(), good.key.clone(), "no certificate"),
        (good.certificate.clone(), good.certificate.clone(), "no private key"),
        (good.certificate.clone(), other.key.clone(), "cannot be used together"),
    ];
    for (certificate, key, says) in table {
        let tls = Some(TlsFiles { certificate, key });
        let fault = start(RelayConfig { tls, ..config(&folder.path().join("relay")) }).await.err().unwrap();
        assert_eq!(fault.code(), "relay.tls");
        assert!(fault.to_string().contains(says), "{fault}");
    }
}
