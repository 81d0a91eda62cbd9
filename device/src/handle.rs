//! A running device: the engine, who listens to it, and the cable to the relay. Screens and scripts hold clones of it.

use crate::DeviceFault;
use crate::engine::{Engine, Making};
use crate::line::{self, Cable};
use crate::nearby;
use crate::under_way::UnderWay;
use crate::{auditing, importing, saving};
use mera_device_api::{Answer, Notice, Refused, Reply, Request};
use parking_lot::{Mutex, MutexGuard};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Notices a slow listener may fall behind before it is told to ask for everything again.
const NOTICES_KEPT: usize = 256;
/// How soon bytes leave the files of a device after a record was erased: as soon as at the relay.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// How long a person waits for a checkpoint: writing and sending a large company's records takes minutes.
const MADE_WITHIN: Duration = Duration::from_secs(15 * 60);
/// How soon it is looked again whether the relay has all of it, if nothing tells.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a person waits for the relay's word on a change of members.
const RELAYS_WORD: Duration = Duration::from_secs(15);

/// An open device with its connection. Clones speak to the same device.
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    line: JoinHandle<()>,
    tidying: JoinHandle<()>,
    nearby: OnceLock<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.line.abort();
        self.tidying.abort();
        if let Some(nearby) = self.nearby.get() {
            nearby.abort();
        }
    }
}

/// What the device and its line share.
pub(crate) struct Shared {
    engine: Mutex<Engine>,
    notices: broadcast::Sender<String>,
    pub cable: watch::Sender<Cable>,
    /// Somebody asks to speak to the relay at once.
    pub nudge: Notify,
    /// There is something to say to the relay about members.
    pub errand: Notify,
    /// There is something new to push.
    pub written: Notify,
    /// Something came in or was written; devices on the same network are told.
    pub news: watch::Sender<()>,
    /// The import that is under way, if any.
    pub importing: UnderWay,
    /// The check of every signature that is under way, if any.
    pub auditing: UnderWay,
    /// The file for the person that is being written, if any.
    pub saving: UnderWay,
}

impl Device {
    /// Lets an engine run: it connects to its relay by itself whenever there is one. Needs a tokio runtime.
    pub fn start(engine: Engine) -> Self {
        Self::announcing(engine, new_notices())
    }

    /// The same, when there are listeners already.
    pub(crate) fn announcing(engine: Engine, notices: broadcast::Sender<String>) -> Self {
        Self::tidying_every(TIDY_EVERY, engine, notices)
    }

    fn tidying_every(every: Duration, engine: Engine, notices: broadcast::Sender<String>) -> Self {
        let cable = Cable { plugged: true, relay: engine.relay().map(str::to_owned) };
        let shared = Arc::new(Shared {
            engine: Mutex::new(engine),
            notices,
            cable: watch::Sender::new(cable),
            nudge: Notify::new(),
            errand: Notify::new(),
            written: Notify::new(),
            news: watch::Sender::new(()),
            importing: UnderWay::default(),
            auditing: UnderWay::default(),
            saving: UnderWay::default(),
        });
        tokio::task::spawn_blocking(mera_business::phone::ready);
        let line = tokio::spawn(line::keep(shared.clone()));
        let tidying = tokio::spawn(tidy(shared.clone(), every));
        Self(Arc::new(Inner { shared, line, tidying, nearby: OnceLock::new() }))
    }

    /// Looks for colleagues' devices on the same network from now on, and exchanges with them what each has.
    pub fn look_around(&self) {
        self.0.nearby.get_or_init(|| tokio::spawn(nearby::keep(self.0.shared.clone())));
    }

