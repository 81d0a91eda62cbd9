//! Devices of one company on one network exchange what they have, also where no relay can be reached: two people in a
//! basement. They find each other by multicast DNS, prove to each other that they are members, and then speak as a device
//! and a relay do, through a channel that nobody else reads.

mod around;
mod wire;

use crate::DeviceFault;
use crate::engine::InTheRelaysPlace;
use crate::handle::Shared;
use around::Around;
use mera_schema::DeviceId;
use mera_sync_protocol::RelaySession;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use wire::{Greeting, Wire};

/// How long a neighbour may take to pick up.
const PICK_UP: Duration = Duration::from_secs(5);
/// How long it may be silent in the midst of a conversation.
const SILENCE: Duration = Duration::from_secs(30);
/// How often neighbours are called when nothing new was written here: what was written there is fetched then.
const EVERY: Duration = Duration::from_secs(15);
/// What is written in quick succession is exchanged in one call.
const GATHER: Duration = Duration::from_millis(500);
/// Conversations with callers at a time.
const CALLERS: usize = 4;

/// Speaks with neighbours for as long as the device runs. Where the network does not let it look around it only says so:
/// nothing else depends on it.
pub(crate) async fn keep(shared: Arc<Shared>) {
    if let Err(cause) = look_around(&shared).await {
        tracing::warn!(%cause, "devices on this network cannot be looked for");
        shared.with(|engine| engine.looks_around(false)).await;
    }
}

async fn look_around(shared: &Arc<Shared>) -> io::Result<()> {
    let listener = listen().await?;
    let port = listener.local_addr()?.port();
    let (company, name) = shared.with(|engine| (engine.workspace(), engine.word_by_chance())).await;
    let mut around = Around::look(company, &name.map_err(io::Error::other)?, port)?;
    shared.with(|engine| engine.looks_around(true)).await;
    let answering = tokio::spawn(answer(shared.clone(), listener, PICK_UP));
    let _ends_with_this = Ends(answering);
    let mut news = shared.news.subscribe();
    loop {
        tokio::select! {
            changed = around.changed() => changed?,
            _ = news.changed() => sleep(GATHER).await,
            () = sleep(EVERY) => {}
        }
        news.mark_unchanged();
        call_all(shared, &around.found()).await;
    }
}

/// A task that goes when nobody waits for it any more.
struct Ends(tokio::task::JoinHandle<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen() -> io::Result<TcpListener> {
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await,
    }
}

/// Calls each of them once, at the first of its addresses that answers.
async fn call_all(shared: &Arc<Shared>, found: &[Vec<SocketAddr>]) {
    for addresses in found {
        for address in addresses {
            match call(shared, *address).await {
                Ok(_) => break,
                Err(cause) => tracing::debug!(%cause, "a device on this network was called in vain"),
            }
        }
    }
}

/// Calls a neighbour, and hangs up when each has what the other has.
pub(crate) async fn call(shared: &Arc<Shared>, address: SocketAddr) -> io::Result<DeviceId> {
    if !shared.with(|engine| engine.speaks_nearby()).await {
        return Err(io::Error::other("this device does not speak with others now"));
    }
    let stream = timeout(PICK_UP, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    let (company, entropy, key) = shared.with(|engine| (engine.workspace(), engine.entropy(), engine.key())).await;
    let greeting = Greeting::call(stream, company, entropy.map_err(io::Error::other)?);
    let mut greeting = timeout(PICK_UP, greeting).await??;
    // Who was called proves itself first: a stranger who only waits for calls learns nothing.
    let theirs = timeout(PICK_UP, greeting.who()).await??;
    let device = shared.with(move |engine| engine.admits_neighbour(&theirs)).await.map_err(io::Error::other)?;
    greeting.prove(&key).await?;
    let mut wire = greeting.talk();
    let mut session = shared.with(|engine| engine.calls()).await;
    let mut caught_up = false;
    loop {
        let frame = timeout(SILENCE, wire.receive()).await??;
        let (back, met) = shared
            .with(move |engine| {
                let effects = session.frame(&frame, engine).map_err(DeviceFault::from);
                let met = effects.and_then(|effects| engine.follow_neighbour(&mut session, effects));
                (session, met)
            })
            .await;
        session = back;
        let met = met.map_err(io::Error::other)?;
        mend(shared).await?;
        for frame in &met.frames {
            timeout(SILENCE, wire.send(frame)).await??;
        }
        caught_up |= met.caught_up;
        if caught_up && session.is_settled() {
            shared.with(move |engine| engine.is_in_step_with(device)).await;
            return Ok(device);
        }
    }
}

/// Where the two show different records they are compared with the logs, a part at a time, so that people work on meanwhile.
async fn mend(shared: &Arc<Shared>) -> io::Result<()> {
    while shared.with(|engine| engine.mends_on()).await.map_err(io::Error::other)? {}
    Ok(())
}

/// Answers callers, who may take so long to say who they are.
async fn answer(shared: Arc<Shared>, listener: TcpListener, patience: Duration) {
    let places = Arc::new(Semaphore::new(CALLERS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, perhaps; it passes.
            sleep(GATHER).await;
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            if let Err(cause) = answered(&shared, stream, patience).await {
                tracing::debug!(%cause, "a conversation on this network ended");
            }
            drop(place);
        });
    }
}

/// Speaks in the relay's place with one caller until it hangs up.
pub(crate) async fn answered(shared: &Arc<Shared>, stream: TcpStream, patience: Duration) -> io::Result<()> {
    if !shared.with(|engine| engine.speaks_nearby()).await {
        return Ok(());
    }
    stream.set_nodelay(true)?;
    let (company, entropy, key) = shared.with(|engine| (engine.workspace(), engine.entropy(), engine.key())).await;
    let greeting = Greeting::answer(stream, company, entropy.map_err(io::Error::other)?);
    let mut greeting = timeout(patience, greeting).await??;
    greeting.prove(&key).await?;
    let theirs = timeout(patience, greeting.who()).await??;
    shared.with(move |engine| engine.admits_neighbour(&theirs)).await.map_err(io::Error::other)?;
    host(shared, greeting.talk()).await
}

async fn host(shared: &Arc<Shared>, mut wire: Wire) -> io::Result<()> {
    let began = shared
        .with(|engine| {
            let hosting = engine.hosts()?;
            let nonce = crate::beginning::random(engine.world())?;
            let (session, first) = RelaySession::open(nonce, &InTheRelaysPlace::of(engine, &hosting));
            Ok::<_, DeviceFault>((hosting, session, first))
        })
        .await;
    let (hosting, mut session, first) = began.map_err(io::Error::other)?;
    let hosting = Arc::new(hosting);
    timeout(SILENCE, wire.send(&first)).await??;
    loop {
        let frame = match timeout(SILENCE, wire.receive()).await? {
            Ok(frame) => frame,
            // It has what it came for.
            Err(gone) if gone.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(broken) => return Err(broken),
        };
        let hosting = hosting.clone();
        let (back, effects) = shared
            .with(move |engine| {
                let now = engine.world().millis();
                let effects = session.frame(&frame, now, &InTheRelaysPlace::of(engine, &hosting));
                (session, effects)
            })
            .await;
        session = back;
        mend(shared).await?;
        for effect in effects {
            match effect {
                mera_sync_protocol::RelayEffect::Send(frame) => timeout(SILENCE, wire.send(&frame)).await??,
                mera_sync_protocol::RelayEffect::Close => return Ok(()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
