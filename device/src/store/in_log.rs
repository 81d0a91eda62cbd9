//! Documents that stand in a log: what a checkpoint says of a record, or the entry with which it came, is on the disk once, as part of
//! that entry, until somebody changes the record so often that it is written whole beside the log again.

use super::{At, Batch, CHUNK, LOG, RecordRow, SNAPSHOT, Stands, Store, log_key};
use crate::DeviceFault;
use mera_disk::DiskFault;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Content, EntryKind, Part, Place, SignedEntry, Subject, Whole};
use mera_trust::GroupKeys;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Entries that are let go of at one go.
const AT_A_TIME: usize = 256;

/// Bytes of documents that are written beside the log at one go.
const MOVED_AT_A_TIME: usize = 1 << 20;

impl Store {
    /// The document of a record as an entry has it. A key that is not here is no damage: roles have changed, and the record has
    /// not been made anew yet.
    pub fn document_at(&self, record: RecordRef, at: At, keys: &GroupKeys) -> Result<Vec<u8>, DeviceFault> {
        let At { device, seq, previous } = at;
        let damaged = || DiskFault::Damaged(format!("{record} in entry {seq} of the log of {device}"));
        let signed = self.read_again(device, seq)?.ok_or_else(damaged)?;
        let place = Place { workspace: self.workspace, device, seq, previous };
        let meant = |subject: &Subject| *subject == Subject::from(record);
        let content = Content::open_of(&signed.entry, &place, keys, meant).map_err(|_| damaged())?;
        if !content.locked.is_empty() {
            return Err(DeviceFault::KeyMissing(record.to_string()));
        }
        let (_, said) = content.chunks.into_iter().next().ok_or_else(damaged)?;
        if signed.entry.kind == EntryKind::SNAPSHOT {
            return Ok(Whole::decode(&said).map_err(|_| damaged())?.document);
        }
        Ok(said)
    }

    /// An entry that may be the one that was read last. Only those of many records are worth remembering, and nobody waits for
    /// another who opens one.
    fn read_again(&self, device: DeviceId, seq: u64) -> Result<Option<Arc<SignedEntry>>, DiskFault> {
        let last = || self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signed)) = last().as_ref().filter(|(place, _)| *place == (device, seq)) {
            return Ok(Some(signed.clone()));
        }
        let signed = self.entry(device, seq)?.map(Arc::new);
        if let Some(signed) = signed.as_ref().filter(|signed| signed.entry.kind == EntryKind::SNAPSHOT) {
            *last() = Some(((device, seq), signed.clone()));
        }
        Ok(signed)
    }

    /// Takes some of a log's entries out that stand before where it begins. Documents that stand in them are written beside the
    /// log. Whether there were any.
    pub fn take_out_covered(&self, device: DeviceId, keys: &GroupKeys) -> Result<bool, DeviceFault> {
        let base = self.base(device)?.seq;
        let (mut batch, mut moved) = (Batch::default(), 0);
        let covered = self.db.between(log_key(device, 1)..=log_key(device, base));
        for row in covered.take(AT_A_TIME) {
            let (key, sealed) = row?;
            let signed: SignedEntry = self.seal.unwrap(&key, &sealed)?;
            let place = place_of(&key)?;
            for record in signed.entry.subjects.iter().filter_map(Subject::record) {
                let Some(row) = self.row(record)? else { continue };
                let Some(at) = row.stands.entry.filter(|at| at.place() == place) else { continue };
                let document = self.document_at(record, at, keys)?;
                moved += document.len();
                let stands = batch.leaves_log(record, &document, row.stands);
                batch.row(record, &RecordRow { stands, ..row });
            }
            batch.take_out(key.to_vec());
            if moved > MOVED_AT_A_TIME {
                break;
            }
        }
        let any = batch.len() > 0;
        if any {
            // What was erased may be among it, and goes from the files when they are written anew.
            batch.lingers(true);
        }
        self.commit(batch)?;
        Ok(any)
    }

    /// Bytes of the logs but for the documents and the records of checkpoints in them, and of the documents, wherever they stand.
    pub fn weight(&self) -> Result<(u64, u64), DiskFault> {
        let (mut logs, mut documents) = (0, 0);
        let mut standing: HashMap<RecordRef, (DeviceId, u64)> = HashMap::new();
        for row in self.rows() {
            let (record, RecordRow { stands: Stands { entry, .. }, .. }) = row?;
            standing.extend(entry.map(|at| (record, at.place())));
        }
        for row in self.db.beginning([LOG]) {
            let (key, sealed) = row?;
            let (place, entry) = (place_of(&key)?, self.seal.unwrap::<SignedEntry>(&key, &sealed)?.entry);
            let mut here = 0;
            for (subject, part) in entry.subjects.iter().zip(&entry.payload.0) {
                let stands = subject.record().is_some_and(|record| standing.get(&record) == Some(&place));
                if let (Part::Present(part), true) = (part, stands) {
                    here += part.bytes.len() as u64;
                }
            }
            documents += here;
            if entry.kind != EntryKind::SNAPSHOT {
                logs += (sealed.len() as u64).saturating_sub(here);
            }
        }
        for prefix in [SNAPSHOT, CHUNK] {
            for row in self.db.beginning([prefix]) {
                documents += row?.1.len() as u64;
            }
        }
        Ok((logs, documents))
    }
}

/// Which entry of which log stands under a key.
pub(super) fn place_of(key: &[u8]) -> Result<(DeviceId, u64), DiskFault> {
    let device = key.get(1..17).and_then(|bytes| bytes.try_into().ok()).map(uuid::Uuid::from_bytes);
    let seq = key.get(17..25).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    device.map(DeviceId::new).zip(seq).ok_or_else(|| DiskFault::Damaged("the place of an entry".into()))
}
