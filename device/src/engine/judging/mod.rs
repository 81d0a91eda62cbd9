//! Work that was set aside, because its author had been taken out or had no right: who judges it sees what it would change,
//! and takes it over as an entry of their own, or leaves it out with a note. What was decided is an entry too, so that
//! everybody knows it; of two who decide at once one taking over stands.

mod decided;
mod handed_in;

use super::Engine;
use super::erasing::Going;
use crate::DeviceFault;
use crate::store::{Batch, SetAside};
use decided::Judgement;
pub(super) use decided::SaidAgain;
use mera_device_api::{AuditAct, AuditSays, AuditStanding, JudgingPage, JudgingRow, Refused};
use mera_schema::document::WriteFault;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{
    Content, EntryHash, EntryKind, Place, STANDS_ON_VOID, SignedEntry, Subject, SyncFault, Verified,
};
use mera_trust::{TrustFault, Verdict};
use std::collections::BTreeMap;

/// Characters of a note.
const NOTE_LIMIT: usize = 2_000;

/// An entry that was set aside.
#[derive(Clone)]
pub(super) struct Work {
    at: Place,
    signed: SignedEntry,
    standing: AuditStanding,
    /// It counts, but what it was made on does not.
    waits: bool,
}

/// By whose log it is, and which entry of it.
pub(super) type Works = BTreeMap<(DeviceId, u64, EntryHash), Work>;

impl Engine {
    /// What waits for a decision, and what was decided.
    pub(super) fn judging(&mut self) -> Result<JudgingPage, Refused> {
        self.may_judge()?;
        let (works, decided) = (self.works()?, self.decided()?);
        let mut rows = Vec::new();
        for (key, work) in &works {
            self.close_some();
            let closed = decided.get(key).map(|one| self.closed_row(one));
            rows.push(JudgingRow {
                device: work.at.device,
                by: self.person(work.at.device),
                number: work.at.seq,
                at: super::audit::moment(work.signed.entry.time.millis),
                standing: work.standing,
                act: self.would_change(work, &works)?,
                closed,
            });
        }
        rows.sort_by_key(|row| (row.closed.is_some(), row.at, row.device, row.number));
        Ok(JudgingPage { rows })
    }

    /// Writes again what an entry said, as an entry of one's own. What was taken over already stays as it is.
    pub(super) fn take_over(&mut self, device: DeviceId, seq: u64) -> Result<JudgingPage, Refused> {
        self.may_judge()?;
        let works = self.works()?;
        let (key, work) = found(&works, device, seq)?;
        if self.decided()?.get(key).is_none_or(|decided| !decided.taken) {
            let chunks = self.written_again(work, &works);
            if chunks.is_err() {
                // Documents have taken in what will not be written.
                self.open.clear();
            }
            let chunks = chunks?;
            if !chunks.is_empty() {
                self.commit(chunks)?;
            }
            self.decide(work, Judgement::of(&work.at, work.signed.hash, true, String::new()))?;
        }
        self.judging()
    }

    /// Closes an entry without taking it over, and says why.
    pub(super) fn leave_out(&mut self, device: DeviceId, seq: u64, note: &str) -> Result<JudgingPage, Refused> {
        self.may_judge()?;
        let note = note.trim();
        if note.is_empty() || note.chars().count() > NOTE_LIMIT {
            let says = format!("say in 1 to {NOTE_LIMIT} characters why it is left out");
            return Err(Refused::new("judging.no_note", says).at("note"));
        }
        let works = self.works()?;
        let (key, work) = found(&works, device, seq)?;
        if !self.decided()?.contains_key(key) {
            self.decide(work, Judgement::of(&work.at, work.signed.hash, false, note.to_owned()))?;
        }
        self.judging()
    }

    fn may_judge(&self) -> Result<(), Refused> {
        if self.my_roles().may_judge() {
            return Ok(());
        }
        let says = "work that was set aside is judged by the office and by administrators; ask one of them";
        Err(Refused::new("judging.no_right", says))
    }

    /// Entries that were set aside, as they were written.
    pub(super) fn works(&self) -> Result<Works, DeviceFault> {
        let aside = self.store.set_aside()?;
        let work = |aside: &SetAside| {
            let (at, signed) = aside.as_entry(self.identity.workspace)?;
            let standing = match aside.code.as_str() {
                "sync.no_right" => AuditStanding::NoRight,
                "membership.revoked" | STANDS_ON_VOID => AuditStanding::Revoked,
                _ => return None,
            };
            let waits = aside.code == STANDS_ON_VOID;
            let whole = signed.fits(&at) && signed.entry.kind == EntryKind::CHANGES && signed.entry.speaks();
            whole.then_some(((at.device, at.seq, signed.hash), Work { at, signed, standing, waits }))
        };
        Ok(aside.iter().filter_map(work).collect())
    }

