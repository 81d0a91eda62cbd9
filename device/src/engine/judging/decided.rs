//! What was decided about work that was set aside: an entry of whoever judged it, sealed like the records it is about.

use super::Work;
use crate::DeviceFault;
use crate::engine::Engine;
use mera_device_api::{AuditAct, JudgedRow, PersonOn};
use mera_schema::DeviceId;
use mera_sync_protocol::{Content, EntryHash, EntryKind, Hlc, Place, SignedEntry, Subject};
use mera_trust::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an entry of judgement says, of each of its records alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct Judgement {
    /// Whose work it was.
    device: DeviceId,
    /// Which entry of that log, or of what should have been that log.
    seq: u64,
    /// Its hash: a device that was copied may have written two of that number.
    hash: EntryHash,
    /// Whether it was taken over; otherwise it was left out.
    taken: bool,
    /// Why it was left out.
    note: String,
}

/// Who decided, and when, where a checkpoint says a decision once more for whoever said it first.
type FirstSaid = (DeviceId, Hlc);

/// A decision that its maker says once more with a checkpoint, and the records that it is about.
pub(in crate::engine) struct SaidAgain {
    subjects: Vec<Subject>,
    judgement: Judgement,
    first: FirstSaid,
}

#[cfg(test)]
impl SaidAgain {
    /// The same, as if somebody else had decided it long ago.
    pub fn first_said_by(&mut self, device: DeviceId) {
        self.first = (device, Hlc::default());
    }
}

impl Judgement {
    pub fn of(at: &Place, hash: EntryHash, taken: bool, note: String) -> Self {
        Self { device: at.device, seq: at.seq, hash, taken, note }
    }
}

/// A decision that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub taken: bool,
    pub note: String,
    pub by: DeviceId,
    pub time: Hlc,
    /// The entry that says so: in whose log, and its number.
    said_in: (DeviceId, u64),
}

impl Engine {
    /// Every decision that counts. Taking over beats leaving out, for what was written cannot be unwritten; among equals the
    /// first one stands.
    pub(super) fn decided(&self) -> Result<BTreeMap<(DeviceId, u64, EntryHash), Decided>, DeviceFault> {
        let mut all: BTreeMap<(DeviceId, u64, EntryHash), Decided> = BTreeMap::new();
        for (by, number) in self.store.judgements()? {
            let Some(signed) = self.store.entry(by, number)? else { continue };
            let previous = self.store.hash(by, number - 1)?.unwrap_or_default();
            let at = Place { workspace: self.identity.workspace, device: by, seq: number, previous };
            let collections = signed.entry.subjects.iter().map(|subject| subject.collection);
            let verdict = self.members.now().verdict((by, number), EntryKind::JUDGEMENT.right(), collections);
            let said = self.judgement(&at, &signed).filter(|_| verdict == Verdict::Counts);
            let Some((Judgement { device, seq, hash, taken, note }, first)) = said else { continue };
            // For others speaks only whose word on all records counts; anybody else decides in their own name.
            let first = first.filter(|_| self.is_in_checkpoint(by, number));
            let (by, time) = first.unwrap_or((by, signed.entry.time));
            let one = Decided { taken, note, by, time, said_in: (at.device, number) };
            let rank = |one: &Decided| (!one.taken, one.time, one.by);
            match all.get(&(device, seq, hash)) {
                Some(known) if rank(known) <= rank(&one) => {}
                _ => {
                    all.insert((device, seq, hash), one);
                }
            }
        }
        Ok(all)
    }

    /// Whether an entry is one of those that the newest checkpoint speaks with.
    fn is_in_checkpoint(&self, device: DeviceId, seq: u64) -> bool {
        let reached = self.members.now().checkpoint().filter(|reached| reached.maker == device);
        reached.is_some_and(|reached| seq > reached.base_of(device).seq && seq <= reached.checkpoint.end.seq)
    }

    /// What an entry of judgement says, if it can be read here, and for whom, if not for its author.
    fn judgement(&self, at: &Place, signed: &SignedEntry) -> Option<(Judgement, Option<FirstSaid>)> {
        let content = Content::open(&signed.entry, at, self.members.keys()).ok()?;
        let (judgement, rest) = postcard::take_from_bytes(&content.chunks.first()?.1).ok()?;
        let first = if rest.is_empty() { None } else { Some(postcard::from_bytes(rest).ok()?) };
        Some((judgement, first))
    }

    /// The same for the audit trail.
    pub(in crate::engine) fn judged_act(&self, at: &Place, signed: &SignedEntry) -> AuditAct {
        match self.judgement(at, signed) {
            Some((Judgement { device, seq, taken, note, .. }, _)) => {
                AuditAct::Judged { device: Some(device), who: self.person(device), number: seq, taken, note }
            }
            None => AuditAct::Judged {
                device: None,
                who: PersonOn::default(),
                number: 0,
                taken: false,
                note: String::new(),
            },
        }
    }

    /// Writes a decision as the next entry of one's own log.
    pub(super) fn decide(&mut self, work: &Work, judgement: Judgement) -> Result<(), DeviceFault> {
        self.write_judgement(&work.signed.entry.subjects, &judgement)
    }

    /// Writes what was decided, of each of its records alike.
    fn write_judgement(&mut self, subjects: &[Subject], says: &impl Serialize) -> Result<(), DeviceFault> {
        let bytes = postcard::to_allocvec(says).expect("it is plain data in memory and always serialises");
        let contents = subjects.iter().map(|subject| (*subject, bytes.clone())).collect();
        self.commit_entry(EntryKind::JUDGEMENT, contents, Vec::new())
    }

    /// Every decision that stands and is about records that are there still, for a checkpoint to say once more: the entries that
    /// say them are let go of, and whoever has the work set aside would be asked about it again.
    pub(in crate::engine) fn decisions_to_say_again(&self) -> Result<Vec<SaidAgain>, DeviceFault> {
        let mut all = Vec::new();
        for ((device, seq, hash), Decided { taken, note, by, time, said_in }) in self.decided()? {
            let Some(signed) = self.store.entry(said_in.0, said_in.1)? else { continue };
            let subjects = signed.entry.subjects.into_iter().filter(|subject| !self.erasures.has(subject)).collect();
            let judgement = Judgement { device, seq, hash, taken, note };
            all.push(SaidAgain { subjects, judgement, first: (by, time) });
        }
        Ok(all)
    }

    /// Says one of them once more.
    pub(in crate::engine) fn say_again(&mut self, said: SaidAgain) -> Result<(), DeviceFault> {
        let SaidAgain { mut subjects, judgement, first } = said;
        // Erased since the checkpoint was begun.
        subjects.retain(|subject| !self.erasures.has(subject));
        if subjects.is_empty() {
            return Ok(());
        }
        self.write_judgement(&subjects, &(judgement, first))
    }

    pub(super) fn closed_row(&self, decided: &Decided) -> JudgedRow {
        let at = crate::engine::audit::moment(decided.time.millis);
        JudgedRow { by: self.person(decided.by), at, taken: decided.taken, note: decided.note.clone() }
    }
}
