//! Relays with every kind of certificate, and the cryptography of every kind of device.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::line::tests::{PATIENCE, until_told};
use crate::{Device, Engine, Founding, RealWorld};
use futures_util::SinkExt;
use mera_device_api::Request;
use mera_schema::Desk;
use mera_sync_protocol::{Frame, PROTOCOL};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ServerConfig, SupportedProtocolVersion, crypto::ring, version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// Somebody who vouches for relays.
struct Authority(Issuer<'static, KeyPair>, String);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Issuer::new(params, key), pem)
    }

    /// A relay's certificate for a name, valid from one year to another.
    fn vouches(&self, name: &str, years: [i32; 2], versions: &[&'static SupportedProtocolVersion]) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        [params.not_before, params.not_after] = years.map(|year| date_time_ymd(year, 1, 1));
        let key = KeyPair::generate().unwrap();
        let chain = vec![params.signed_by(&key, &self.0).unwrap().der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_protocol_versions(versions).unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
    }
}

/// A device that calls a relay on this machine.
fn device(folder: &Path, relay: String) -> Device {
    let (name, person, series) = ("Annas pc".into(), "Anna".into(), "A1".into());
    let vault = crate::Place::InFolder;
    let founding = Founding { name, person, desk: Desk::Sales, series, relay: Some(relay), vault };
    Device::start(Engine::found(folder, founding, Arc::new(RealWorld)).unwrap())
}

/// What a device is answered that calls.
enum Speaks {
    Tls(TlsAcceptor),
    Plain,
    OnlyTlsElsewhere,
}

/// A relay of a version that is not spoken here: what a device says of it shows that it was heard.
async fn answer(stream: TcpStream, speaks: Speaks) {
    let challenge = Frame::Challenge { protocol: PROTOCOL + 1, epoch: [0; 16], nonce: [0; 32] };
    match speaks {
        Speaks::Tls(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut socket = accept_async(stream).await.unwrap();
            socket.send(Message::Binary(challenge.encode().into())).await.unwrap();
        }
        Speaks::Plain | Speaks::OnlyTlsElsewhere => {
            let mut stream = stream;
            assert!(stream.read(&mut [0; 1_024]).await.unwrap() > 0);
            let status = if let Speaks::Plain = speaks { "400 Bad Request" } else { "426 Upgrade Required" };
            let says = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(says.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_believed_only_with_a_certificate_that_holds_and_else_it_is_said_what_to_do() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let now = [2020, 4000];
    let tls = |authority: &Authority, name, years| Speaks::Tls(authority.vouches(name, years, rustls::ALL_VERSIONS));
    let table = [
        ("wss", tls(&ours, "localhost", now), "sync.other_version", "update the older program"),
        ("wss", tls(&theirs, "localhost", now), "sync.certificate_untrusted", "relay-ca.pem"),
        ("wss", tls(&ours, "localhost", [2000, 2001]), "sync.certificate_expired", "renew it"),
        ("wss", tls(&ours, "localhost", [3999, 4000]), "sync.certificate_not_yet", "clock"),
        ("wss", tls(&ours, "relay.example", now), "sync.certificate_other_name", "another name"),
        ("wss", Speaks::Plain, "sync.no_tls", "write it with ws://"),
        ("ws", Speaks::OnlyTlsElsewhere, "sync.wants_tls", "write its address with wss://"),
        ("ws", Speaks::Plain, "sync.unreachable", "what you save waits here"),
    ];
    for (scheme, speaks, code, words) in table {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ours.pem");
        fs::write(&file, &ours.1).unwrap();
        Authorities::read(&file).unwrap().keep_in(folder.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let device = device(folder.path(), format!("{scheme}://localhost:{port}/sync"));
        let told = async {
            let (stream, _) = listener.accept().await.unwrap();
            let answered = tokio::spawn(answer(stream, speaks));
            let status = until_told(&device, code).await;
            answered.abort();
            status.trouble.unwrap().says
        };
        let says = timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("{code} was never told"));
        assert!(says.contains(words), "{code}: {says}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_that_cannot_be_used_are_refused_before_and_told_after_they_came_into_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("strange.pem");
    let cut = Authority::new("ours").1.replace("\nM", "\nA");
    for text in ["", "Jensen & Co", &cut] {
        fs::write(&file, text).unwrap();
        let refused = Authorities::read(&file).err().unwrap();
        assert_eq!(refused.code, "sync.relay_ca");
        assert!(refused.says.contains("strange.pem"), "{}", refused.says);
    }
    assert_eq!(Authorities::read(&folder.path().join("none")).err().unwrap().code, "sync.relay_ca");
    let device = device(&folder.path().join("device"), "wss://localhost:1/sync".into());
    fs::write(folder.path().join("device").join(AUTHORITIES), "Jensen & Co").unwrap();
    device.request(Request::SyncNow).await;
    timeout(PATIENCE, until_told(&device, "sync.relay_ca")).await.expect("it is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_and_a_telephone_speak_with_a_relay_in_both_versions_of_tls() {
    let authority = Authority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(AUTHORITIES), &authority.1).unwrap();
    let [desk, telephone] = [ring::default_provider(), rustls_graviola::default_provider()];
    for provider in [desk, telephone] {
        for version in [&version::TLS13, &version::TLS12] {
            let acceptor = authority.vouches("localhost", [2020, 4000], &[version]);
            let connector = TlsConnector::from(config_with(provider.clone(), folder.path()).unwrap());
            let (here, there) = tokio::io::duplex(1 << 16);
            let name = ServerName::try_from("localhost").unwrap();
            let (client, server) = tokio::join!(connector.connect(name, here), acceptor.accept(there));
            let (mut client, mut server) = (client.unwrap(), server.unwrap());
            assert_eq!(client.get_ref().1.protocol_version(), Some(version.version));
            client.write_all(b"hello").await.unwrap();
            client.flush().await.unwrap();
            let mut heard = [0; 5];
            server.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"hello");
        }
    }
}
