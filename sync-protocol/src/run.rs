//! A run: consecutive entries of one log under one signature.

use crate::{DeviceKey, ENTRY_LIMIT, Entry, EntryHash, Place, PublicKey, Signature, SyncFault};
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::{Base, LogEnd};
use serde::{Deserialize, Serialize};

/// Entries in one run.
pub const RUN_ENTRIES: usize = 500;
/// Bytes in one run; a run of a single entry may be larger, see [`ENTRY_LIMIT`].
pub const RUN_BYTES: usize = 256 * 1024;

/// What a signature of a log begins with, so that it can never be taken for a signature of something else.
const PURPOSE: &[u8] = b"MERA log head v1";

/// An entry at its place, with its author's signature of the log up to here where one is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// The entry.
    pub entry: Entry,
    /// Its hash.
    pub hash: EntryHash,
    /// The author's signature of the log that ends here.
    pub signature: Option<Signature>,
}

impl SignedEntry {
    /// Writes and signs the next entry of one's own log.
    pub fn write(key: &DeviceKey, at: &Place, entry: Entry) -> Self {
        let hash = entry.hash(at);
        let signature = Some(key.sign(&signed_message(at, &hash)));
        Self { entry, hash, signature }
    }

    /// Whether its hash is that of what it says at this place.
    pub fn fits(&self, at: &Place) -> bool {
        self.entry.hash(at) == self.hash
    }

    /// Whether its author signed the log that ends here; nothing where no signature is known here, because a later one
    /// covers it.
    pub fn is_signed(&self, author: &PublicKey, at: &Place) -> Option<bool> {
        let signature = self.signature.as_ref()?;
        Some(author.verify(&signed_message(at, &self.hash), signature).is_ok())
    }

    /// Takes the signature that the members' chain has of the log's end, where this entry has none; one that does not fit, as
    /// that of another log under the same name, is left alone.
    pub fn signed_at_end(mut self, author: &PublicKey, at: &Place, end: &LogEnd) -> Self {
        if self.signature.is_none() && end.last == at.seq {
            self.signature.clone_from(&end.signature);
            if self.is_signed(author, at) == Some(false) {
                self.signature = None;
            }
        }
        self
    }
}

/// What the signature of a log up to an entry is over: whoever has the author's key checks it without this program.
pub fn signed_message(at: &Place, hash: &EntryHash) -> Vec<u8> {
    [PURPOSE, at.workspace.uuid().as_bytes(), at.device.uuid().as_bytes(), &at.seq.to_le_bytes(), hash].concat()
}

/// Consecutive entries of one log; the signature of the last one covers all that went before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The author's public key; the device's identity follows from it.
    pub author: PublicKey,
    /// The number of the first entry.
    pub first: u64,
    /// The hash of the entry before the first; zeroes before entry 1.
    pub previous: EntryHash,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The author's signature of the log that ends with the last entry.
    pub signature: Signature,
}

impl Run {
    /// Cuts the longest allowed run from consecutive stored entries, ending at one whose signature is known.
    pub fn cut(author: PublicKey, first: u64, previous: EntryHash, stored: &[SignedEntry]) -> Option<Self> {
        let mut bytes = 0;
        let mut end = None;
        for (index, one) in stored.iter().take(RUN_ENTRIES).enumerate() {
            bytes += one.entry.weight();
            if bytes > RUN_BYTES && end.is_some() {
                break;
            }
            if let Some(signature) = &one.signature {
                end = Some((index, signature.clone()));
            }
        }
        let (last, signature) = end?;
        let entries = stored[..=last].iter().map(|one| one.entry.clone()).collect();
        Some(Self { author, first, previous, entries, signature })
    }

    /// The number of the last entry.
    pub fn last(&self) -> u64 {
        self.first.saturating_add(self.entries.len() as u64).saturating_sub(1)
    }

    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        180 + self.entries.iter().map(Entry::weight).sum::<usize>()
    }

    /// Checks size, chain and signature, and gives the entries with their hashes.
    pub fn verify(self, workspace: WorkspaceId) -> Result<Verified, SyncFault> {
        self.check_size()?;
        let device = self.author.device();
        let mut at = Place { workspace, device, seq: self.first, previous: self.previous };
        let mut entries = Vec::with_capacity(self.entries.len());
        let count = self.entries.len();
        for entry in self.entries {
            let hash = entry.hash(&at);
            entries.push(SignedEntry { entry, hash, signature: None });
            if entries.len() < count {
                at = at.next(hash);
            }
        }
        if let Some(end) = entries.last_mut() {
            self.author.verify(&signed_message(&at, &end.hash), &self.signature)?;
            end.signature = Some(self.signature);
        }
        Ok(Verified { workspace, author: self.author, device, first: self.first, previous: self.previous, entries })
    }

    fn check_size(&self) -> Result<(), SyncFault> {
        if self.first == 0 || self.first > u64::MAX / 2 || self.entries.is_empty() {
            return Err(SyncFault::FrameUnreadable);
        }
        if self.entries.len() > RUN_ENTRIES {
            return Err(SyncFault::TooMuch { what: "too many entries" });
        }
        // What belongs to no subject could never be erased.
        if self.entries.iter().any(|entry| entry.payload.0.len() > entry.subjects.len()) {
            return Err(SyncFault::FrameUnreadable);
        }
        if self.entries.iter().any(|entry| entry.payload.length() > ENTRY_LIMIT) {
            return Err(SyncFault::TooMuch { what: "an entry of more than 4 MiB" });
        }
        Ok(())
    }
}

