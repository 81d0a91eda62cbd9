//! What an entry or a statement says that was done, in values that screens put into words.

use super::super::Engine;
use super::trail::Found;
use crate::DeviceFault;
use mera_device_api::{AuditAct, AuditField, AuditRecord, AuditRow, AuditSays};
use mera_schema::document::{self, Difference, Document};
use mera_schema::{Form, Place, RecordDef, RecordRef, RecordTree};
use mera_sync_protocol::{Content, EntryKind, Part, Subject};
use mera_trust::{Act, Card, Group, Roles, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// How much of an entry is told.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// Records at most.
    pub most: usize,
    /// The one record that was asked for: whoever may read it may not read everything.
    pub only: Option<RecordRef>,
}

impl Engine {
    pub(super) fn entry_act(&mut self, found: &Found, told: Told) -> Result<AuditAct, DeviceFault> {
        let entry = &found.signed.entry;
        let asked = |subject: &Subject| told.only.is_none_or(|only| Subject::from(only) == *subject);
        let wanted: Vec<(usize, Subject)> =
            entry.subjects.iter().copied().enumerate().filter(|(_, subject)| asked(subject)).take(told.most).collect();
        let more = entry.subjects.len() - wanted.len();
        match entry.kind {
            EntryKind::CHANGES => Ok(AuditAct::Changed { records: self.changed(found, &wanted)?, more }),
            EntryKind::ERASURE => {
                let record = |(_, subject): &(usize, Subject)| self.untold(*subject, AuditSays::Erased);
                Ok(AuditAct::Erased { records: wanted.iter().map(record).collect(), more })
            }
            EntryKind::SNAPSHOT => Ok(AuditAct::Repeated { records: entry.subjects.len() }),
            EntryKind::JUDGEMENT => Ok(self.judged_act(&found.at, &found.signed)),
            other => Ok(AuditAct::Unknown { kind: other.0 }),
        }
    }

    fn changed(&mut self, found: &Found, wanted: &[(usize, Subject)]) -> Result<Vec<AuditRecord>, DeviceFault> {
        let entry = &found.signed.entry;
        let subjects: BTreeSet<Subject> = wanted.iter().map(|(_, subject)| *subject).collect();
        let opened = Content::open_of(entry, &found.at, self.members.keys(), |subject| subjects.contains(subject));
        let chunks: BTreeMap<Subject, Vec<u8>> =
            opened.map(|content| content.chunks).unwrap_or_default().into_iter().collect();
        let mut records = Vec::new();
        for (index, subject) in wanted {
            let says = match (entry.payload.0.get(*index), chunks.get(subject)) {
                (Some(Part::Erased { .. }), _) => Err(AuditSays::Erased),
                (Some(Part::Present(_)), Some(chunk)) => Ok(chunk),
                (Some(Part::Present(part)), None) if !self.has_key(part.group, entry.epoch) => Err(AuditSays::Locked),
                _ => Err(AuditSays::Unreadable),
            };
            records.push(match says {
                Ok(chunk) => self.told(*subject, chunk)?,
                Err(says) => self.untold(*subject, says),
            });
        }
        Ok(records)
    }

    fn has_key(&self, group: Group, epoch: u32) -> bool {
        self.members.keys().has(group, epoch)
    }

    fn told(&mut self, subject: Subject, chunk: &[u8]) -> Result<AuditRecord, DeviceFault> {
        let Some(record) = subject.record() else { return Ok(self.untold(subject, AuditSays::Unreadable)) };
        if self.store.row(record)?.is_none() {
            return Ok(self.untold(subject, AuditSays::Unreadable));
        }
        match told_of(record, &mut self.document(record)?.doc, chunk) {
            Ok(told) => Ok(self.as_record(subject, told)),
            // It may have been made on what counts no more.
            Err(_) => Ok(self.told_in(subject, &mut self.beside(record, &self.works()?)?, chunk)),
        }
    }

