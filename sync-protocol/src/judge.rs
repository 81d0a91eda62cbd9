//! Whether the members' chain lets a run stand.

use crate::{SyncFault, Verified};
use mera_trust::{Membership, TrustFault, Verdict};

/// Refuses a run of a stranger or of a device that was revoked before it, one that is sealed with keys of which these
/// members do not know yet, and one that writes, or has records erased, where its author has no right. An entry whose
/// whole content was erased says nothing, and may stand anywhere. A missing right is said last: whoever keeps such an entry
/// without its content, and the log behind it, must know that nothing worse stands in the run.
pub fn judge(members: &Membership, run: &Verified) -> Result<(), SyncFault> {
    let device = run.device;
    let mut without_right = None;
    for (seq, signed) in (run.first..).zip(&run.entries) {
        let entry = &signed.entry;
        let (speaks, sealed) = (entry.speaks(), entry.kind.is_content());
        if speaks && sealed && entry.epoch == 0 {
            return Err(SyncFault::Unsealed { device, seq });
        }
        if speaks && sealed && entry.epoch > members.epoch() {
            return Err(TrustFault::NewerKeys.into());
        }
        let collections = entry.subjects.iter().map(|subject| subject.collection).filter(|_| speaks);
        match members.verdict((device, seq), entry.kind.right(), collections) {
            Verdict::Counts => {}
            Verdict::NoRight(collection) => {
                without_right.get_or_insert(SyncFault::NoRight { device, seq, collection });
            }
            Verdict::Revoked => return Err(TrustFault::Revoked.into()),
            Verdict::Stranger => return Err(TrustFault::Stranger.into()),
        }
    }
    without_right.map_or(Ok(()), Err)
}
