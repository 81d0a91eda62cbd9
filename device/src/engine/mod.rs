//! The device's engine: every change, one's own or a colleague's, takes one road: edits → entry → one durable commit →
//! facts → views. It knows neither sockets nor screens; whoever owns them passes requests and entries in.

mod agenda;
mod alone;
mod answer;
mod apart;
mod appointments;
mod audit;
mod begun_run;
mod brings;
mod calendar;
mod calls;
mod carried_along;
mod checkpoint;
mod commit;
mod doctor;
mod documents;
mod edit;
mod erasing;
mod export;
mod feed;
mod forgetting;
mod import;
mod intake;
mod judged;
mod judging;
mod kept;
mod link;
mod meeting;
mod members;
mod mend;
mod neighbour;
mod news;
mod page;
mod presence;
mod rebuild;
mod receive;
mod recover;
mod replica;
mod reports;
mod retell;
mod room_aside;
mod same;
mod settle_foreign;
mod shelf;
mod wishes;
mod written_again;

pub use agenda::Agenda;
pub(crate) use answer::understand;
pub use audit::AuditCheck;
pub(crate) use export::Carried;
pub use import::{IMPORTED_AT_A_TIME, Imported};
pub(crate) use kept::Kept;
pub(crate) use neighbour::InTheRelaysPlace;

use crate::beginning::{Beginning, Joined};
use crate::identity::Identity;
use crate::members::Members;
use crate::outbox::{End, Found, Outbox};
use crate::store::{Author, Bookkeeping, SetAside, Store};
use crate::vault::{Brought, Place, Secret};
use crate::views::Views;
use crate::{DeviceFault, Founding, Surroundings};
use checkpoint::Checkpoints;
pub use checkpoint::Making;
use chrono::NaiveDate;
use documents::Open;
use erasing::Erasures;
use link::Link;
pub use link::Outcome;
use mera_device_api::{Notice, Refused};
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{DeviceKey, EntryHash, Hlc, Peers, Vector};
use recover::OwnLog;
use room_aside::RoomAside;
use shelf::Shelf;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wishes::Wishes;

/// How a device comes to be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// It has just been made.
    Founded,
    /// It was there before.
    Again,
    /// Its store is filled from a backup; until that is done it writes nothing of its own.
    FromBackup,
}

/// One's own entry that the relay does not have yet.
struct Unsent {
    since: u64,
    records: Vec<RecordRef>,
}

/// An open device.
pub struct Engine {
    folder: PathBuf,
    identity: Identity,
    secret: Secret,
    key: Arc<DeviceKey>,
    device: DeviceId,
    world: Arc<dyn Surroundings>,
    members: Members,
    store: Store,
    outbox: Outbox,
    views: Views,
    open: HashMap<RecordRef, Open>,
    books: Bookkeeping,
    vector: Vector,
    head: EntryHash,
    time: Hlc,
    unsent: BTreeMap<u64, Unsent>,
    own_log: OwnLog,
    peers: Peers,
    /// Whose run it is of which a part was taken in.
    begun_run: Option<DeviceId>,
    numbers: HashMap<RecordKind, u64>,
    notices: Vec<Notice>,
    /// A write failed half-way between outbox and store; opening again mends it.
    broken: bool,
    link: Link,
    /// What is known of another version of the own log.
    parting: apart::Parting,
    neighbours: neighbour::Neighbours,
    wishes: Wishes,
    erasures: Erasures,
    room_aside: RoomAside,
    checkpoints: Checkpoints,
    /// Records in which this device may have written on changes that count no more.
    stand_on_void: BTreeSet<RecordRef>,
    /// Logs that neighbours told of, and how far the relay is known to have them.
    brings: BTreeMap<DeviceId, u64>,
    /// A comparison of the records with the logs, after a colleague was found to hold others.
    mending: Option<mend::Mending>,
    /// The day on which it was last looked for what is past its day.
    swept: Option<NaiveDate>,
    /// The recovery code of a company that was just founded, until it is told.
    recovery_code: Option<String>,
    /// Holds the folder for this process.
    _lock: File,
}

impl Engine {
    /// Makes a new device in a folder and opens it; its first entry tells the company who it is.
    pub fn found(folder: &Path, founding: Founding, world: Arc<dyn Surroundings>) -> Result<Self, DeviceFault> {
        let founding = founding.checked()?;
        let lock = Self::clear(folder)?;
        let beginning = Beginning::of_a_company(world.as_ref())?;
        let code = beginning.recovery_code.clone();
        let mut engine = Self::begin(folder, lock, founding, beginning, world)?;
        engine.recovery_code = code;
        Ok(engine)
    }

