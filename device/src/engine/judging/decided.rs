//! What was decided about work that was set aside: an entry of whoever judged it, sealed like the records it is about.

use super::Work;
use crate::DeviceFault;
use crate::engine::Engine;
use mera_device_api::{AuditAct, JudgedRow, PersonOn};
use mera_schema::DeviceId;
use mera_sync_protocol::{Content, EntryHash, EntryKind, Hlc, Place, SignedEntry};
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
            let Some(Judgement { device, seq, hash, taken, note }) = said else { continue };
            let one = Decided { taken, note, by, time: signed.entry.time };
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

    /// What an entry of judgement says, if it can be read here.
    fn judgement(&self, at: &Place, signed: &SignedEntry) -> Option<Judgement> {
        let content = Content::open(&signed.entry, at, self.members.keys()).ok()?;
        postcard::from_bytes(&content.chunks.first()?.1).ok()
    }

    /// The same for the audit trail.
    pub(in crate::engine) fn judged_act(&self, at: &Place, signed: &SignedEntry) -> AuditAct {
        match self.judgement(at, signed) {
            Some(Judgement { device, seq, taken, note, .. }) => {
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
        let bytes = postcard::to_allocvec(&judgement).expect("it is plain data in memory and always serialises");
        let contents = work.signed.entry.subjects.iter().map(|subject| (*subject, bytes.clone())).collect();
        self.commit_entry(EntryKind::JUDGEMENT, contents, Vec::new())
    }

    pub(super) fn closed_row(&self, decided: &Decided) -> JudgedRow {
        let at = crate::engine::audit::moment(decided.time.millis);
        JudgedRow { by: self.person(decided.by), at, taken: decided.taken, note: decided.note.clone() }
    }
}
