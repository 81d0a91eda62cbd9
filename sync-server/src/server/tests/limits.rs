//! What one guest may not take from the others, over real sockets. No test waits for a clock: each waits for what the
//! relay does, and the limits are short.

use super::operators::figure;
use super::*;
use crate::{Companies, Rate, Tempo, Usage};
use std::num::NonZeroU64;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Longer than any test waits for something that ought to happen.
const LONG: Duration = Duration::from_secs(3_600);
/// The shortest wait that a guest who answers at once still keeps.
const SHORT: Duration = Duration::from_millis(200);

/// Limits under which nobody is let go for being slow, so that a test shows the one that it shortens.
fn patient() -> Limits {
    Limits { opening: LONG, greeting: LONG, send: LONG, sign_of_life: LONG, ..Limits::default() }
}

async fn under(folder: &std::path::Path, limits: Limits) -> RelayHandle {
    start(RelayConfig { limits, ..config(folder) }).await.unwrap()
}

/// Introduces a device and pushes what it has until the relay has it.
async fn settle(laptop: &Laptop, company: WorkspaceId, relay: &RelayHandle) -> WebSocketStream<TcpStream> {
    let mut socket = connect(relay).await;
    let mut session = ClientSession::new(laptop.key.clone(), company, None);
    speak_until(laptop, &mut session, &mut socket, |effect| matches!(effect, ClientEffect::CaughtUp)).await;
    socket
}

/// Introduces a device and tells how it is refused.
async fn turned_away(laptop: &Laptop, company: WorkspaceId, relay: &RelayHandle) -> (String, String) {
    let mut socket = connect(relay).await;
    let mut session = ClientSession::new(laptop.key.clone(), company, None);
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(bytes) = message else { continue };
        match session.frame(&bytes, laptop) {
            Err(SyncFault::Refused { code, says }) => return (code, says),
            told => {
                for effect in told.unwrap() {
                    if let ClientEffect::Send(frame) = effect {
                        socket.send(Message::Binary(frame.into())).await.ok();
                    }
                }
            }
        }
    }
    panic!("the relay left without a word");
}

