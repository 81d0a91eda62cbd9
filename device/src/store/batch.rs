//! What one commit writes.

use super::{
    ASIDE, Author, Bookkeeping, ERASED, OpenInvitation, ROW, RecordRow, SetAside, Standing, author_key, judged_key,
    log_key, meta_key, record_key, tail_key,
};
use chrono::NaiveDate;
use mera_disk::{Seal, bytes_of};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{SignedEntry, Subject, Vector};
use serde::Serialize;
use std::collections::BTreeSet;

/// Writes that reach the disk together or not at all. Values are sealed when the batch is committed.
#[derive(Default)]
pub(crate) struct Batch(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Batch {
    /// An entry of a log.
    pub fn entry(&mut self, device: DeviceId, seq: u64, entry: &SignedEntry) {
        self.put(log_key(device, seq), entry);
    }

    /// Takes an entry out of a log again.
    pub fn forget_entry(&mut self, device: DeviceId, seq: u64) {
        self.take_out(log_key(device, seq));
    }

    /// Where a decision about what was set aside stands.
    pub fn judgement(&mut self, device: DeviceId, seq: u64) {
        self.put(judged_key(device, seq), &(device, seq));
    }

    /// An entry that is taken out of the former identity's log and is to be written under the second one.
    pub fn tail(&mut self, former: DeviceId, seq: u64, entry: &SignedEntry) {
        self.put(tail_key(seq), &(former, seq, entry));
    }

    /// Such an entry has been written.
    pub fn forget_tail(&mut self, seq: u64) {
        self.take_out(tail_key(seq));
    }

    /// Which records must be made anew from the logs.
    pub fn waits_for_rebuild(&mut self, records: &[RecordRef]) {
        self.put(meta_key("rebuild"), &records);
    }

    /// In which records this device may have written on changes that count no more.
    pub fn waits_to_be_written(&mut self, records: &BTreeSet<RecordRef>) {
        self.put(meta_key("write again"), records);
    }

    /// How many statements of the members' chain the logs and records here have followed.
    pub fn followed(&mut self, statements: u32) {
        self.put(meta_key("followed"), &statements);
    }

    /// The invitations that hold still.
    pub fn invitations(&mut self, open: &[OpenInvitation]) {
        self.put(meta_key("invitations"), &open);
    }

    /// How far a log is held.
    pub fn author(&mut self, author: &Author) {
        self.put(author_key(author.key.device()), author);
    }

    /// What is kept of a record besides its document.
    pub fn row(&mut self, record: RecordRef, row: &RecordRow) {
        self.put(record_key(ROW, record), row);
    }

    /// The digests, and the vector they belong to.
    pub fn standing(&mut self, standing: &Standing) {
        self.put(meta_key("standing"), standing);
    }

    /// The bookkeeping.
    pub fn bookkeeping(&mut self, books: &Bookkeeping) {
        self.put(meta_key("books"), books);
    }

    /// How far the device's own log is known to reach.
    pub fn own_log(&mut self, reaches: u64) {
        self.put(meta_key("own log"), &reaches);
    }

    /// The logs that came from neighbours and that the relay may not have.
    pub fn brings(&mut self, brings: &Vector) {
        self.put(meta_key("brings"), brings);
    }

    /// Whether the device was made from a backup and has not asked its relay yet.
    pub fn restored(&mut self, restored: bool) {
        self.put(meta_key("restored"), &restored);
    }

    /// The day on which the device was backed up last.
    pub fn backed_up(&mut self, day: NaiveDate) {
        self.put(meta_key("backed up"), &day);
    }

    /// Which version of the facts is stored.
    pub fn facts_version(&mut self, version: u32) {
        self.put(meta_key("facts"), &version);
    }

    /// Which kinds of record this program knows, by collection.
    pub fn kinds_known(&mut self, kinds: &BTreeSet<u8>) {
        self.put(meta_key("kinds"), kinds);
    }

    /// As a program left it that did not note them.
    #[cfg(test)]
    pub fn forget_kinds_known(&mut self) {
        self.take_out(meta_key("kinds"));
    }

    /// Something that could not be taken in. The same thing twice is kept once.
    pub fn set_aside(&mut self, aside: &SetAside) {
        self.put(aside_key(aside), aside);
    }

    /// Takes out what was set aside.
    pub fn forget_aside(&mut self, aside: &SetAside) {
        self.take_out(aside_key(aside));
    }

    /// A record that is erased for good.
    pub fn erased(&mut self, subject: &Subject) {
        self.put([&[ERASED, subject.collection.0], subject.id.as_slice()].concat(), &());
    }

    /// Whether logs or files may hold something still of what was erased.
    pub fn lingers(&mut self, lingers: bool) {
        self.put(meta_key("lingers"), &lingers);
    }

    /// How many values it writes or takes out.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn take_out(&mut self, key: Vec<u8>) {
        self.0.push((key, None));
    }

    pub(super) fn put(&mut self, key: Vec<u8>, value: &impl Serialize) {
        self.0.push((key, Some(bytes_of(value))));
    }

    /// The batch as it reaches the disk.
    pub(super) fn sealed(self, seal: &Seal) -> mera_disk::Batch {
        let mut batch = mera_disk::Batch::default();
        for (key, value) in self.0 {
            match value {
                Some(bytes) => {
                    let sealed = seal.close(&key, &bytes);
                    batch.insert(key, sealed);
                }
                None => batch.remove(key),
            }
        }
        batch
    }
}

pub(super) fn aside_key(aside: &SetAside) -> Vec<u8> {
    [&[ASIDE], blake3::hash(&aside.bytes).as_bytes().as_slice()].concat()
}
