//! What was set aside: why, and what is left of it when something that it says is erased.

use super::SetAside;
use mera_schema::{DeviceId, RecordRef, WorkspaceId};
use mera_sync_protocol::{EntryHash, Place, Run, SignedEntry, Subject, SyncFault};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the bytes of an entry that was set aside begin with: what it is, and the version of its form.
const ENTRY: &[u8] = b"MERA entry 1\n";

/// What is left of something set aside when nothing may be kept that it says of some records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// All of it: it says nothing of them.
    All,
    /// So much.
    Some(SetAside),
    /// Nothing: it spoke of nothing else.
    Nothing,
}

impl SetAside {
    /// Something, and why it could not be taken in.
    pub fn new(fault: &SyncFault, bytes: Vec<u8>) -> Self {
        Self { code: fault.code().to_owned(), says: fault.to_string(), bytes }
    }

    /// An entry of a log at its place, and why it does not count.
    pub fn entry(fault: &SyncFault, at: &Place, signed: &SignedEntry) -> Self {
        Self::new(fault, placed(at, signed))
    }

    /// Something that this device wrote of a record on what counts no more, and may not write again. The identity alone, so
    /// that it is told once.
    pub fn not_written_again(record: RecordRef) -> Self {
        let kind = record.kind;
        let says = format!(
            "what you changed in a record of the kind {kind} was made on work that counts no more, and you may not change such \
             records now; ask somebody who may to enter it again"
        );
        let bytes = [b"not written again\n", record.id.uuid().as_bytes().as_slice()].concat();
        Self { code: "record.not_written_again".into(), says, bytes }
    }

    /// The entry, if it is one, at its place in a company's log.
    pub fn as_entry(&self, workspace: WorkspaceId) -> Option<(Place, SignedEntry)> {
        let entry = read(self.bytes.strip_prefix(ENTRY)?)?;
        let (device, seq, previous, signed): (DeviceId, u64, EntryHash, SignedEntry) = entry;
        Some((Place { workspace, device, seq, previous }, signed))
    }

    /// What is left of it without these records.
    pub fn without(&self, gone: impl Fn(&Subject) -> bool) -> Left {
        // Which company it is makes no difference here.
        if let Some((at, mut signed)) = self.as_entry(WorkspaceId::new(uuid::Uuid::nil())) {
            let went = signed.entry.erase(&gone);
            return self.left(went, signed.entry.payload.is_present(), || placed(&at, &signed));
        }
        // As an earlier program wrote it.
        if let Some((seq, mut signed)) = read::<(u64, SignedEntry)>(&self.bytes) {
            let went = signed.entry.erase(&gone);
            return self.left(went, signed.entry.payload.is_present(), || written(&(seq, &signed)));
        }
        if let Some(mut run) = read::<Run>(&self.bytes) {
            let went = run.entries.iter_mut().fold(false, |went, entry| entry.erase(&gone) | went);
            let speaks = run.entries.iter().any(|entry| entry.payload.is_present());
            return self.left(went, speaks, || written(&run));
        }
        // A change of one record that could not be read; the sentence names the record.
        let mut named = self.says.split_whitespace().filter_map(|word| word.parse::<mera_schema::RecordRef>().ok());
        if named.any(|record| gone(&record.into())) { Left::Nothing } else { Left::All }
    }

    fn left(&self, went: bool, speaks: bool, bytes: impl FnOnce() -> Vec<u8>) -> Left {
        match (went, speaks) {
            (false, _) => Left::All,
            (true, false) => Left::Nothing,
            (true, true) => Left::Some(Self { code: self.code.clone(), says: self.says.clone(), bytes: bytes() }),
        }
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((read, [])) => Some(read),
        _ => None,
    }
}

fn placed(at: &Place, signed: &SignedEntry) -> Vec<u8> {
    [ENTRY, &written(&(at.device, at.seq, at.previous, signed))].concat()
}

fn written(what: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(what).expect("entries are plain data in memory and always serialise")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mera_schema::{RecordId, RecordKind};
    use mera_sync_protocol::{DeviceKey, Entry, EntryKind, Hlc, Part, Payload};
    use mera_trust::{Group, SealedPart, TrustFault};
    use uuid::Uuid;

    fn record(n: u8) -> RecordRef {
        RecordRef::new(RecordKind::Customer, RecordId::new(Uuid::from_u128(n.into())))
    }

    fn entry(records: &[u8]) -> SignedEntry {
        let key = DeviceKey::from_seed(&[1; 32]);
        let part = |n: &u8| Part::Present(SealedPart { group: Group::HOUSE, bytes: vec![*n; 50] });
        let entry = Entry {
            time: Hlc::default(),
            kind: EntryKind::CHANGES,
            epoch: 1,
            subjects: records.iter().map(|n| record(*n).into()).collect(),
            payload: Payload(records.iter().map(part).collect()),
        };
        SignedEntry::write(&key, &place(), entry)
    }

    fn place() -> Place {
        let (workspace, device) = (WorkspaceId::new(Uuid::nil()), DeviceKey::from_seed(&[1; 32]).public().device());
        Place { workspace, device, seq: 1, previous: [0; 32] }
    }

    fn run(records: &[u8]) -> Vec<u8> {
        let key = DeviceKey::from_seed(&[1; 32]).public();
        written(&Run::cut(key, 1, [0; 32], &[entry(records)]).unwrap())
    }

    #[test]
    fn of_what_was_set_aside_only_what_speaks_of_erased_records_goes() {
        let fault = SyncFault::from(TrustFault::Revoked);
        let unreadable = |n| SetAside {
            code: "sync.change_unreadable".into(),
            says: format!("a change of {} cannot be read and was set aside", record(n)),
            bytes: vec![1, 2, 3],
        };
        let holds = |aside: &SetAside, n: u8| memchr::memmem::find(&aside.bytes, &[n; 50]).is_some();
        let table = [
            (SetAside::entry(&fault, &place(), &entry(&[1])), true),
            (SetAside::new(&fault, run(&[1])), true),
            (unreadable(1), true),
            (SetAside::entry(&fault, &place(), &entry(&[2])), false),
            (SetAside::new(&fault, run(&[2])), false),
            (unreadable(2), false),
        ];
        for (aside, goes) in table {
            let left = aside.without(|subject| *subject == record(1).into());
            assert_eq!(left, if goes { Left::Nothing } else { Left::All }, "{aside:?}");
        }
        for aside in [SetAside::entry(&fault, &place(), &entry(&[1, 2])), SetAside::new(&fault, run(&[1, 2]))] {
            assert!(holds(&aside, 1));
            let Left::Some(rest) = aside.without(|subject| *subject == record(1).into()) else { panic!() };
            assert!(!holds(&rest, 1) && holds(&rest, 2));
        }
    }
}
