//! The audit trail: who did what, when, on which device. It is told from the signed logs and the members' chain, never
//! from lists or sums, and each row says what is proved of it.

mod act;
mod check;
mod export;
mod trail;

pub use check::AuditCheck;

use super::Engine;
use crate::DeviceFault;
use act::Told;
use chrono::{DateTime, Utc};
use mera_device_api::{
    AuditFilter, AuditKind, AuditOver, AuditPage, AuditPlace, AuditProof, AuditRow, AuditStanding, Refused,
};
use mera_schema::{DeviceId, PersonId};
use mera_sync_protocol::{EntryKind, Part, Subject, signed_message};
use mera_trust::{Act, Collection, Role, SignedStatement, Verdict};
use std::collections::BTreeMap;
use trail::{Found, Step, Trail};

/// Rows in one page at most.
const ROWS: usize = 100;
/// Records of one entry that a page tells of; a page of imports would be a book otherwise.
const RECORDS_TOLD: usize = 25;
/// Entries that one request looks through, so that nobody waits long for the engine: well under a second.
const LOOKED_THROUGH: usize = 5_000;
/// How far ahead of the clock here a moment may be claimed, in milliseconds: one day, as clocks are followed.
const AHEAD: i64 = 24 * 60 * 60 * 1000;

impl Engine {
    /// A page of the trail, newest first.
    pub(super) fn audit(
        &mut self,
        filter: &AuditFilter,
        from: Option<&AuditPlace>,
        limit: usize,
    ) -> Result<AuditPage, Refused> {
        self.may_audit(filter)?;
        let rows = self.audit_rows(filter, from, (limit.clamp(1, ROWS), RECORDS_TOLD))?;
        Ok(rows)
    }

    /// Refuses who may not see what is asked for: the whole trail is for administrators and finance, the history of a record
    /// for everybody who may read it.
    fn may_audit(&self, filter: &AuditFilter) -> Result<(), Refused> {
        let roles = self.my_roles();
        let all = roles.has(Role::Administrator) || roles.has(Role::Finance);
        let own = filter.record.is_some_and(|record| roles.may_read(Collection::of(record.kind).group()));
        if all || own {
            return Ok(());
        }
        let says =
            "the audit trail is for administrators and finance; ask one of them, or look at one record's history";
        Err(Refused::new("audit.no_right", says))
    }

    pub(super) fn audit_rows(
        &mut self,
        filter: &AuditFilter,
        from: Option<&AuditPlace>,
        (limit, told): (usize, usize),
    ) -> Result<AuditPage, DeviceFault> {
        let mut trail = Trail::from(self, from)?;
        let mut page = AuditPage { rows: Vec::new(), next: None, names: BTreeMap::new() };
        for _ in 0..LOOKED_THROUGH {
            if page.rows.len() >= limit {
                break;
            }
            match trail.step(self)? {
                Some(Step::Entry(found)) if self.asks_for_entry(filter, &found) => {
                    // Nothing is being written here, so no document holds what is not on the disk.
                    self.close_some();
                    page.rows.push(self.entry_row(&found, Told { most: told, only: filter.record })?);
                }
                Some(Step::Statement(number)) => {
                    let signed = self.members.since(number - 1).first().cloned();
                    if let Some(signed) = signed.filter(|signed| self.asks_for_statement(filter, signed)) {
                        page.rows.push(self.statement_row(&signed));
                    }
                }
                Some(Step::Entry(_)) => {}
                None => break,
            }
        }
        page.next = trail.place();
        page.names = self.names_in(&page.rows);
        Ok(page)
    }

    fn asks_for_entry(&self, filter: &AuditFilter, found: &Found) -> bool {
        let kind = match found.signed.entry.kind {
            EntryKind::ERASURE => AuditKind::Erasures,
            EntryKind::SNAPSHOT => AuditKind::Checkpoints,
            EntryKind::JUDGEMENT => AuditKind::Judgements,
            _ => AuditKind::Changes,
        };
        let about = |record| found.signed.entry.subjects.contains(&Subject::from(record));
        self.asks_for(filter, kind, Some(found.at.device), found.signed.entry.time.millis)
            && filter.record.is_none_or(about)
    }

    fn asks_for_statement(&self, filter: &AuditFilter, signed: &SignedStatement) -> bool {
        let device = Some(signed.statement.signer.device());
        let kind = match signed.statement.act {
            Act::Checkpoint(_) => AuditKind::Checkpoints,
            _ => AuditKind::Members,
        };
        filter.record.is_none() && self.asks_for(filter, kind, device, signed.statement.time)
    }

