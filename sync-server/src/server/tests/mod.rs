//! The relay over real sockets: who meets, who is refused, and how it stops.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::tests::{company, fixture, log};
use futures_util::{SinkExt, StreamExt};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{
    ChainPlace, ClientEffect, ClientSession, DeviceKey, Digests, Frame, Replica, Run, SignedEntry, SyncFault, Vector,
};
use mera_trust::fixture::{Fixture, card};
use mera_trust::{Intent, SignedStatement};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

mod limits;
mod operators;
mod secrecy;
mod several;

/// A relay on any free port, with pages for operators.
fn config(folder: &std::path::Path) -> RelayConfig {
    let address = "127.0.0.1:0".parse().unwrap();
    RelayConfig { admin: Some(address), ..RelayConfig::new(address, folder.to_owned()) }
}

async fn relay(folder: &std::path::Path) -> RelayHandle {
    start(config(folder)).await.unwrap()
}

async fn connect(relay: &RelayHandle) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(relay.address()).await.unwrap();
    client_async(relay.url(), stream).await.unwrap().0
}

/// A device with a log and nothing else.
struct Laptop {
    key: Arc<DeviceKey>,
    log: Vec<SignedEntry>,
}

impl Laptop {
    fn new(seed: u8, entries: u64) -> Self {
        let (key, log) = log(seed, entries, 10);
        Self { key: Arc::new(key), log }
    }

    fn device(&self) -> DeviceId {
        self.key.public().device()
    }
}

impl Replica for Laptop {
    fn chain(&self) -> ChainPlace {
        ChainPlace::from(&fixture().members)
    }

    fn statements(&self, after: u32, _: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(fixture().chain[after as usize..].to_vec())
    }

    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(Vector::from_iter([(self.device(), self.log.len() as u64)]))
    }

    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        let after = usize::try_from(after).unwrap();
        if device != self.device() || after >= self.log.len() {
            return Ok(Vec::new());
        }
        let previous = after.checked_sub(1).map_or([0; 32], |last| self.log[last].hash);
        Ok(Run::cut(self.key.public(), after as u64 + 1, previous, &self.log[after..]).into_iter().collect())
    }
}

/// Speaks until the relay has told what is waited for.
async fn speak_until(
    laptop: &Laptop,
    session: &mut ClientSession,
    socket: &mut WebSocketStream<TcpStream>,
    told: impl Fn(&ClientEffect) -> bool,
) {
    loop {
        let frame = socket.next().await.unwrap().unwrap();
        let Message::Binary(bytes) = frame else { continue };
        let mut found = false;
        for effect in session.frame(&bytes, laptop).unwrap() {
            found |= told(&effect);
            match effect {
                ClientEffect::Send(frame) => socket.send(Message::Binary(frame.into())).await.unwrap(),
                ClientEffect::Take { cursor, .. } => {
                    let took = session.took(cursor, &laptop.vector().unwrap(), Digests::default());
                    let ClientEffect::Send(frame) = took else { panic!("{took:?}") };
                    socket.send(Message::Binary(frame.into())).await.unwrap();
                }
                _ => {}
            }
        }
        if found {
            return;
        }
    }
}

