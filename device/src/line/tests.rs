//! What the other end of the line may turn out to be, over real sockets.
#![allow(clippy::unwrap_used)]

use crate::{Device, Engine, Founding, Place, RealWorld};
use futures_util::{SinkExt, StreamExt};
use mera_device_api::{Answer, Refused, Reply, Request, SyncStatus};
use mera_schema::{Desk, RecordKind};
use mera_sync_protocol::{FRAME_LIMIT, Frame, PROTOCOL, Peers};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// What takes longer than this will not come.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// What something that is no relay of this company says to a device that calls.
enum Says {
    Words(Message),
    /// The beginning of a frame of one gigabyte.
    Gigabyte,
    /// Nothing that a WebSocket would.
    Http,
}

async fn meet(stream: TcpStream, says: Says) {
    if let Says::Http = says {
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        return;
    }
    let mut socket = accept_async(stream).await.unwrap();
    match says {
        Says::Words(words) => socket.send(words).await.unwrap(),
        // RFC 6455, section 5.2: binary, a length of eight bytes.
        _ => {
            let header = [&[0x82, 127], (1_u64 << 30).to_be_bytes().as_slice()].concat();
            socket.get_mut().write_all(&header).await.unwrap();
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
}

async fn status(device: &Device) -> SyncStatus {
    let Answer::Ok(Reply::SyncStatus(status)) = device.request(Request::SyncStatus).await else { panic!() };
    status
}

pub(super) async fn until_told(device: &Device, code: &str) -> SyncStatus {
    let mut notices = device.notices();
    loop {
        let status = status(device).await;
        if status.trouble.as_ref().is_some_and(|trouble| trouble.code == code) {
            return status;
        }
        notices.recv().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_relay_of_ours_is_told_apart_in_plain_words_and_what_was_saved_waits() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A1".into(),
        relay: Some(format!("ws://{}/sync", listener.local_addr().unwrap())),
        vault: Place::InFolder,
    };
    let mut engine = Engine::found(folder.path(), founding, Arc::new(RealWorld)).unwrap();
    engine.answer(Request::Create { kind: RecordKind::Quote, values: Vec::new() });
    let device = Device::start(engine);
    let challenge = |protocol| Frame::Challenge { protocol, epoch: [0; 16], nonce: [0; 32] }.encode();
    let binary = |bytes: Vec<u8>| Says::Words(Message::Binary(bytes.into()));
    let no = Frame::Refused { code: "sync.full".into(), says: "come back tomorrow".into() };
    let table = [
        (binary(challenge(PROTOCOL + 1)), "sync.other_version", "update the older program"),
        (binary(challenge(PROTOCOL)[..20].to_vec()), "sync.frame_unreadable", "cut short"),
        (Says::Gigabyte, "sync.frame_too_large", "update both programs"),
        (binary(vec![0; FRAME_LIMIT + 1]), "sync.frame_too_large", "update both programs"),
        (Says::Words(Message::Text("hello".into())), "sync.frame_unreadable", "not MERA"),
        (binary(Frame::Peers(Peers::default()).encode()), "sync.out_of_turn", "wrong moment"),
        (binary(no.encode()), "sync.full", "come back tomorrow"),
        (Says::Http, "sync.unreachable", "what you save waits here"),
    ];
    for (says, code, words) in table {
        let told = async {
            device.request(Request::SyncNow).await;
            let (stream, _) = listener.accept().await.unwrap();
            let met = tokio::spawn(meet(stream, says));
            let status = until_told(&device, code).await;
            met.abort();
            status
        };
        let status = timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("{code} was never told"));
        let trouble = status.trouble.unwrap();
        assert!(trouble.says.contains(words), "{code}: {}", trouble.says);
        assert_eq!((status.connected, status.waiting_changes), (false, 2), "{code}: nothing saved is lost");
    }
}

#[test]
fn whom_the_relay_sends_away_does_not_call_again_at_once() {
    let table = [
        (true, None, true),
        (true, Some("sync.hung_up"), true),
        (true, Some("sync.store"), true),
        (true, Some("relay.replaced"), false),
        (true, Some("relay.company_crowded"), false),
        (false, Some("sync.unreachable"), false),
        (false, None, false),
    ];
    for (welcomed, code, good) in table {
        let trouble = code.map(|code| Refused::new(code, "why"));
        assert_eq!(super::was_good(welcomed, trouble.as_ref()), good, "{welcomed} {code:?}");
    }
}
