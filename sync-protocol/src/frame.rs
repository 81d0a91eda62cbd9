//! The frames of the protocol, in postcard's encoding, one in each WebSocket message.

use crate::{Brought, Marks, Peers, PublicKey, Run, Signature, SyncFault, Vector};
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::{Membership, SignedStatement};
use serde::{Deserialize, Serialize};

/// The version of the protocol; both sides must speak the same.
pub const PROTOCOL: u16 = 8;
/// Bytes in one frame: a run of the largest entry fits, and a hostile length costs nobody more memory than this.
pub const FRAME_LIMIT: usize = 8 * 1024 * 1024;

/// A place in a relay's order of arrival: all a device must remember to go on where it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The life of the relay's disk; a relay that lost its disk begins a new one.
    pub epoch: [u8; 16],
    /// How many runs had arrived.
    pub arrival: u64,
}

/// How much of the members' chain somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChainPlace {
    /// How many statements.
    pub length: u32,
    /// The hash of the last one; zeroes where there is none.
    pub head: [u8; 32],
}

impl From<&Membership> for ChainPlace {
    fn from(members: &Membership) -> Self {
        Self { length: members.length(), head: members.head() }
    }
}

/// Bytes in one message between a new device and the one that invites it.
pub const MEETING_LIMIT: usize = 4096;

/// What the relay knows about one device of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerState {
    /// The device.
    pub device: DeviceId,
    /// What it has taken and confirmed.
    pub vector: Vector,
    /// When it last spoke, in milliseconds since 1970 by the relay's clock.
    pub spoke: u64,
}

/// One message between a device and a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame {
    /// Relay: prove who you are by signing this.
    Challenge {
        /// The protocol it speaks.
        protocol: u16,
        /// The life of its disk.
        epoch: [u8; 16],
        /// Never used twice.
        nonce: [u8; 32],
    },
    /// Device: this is who I am, and where I stopped.
    Hello {
        /// The protocol it speaks.
        protocol: u16,
        /// Its company.
        workspace: WorkspaceId,
        /// Its key.
        key: PublicKey,
        /// The challenge, signed.
        proof: Signature,
        /// Where it stopped.
        cursor: Option<Cursor>,
        /// How much of the members' chain it has.
        chain: ChainPlace,
    },
    /// Relay: tell me the statements after this one.
    TellChain {
        /// How many it has.
        after: u32,
    },
    /// Either: statements that follow those the other side has.
    Chain(Vec<SignedStatement>),
    /// Device of an administrator: let this stand next in the chain. It stands when it comes back in a `Chain`.
    Extend(Box<SignedStatement>),
    /// Relay: no, and why. Statements that the device lacks were told before.
    NotExtended {
        /// A stable code.
        code: String,
        /// A sentence.
        says: String,
    },
    /// Device that invites: whoever comes to this place wants to speak to me.
    Await {
        /// Where.
        place: [u8; 16],
        /// Until when, in seconds since 1970 by the relay's clock.
        until: u64,
    },
    /// New device, in the place of a `Hello`, or device that invites: carry this to the other. Either gets it as this.
    Meet {
        /// The company.
        workspace: WorkspaceId,
        /// Where.
        place: [u8; 16],
        /// What; the relay cannot read it.
        message: Vec<u8>,
    },
    /// Relay: come in. I hold your own log up to here.
    Welcome {
        /// The last entry of the device's own log at the relay.
        own: u64,
        /// Everything the relay holds; told when the cursor means nothing to it, so that each can fill up the other.
        have: Option<Vector>,
    },
    /// Either: no, and why.
    Refused {
        /// A stable code.
        code: String,
        /// A sentence.
        says: String,
    },
    /// Device: this is what I hold (asked for by a `Welcome` that tells what the relay holds).
    Have(Vector),
    /// Device: here are entries.
    Push(Vec<Brought>),
    /// Relay: a log is on my disk up to here.
    Ack {
        /// Whose log.
        device: DeviceId,
        /// The last entry on disk.
        seq: u64,
    },
    /// Relay: here are entries of others.
    Deliver {
        /// The entries.
        runs: Vec<Run>,
        /// Where the device will be after them.
        cursor: Cursor,
        /// Whether more is under way.
        more: bool,
    },
    /// Device: I have taken everything up to here, and it is on my disk.
    Took {
        /// Up to here.
        arrival: u64,
        /// The last entry of its own log.
        own: u64,
        /// How many entries it holds in all, so that a digest is compared only with one over the same entries.
        held: u64,
        /// By what the digests over its records are known, of the groups that it may read.
        marks: Marks,
    },
    /// Device: how far are the others?
    AskPeers,
    /// Relay: so far.
    Peers(Peers),
    /// Relay: this device holds the same entries as you and yet other records.
    Diverged(DeviceId),
    /// Device: give me entries of this log again (my own, after I was restored from a backup).
    Want {
        /// Whose log.
        device: DeviceId,
        /// After this entry.
        after: u64,
    },
    /// Device of an administrator: do not wait for devices that have not called since you lost time.
    GoOn,
    /// Device, first of all: I am back, and hold what we both held when we parted.
    Back {
        /// The beginning of its company's identity.
        company: [u8; 6],
        /// Which of the devices in the members' chain it is, in the order of their identities.
        member: u32,
        /// Where it stopped in the relay's order of arrival.
        arrival: u64,
        /// Its clock, in milliseconds since 1970; later each time.
        time: u64,
        /// One mark over its records.
        mark: [u8; 4],
        /// What both must hold for this to be true, signed; see [`Common`](crate::session::Common).
        proof: Signature,
    },
    /// Relay: welcome back. What the device does not know to be so is answered with a `Challenge` instead.
    WelcomeBack {
        /// Whether there is nothing to deliver.
        complete: bool,
    },
}

impl Frame {
    /// The frame as bytes.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("frames are plain data in memory and always serialise")
    }

    /// Whether these bytes can only be a device's receipt for what it was brought.
    pub fn is_receipt(bytes: &[u8]) -> bool {
        bytes.first() == Some(&TOOK)
    }

    /// Reads a frame; what is cut short, too long or followed by something else is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, SyncFault> {
        if bytes.len() > FRAME_LIMIT {
            return Err(SyncFault::FrameTooLarge { bytes: bytes.len(), limit: FRAME_LIMIT });
        }
        match postcard::take_from_bytes(bytes) {
            Ok((frame, [])) => Ok(frame),
            _ => Err(SyncFault::FrameUnreadable),
        }
    }
}

/// Where [`Frame::Took`] stands among the frames, as postcard numbers them.
const TOOK: u8 = 14;

/// What a device signs to prove who it is to this relay, now, for this company.
pub(crate) fn proof(epoch: &[u8; 16], nonce: &[u8; 32], workspace: WorkspaceId) -> Vec<u8> {
    [b"MERA hello v1".as_slice(), epoch, nonce, workspace.uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_known_by_its_first_byte() {
        let took = Frame::Took { arrival: 1, own: 2, held: 3, marks: Marks::default() };
        assert!(Frame::is_receipt(&took.encode()));
        assert!(!Frame::is_receipt(&Frame::AskPeers.encode()) && !Frame::is_receipt(&[]));
    }
}