    /// What an entry would change, beside everything that was set aside.
    fn would_change(&self, work: &Work, works: &Works) -> Result<AuditAct, DeviceFault> {
        let content = Content::open(&work.signed.entry, &work.at, self.members.keys());
        let chunks: BTreeMap<Subject, Vec<u8>> =
            content.map(|content| content.chunks).unwrap_or_default().into_iter().collect();
        let mut records = Vec::new();
        for subject in &work.signed.entry.subjects {
            records.push(match (subject.record(), chunks.get(subject)) {
                (Some(record), Some(chunk)) => {
                    let mut beside = self.beside(record, works)?;
                    self.told_in(*subject, &mut beside, chunk)
                }
                _ => self.untold(*subject, AuditSays::Locked),
            });
        }
        Ok(AuditAct::Changed { records, more: 0 })
    }

    /// What was said of a record and counts no more, as far as it can be opened here.
    pub(super) fn void_of(&self, record: RecordRef, works: &Works) -> Vec<Vec<u8>> {
        let meant = |subject: &Subject| subject.record() == Some(record);
        let mut chunks = Vec::new();
        for work in works.values() {
            let opened = Content::open_of(&work.signed.entry, &work.at, self.members.keys(), meant);
            chunks.extend(opened.map(|content| content.chunks).unwrap_or_default().into_iter().map(|(_, chunk)| chunk));
        }
        chunks
    }

    fn written_again(&mut self, work: &Work, works: &Works) -> Result<Vec<(RecordRef, Vec<u8>)>, Refused> {
        let content = Content::open(&work.signed.entry, &work.at, self.members.keys()).map_err(DeviceFault::from)?;
        let mut chunks = Vec::new();
        if content.chunks.len() < work.signed.entry.subjects.len() {
            return Err(DeviceFault::from(TrustFault::NoKey).into());
        }
        for (subject, chunk) in content.chunks {
            let unknown = || DeviceFault::from(TrustFault::NoKey);
            let record = subject.record().ok_or_else(unknown)?;
            self.may_write([record.kind])?;
            let mut beside = self.beside(record, works)?;
            let open = self.document(record)?;
            let again = if work.waits {
                open.doc.write_again_on_what_stands(record, &mut beside, &chunk)
            } else {
                open.doc.write_again(record, &mut beside, &chunk)
            };
            let again = again.map_err(|fault| not_again(&fault))?;
            if !again.is_empty() {
                chunks.push((record, again));
            }
        }
        Ok(chunks)
    }

    /// What the chain says of an entry that is handed in: nothing if it counts.
    fn why_aside(&self, at: &Place, signed: &SignedEntry) -> Option<SyncFault> {
        let collections = signed.entry.subjects.iter().map(|subject| subject.collection);
        match self.members.now().verdict((at.device, at.seq), signed.entry.kind.right(), collections) {
            Verdict::NoRight(collection) => Some(SyncFault::NoRight { device: at.device, seq: at.seq, collection }),
            Verdict::Revoked => Some(TrustFault::Revoked.into()),
            Verdict::Counts | Verdict::Stranger => None,
        }
    }
}

impl Engine {
    /// Work of a device that was taken out, which came after all, waits to be judged. Its log ends where the chain says.
    pub(super) fn set_late_work_aside(&mut self, late: &Verified) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        for (at, signed) in late.placed() {
            let signed = self.without_erased(signed, &Going::default());
            if let Some(fault) = self.why_aside(&at, &signed).filter(|_| signed.entry.speaks()) {
                self.may_stand_on_entry(&mut batch, &signed);
                self.set_aside_in_room(&mut batch, Some(at.device), SetAside::entry(&fault, &at, &signed))?;
            }
        }
        Ok(self.store.commit(batch)?)
    }
}

fn found(works: &Works, device: DeviceId, seq: u64) -> Result<(&(DeviceId, u64, EntryHash), &Work), Refused> {
    let mut found = works.iter().filter(|((author, number, _), _)| *author == device && *number == seq);
    found.next().ok_or_else(|| Refused::new("judging.unknown", "no such work is set aside on this device; look again"))
}

fn not_again(fault: &WriteFault) -> Refused {
    match fault {
        WriteFault::Incomplete | WriteFault::NoSuchItem(_) | WriteFault::UnknownHeads => {
            let says = "it goes on from other work that was not taken over; take that over first";
            Refused::new("judging.goes_on", says)
        }
        other => super::edit::unwritten(other),
    }
}
