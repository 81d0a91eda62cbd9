//! The log that several relays share: NATS JetStream keeps one order of everything that happens to each company, and each relay's
//! folder is a copy of what that order makes ([`crate::store`], `follow.rs`). None of the relays is special. What a guest asks for is
//! tried on the copy, written behind the newest message that the copy has followed, and said to stand once it came back in the log's
//! order and is on this relay's disk. Where another relay was quicker, the log refuses, and it is tried again on what stands now.

mod between;
mod fault;
mod following;
mod line;
mod place;
mod sweeping;
mod told;

use crate::store::{Command, RelayDisk, Rules};
use fault::away;
use line::{Line, NotAppended};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{
    Delivery, EntryHash, EntryKind, Marks, PeerState, RelayStore, Run, SyncFault, Vector, Verified,
};
use mera_trust::{Membership, SignedStatement};
use prometheus_client::metrics::counter::Counter;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use sweeping::Sweeping;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use told::Told;

pub use between::Between;
pub use fault::LogFault;
pub use place::{Copies, LogName, NoCopies, NoLogName, SharedLog};

/// How long a guest waits for what was written to come back.
const COMES_BACK: Duration = Duration::from_secs(10);
/// How often something is tried again that others were quicker with.
const TRIES: u32 = 100;
/// Companies that write at one time without waiting for each other; those that fall on one place do.
const TURNS: usize = 1024;

/// Hears that something came for a company.
pub type Announce = Box<dyn Fn(WorkspaceId) + Send + Sync>;

/// A relay's copy of a shared log, and its line to it.
pub struct SharedRelay {
    inner: Arc<Inner>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What an operator sees of the log.
#[derive(Default, Clone)]
pub struct LogFigures {
    /// Messages that this relay wrote.
    pub written: Counter,
    /// Messages that others were quicker with.
    pub outrun: Counter,
    /// Messages that were followed.
    pub followed: Counter,
}

struct Inner {
    disk: RelayDisk,
    line: Line,
    runtime: Handle,
    /// One who writes for a company at a time: two here would only outrun each other.
    turns: Vec<Mutex<()>>,
    /// The newest message that is on this relay's disk.
    held: watch::Sender<u64>,
    /// How many messages were known to come behind it.
    behind: watch::Sender<u64>,
    /// Why nothing can be followed any more.
    broken: OnceLock<String>,
    figures: LogFigures,
    announce: Announce,
    told: Told,
    sweeping: Sweeping,
    stop: CancellationToken,
}

impl SharedRelay {
    /// Calls the log, opens the folder and begins to follow, at `now` in milliseconds since 1970. Returns when everything is followed
    /// that the log held when it was called.
    pub async fn open(
        place: SharedLog,
        rules: Rules,
        folder: &Path,
        announce: Announce,
        now: u64,
    ) -> Result<Self, LogFault> {
        let line = Line::open(place).await?;
        let (life, folder) = (line.life().await?, folder.to_owned());
        let opened = spawn_blocking(move || RelayDisk::open_following(rules, &folder, life)).await;
        let disk = opened.map_err(|cause| LogFault::Silent(cause.to_string()))??;
        let (ends, followed) = (line.newest().await?, disk.followed()?);
        if ends < followed {
            return Err(LogFault::SetBack { ends, followed });
        }
        let inner = Arc::new(Inner {
            disk,
            line,
            runtime: Handle::current(),
            turns: (0..TURNS).map(|_| Mutex::default()).collect(),
            held: watch::Sender::new(followed),
            behind: watch::Sender::new(ends - followed),
            broken: OnceLock::new(),
            figures: LogFigures::default(),
            announce,
            told: Told::default(),
            sweeping: Sweeping::default(),
            stop: CancellationToken::new(),
        });
        let tasks = vec![
            tokio::spawn(following::follow(inner.clone())),
            tokio::spawn(told::tell(inner.clone())),
            tokio::spawn(told::hear(inner.clone(), now)),
        ];
        let shared = Self { inner, tasks: Mutex::new(tasks) };
        shared.inner.holds(ends).await?;
        Ok(shared)
    }

    /// The relay's own copy.
    pub fn disk(&self) -> &RelayDisk {
        &self.inner.disk
    }

    /// What is counted.
    pub fn figures(&self) -> &LogFigures {
        &self.inner.figures
    }

    /// How many messages of the log are known to come that are not on this relay's disk.
    pub fn behind(&self) -> u64 {
        *self.inner.behind.borrow()
    }

