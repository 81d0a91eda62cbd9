//! What an entry says on this device: read with the keys that are here, and judged by the members' chain.

use super::Engine;
use crate::store::SetAside;
use mera_schema::RecordRef;
use mera_sync_protocol::{Content, EntryKind, Place, SignedEntry, SyncFault, Whole};
use mera_trust::Verdict;
use std::borrow::Cow;

/// What was found in an entry.
#[derive(Default)]
pub(super) struct Found {
    /// Change chunks of records that this program knows.
    pub chunks: Vec<(RecordRef, Vec<u8>)>,
    /// Whole records that this program knows, as they stood at a checkpoint.
    pub wholes: Vec<(RecordRef, Whole)>,
    /// What a person should look at instead.
    pub aside: Vec<SetAside>,
}

impl Engine {
    /// Reads an entry, and gives it as it is kept: one whose author had no right is kept without its content, which is set
    /// aside. What cannot be opened for want of a key, or a kind that this program does not know, is kept as it is.
    pub(super) fn judged<'a>(&self, at: &Place, signed: &'a SignedEntry) -> (Cow<'a, SignedEntry>, Found) {
        let collections = signed.entry.subjects.iter().map(|subject| subject.collection);
        let verdict = self.members.now().verdict((at.device, at.seq), signed.entry.kind.right(), collections);
        let verdict = match verdict {
            // What the person wrote here stands here, although nobody else takes it: it is handed in and judged.
            Verdict::Revoked if at.device == self.device => Verdict::Counts,
            verdict => verdict,
        };
        let content = Content::open(&signed.entry, at, self.members.keys());
        let mut found = Found::default();
        let fault = match (verdict, content) {
            (Verdict::Counts, Ok(content)) => {
                if self.changes_no_record(at, signed) {
                    return (Cow::Borrowed(signed), found);
                }
                let known = content.chunks.into_iter().filter_map(|(subject, chunk)| Some((subject.record()?, chunk)));
                if signed.entry.kind != EntryKind::SNAPSHOT {
                    found.chunks = known.collect();
                    return (Cow::Borrowed(signed), found);
                }
                let wholes = known.map(|(record, part)| Ok((record, Whole::decode(&part)?)));
                match wholes.collect::<Result<_, SyncFault>>() {
                    Ok(wholes) => {
                        found.wholes = wholes;
                        return (Cow::Borrowed(signed), found);
                    }
                    Err(fault) => fault,
                }
            }
            (Verdict::Counts, Err(fault)) => fault,
            (Verdict::NoRight(collection), _) => SyncFault::NoRight { device: at.device, seq: at.seq, collection },
            // Runs of strangers are refused as a whole; a log that is judged again is cut.
            (Verdict::Stranger | Verdict::Revoked, _) => return (Cow::Borrowed(signed), found),
        };
        found.aside.push(SetAside::entry(&fault, at, signed));
        if !matches!(fault, SyncFault::NoRight { .. }) {
            return (Cow::Borrowed(signed), found);
        }
        let mut kept = signed.clone();
        kept.entry.payload = kept.entry.payload.erased();
        (Cow::Owned(kept), found)
    }

    /// Whether an entry changes no record whatever it holds: what was decided about other work, and whole records that belong
    /// to no checkpoint.
    pub(super) fn changes_no_record(&self, at: &Place, signed: &SignedEntry) -> bool {
        match signed.entry.kind {
            EntryKind::JUDGEMENT => true,
            EntryKind::SNAPSHOT => !self.members.now().has_records_in(at.device, at.seq),
            _ => false,
        }
    }
}

/// What a part of an entry says of a record, as a document takes it in.
pub(super) fn change(kind: EntryKind, part: Vec<u8>) -> Result<Vec<u8>, SyncFault> {
    if kind == EntryKind::SNAPSHOT { Ok(Whole::decode(&part)?.document) } else { Ok(part) }
}
