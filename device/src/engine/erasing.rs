//! Records erased for good (decision 8): an entry names them, and from then on nothing that any entry says of them is in
//! this device's store, outbox or files, whether it came before or comes later. Their names stay, so that none of them
//! comes back.
//!
//! The record goes in the same commit in which the entry comes, so that replicas with the same entries hold the same. Logs,
//! outbox and what was set aside are gone through right behind it, and the files are written anew within a minute; a mark
//! in the store has what was interrupted done again.

use super::{Engine, shelf};
use crate::DeviceFault;
use crate::store::{Anew, Batch, Former, Left, SetAside, Written};
use mera_disk::DiskFault;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Entry, EntryKind, Payload, SignedEntry, Subject, Verified};
use mera_trust::{Collection, Right, Verdict};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

/// What a device knows of records that were erased.
#[derive(Default)]
pub(super) struct Erasures {
    /// Their names.
    gone: HashSet<Subject>,
    /// Logs, outbox or what was set aside may still say something of them.
    said: bool,
    /// Files may still hold bytes of them.
    lingers: bool,
    /// That is so of what went since the files were last begun to be written anew.
    went_since: bool,
}

impl Erasures {
    /// As a store tells.
    pub fn of(store: &crate::store::Store) -> Result<Self, DeviceFault> {
        let lingers = store.lingers()?;
        Ok(Self { gone: store.erased()?, said: lingers, lingers, went_since: false })
    }

    /// Whether a record was erased.
    pub fn has(&self, subject: &Subject) -> bool {
        self.gone.contains(subject)
    }

    /// Files may hold bytes of something that went.
    pub fn files_linger(&mut self) {
        (self.lingers, self.went_since) = (true, true);
    }

    /// The records among them that this program knows.
    pub fn records(&self) -> impl Iterator<Item = RecordRef> {
        self.gone.iter().filter_map(Subject::record)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.gone.len()
    }
}

/// Records that go with one commit, and who erased them.
#[derive(Default)]
pub(super) struct Going {
    pub subjects: BTreeSet<Subject>,
    pub by: Option<DeviceId>,
}

impl Going {
    /// The records among them that this program knows.
    pub fn records(&self) -> impl Iterator<Item = RecordRef> {
        self.subjects.iter().filter_map(Subject::record)
    }
}

impl Engine {
    pub(super) fn may_erase(&self, record: RecordRef) -> Result<(), DeviceFault> {
        self.members.now().admits(self.device)?;
        let may = self.my_roles().may_erase(Collection::of(record.kind));
        if may { Ok(()) } else { Err(DeviceFault::NoRightToErase(record.kind)) }
    }

    /// Erases records. When it returns, the erasure survives a power cut.
    pub(super) fn commit_erasure(&mut self, records: Vec<RecordRef>) -> Result<(), DeviceFault> {
        self.may_commit()?;
        self.write_erasure(records)?;
        self.take_out_erased()
    }

    /// Writes the entry that names the records, and takes them out of store and views.
    pub(super) fn write_erasure(&mut self, records: Vec<RecordRef>) -> Result<(), DeviceFault> {
        let at = self.own_place(self.written() + 1);
        let entry = Entry {
            time: self.time.tick(self.world.millis()),
            kind: EntryKind::ERASURE,
            epoch: self.members.now().epoch(),
            subjects: records.into_iter().map(Subject::from).collect(),
            payload: Payload::default(),
        };
        self.save(at.seq, &SignedEntry::write(&self.key, &at, entry), Vec::new())
    }

    /// What the entries of a run erase that was not erased before, as far as their author had the right.
    pub(super) fn erased_by(&self, new: &Verified) -> Going {
        let entries = new.placed().map(|(at, signed)| (at.seq, &signed.entry));
        self.going(new.device, entries)
    }