    /// Whether the log can be reached.
    pub fn is_up(&self) -> bool {
        self.inner.line.is_up()
    }

    /// Whether the log takes work, or why not. Waits for it.
    pub fn check(&self) -> Result<(), String> {
        self.inner.usable()?;
        self.inner.runtime.block_on(self.inner.line.newest()).map(drop).map_err(|fault| fault.to_string())
    }

    /// Lets go of what checkpoints cover, writes the disk anew where something was erased, and takes out of the log what need not
    /// stand there any more; `now` in milliseconds since 1970. Whether the disk was written anew.
    pub fn tidy(&self, now: u64) -> Result<bool, LogFault> {
        let inner = &self.inner;
        for ws in inner.disk.waiting()? {
            if inner.disk.try_lets_go(ws, now).is_ok_and(|command| command.is_some()) {
                match inner.write(ws, |disk| disk.try_lets_go(ws, now)) {
                    Ok(()) => inner.sweeping.is_mine(ws),
                    Err(fault) => tracing::error!(code = fault.code(), "a checkpoint could not be followed"),
                }
            } else {
                inner.disk.finish_letting_go(ws)?;
            }
        }
        let lingers = inner.disk.lingers();
        if lingers {
            inner.disk.write_anew()?;
        }
        inner.sweep()?;
        Ok(lingers)
    }

    /// What is carried to and from other relays without being kept.
    pub fn between(&self) -> Between {
        Between::new(self.inner.line.client.clone(), self.inner.line.place.name.clone(), self.inner.stop.clone())
    }

    /// Follows no more, and lets go of the folder.
    pub async fn close(&self) {
        self.inner.stop.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.await.ok();
        }
    }

    /// Says once that the log was put back from a backup, or lost its end: it begins a new life, and the roll is called of every
    /// company in it. No relay runs meanwhile. Says of how many companies.
    pub async fn restored(place: SharedLog) -> Result<usize, LogFault> {
        let line = Line::open(place).await?;
        line.begin_anew().await?;
        line.call_every_roll().await
    }
}

impl Drop for SharedRelay {
    fn drop(&mut self) {
        self.inner.stop.cancel();
    }
}

impl Inner {
    /// Whether anything can be written, or why not.
    fn usable(&self) -> Result<(), String> {
        if let Some(says) = self.broken.get() {
            return Err(says.clone());
        }
        if self.line.is_up() { Ok(()) } else { Err("the log is away; it is called again and again".to_owned()) }
    }

    fn turn(&self, ws: WorkspaceId) -> MutexGuard<'_, ()> {
        let place = ws.uuid().as_u128() % TURNS as u128;
        let place = usize::try_from(place).unwrap_or_default();
        self.turns[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries something on the copy, and lets the log say what comes of it. It stands, and is on this relay's disk, when this returns.
    fn write(
        &self,
        ws: WorkspaceId,
        attempt: impl Fn(&RelayDisk) -> Result<Option<Command>, SyncFault>,
    ) -> Result<(), SyncFault> {
        let _turn = self.turn(ws);
        let mut caught_up = false;
        for _ in 0..TRIES {
            self.usable().map_err(|_| away())?;
            let after = self.disk.followed_of(ws)?;
            let command = match attempt(&self.disk) {
                Ok(Some(command)) => command,
                Ok(None) => return Ok(self.runtime.block_on(self.holds(self.disk.followed_of(ws)?))?),
                Err(fault @ SyncFault::Store(_)) => return Err(fault),
                Err(fault) if caught_up => return Err(fault),
                // Another relay may have heard what is missing here.
                Err(_) => {
                    self.catch_up()?;
                    caught_up = true;
                    continue;
                }
            };
            match self.runtime.block_on(self.line.append(ws, after, &command)) {
                Ok(number) => {
                    self.figures.written.inc();
                    return Ok(self.runtime.block_on(self.holds(number))?);
                }
                Err(NotAppended::Outrun) => {
                    self.figures.outrun.inc();
                    self.catch_up()?;
                }
                // Whether it stands is seen in what stands; it is not said again before that.
                Err(NotAppended::Unknown) => self.catch_up()?,
                Err(NotAppended::Away) => return Err(away()),
                Err(NotAppended::TooLarge) => return Err(SyncFault::TooMuch { what: "more bytes than the log takes" }),
            }
        }
        Err(away())
    }

    /// Follows everything that the log holds now.
    fn catch_up(&self) -> Result<(), LogFault> {
        self.runtime.block_on(async { self.holds(self.line.newest().await?).await })
    }

    /// Waits until a message is on this relay's disk, for as long as it gets on.
    async fn holds(&self, number: u64) -> Result<(), LogFault> {
        let mut held = self.held.subscribe();
        loop {
            if *held.borrow_and_update() >= number {
                return Ok(());
            }
            if let Some(says) = self.broken.get() {
                return Err(LogFault::Silent(says.clone()));
            }
            tokio::select! {
                gets_on = timeout(COMES_BACK, held.changed()) => if gets_on.is_err() {
                    return Err(LogFault::Silent("what was written there does not come back".to_owned()));
                },
                () = self.stop.cancelled() => return Err(LogFault::Silent("the relay stops".to_owned())),
            }
        }
    }

    /// Nothing is followed from now on, and nothing written.
    fn breaks(&self, fault: &LogFault) {
        tracing::error!(%fault, code = fault.code(), "the log is followed no more");
        self.broken.get_or_init(|| fault.to_string());
        self.held.send_modify(|_| {});
    }
}

impl RelayStore for SharedRelay {
    fn epoch(&self) -> [u8; 16] {
        self.inner.disk.epoch()
    }