const OTHER: WorkspaceId = WorkspaceId::new(uuid::Uuid::from_u128(2));

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_a_free_place_says_so_and_has_one_again_when_somebody_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), Limits { connections: 1, ..patient() }).await;
    let guest = connect(&relay).await;
    assert_eq!(refusal(&mut connect(&relay).await).await, "relay.full");
    assert_eq!(figure(&relay, "refused_total{code=\"relay.full\"}").await, 1.0);
    drop(guest);
    while figure(&relay, "connections").await > 0.0 {}
    settle(&Laptop::new(1, 1), company(), &relay).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_takes_so_many_places_and_a_proxy_speaks_for_many_networks() {
    let limits = Limits { network_connections: 1, ..patient() };
    for behind_proxy in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let relay = start(RelayConfig { limits, behind_proxy, ..config(folder.path()) }).await.unwrap();
        let call = async |from: &str| {
            let mut request = relay.url().into_client_request().unwrap();
            request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
            client_async(request, TcpStream::connect(relay.address()).await.unwrap()).await.unwrap().0
        };
        let _first = call("192.0.2.1").await;
        assert_eq!(refusal(&mut call("192.0.2.1").await).await, "relay.network_crowded");
        let mut elsewhere = call("192.0.2.2").await;
        let first = elsewhere.next().await.unwrap().unwrap().into_data();
        let welcome = matches!(Frame::decode(&first).unwrap(), Frame::Challenge { .. });
        assert_eq!(welcome, behind_proxy, "a header counts behind a proxy only");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_has_so_many_places_and_a_device_one() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), Limits { company_connections: 1, ..patient() }).await;
    let (anna, bo) = (Laptop::new(1, 1), Laptop::new(2, 0));
    let mut first = settle(&anna, company(), &relay).await;
    assert_eq!(turned_away(&bo, company(), &relay).await.0, "relay.company_crowded");
    let _second = settle(&anna, company(), &relay).await;
    assert_eq!(refusal(&mut first).await, "relay.replaced", "a second connection of one device replaces the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_not_admitted_and_nothing_of_him_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let rules = Rules { companies: Companies::Closed, ..Rules::default() };
    let relay = start(RelayConfig { rules, ..config(folder.path()) }).await.unwrap();
    let (anna, bo) = (Laptop::new(1, 1), Laptop::new(2, 0));
    let (code, says) = turned_away(&anna, company(), &relay).await;
    assert_eq!(code, "relay.not_admitted");
    assert!(says.contains("ask whoever runs the relay"), "{says}");
    assert_eq!(figure(&relay, "companies_stored").await, 0.0);
    relay.rule(Rules { most: 0, ..Rules::default() });
    assert_eq!(turned_away(&anna, company(), &relay).await.0, "relay.not_admitted", "no more companies than that");
    relay.rule(Rules { companies: Companies::Listed([company()].into()), ..Rules::default() });
    let mut annas = settle(&anna, company(), &relay).await;
    relay.rule(Rules { companies: Companies::Closed, most: 0, ..Rules::default() });
    settle(&bo, company(), &relay).await;
    relay.rule(Rules { companies: Companies::Listed([OTHER].into()), ..Rules::default() });
    assert_eq!(refusal(&mut annas).await, "relay.not_admitted", "who is struck off the list is asked to leave");
    assert_eq!(turned_away(&anna, company(), &relay).await.0, "relay.not_admitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_used_its_share_is_told_so_and_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    let rules = Rules { quota: Usage { entries: 3, bytes: u64::MAX }, ..Rules::default() };
    let relay = start(RelayConfig { rules, ..config(folder.path()) }).await.unwrap();
    let (anna, mut socket) = (Laptop::new(1, 3), connect(&relay).await);
    let mut session = ClientSession::new(anna.key.clone(), company(), None);
    let on_disk = |effect: &ClientEffect| matches!(effect, ClientEffect::Acked { seq: 3, .. });
    speak_until(&anna, &mut session, &mut socket, on_disk).await;
    let (code, says) = turned_away(&Laptop::new(2, 1), company(), &relay).await;
    assert_eq!(code, "relay.company_full");
    assert!(says.starts_with("this company's share"), "the device itself says who refused: {says}");
    let (carla, mut socket) = (Laptop::new(3, 0), connect(&relay).await);
    let mut session = ClientSession::new(carla.key.clone(), company(), None);
    speak_until(&carla, &mut session, &mut socket, brings(anna.device(), 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_too_fast_is_held_back_and_what_would_wait_too_long_is_refused() {
    let rate = |n| Rate(NonZeroU64::new(n).unwrap());
    // Ten frames a second: forty at once, and each after them a tenth of a second later. Three a second: twelve at once,
    // so that also a slow machine sends the rest long before its time.
    for (frames, patience, refused) in [(10, LONG, false), (3, Duration::from_millis(50), true)] {
        let tempo = Tempo { frames: rate(frames), bytes: rate(1 << 30) };
        let folder = tempfile::tempdir().unwrap();
        let relay = under(folder.path(), Limits { company: tempo, patience, ..patient() }).await;
        let mut socket = settle(&Laptop::new(1, 0), company(), &relay).await;
        for _ in 0..42 {
            socket.send(Message::Binary(Frame::AskPeers.encode().into())).await.unwrap();
        }
        let mut answers = 0;
        let told = loop {
            let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() else { continue };
            match Frame::decode(&bytes).unwrap() {
                Frame::Refused { code, .. } => break Some(code),
                Frame::Peers(_) => answers += 1,
                _ => {}
            }
            if answers == 42 {
                break None;
            }
        };
        assert_eq!(told.as_deref(), refused.then_some("relay.too_fast"), "after {answers} answers");
        let held = figure(&relay, "held_back_frames_total").await;
        // Also before a refusal one may have been held back, for the little that was left of its turn.
        assert!(refused || held > 0.0, "{held}");
        assert!(refused || figure(&relay, "held_back_seconds_total").await > 0.0);
    }
}

/// What comes back until the relay hangs up.
async fn until_hung_up(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    // A relay that closes while something it has not read is on its way resets the connection.
    stream.read_to_end(&mut rest).await.ok();
    rest
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_in_the_doorway_is_sent_away_and_keeps_nobody_out_for_long() {
    for says in ["", "GET /sync HTTP/1.1\r\nHost: rel"] {
        let folder = tempfile::tempdir().unwrap();
        let relay = under(folder.path(), Limits { opening: SHORT, lobby: 1, ..patient() }).await;
        let mut slow = TcpStream::connect(relay.address()).await.unwrap();
        slow.write_all(says.as_bytes()).await.unwrap();
        // The doorway holds one; a second is not even listened to.
        let mut second = TcpStream::connect(relay.address()).await.unwrap();
        assert_eq!(until_hung_up(&mut second).await, b"", "{says:?}");
        assert_eq!(until_hung_up(&mut slow).await, b"", "{says:?}");
        while figure(&relay, "refused_total{code=\"relay.too_slow\"}").await < 1.0 {}
        assert_eq!(figure(&relay, "refused_total{code=\"relay.doorway_full\"}").await, 1.0);
        settle(&Laptop::new(1, 1), company(), &relay).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_cut_off_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), patient()).await;
    let mut endless = TcpStream::connect(relay.address()).await.unwrap();
    endless.write_all(b"GET /sync HTTP/1.1\r\nHost: relay\r\n").await.unwrap();
    let (filler, mut sent) = ([b'X'; 1_000], 0);
    while sent < 64 << 20 && endless.write_all(&filler).await.is_ok() {
        sent += filler.len();
    }
    // What the system's buffers took before the relay hung up counts as well.
    assert!(sent < 64 << 20, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_does_not_say_who_it_is_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), Limits { greeting: SHORT, ..patient() }).await;
    assert_eq!(refusal(&mut connect(&relay).await).await, "relay.too_late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_gone_without_a_word_is_let_go_and_one_that_answers_stays() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), Limits { sign_of_life: SHORT, ..patient() }).await;
    let mut anna = settle(&Laptop::new(1, 1), company(), &relay).await;
    // Half open: whoever reads nothing answers nothing, as if the cable had been cut.
    let _gone = settle(&Laptop::new(2, 1), company(), &relay).await;
    let mut questions = 0;
    while figure(&relay, "silent_total").await < 1.0 || questions < 4 {
        // Reading is what answers the relay's questions.
        if let Message::Ping(_) = anna.next().await.unwrap().unwrap() {
            questions += 1;
        }
    }
    assert_eq!(figure(&relay, "silent_total").await, 1.0);
    assert_eq!(figure(&relay, "connections").await, 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_does_not_read_what_it_asked_for_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let relay = under(folder.path(), Limits { send: SHORT, ..patient() }).await;
    let anna = Laptop { log: log(1, 10, 3_500_000).1, ..Laptop::new(1, 0) };
    settle(&anna, company(), &relay).await;
    let bo = Laptop::new(2, 0);
    // Systems give a reader up to some 32 MB of their own accord; this one has asked for little.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let stream = socket.connect(relay.address()).await.unwrap();
    let mut socket = client_async(relay.url(), stream).await.unwrap().0;
    let mut session = ClientSession::new(bo.key.clone(), company(), None);
    let welcomed = |effect: &ClientEffect| matches!(effect, ClientEffect::Welcomed { .. });
    speak_until(&bo, &mut session, &mut socket, welcomed).await;
    // He is sent some 28 MB, which is more than the buffers on the way hold, and does not look.
    for _ in 0..40 {
        let again = Frame::Want { device: anna.device(), after: 0 };
        if socket.send(Message::Binary(again.encode().into())).await.is_err() {
            break;
        }
    }
    while figure(&relay, "silent_total").await < 1.0 {}
}