/// How a replica holds a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldLog {
    /// What it has let go of; the rest is there.
    pub base: Base,
    /// The last entry that it holds.
    pub last: u64,
    /// From where the log may go on, where this replica holds less: the newest checkpoint says so.
    pub checkpoint: Option<Base>,
}

/// What is new in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continued {
    /// The entries.
    pub run: Verified,
    /// They follow on this checkpoint's base, and not on what was held before, which goes.
    pub from: Option<Base>,
}

/// A run that has been checked: its author wrote exactly this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The company.
    pub workspace: WorkspaceId,
    /// The author's public key.
    pub author: PublicKey,
    /// The author.
    pub device: DeviceId,
    /// The number of the first entry.
    pub first: u64,
    /// The hash before the first entry.
    pub previous: EntryHash,
    /// The entries with their hashes; the last one with its signature.
    pub entries: Vec<SignedEntry>,
}

impl Verified {
    /// Its entries with their places.
    pub fn placed(&self) -> impl Iterator<Item = (Place, &SignedEntry)> {
        let first = Place { workspace: self.workspace, device: self.device, seq: self.first, previous: self.previous };
        self.entries.iter().scan(first, |at, signed| {
            let here = *at;
            *at = here.next(signed.hash);
            Some((here, signed))
        })
    }

    /// How many records its entries speak of; one that several speak of counts each time.
    pub fn records(&self) -> usize {
        self.entries.iter().map(|one| one.entry.subjects.len()).sum()
    }

    /// Its first entries, so many at most. Their author signed them with those that stay.
    pub fn split(&mut self, count: usize) -> Self {
        let Self { workspace, author, device, first, previous, .. } = *self;
        let behind = self.entries.split_off(count.min(self.entries.len()));
        let entries = std::mem::replace(&mut self.entries, behind);
        if let Some(last) = entries.last() {
            self.previous = last.hash;
        }
        self.first += entries.len() as u64;
        Self { workspace, author, device, first, previous, entries }
    }

    /// What is new to a replica that holds the log so far, and whose hash at any held number `hash_at` tells. Nothing new is
    /// no fault; a gap and a fork are. A gap that a checkpoint covers is none: then the log goes on from there.
    pub fn beyond(
        mut self,
        held: &HeldLog,
        hash_at: impl Fn(u64) -> Result<Option<EntryHash>, SyncFault>,
    ) -> Result<Continued, SyncFault> {
        if !self.cut_to(held.base)? {
            return Ok(Continued { run: self, from: None });
        }
        if self.first > held.last + 1 {
            let covered = held.checkpoint.filter(|base| base.seq > held.last && self.first <= base.seq + 1);
            let Some(base) = covered else {
                return Err(SyncFault::Gap { device: self.device, have: held.last, got: self.first });
            };
            if !self.cut_to(base)? {
                return Ok(Continued { run: self, from: None });
            }
            self.must_follow(base.seq, base.hash)?;
            return Ok(Continued { run: self, from: Some(base) });
        }
        let at = |seq| if seq == held.base.seq { Ok(Some(held.base.hash)) } else { hash_at(seq) };
        self.must_match(self.first - 1, self.previous, at)?;
        let known = usize::try_from(held.last + 1 - self.first).unwrap_or(usize::MAX).min(self.entries.len());
        if let Some(last_known) = known.checked_sub(1) {
            self.must_match(self.first + last_known as u64, self.entries[last_known].hash, at)?;
        }
        self.let_go(known);
        Ok(Continued { run: self, from: None })
    }

    /// Lets go of what stands up to a base, which must be the same log's. Whether anything is left.
    fn cut_to(&mut self, base: Base) -> Result<bool, SyncFault> {
        let covered = usize::try_from((base.seq + 1).saturating_sub(self.first)).unwrap_or(usize::MAX);
        if covered > self.entries.len() {
            // All of it is covered, and what stood there cannot be compared any more.
            self.let_go(self.entries.len());
            return Ok(false);
        }
        self.let_go(covered);
        if covered > 0 {
            self.must_follow(base.seq, base.hash)?;
        }
        Ok(!self.entries.is_empty())
    }

    fn let_go(&mut self, count: usize) {
        if let Some(last) = count.checked_sub(1) {
            self.previous = self.entries[last].hash;
        }
        self.entries.drain(..count);
        self.first += count as u64;
    }

    fn must_follow(&self, seq: u64, hash: EntryHash) -> Result<(), SyncFault> {
        self.must_match(seq, self.previous, |_| Ok(Some(hash)))
    }

    fn must_match(
        &self,
        seq: u64,
        hash: EntryHash,
        hash_at: impl Fn(u64) -> Result<Option<EntryHash>, SyncFault>,
    ) -> Result<(), SyncFault> {
        if hash_at(seq)? == Some(hash) { Ok(()) } else { Err(SyncFault::Fork { device: self.device, seq }) }
    }
}
