//! What stands in a store, read and checked when a device opens. A store that is damaged is put aside and a new one begun
//! beside it: the outbox, the relay and whatever can still be read of the old one fill it again.

use super::{Engine, retell};
use crate::DeviceFault;
use crate::store::{Batch, Bookkeeping, RecordRow, Standing, Store};
use crate::views::Views;
use mera_device_api::Refused;
use mera_disk::{DiskFault, Seal};
use mera_schema::{DeviceId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{Cursor, Digests, EntryHash, SyncFault, Vector};
use mera_trust::GroupKeys;
use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The store's folder in a device's.
pub(super) const STORE: &str = "store";
/// A file of this name beside the store says that damage was found in it while the device ran.
const MARK: &str = "store.mark";
/// What the names of stores end with that were put aside.
const DAMAGED: &str = "damaged";
/// Bytes that a disk must take before a store that cannot be opened is called damaged: a full disk is no damage.
const PROBE: usize = 64 * 1024;

/// A store and what an engine begins with.
pub(super) struct Shelf {
    pub store: Store,
    pub books: Bookkeeping,
    pub vector: Vector,
    pub head: EntryHash,
    pub views: Views,
}

impl Shelf {
    /// Opens the store of a device's folder, which belongs to the device that it was made for; if it was damaged, also tells where it has been put.
    pub fn open(
        folder: &Path,
        owner: (WorkspaceId, DeviceId),
        device: (DeviceId, &GroupKeys),
        seal: &dyn Fn() -> Result<Seal, DeviceFault>,
    ) -> Result<(Self, Option<PathBuf>), DeviceFault> {
        let (place, mark) = (folder.join(STORE), folder.join(MARK));
        let marked = mark.exists();
        if !marked {
            match Self::read(&place, owner, device, seal()?) {
                Err(fault) if fault.is_damage() && takes_bytes(folder).is_ok() => {
                    tracing::warn!(code = fault.code(), "the store is damaged and is put aside");
                }
                read => return Ok((read?, None)),
            }
        }
        let in_folder = |cause| DeviceFault::folder(folder, cause);
        let aside = if place.exists() { Some(put_aside(&place).map_err(in_folder)?) } else { None };
        if marked {
            fs::remove_file(mark).map_err(in_folder)?;
        }
        Ok((Self::read(&place, owner, device, seal()?)?, aside))
    }

    /// Reads the store. Records, digest and vector are written together; a store in which one of them is older than the
    /// others has lost something.
    fn read(
        place: &Path,
        (workspace, first): (WorkspaceId, DeviceId),
        (device, keys): (DeviceId, &GroupKeys),
        seal: Seal,
    ) -> Result<Self, DeviceFault> {
        let store = Store::open(place, workspace, first, seal)?;
        let (books, vector) = (store.bookkeeping()?, store.vector()?);
        let damaged = |what: &str| DeviceFault::from(DiskFault::Damaged(what.into()));
        for (log, last) in vector.iter() {
            store.hash(log, last)?.ok_or_else(|| damaged("the end of a log"))?;
        }
        let head = store.hash(device, vector.of(device))?.ok_or_else(|| damaged("the end of the own log"))?;
        retell::retell(&store, keys)?;
        let (digests, views) = viewed(&store)?;
        // A log of which nothing is held may be named or not: a run of it was begun, or it was ended before its first entry.
        let as_written = |written: &Standing| {
            let same = written.vector.covers(&vector) && vector.covers(&written.vector);
            written.digests == books.digests && same
        };
        if !digests.equal(&books.digests) || !store.standing()?.as_ref().is_none_or(as_written) {
            return Err(damaged("records that do not belong together"));
        }
        Ok(Self { store, books, vector, head, views })
    }
}

/// The digests over all records, and the views. Two threads take one kind of records after the other, each with memory of its own, so
/// that a person waits for half of it.
fn viewed(store: &Store) -> Result<(Digests, Views), DeviceFault> {
    let kinds = Mutex::new(RecordKind::ALL.iter());
    let some = || -> Result<(Digests, Views), DiskFault> {
        let (mut digests, mut views) = (Digests::default(), Views::default());
        loop {
            // Taking the next one cannot panic half-way.
            let next = kinds.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(kind) = next else { return Ok((digests, views)) };
            let facts = |row: Result<(RecordRef, RecordRow), DiskFault>| {
                row.map(|(record, row)| {
                    digests.toggle(record, &row.heads);
                    (record, row.facts)
                })
            };
            views.take_in(store.rows_of(*kind).map(facts))?;
        }
    };
    thread::scope(|scope| {
        let beside = scope.spawn(some);
        let (mut digests, mut views) = some()?;
        let (theirs, others) = beside.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        digests.join(&theirs);
        views.join(others);
        Ok((digests, views))
    })
}

impl Engine {
    /// Takes in what can be read of a store that was put aside, and says so.
    pub(super) fn refill_from(&mut self, aside: &Path) -> Result<(), DeviceFault> {
        let nowhere: Option<Cursor> = None;
        if let Ok(old) =
            Store::open_damaged(aside, self.identity.workspace, self.secret.store_seal(self.world.as_ref())?)
        {
            self.wishes.invitations = old.invitations().unwrap_or_default();
            let mut batch = Batch::default();
            batch.invitations(&self.wishes.invitations);
            // What counts no more, and what was made on it is read beside.
            for aside in old.set_aside().unwrap_or_default() {
                self.aside_without_erased(aside).iter().for_each(|aside| batch.set_aside(aside));
            }
            let waits = old.to_write_again().unwrap_or_default();
            self.may_stand_on(&mut batch, waits);
            for (former, seq, signed) in old.tail().unwrap_or_default() {
                batch.tail(former, seq, &signed);
            }
            self.store.commit(batch)?;
            let first = self.members.now().checkpoint().map(|reached| reached.maker);
            let mut logs: Vec<DeviceId> = old.authors().map_while(Result::ok).map(|one| one.key.device()).collect();
            logs.sort_by_key(|log| Some(*log) != first);
            for log in logs {
                while let Ok(Some(run)) = old.run_after(log, self.vector.of(log)) {
                    let held = self.vector.of(log);
                    match self.take(vec![run], nowhere) {
                        // It begins at a checkpoint whose records are damaged; the relay has them.
                        Err(DeviceFault::Sync(SyncFault::Gap { .. })) => break,
                        taken => taken?,
                    };
                    if self.vector.of(log) == held {
                        break;
                    }
                }
            }
        }
        self.load_unsent()?;
        self.load_numbers();
        let says = format!(
            "the records on this device were damaged, as by a failing disk; they have been put aside in {} and are built \
             anew from what could be read of them, the outbox and the relay; have the disk looked at",
            aside.display()
        );
        let mut told = Refused::new("device.store_mended", says);
        told.args.insert("folder".into(), aside.display().to_string());
        self.link.trouble = Some(told);
        Ok(())
    }

    /// Notes that the store is damaged, so that it is put aside when the device opens again.
    pub(super) fn note_damage(&self) {
        // A disk that takes no mark takes no damage away either; the next start finds it again.
        File::create(self.folder.join(MARK)).and_then(|mark| mark.sync_all()).ok();
    }

    /// Notes it if a fault tells of damage.
    pub(super) fn noting_damage<T>(&self, done: Result<T, DeviceFault>) -> Result<T, DeviceFault> {
        if done.as_ref().is_err_and(DeviceFault::is_damage) {
            self.note_damage();
        }
        done
    }
}

/// Takes away every store that was put aside. Nothing is left that could be read of it and is not in the store.
pub(super) fn forget_put_aside(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name
            .to_str()
            .and_then(|name| name.strip_prefix(STORE)?.strip_prefix('.'))
            .is_some_and(|ending| ending.starts_with(DAMAGED))
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Moves a damaged store to a name that is free.
fn put_aside(place: &Path) -> io::Result<PathBuf> {
    let names = (1..=u32::MAX).map(|n| place.with_extension(format!("{DAMAGED}-{n}")));
    let aside = names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| place.with_extension(DAMAGED));
    fs::rename(place, &aside)?;
    Ok(aside)
}

fn takes_bytes(folder: &Path) -> io::Result<()> {
    let probe = folder.join("probe");
    let took = File::create(&probe).and_then(|mut file| file.write_all(&vec![0; PROBE]).and_then(|()| file.sync_all()));
    fs::remove_file(probe).and(took)
}
