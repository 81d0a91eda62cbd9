//! Coming back where nothing changed: what both ends hold need not be said, only shown to be the same. The device signs all of
//! it; where anything differs the signature is one over something else, and the two greet each other as strangers do. That is the
//! usual case for a salesperson's telephone, whose line breaks and comes again a hundred times a day.

use crate::{ChainPlace, EntryHash, Marks};
use mera_schema::{DeviceId, WorkspaceId};

/// What a device's signature is taken for something else without.
const PURPOSE: &[u8] = b"MERA back v1";
/// How far a device's clock may be from the relay's, in milliseconds: a proof that was held back for longer is worth nothing.
pub(super) const WITHIN: u64 = 2 * 60 * 1000;

/// How a device stands with its relay, as far as it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which of the devices in the members' chain it is, in the order of their identities.
    pub member: u32,
    /// The last entry of its own log that the relay has, and its hash.
    pub own: (u64, EntryHash),
    /// By what the digests over its records are known.
    pub marks: Marks,
}

/// What both ends hold when a device comes back.
#[derive(Debug, Clone, Copy)]
pub struct Common {
    /// The life of the relay's disk.
    pub epoch: [u8; 16],
    /// The company.
    pub workspace: WorkspaceId,
    /// The device.
    pub device: DeviceId,
    /// How much of the members' chain.
    pub chain: ChainPlace,
    /// The last entry of the device's own log at the relay, and its hash.
    pub own: (u64, EntryHash),
    /// Where the device stopped in the order of arrival.
    pub arrival: u64,
    /// The device's clock, in milliseconds since 1970.
    pub time: u64,
    /// One mark over the device's records.
    pub mark: [u8; 4],
}

impl Common {
    /// What the device signs.
    pub fn message(&self) -> Vec<u8> {
        let (seq, hash) = &self.own;
        [
            PURPOSE,
            &self.epoch,
            self.workspace.uuid().as_bytes(),
            self.device.uuid().as_bytes(),
            &self.chain.length.to_le_bytes(),
            &self.chain.head,
            &seq.to_le_bytes(),
            hash,
            &self.arrival.to_le_bytes(),
            &self.time.to_le_bytes(),
            &self.mark,
        ]
        .concat()
    }
}

/// The beginning of a company's identity, by which a relay that keeps its logs knows it.
pub(super) fn begins(company: WorkspaceId) -> [u8; 6] {
    let [a, b, c, d, e, f, ..] = *company.uuid().as_bytes();
    [a, b, c, d, e, f]
}