    /// Whoever comes from another relay finds here what it was told there.
    fn admits(&self, ws: WorkspaceId) -> Result<(), SyncFault> {
        self.inner.usable().map_err(|_| away())?;
        self.inner.catch_up()?;
        self.inner.disk.admits(ws)
    }

    fn arrivals(&self, ws: WorkspaceId) -> Result<u64, SyncFault> {
        self.inner.disk.arrivals(ws)
    }

    fn vector(&self, ws: WorkspaceId) -> Result<Vector, SyncFault> {
        self.inner.disk.vector(ws)
    }

    fn bases(&self, ws: WorkspaceId) -> Result<Vector, SyncFault> {
        self.inner.disk.bases(ws)
    }

    fn hash_at(&self, ws: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault> {
        self.inner.disk.hash_at(ws, device, seq)
    }

    fn floor(&self, ws: WorkspaceId) -> Result<u64, SyncFault> {
        self.inner.disk.floor(ws)
    }

    fn members(&self, ws: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        self.inner.disk.members(ws)
    }

    fn statements(&self, ws: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        self.inner.disk.statements(ws, after, budget)
    }

    fn learn(&self, ws: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault> {
        // A long chain is several messages.
        loop {
            self.inner.write(ws, |disk| disk.try_learned(ws, &statements))?;
            if self.inner.disk.try_learned(ws, &statements)?.is_none() {
                return Ok(());
            }
        }
    }

    fn extend(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault> {
        self.inner.write(ws, |disk| disk.try_stands(ws, statement))
    }

    fn is_here(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), SyncFault> {
        if self.inner.disk.try_answered(ws, device)?.is_none() {
            return Ok(());
        }
        self.inner.write(ws, |disk| disk.try_answered(ws, device))
    }

    fn go_on(&self, ws: WorkspaceId) -> Result<(), SyncFault> {
        self.inner.write(ws, |disk| disk.try_goes_on(ws))
    }

    fn accept(&self, ws: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        let device = run.device;
        let erases = run.entries.iter().any(|signed| signed.entry.kind == EntryKind::ERASURE);
        self.inner.write(ws, |disk| disk.try_entries(ws, run.clone()))?;
        if erases {
            self.inner.sweeping.is_mine(ws);
        }
        Ok(self.inner.disk.held_of(ws, device)?)
    }

    fn after(&self, ws: WorkspaceId, arrival: u64, skip: &Vector, budget: usize) -> Result<Delivery, SyncFault> {
        self.inner.disk.after(ws, arrival, skip, budget)
    }

    fn runs_after(&self, ws: WorkspaceId, device: DeviceId, after: u64, budget: usize) -> Result<Vec<Run>, SyncFault> {
        self.inner.disk.runs_after(ws, device, after, budget)
    }

    fn confirm(&self, ws: WorkspaceId, peer: PeerState, marks: Option<Marks>) -> Result<Option<DeviceId>, SyncFault> {
        let device = peer.device;
        let diverged = self.inner.disk.confirm(ws, peer, marks)?;
        self.inner.told.news(ws, device);
        Ok(diverged)
    }

    fn left(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), SyncFault> {
        self.inner.disk.left(ws, device)
    }

    fn peers(&self, ws: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        self.inner.disk.peers(ws)
    }
}

#[cfg(test)]
pub(crate) mod tests;