    fn asks_for(&self, filter: &AuditFilter, kind: AuditKind, by: Option<DeviceId>, millis: u64) -> bool {
        let at = moment(millis);
        filter.kind.is_none_or(|asked| asked == kind)
            && filter.device.is_none_or(|asked| by == Some(asked))
            && filter.person.is_none_or(|asked| by.and_then(|device| self.person_of(device)) == Some(asked))
            && filter.since.is_none_or(|since| at >= since)
            && filter.until.is_none_or(|until| at < until)
    }

    /// Whose device it is, or was.
    fn person_of(&self, device: DeviceId) -> Option<PersonId> {
        self.members.now().device(device).map(|standing| standing.card.person)
    }

    fn entry_row(&mut self, found: &Found, told: Told) -> Result<AuditRow, DeviceFault> {
        let (entry, at) = (&found.signed.entry, &found.at);
        let standing = self.standing(found);
        let parts = entry.payload.0.iter().map(Part::hash_and_length);
        let over = AuditOver::Entry {
            company: at.workspace.to_string(),
            millis: entry.time.millis,
            counter: entry.time.counter,
            kind: entry.kind.0,
            epoch: entry.epoch,
            subjects: entry.subjects.iter().map(|one| (one.collection.0, hex(&one.id))).collect(),
            parts: parts.map(|(hash, length)| (hex(&hash), length)).collect(),
        };
        let proof = AuditProof {
            key: hex(&found.author.0),
            previous: hex(&at.previous),
            hash: hex(&found.signed.hash),
            signature: found.signed.signature.as_ref().map(|signature| hex(&signature.0)),
            signed_at: found.signed_at,
            message: hex(&signed_message(at, &found.signed.hash)),
            over,
        };
        let by = self.person(at.device);
        let (when, ahead) = self.claimed(entry.time.millis);
        let (device, person) = (Some(at.device), self.person_of(at.device));
        let act = self.entry_act(found, told)?;
        Ok(AuditRow { device, person, by, number: at.seq, at: when, ahead, standing, act, proof })
    }

    /// What is to be thought of an entry: first whether it is what was signed, then whether it counts, then whether it can
    /// still be read.
    fn standing(&self, found: &Found) -> AuditStanding {
        if let Some(broken) = found.broken {
            return broken;
        }
        let entry = &found.signed.entry;
        let collections = entry.subjects.iter().map(|subject| subject.collection);
        match self.members.now().verdict((found.at.device, found.at.seq), entry.kind.right(), collections) {
            Verdict::NoRight(_) => return AuditStanding::NoRight,
            Verdict::Revoked | Verdict::Stranger => return AuditStanding::Revoked,
            Verdict::Counts => {}
        }
        let parts = &entry.payload.0;
        let locked = |part: &Part| match part {
            Part::Present(part) => !self.members.keys().has(part.group, entry.epoch),
            Part::Erased { .. } => true,
        };
        if !entry.kind.is_content() || parts.is_empty() {
            AuditStanding::Verified
        } else if !entry.payload.is_present() {
            AuditStanding::Erased
        } else if parts.iter().all(locked) {
            AuditStanding::Locked
        } else {
            AuditStanding::Verified
        }
    }

    fn statement_row(&self, signed: &SignedStatement) -> AuditRow {
        let statement = &signed.statement;
        let signer = statement.signer.device();
        let member = self.members.now().device(signer).is_some();
        let standing = if signed.verify().is_ok() { AuditStanding::Verified } else { AuditStanding::Unsigned };
        let bytes =
            postcard::to_allocvec(statement).expect("a statement is plain data in memory and always serialises");
        let proof = AuditProof {
            key: hex(&statement.signer.0),
            previous: hex(&statement.previous),
            hash: hex(&statement.hash()),
            signature: Some(hex(&signed.signature.0)),
            signed_at: Some(statement.number.into()),
            message: hex(&statement.message()),
            over: AuditOver::Statement { bytes: hex(&bytes) },
        };
        let (at, ahead) = self.claimed(statement.time);
        AuditRow {
            device: member.then_some(signer),
            person: self.person_of(signer),
            by: if member { self.person(signer) } else { mera_device_api::PersonOn::default() },
            number: statement.number.into(),
            at,
            ahead,
            standing,
            act: self.statement_act(statement),
            proof,
        }
    }

    /// A moment, and whether it cannot be true.
    fn claimed(&self, millis: u64) -> (DateTime<Utc>, bool) {
        let (at, now) = (moment(millis), moment(self.world.millis()));
        (at, at.timestamp_millis().saturating_sub(now.timestamp_millis()) > AHEAD)
    }
}

pub(super) fn moment(millis: u64) -> DateTime<Utc> {
    i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