    /// The same for entries of one log.
    pub(super) fn going<'a>(&self, by: DeviceId, entries: impl Iterator<Item = (u64, &'a Entry)>) -> Going {
        let counts = |seq: u64, entry: &Entry| {
            let collections = entry.subjects.iter().map(|subject| subject.collection);
            self.members.now().verdict((by, seq), Right::Erase, collections) == Verdict::Counts
        };
        let erasing = entries.filter(|(seq, entry)| entry.kind == EntryKind::ERASURE && counts(*seq, entry));
        let subjects = erasing.flat_map(|(_, entry)| entry.subjects.iter().copied());
        Going { subjects: subjects.filter(|subject| !self.erasures.has(subject)).collect(), by: Some(by) }
    }

    /// An entry without what it says of records that were erased, or are about to be.
    pub(super) fn without_erased<'a>(&self, signed: &'a SignedEntry, going: &Going) -> Cow<'a, SignedEntry> {
        let gone = |subject: &Subject| self.erasures.has(subject) || going.subjects.contains(subject);
        if !signed.entry.subjects.iter().any(gone) {
            return Cow::Borrowed(signed);
        }
        let mut kept = signed.clone();
        kept.entry.erase(gone);
        Cow::Owned(kept)
    }

    /// Takes records and their names in lists out with a commit; their digests leave `digests`. Whoever loses work of this
    /// device that way is told.
    pub(super) fn let_go(
        &mut self,
        batch: &mut Batch,
        digests: &mut mera_sync_protocol::Digests,
        going: &Going,
    ) -> Result<(), DeviceFault> {
        if going.subjects.is_empty() {
            return Ok(());
        }
        for subject in &going.subjects {
            batch.erased(subject);
        }
        batch.lingers(true);
        for record in going.records() {
            let old = self.store.row(record)?;
            if let Some(old) = &old {
                digests.toggle(record, &old.heads);
            }
            batch.forget(record, old.map(|old| old.stands));
            if going.by.is_some_and(|by| by != self.device) && self.waits(record) {
                let who = going.by.map(|by| self.person(by).person).unwrap_or_default();
                self.tell_aside(batch, lost_work(record, &who));
            }
        }
        Ok(())
    }

    /// Whether a change of a record has not reached the relay.
    fn waits(&self, record: RecordRef) -> bool {
        self.unsent.values().any(|unsent| unsent.records.contains(&record))
    }

    /// Follows a commit in which records went, if any did; then the views are made anew.
    pub(super) fn have_gone(&mut self, going: &Going) -> Result<bool, DeviceFault> {
        if going.subjects.is_empty() {
            return Ok(false);
        }
        for record in going.records() {
            self.open.remove(&record);
            self.unsent.values_mut().for_each(|unsent| unsent.records.retain(|known| *known != record));
        }
        self.erasures.gone.extend(going.subjects.iter().copied());
        self.erasures.said = true;
        self.erasures.files_linger();
        self.list_anew()?;
        Ok(true)
    }

    /// Goes through logs, outbox and what was set aside, if they may say something still of erased records.
    pub(super) fn take_out_erased(&mut self) -> Result<(), DeviceFault> {
        if !self.erasures.said {
            return Ok(());
        }
        self.store.take_out(&self.erasures.gone)?;
        self.room_aside.count_anew();
        self.outbox.erase(|subject| self.erasures.gone.contains(subject))?;
        self.erasures.said = false;
        Ok(())
    }

    /// Whether files may still hold bytes of what was erased.
    pub fn lingers(&self) -> bool {
        self.erasures.lingers
    }

    /// Erases what was kept and is past its day, writes the files anew that may hold bytes of what was erased, and takes
    /// away stores that were put aside damaged: what could be read of them was taken in.
    pub fn tidy(&mut self) -> Result<(), DeviceFault> {
        self.erase_what_is_past()?;
        if self.erasures.lingers { self.write_anew() } else { Ok(()) }
    }

    /// What a device that runs does beside its work within a minute, in one go.
    pub fn write_anew(&mut self) -> Result<(), DeviceFault> {
        let Some(anew) = self.begin_anew()? else { return Ok(()) };
        self.end_anew(anew.write())?.forget()?;
        self.forgot_former()
    }

    fn files_linger_no_more(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.lingers(false);
        self.store.commit(batch)?;
        self.store.flush()?;
        self.erasures.lingers = false;
        Ok(())
    }

    /// Begins to write the files anew, where they may hold bytes of what was erased or so much has come that it is worth it. Whoever
    /// writes them has [`Engine::end_anew`] follow, and people go on working meanwhile.
    pub fn begin_anew(&mut self) -> Result<Option<Anew>, DeviceFault> {
        let begun = self.try_begin_anew();
        self.noting_damage(begun)
    }

    fn try_begin_anew(&mut self) -> Result<Option<Anew>, DeviceFault> {
        self.erase_what_is_past()?;
        if self.erasures.lingers {
            self.take_out_erased()?;
            shelf::forget_put_aside(&self.folder).map_err(|cause| DeviceFault::folder(&self.folder, cause))?;
        } else if !self.store.has_grown()? {
            return Ok(None);
        }
        self.erasures.went_since = false;
        Ok(Some(self.store.begin_anew()?))
    }

    /// Goes on with the files that were written anew, and gives the former ones, which are to be forgotten.
    pub fn end_anew(&mut self, written: Result<Written, DiskFault>) -> Result<Former, DeviceFault> {
        let ended = written.and_then(|written| self.store.end_anew(written)).map_err(DeviceFault::from);
        self.noting_damage(ended)
    }

    /// The former files are gone. What went since they were begun to be written anew may stand in the new ones, too, which are written
    /// once more then.
    pub fn forgot_former(&mut self) -> Result<(), DeviceFault> {
        if self.erasures.lingers && !self.erasures.went_since { self.files_linger_no_more() } else { Ok(()) }
    }

    /// The records of an entry of this device's that are there still.
    pub(super) fn still_there(&self, entry: &Entry) -> Vec<RecordRef> {
        let there = entry.subjects.iter().filter(|subject| !self.erasures.has(subject));
        there.filter_map(Subject::record).collect()
    }

    /// What was set aside, without what it says of erased records; nothing where it said nothing else.
    pub(super) fn aside_without_erased(&self, aside: SetAside) -> Option<SetAside> {
        match aside.without(|subject| self.erasures.has(subject)) {
            Left::All => Some(aside),
            Left::Some(rest) => Some(rest),
            Left::Nothing => None,
        }
    }
}

fn lost_work(record: RecordRef, who: &str) -> SetAside {
    let says = format!(
        "{who} has erased a record of the kind {} for good that you had changed; your change of it was not kept",
        record.kind
    );
    // The identity alone, so that the same thing is told once.
    SetAside { code: "record.erased_meanwhile".into(), says, bytes: record.id.uuid().as_bytes().to_vec() }
}
