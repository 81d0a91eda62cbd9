//! Who belongs to a company, what each may do, and how contents are sealed, so that nobody has to trust the relay.
//!
//! A company is a linear chain of signed [`Statement`]s; its identity is the hash of the first. Every replica and every
//! relay reads the same [`Membership`] from it. Contents are sealed per [`Group`] of collections under a key of an epoch;
//! the chain brings each device the keys of what it may read. A new device comes in over a channel that an
//! [`Invitation`] opens. This room does no IO, reads no clock and makes no randomness.

mod collection;
mod fault;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
mod group_keys;
mod handed_in;
mod invitation;
mod key;
mod meeting;
mod membership;
mod nearby;
mod recovery_code;
mod role;
mod seal;
mod sealing;
mod statement;

pub use collection::{Collection, Group};
pub use fault::TrustFault;
pub use group_keys::GroupKeys;
pub use handed_in::Parcel;
pub use invitation::Invitation;
pub use key::{DeviceKey, PublicKey, Signature};
pub use meeting::{Admitted, Arriving, Host, Newcomer};
pub use membership::{Base, Checkpoint, Intent, Membership, Reached, Standing, Verdict};
pub use nearby::{Calling, Channel, NEARBY_PART, Unproven};
pub use recovery_code::RecoveryCode;
pub use role::{Right, Role, Roles};
pub use seal::{SealedPart, bytes, open, seal};
pub use sealing::{Entropy, SealingKey, SealingPublic, Wrapped};
pub use statement::{Act, Card, GroupEpoch, KeyEpoch, LogEnd, Recovery, SignedStatement, Statement, StatementHash};

#[cfg(test)]
mod tests;
