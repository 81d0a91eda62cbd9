//! What one commit writes.

use super::{
    ASIDE, Author, Bookkeeping, CHUNK, ROW, RecordRow, SNAPSHOT, SetAside, Standing, author_key, log_key, meta_key,
    record_key,
};
use mera_disk as disk;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::SignedEntry;

/// Writes that reach the disk together or not at all.
#[derive(Default)]
pub(crate) struct Batch(pub(super) sled::Batch);

impl Batch {
    /// An entry of a log.
    pub fn entry(&mut self, device: DeviceId, seq: u64, entry: &SignedEntry) {
        self.0.insert(log_key(device, seq), disk::wrap(entry));
    }

    /// How far a log is held.
    pub fn author(&mut self, author: &Author) {
        self.0.insert(author_key(author.key.device()), disk::wrap(author));
    }

    /// A change chunk, the `number`th since the snapshot.
    pub fn chunk(&mut self, record: RecordRef, number: u32, bytes: &[u8]) {
        self.0.insert(chunk_key(record, number), disk::wrap(&bytes));
    }

    /// A whole document in the place of its snapshot and `chunks` chunks.
    pub fn snapshot(&mut self, record: RecordRef, bytes: &[u8], chunks: u32) {
        self.0.insert(record_key(SNAPSHOT, record), disk::wrap(&bytes));
        (0..chunks).for_each(|number| self.0.remove(chunk_key(record, number)));
    }

    /// What is kept of a record besides its document.
    pub fn row(&mut self, record: RecordRef, row: &RecordRow) {
        self.0.insert(record_key(ROW, record), disk::wrap(row));
    }

    /// Whose store it is: company and device.
    pub fn owner(&mut self, owner: &([u8; 16], [u8; 16])) {
        self.0.insert(meta_key("owner"), disk::wrap(owner));
    }

    /// The digest, and the vector it belongs to.
    pub fn standing(&mut self, standing: &Standing) {
        self.0.insert(meta_key("standing"), disk::wrap(standing));
    }

    /// The bookkeeping.
    pub fn bookkeeping(&mut self, books: &Bookkeeping) {
        self.0.insert(meta_key("books"), disk::wrap(books));
    }

    /// How far the device's own log is known to reach.
    pub fn own_log(&mut self, reaches: u64) {
        self.0.insert(meta_key("own log"), disk::wrap(&reaches));
    }

    /// Whether the device was made from a backup and has not asked its relay yet.
    pub fn restored(&mut self, restored: bool) {
        self.0.insert(meta_key("restored"), disk::wrap(&restored));
    }

    /// Which version of the facts is stored.
    pub fn facts_version(&mut self, version: u32) {
        self.0.insert(meta_key("facts"), disk::wrap(&version));
    }

    /// Something that could not be taken in. The same thing twice is kept once.
    pub fn set_aside(&mut self, aside: &SetAside) {
        let hash = blake3::hash(&aside.bytes);
        self.0.insert([&[ASIDE], hash.as_bytes().as_slice()].concat(), disk::wrap(aside));
    }
}

pub(super) fn chunk_key(record: RecordRef, number: u32) -> Vec<u8> {
    [record_key(CHUNK, record), number.to_be_bytes().to_vec()].concat()
}