    /// What the device and its line share.
    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// Answers one request.
    pub async fn request(&self, request: Request) -> Answer {
        let shared = &self.0.shared;
        let request = match request {
            Request::SetOnline { online } => {
                shared.cable.send_modify(|cable| cable.plugged = online);
                shared.with(move |engine| engine.plug(online)).await;
                Request::SyncStatus
            }
            Request::SetRelay { .. } => {
                let cable = shared.cable.clone();
                let answer = move |engine: &mut Engine| {
                    let answer = engine.answer(request);
                    cable.send_modify(|cable| cable.relay = engine.relay().map(str::to_owned));
                    answer
                };
                return shared.with(answer).await;
            }
            Request::ImportProfiles => return Answer::Ok(Reply::ImportProfiles(importing::profiles())),
            Request::Import { profile, files, check } => {
                let imported = importing::import(shared, profile, files, check).await;
                return imported.map_or_else(Answer::Refused, |report| Answer::Ok(Reply::Import(report)));
            }
            Request::StopImport => {
                shared.importing.stop();
                return Answer::Ok(Reply::Stopping);
            }
            Request::AuditCheck => {
                let checked = auditing::check(shared).await;
                return checked.map_or_else(Answer::Refused, |report| Answer::Ok(Reply::AuditChecked(report)));
            }
            Request::StopAuditCheck => {
                shared.auditing.stop();
                return Answer::Ok(Reply::Stopping);
            }
            Request::Backup { file, passphrase } => {
                return saving::backup(shared, file, passphrase).await.map_or_else(Answer::Refused, Answer::Ok);
            }
            Request::Export { what, to } => {
                return saving::carry(shared, what, to).await.map_or_else(Answer::Refused, Answer::Ok);
            }
            Request::StopSaving => {
                shared.saving.stop();
                return Answer::Ok(Reply::Stopping);
            }
            Request::SetRoles { .. } | Request::Revoke { .. } | Request::RotateKeys => {
                let stands = self.wish(request).await;
                return match stands {
                    Ok(()) => shared.with(|engine| engine.answer(Request::Members)).await,
                    Err(refused) => Answer::Refused(refused),
                };
            }
            Request::NewRecoveryCode => return self.new_recovery_code().await,
            Request::Invite { .. } | Request::Withdraw { .. } | Request::GoOnWithoutOthers => {
                let answer = shared.with(|engine| engine.answer(request)).await;
                shared.errand.notify_one();
                return answer;
            }
            Request::Checkpoint => return self.checkpoint().await,
            Request::SyncNow => {
                shared.nudge.notify_one();
                Request::SyncStatus
            }
            other => other,
        };
        shared.with(|engine| engine.answer(request)).await
    }

    /// Asks for a statement in the members' chain, and answers when it stands there or was refused.
    async fn wish(&self, request: Request) -> Result<(), Refused> {
        let shared = &self.0.shared;
        let mut notices = self.notices();
        let asked = shared.with(|engine| engine.answer(request)).await;
        if let Answer::Refused(refused) = asked {
            return Err(refused);
        }
        shared.errand.notify_one();
        let fulfilled = async {
            loop {
                if let Some(outcome) = shared.with(Engine::wish_fulfilled).await {
                    return outcome;
                }
                // One that fell behind looks again as well.
                notices.recv().await.ok();
            }
        };
        let Ok(outcome) = timeout(RELAYS_WORD, fulfilled).await else {
            shared.with(Engine::give_up_wish).await;
            return Err(DeviceFault::MembersLate.into());
        };
        outcome
    }

    /// Makes a new recovery code, and tells it once it stands in the members' chain.
    async fn new_recovery_code(&self) -> Answer {
        let stands = self.wish(Request::NewRecoveryCode).await;
        let told = self.0.shared.with(Engine::tell_new_code).await;
        match (stands, told) {
            // Also when the relay's word came in the last moment: a code that holds and that nobody knows would be no use.
            (_, Some(sheet)) => Answer::Ok(Reply::RecoveryCode(sheet)),
            (Ok(()), None) => DeviceFault::from(mera_trust::TrustFault::RecoveryCodeReplaced).into(),
            (Err(refused), None) if refused.code == DeviceFault::MembersLate.code() => DeviceFault::NewCodeLate.into(),
            (Err(refused), None) => Answer::Refused(refused),
        }
    }

    /// Makes a checkpoint, a step at a time so that people go on working, and answers when it stands or was refused.
    async fn checkpoint(&self) -> Answer {
        let shared = &self.0.shared;
        if let Err(fault) = shared.with(Engine::begin_checkpoint).await {
            return fault.into();
        }
        let mut notices = self.notices();
        let made = async {
            loop {
                match shared.with(Engine::make_some).await? {
                    Making::Goes { .. } => {}
                    Making::Stands => return Ok(()),
                    Making::Waits => {
                        shared.errand.notify_one();
                        if let Some(Err(refused)) = shared.with(Engine::wish_fulfilled).await {
                            return Err(refused);
                        }
                        timeout(LOOK_AGAIN, notices.recv()).await.ok();
                    }
                }
            }
        };
        match timeout(MADE_WITHIN, made).await {
            Ok(Ok(())) => shared.with(|engine| engine.answer(Request::SyncStatus)).await,
            Ok(Err(refused)) => Answer::Refused(refused),
            Err(_) => DeviceFault::CheckpointLate.into(),
        }
    }

    /// The notices from now on, as JSON of the contract.
    pub fn notices(&self) -> broadcast::Receiver<String> {
        self.announcer().subscribe()
    }

    /// What every listener of the device hears.
    pub(crate) fn announcer(&self) -> &broadcast::Sender<String> {
        &self.0.shared.notices
    }