    /// Makes a device in a folder that has been admitted to a company, and opens it.
    pub fn join(
        folder: &Path,
        founding: Founding,
        joined: Joined,
        world: Arc<dyn Surroundings>,
    ) -> Result<Self, DeviceFault> {
        let founding = founding.checked()?;
        let lock = Self::clear(folder)?;
        Self::begin(folder, lock, founding, joined.into(), world)
    }

    /// Whether a device could be made in a folder; nothing is written.
    pub(crate) fn could_begin(folder: &Path) -> Result<(), DeviceFault> {
        Identity::none_in(folder)
    }

    fn clear(folder: &Path) -> Result<File, DeviceFault> {
        fs::create_dir_all(folder).map_err(|cause| DeviceFault::folder(folder, cause))?;
        let lock = lock(folder)?;
        Identity::none_in(folder)?;
        Ok(lock)
    }

    fn begin(
        folder: &Path,
        lock: File,
        founding: Founding,
        beginning: Beginning,
        world: Arc<dyn Surroundings>,
    ) -> Result<Self, DeviceFault> {
        Members::begin(folder, &beginning.chain)?;
        let identity = Identity::found(folder, founding, &beginning, world.as_ref())?;
        Self::open_as(identity, beginning.secret, folder, lock, world, Begun::Founded)
    }

    /// Opens the device of a folder: what the outbox holds beyond the store is done again.
    pub fn open(folder: &Path, world: Arc<dyn Surroundings>) -> Result<Self, DeviceFault> {
        Self::open_with(folder, world, &Brought::default())
    }

    /// The same, with what its secret is had by.
    pub fn open_with(folder: &Path, world: Arc<dyn Surroundings>, brought: &Brought) -> Result<Self, DeviceFault> {
        // A folder without a device is not even locked.
        Identity::read(folder)?;
        let lock = lock(folder)?;
        let mut identity = Identity::read(folder)?;
        let secret = identity.secret(folder, world.as_ref(), brought)?;
        Self::open_as(identity, secret, folder, lock, world, Begun::Again)
    }

    fn open_as(
        identity: Identity,
        secret: Secret,
        folder: &Path,
        lock: File,
        world: Arc<dyn Surroundings>,
        begun: Begun,
    ) -> Result<Self, DeviceFault> {
        let goes_by = identity.goes_by(&secret);
        let key = Arc::new(goes_by.signing());
        let device = key.public().device();
        let members = Members::open(folder, device, goes_by.sealing())?;
        let owner = (identity.workspace, identity.first_device());
        let (shelf, aside) =
            Shelf::open(folder, owner, (device, members.keys()), &|| secret.store_seal(world.as_ref()))?;
        let Shelf { store, books, vector, head, views } = shelf;
        let erasures = Erasures::of(&store)?;
        let (outbox, found) = Outbox::open(&folder.join("outbox"), secret.outbox_seal(world.as_ref())?)?;
        let mut engine = Self {
            folder: folder.to_owned(),
            identity,
            secret,
            key,
            device,
            world,
            members,
            store,
            outbox,
            books,
            vector,
            head,
            _lock: lock,
            views,
            open: HashMap::new(),
            time: Hlc::default(),
            unsent: BTreeMap::new(),
            own_log: OwnLog::default(),
            peers: Peers::default(),
            begun_run: None,
            numbers: HashMap::new(),
            notices: Vec::new(),
            broken: false,
            link: Link::default(),
            parting: apart::Parting::None,
            neighbours: neighbour::Neighbours::default(),
            wishes: Wishes::default(),
            erasures,
            room_aside: RoomAside::default(),
            checkpoints: Checkpoints::default(),
            stand_on_void: BTreeSet::new(),
            brings: BTreeMap::new(),
            mending: None,
            swept: None,
            recovery_code: None,
        };
        engine.stand_on_void = engine.store.to_write_again()?;
        engine.brings = engine.store.brings()?.iter().collect();
        engine.load_numbers();
        engine.wishes.invitations = engine.store.invitations()?;
        engine.load_time()?;
        engine.load_unsent()?;
        engine.take_out_erased()?;
        engine.follow_chain()?;
        engine.make_what_was_carried_along()?;
        engine.count_all_records()?;
        if let Some(aside) = aside {
            engine.refill_from(&aside)?;
        }
        if let End::Damaged(aside) = &found.end {
            let says = format!(
                "the outbox was damaged and has been copied to {}; what could be read was kept",
                aside.display()
            );
            engine.link.trouble = Some(Refused::new("outbox.damaged", says));
        }
        if begun != Begun::FromBackup {
            engine.parted_before();
            let entries = if engine.goes_on_where_it_stopped()? { Vec::new() } else { found.entries };
            engine.go_on_from_outbox(entries, begun == Begun::Founded)?;
            engine.rebuild_what_waits()?;
            engine.fill_outbox()?;
            engine.write_tail_again()?;
            engine.write_again_what_stood_on_void()?;
        }
        engine.finish_runs()?;
        if let Err(fault) = engine.tidy() {
            tracing::warn!(%fault, "what was erased may still stand in files; it is tried again");
        }
        engine.notices.clear();
        Ok(engine)
    }