fn brings(from: DeviceId, last: u64) -> impl Fn(&ClientEffect) -> bool {
    move |effect| match effect {
        ClientEffect::Take { runs, .. } => runs.iter().any(|run| run.author.device() == from && run.last() == last),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_writes_reaches_another_at_once_and_after_a_restart_of_the_relay() {
    let folder = tempfile::tempdir().unwrap();
    let first_life = relay(folder.path()).await;
    let (mut anna, bo) = (Laptop::new(1, 3), Laptop::new(2, 0));
    let mut socket = connect(&first_life).await;
    let mut session = ClientSession::new(anna.key.clone(), company(), None);
    let on_disk =
        |seq: u64| move |effect: &ClientEffect| matches!(effect, ClientEffect::Acked { seq: s, .. } if *s == seq);
    speak_until(&anna, &mut session, &mut socket, on_disk(3)).await;

    let mut bos_socket = connect(&first_life).await;
    let mut bos = ClientSession::new(bo.key.clone(), company(), None);
    speak_until(&bo, &mut bos, &mut bos_socket, brings(anna.device(), 3)).await;

    anna.log = Laptop::new(1, 4).log;
    for effect in session.committed(&anna).unwrap() {
        let ClientEffect::Send(frame) = effect else { panic!("{effect:?}") };
        socket.send(Message::Binary(frame.into())).await.unwrap();
    }
    speak_until(&bo, &mut bos, &mut bos_socket, brings(anna.device(), 4)).await;
    speak_until(&anna, &mut session, &mut socket, on_disk(4)).await;
    first_life.stop().await.unwrap();

    let second_life = relay(folder.path()).await;
    let carla = Laptop::new(3, 0);
    let mut socket = connect(&second_life).await;
    let mut session = ClientSession::new(carla.key.clone(), company(), None);
    speak_until(&carla, &mut session, &mut socket, brings(anna.device(), 4)).await;
}

/// The code with which a guest is sent away.
async fn refusal<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> String {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(bytes) = message else { continue };
        if let Frame::Refused { code, .. } = Frame::decode(&bytes).unwrap() {
            return code;
        }
    }
    "the connection ended without a word".into()
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_is_refused_with_a_code_and_the_relay_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let mut noisy = connect(&relay).await;
    noisy.send(Message::Binary(vec![0xff; 40].into())).await.unwrap();
    assert_eq!(refusal(&mut noisy).await, "sync.frame_unreadable");
    let mut chatty = connect(&relay).await;
    chatty.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(refusal(&mut chatty).await, "sync.out_of_turn");
    let mut early = connect(&relay).await;
    early.send(Message::Binary(Frame::AskPeers.encode().into())).await.unwrap();
    assert_eq!(refusal(&mut early).await, "sync.out_of_turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_one_gigabyte_is_refused_at_its_first_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let mut socket = connect(&relay).await;
    // RFC 6455, section 5.2: binary, masked, a length of eight bytes, the mask.
    let header = [&[0x82, 0xff], (1_u64 << 30).to_be_bytes().as_slice(), &[0; 4]].concat();
    socket.get_mut().write_all(&header).await.unwrap();
    assert_eq!(refusal(&mut socket).await, "sync.frame_too_large");
}

/// A device of the company that is let in; it has written nothing.
async fn enter(relay: &RelayHandle, seed: u8) -> (Laptop, ClientSession, WebSocketStream<TcpStream>) {
    let (laptop, mut socket) = (Laptop::new(seed, 0), connect(relay).await);
    let mut session = ClientSession::new(laptop.key.clone(), company(), None);
    speak_until(&laptop, &mut session, &mut socket, |effect| matches!(effect, ClientEffect::CaughtUp)).await;
    (laptop, session, socket)
}

async fn send(socket: &mut WebSocketStream<TcpStream>, effect: Option<ClientEffect>) {
    let Some(ClientEffect::Send(frame)) = effect else { panic!("{effect:?}") };
    socket.send(Message::Binary(frame.into())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_is_cut_off_while_connected() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let (anna, mut annas, mut annas_socket) = enter(&relay, 1).await;
    let (_, _, mut bos_socket) = enter(&relay, 2).await;
    let revoked = Fixture::of(5).say(&Intent::Revoke { device: card(2).2.device.device() });
    // Devices 3 to 5 have not called at this relay, which is new to the company.
    send(&mut annas_socket, annas.go_on()).await;
    send(&mut annas_socket, annas.extend(revoked)).await;
    assert_eq!(refusal(&mut bos_socket).await, "membership.revoked");
    speak_until(&anna, &mut annas, &mut annas_socket, |effect| matches!(effect, ClientEffect::Learn(_))).await;
    let mut again = connect(&relay).await;
    let (bo, mut session) = (Laptop::new(2, 0), ClientSession::new(Laptop::new(2, 0).key, company(), None));
    let hello = again.next().await.unwrap().unwrap();
    let Message::Binary(hello) = hello else { panic!() };
    let answer = session.frame(&hello, &bo).unwrap().into_iter().next();
    send(&mut again, answer).await;
    assert_eq!(refusal(&mut again).await, "membership.revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_meets_the_one_who_waits_and_nobody_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let (anna, mut annas, mut annas_socket) = enter(&relay, 1).await;
    let meet = |place, message: &[u8]| {
        let frame = Frame::Meet { workspace: company(), place, message: message.to_vec() };
        Message::Binary(frame.encode().into())
    };
    let mut lost = connect(&relay).await;
    lost.send(meet([2; 16], b"knock")).await.unwrap();
    assert_eq!(refusal(&mut lost).await, "invitation.refused");
    send(&mut annas_socket, annas.await_newcomer([1; 16], u64::MAX)).await;
    // The answer to another question shows that the relay has heard this one.
    send(&mut annas_socket, annas.ask_peers()).await;
    speak_until(&anna, &mut annas, &mut annas_socket, |effect| matches!(effect, ClientEffect::Peers(_))).await;
    let mut newcomer = connect(&relay).await;
    newcomer.send(meet([1; 16], b"knock")).await.unwrap();
    let met = ClientEffect::Met { place: [1; 16], message: b"knock".to_vec() };
    speak_until(&anna, &mut annas, &mut annas_socket, |effect| *effect == met).await;
    send(&mut annas_socket, Some(annas.meet([1; 16], b"come in".to_vec()))).await;
    loop {
        let Message::Binary(bytes) = newcomer.next().await.unwrap().unwrap() else { continue };
        if let Frame::Meet { message, .. } = Frame::decode(&bytes).unwrap() {
            assert_eq!(message, b"come in");
            break;
        }
    }
}