    /// Work on the engine that the contract does not offer.
    pub async fn with<T, W>(&self, work: W) -> T
    where
        T: Send + 'static,
        W: FnOnce(&mut Engine) -> T + Send + 'static,
    {
        self.0.shared.with(work).await
    }
}

/// A place for listeners of a device.
pub(crate) fn new_notices() -> broadcast::Sender<String> {
    broadcast::channel(NOTICES_KEPT).0
}

/// What a listener that fell behind is told: ask for everything again.
pub fn everything_changed() -> String {
    written(&Notice::Changed { records: Vec::new() })
}

impl Shared {
    /// Works on the engine where waiting for a disk holds up nobody, and announces what came of it.
    pub async fn with<T, W>(self: &Arc<Self>, work: W) -> T
    where
        T: Send + 'static,
        W: FnOnce(&mut Engine) -> T + Send + 'static,
    {
        let shared = self.clone();
        at_the_disk(move || {
            let mut engine = shared.engine();
            let (written, held, chain) = (engine.written(), engine.entries(), engine.statements_read());
            let result = work(&mut engine);
            let (notices, wrote, came) = (engine.take_notices(), engine.written() != written, engine.entries() != held);
            let members_changed = engine.statements_read() != chain;
            // Whoever waits is next, and not again whoever comes back at once with the next part of its work.
            MutexGuard::unlock_fair(engine);
            shared.announce(&notices);
            if wrote {
                shared.written.notify_one();
            }
            if came {
                shared.news.send_replace(());
            }
            if members_changed {
                // A neighbour may have told what the relay does not know yet.
                shared.errand.notify_one();
            }
            result
        })
        .await
    }

    /// Lends the engine for a moment, on a thread that may wait for a disk.
    pub fn lend<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> T {
        work(&mut self.engine())
    }

    /// A panic inside the engine leaves it marked as broken at the worst; the disk is consistent either way.
    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock()
    }

    /// Tells every listener, each thing once.
    pub fn announce(&self, notices: &[Notice]) {
        let mut told: Vec<&Notice> = Vec::new();
        for notice in notices {
            if !told.contains(&notice) {
                told.push(notice);
                // Nobody listening is no fault.
                self.notices.send(written(notice)).ok();
            }
        }
    }
}

/// Now and then does what nobody waits for: goes on with a checkpoint, or begins one; lets go of entries; writes files anew
/// that may hold bytes of what went. A step at a time, so that whoever works waits for one at most.
async fn tidy(shared: Arc<Shared>, every: Duration) {
    loop {
        sleep(every).await;
        if let Err(fault) = tidy_once(&shared).await {
            tracing::error!(%fault, "the device could not be tidied; it is tried again");
        }
    }
}

async fn tidy_once(shared: &Arc<Shared>) -> Result<(), DeviceFault> {
    if shared.with(Engine::wants_checkpoint).await? {
        shared.with(Engine::begin_checkpoint).await?;
    }
    while let Making::Goes { .. } = shared.with(Engine::make_some).await? {}
    shared.errand.notify_one();
    while shared.with(Engine::let_go_some).await? {}
    let Some(anew) = shared.with(Engine::begin_anew).await? else { return Ok(()) };
    // Whoever ends the device ends this, too, and the folder can be opened again.
    let stops = anew.stopper();
    let written = at_the_disk(move || anew.write()).await;
    drop(stops);
    let former = shared.with(|engine| engine.end_anew(written)).await?;
    at_the_disk(move || former.forget()).await?;
    shared.with(Engine::forgot_former).await
}

/// Work that waits for a disk, where it holds up nobody.
pub(crate) async fn at_the_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        // The program is ending before the work began; whoever asked is ending too.
        Err(_) => std::future::pending().await,
    }
}

fn written(notice: &Notice) -> String {
    serde_json::to_string(notice).expect("notices are plain data in memory and always serialise")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::tests::{Desks, create, done, finds};
    use mera_schema::RecordKind;

    #[tokio::test]
    async fn a_device_that_runs_writes_its_files_anew_by_itself_after_an_erasure() {
        let Desks { folders, mut anna, .. } = Desks::new();
        let record = done(&mut anna, create(RecordKind::Customer, &[("name", "Karen Blixen")])).record.unwrap();
        let bytes = anna.sealed_of(record);
        let device = Device::tidying_every(Duration::from_millis(1), anna, new_notices());
        assert!(finds(folders[0].path(), &bytes[0]));
        assert!(matches!(device.request(Request::Erase { record }).await, Answer::Ok(Reply::Erased(_))));
        let tidied = async {
            while device.with(|engine| engine.lingers()).await {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(60), tidied).await.unwrap();
        assert!(bytes.iter().all(|bytes| !finds(folders[0].path(), bytes)));
    }
}
