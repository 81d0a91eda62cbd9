//! A cheap digest over everything a replica holds.

use mera_schema::{Heads, RecordRef};
use mera_trust::{Collection, Group};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The sum (bitwise, so that order does not matter) of one hash for each record and its heads. Two replicas with the
/// same version vector must have the same digest; if not, one of them has gone wrong. It guards against faults, not
/// against forgery: that is what signatures are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Puts a record at its heads in, or takes it out again.
    pub fn toggle(&mut self, record: RecordRef, heads: &Heads) {
        self.join(Self(Self::of(record, heads)));
    }

    /// Puts in what another one is over, and takes out again what both are.
    fn join(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, byte)| *sum ^= byte);
    }

    /// By what a record at its heads is known again, without naming them.
    pub fn mark(record: RecordRef, heads: &Heads) -> [u8; 8] {
        let [a, b, c, d, e, f, g, h, ..] = Self::of(record, heads);
        [a, b, c, d, e, f, g, h]
    }

    fn mark_of_all(self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }

    fn of(record: RecordRef, heads: &Heads) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key("MERA replica digest v1");
        hash.update(record.kind.as_str().as_bytes());
        hash.update(record.id.uuid().as_bytes());
        for head in heads {
            hash.update(head.as_bytes());
        }
        *hash.finalize().as_bytes()
    }
}

/// One digest for each group of collections, so that replicas compare what both may read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digests(BTreeMap<Group, Digest>);

impl Digests {
    /// Puts a record at its heads in, or takes it out again.
    pub fn toggle(&mut self, record: RecordRef, heads: &Heads) {
        self.0.entry(Collection::of(record.kind).group()).or_default().toggle(record, heads);
    }

    /// Takes in digests over other records.
    pub fn join(&mut self, others: &Self) {
        for (group, theirs) in &others.0 {
            self.0.entry(*group).or_default().join(*theirs);
        }
    }

    /// Those of the groups that may be read, each of them named, so that an empty one says so.
    pub fn readable(&self, readable: impl Fn(Group) -> bool) -> Self {
        let groups = Group::ALL.into_iter().filter(|group| readable(*group));
        Self(groups.map(|group| (group, self.0.get(&group).copied().unwrap_or_default())).collect())
    }

    /// Whether both are over the same records: a group that is not named has none.
    pub fn equal(&self, other: &Self) -> bool {
        self.readable(|_| true) == other.readable(|_| true)
    }

    /// By what they are known again.
    pub fn marks(&self) -> Marks {
        Marks(self.0.iter().map(|(group, digest)| (*group, digest.mark_of_all())).collect())
    }

    /// One digest over all of them, to show.
    pub fn whole(&self) -> Digest {
        self.0.values().fold(Digest::default(), |mut sum, digest| {
            sum.join(*digest);
            sum
        })
    }
}

/// By what the digests of another replica are known to be the same: the beginning of each. Of two that went different ways one
/// in 2^32 is not noticed, and is at the next change; and each change of a record goes over the wire with an eighth of the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks(BTreeMap<Group, [u8; 4]>);

impl Marks {
    /// Whether the other names a group that this one names too, with another digest.
    pub fn disagree(&self, other: &Self) -> bool {
        self.0.iter().any(|(group, mark)| other.0.get(group).is_some_and(|theirs| theirs != mark))
    }

    /// One mark over all of them, for whoever has them already.
    pub fn brief(&self) -> [u8; 4] {
        let mut hash = blake3::Hasher::new_derive_key("MERA brief mark v1");
        hash.update(&postcard::to_allocvec(self).expect("marks are plain data in memory and always serialise"));
        let [a, b, c, d, ..] = *hash.finalize().as_bytes();
        [a, b, c, d]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