    /// The outbox of a device that is not open, for whoever looks into it or mends it.
    pub fn outbox_of(folder: &Path, world: &dyn Surroundings) -> Result<(Outbox, Found), DeviceFault> {
        let secret = Identity::read(folder)?.secret(folder, world, &Brought::default())?;
        Ok(Outbox::open(&folder.join("outbox"), secret.outbox_seal(world)?)?)
    }

    /// The company.
    pub fn workspace(&self) -> WorkspaceId {
        self.identity.workspace
    }

    /// The device.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The device's signing key, for sessions.
    pub fn key(&self) -> Arc<DeviceKey> {
        self.key.clone()
    }

    /// The relay's address, if one is set.
    pub fn relay(&self) -> Option<&str> {
        self.identity.relay.as_deref()
    }

    /// Keeps the device's secret in another place from now on.
    pub fn keep_secret_in(&mut self, place: &Place) -> Result<(), DeviceFault> {
        self.identity.keep_in(&self.folder, self.world.as_ref(), &self.secret, place)?;
        // Screens that warn of a key in plain ask again.
        self.notices.push(Notice::Changed { records: Vec::new() });
        Ok(())
    }

    /// Where the secret is kept: `keyring`, `passphrase`, `key_file` or `in_folder`.
    pub fn secret_kept(&self) -> &'static str {
        self.identity.kept()
    }

    /// Its clock and its chance.
    pub(crate) fn world(&self) -> &dyn Surroundings {
        self.world.as_ref()
    }

    /// A word by chance, by which nobody knows the device again.
    pub(crate) fn word_by_chance(&self) -> Result<String, DeviceFault> {
        let chance: [u8; 6] = crate::beginning::random(self.world.as_ref())?;
        Ok(data_encoding::HEXLOWER.encode(&chance))
    }

    /// The folder in which it lives.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many statements of the members' chain it has read.
    pub(crate) fn statements_read(&self) -> u32 {
        self.members.now().length()
    }

    /// Everything announced since this was last asked.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// What could not be taken in, as code and sentence.
    pub fn set_aside(&self) -> Result<Vec<(String, String)>, DeviceFault> {
        Ok(self.store.set_aside()?.into_iter().map(|SetAside { code, says, .. }| (code, says)).collect())
    }

    /// The last number that this device gave to a record of each kind.
    fn load_numbers(&mut self) {
        for kind in RecordKind::ALL {
            let numbers = self.views.listed_of(*kind).filter_map(|listed| self.own_number(*kind, &listed.number));
            if let Some(last) = numbers.max() {
                self.numbers.insert(*kind, last);
            }
        }
    }

    fn load_unsent(&mut self) -> Result<(), DeviceFault> {
        self.unsent.clear();
        for seq in self.books.acked + 1..=self.vector.of(self.device) {
            if let Some(stored) = self.store.entry(self.device, seq)? {
                let records = self.still_there(&stored.entry);
                self.unsent.insert(seq, Unsent { since: stored.entry.time.millis, records });
            }
        }
        Ok(())
    }

    /// Time goes on from the last entry of every log, whatever the clock says now.
    fn load_time(&mut self) -> Result<(), DeviceFault> {
        for (log, last) in self.vector.clone().iter() {
            if let Some(stored) = self.store.entry(log, last)? {
                self.time_goes_on(log, stored.entry.time);
            }
        }
        Ok(())
    }

    /// One's own log never goes back, however wrong the clock was; a colleague's clock is followed within reason.
    fn time_goes_on(&mut self, log: DeviceId, seen: Hlc) {
        let own = log == self.device;
        self.time = if own { self.time.max(seen) } else { self.time.observe(seen, self.world.millis()) };
    }

    fn author(&self, last: u64) -> Author {
        Author { key: self.key.public(), last }
    }

    /// The device's own record.
    fn own_record(&self) -> RecordRef {
        RecordRef::new(RecordKind::Device, RecordId::new(self.device.uuid()))
    }
}

fn lock(folder: &Path) -> Result<File, DeviceFault> {
    let file = File::create(folder.join("lock")).map_err(|cause| DeviceFault::folder(folder, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(DeviceFault::InUse(folder.to_owned())),
    }
}

#[cfg(test)]
pub(crate) mod tests;