    /// What a chunk says, read beside a document that is not stored.
    pub(in crate::engine) fn told_in(&self, subject: Subject, beside: &mut Document, chunk: &[u8]) -> AuditRecord {
        match subject.record().ok_or(AuditSays::Unreadable).and_then(|record| told_of(record, beside, chunk)) {
            Ok(told) => self.as_record(subject, told),
            Err(says) => self.untold(subject, says),
        }
    }

    fn as_record(&self, subject: Subject, (told, tree): Read) -> AuditRecord {
        let field = |(path, before, after): Difference| {
            let part = tree.as_ref().map(|tree| self.part(tree, &path.place)).unwrap_or_default();
            AuditField { path, part, before, after }
        };
        let fields = told.fields.into_iter().map(field).collect();
        AuditRecord { created: told.created, fields, ..self.untold(subject, AuditSays::Told) }
    }

    pub(in crate::engine) fn untold(&self, subject: Subject, says: AuditSays) -> AuditRecord {
        let record = subject.record();
        let title = record.map(|record| self.views.title(record)).unwrap_or_default();
        AuditRecord { record, title, says, created: false, fields: Vec::new() }
    }

    /// What the links in rows are called.
    pub(super) fn names_in(&self, rows: &[AuditRow]) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let records = rows.iter().flat_map(|row| match &row.act {
            AuditAct::Changed { records, .. } => records.as_slice(),
            _ => &[],
        });
        for (record, field) in records.flat_map(|one| one.fields.iter().map(move |field| (one.record, field))) {
            let Some(kind) = record.map(|record| record.kind) else { continue };
            let def = RecordDef::of(kind).field(field.path.place.collection(), &field.path.field);
            if def.is_some_and(|def| def.form == Form::Link) {
                for target in [&field.before, &field.after].into_iter().flatten().filter_map(|link| link.parse().ok()) {
                    names.insert(RecordRef::to_string(&target), self.views.title(target));
                }
            }
        }
        names
    }

    pub(super) fn statement_act(&self, statement: &Statement) -> AuditAct {
        let who = |card: &Card| (self.person(card.device.device()), card.device.device());
        match &statement.act {
            Act::Found { .. } => AuditAct::Founded,
            Act::Admit { card, roles, .. } => {
                let (who, device) = who(card);
                AuditAct::Admitted { who, device, roles: named(*roles) }
            }
            Act::SetRoles { person, roles, keys, .. } => {
                let of_person = |(_, standing): &(_, &mera_trust::Standing)| standing.card.person == *person;
                let device = self.members.now().devices().find(of_person).map(|(device, _)| device);
                let name = device.map(|device| self.person(device).person).unwrap_or_default();
                AuditAct::RolesSet { person: *person, name, roles: named(*roles), new_keys: keys.is_some() }
            }
            Act::Revoke { devices, .. } => AuditAct::Revoked {
                devices: devices.iter().map(|(device, end)| (*device, end.last)).collect(),
                who: devices.iter().map(|(device, _)| self.person(*device)).collect(),
            },
            Act::Rotate { keys } => AuditAct::KeysRenewed { epoch: keys.epoch },
            Act::Recover { card, .. } => {
                let (who, device) = who(card);
                AuditAct::Recovered { who, device }
            }
            Act::NewRecovery { keys, .. } => AuditAct::RecoveryCodeReplaced { epoch: keys.epoch },
            Act::Checkpoint(checkpoint) => AuditAct::Checkpoint { records: checkpoint.records },
            Act::Branch { card, .. } => {
                let (who, device) = who(card);
                AuditAct::Branched { who, device }
            }
        }
    }
}

/// What a chunk says, and the record as it is with it where items have names.
type Read = (document::Told, Option<RecordTree>);

fn told_of(record: RecordRef, doc: &mut Document, chunk: &[u8]) -> Result<Read, AuditSays> {
    let told = document::told(doc, record, chunk).ok().flatten().ok_or(AuditSays::Unreadable)?;
    let items = told.fields.iter().any(|(path, ..)| path.place != Place::Root);
    let tree = items.then(|| document::read(doc, record));
    Ok((told, tree))
}

fn named(roles: Roles) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}
