//! A relay's disk and a device's replica that hold a little and never change: what is under test is what is read.

use mera_schema::document::Document;
use mera_schema::{DeviceId, RecordDef, RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{
    ChainPlace, Content, Delivery, Entry, EntryHash, EntryKind, HeldLog, Hlc, Marks, Parted, Payload, PeerState, Place,
    PublicKey, RelayStore, Replica, Run, SignedEntry, Subject, SyncFault, Vector, Verified, judge,
};
use mera_trust::fixture::{Fixture, card};
use mera_trust::{Membership, SignedStatement};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Entries in the log that is held.
const HELD: u64 = 3;

/// A company of three devices with one log.
pub struct Shelf {
    pub company: Fixture,
    pub members: Arc<Membership>,
    /// The log of device 1.
    pub run: Run,
}

/// The one there is.
pub fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(Shelf::new)
}

impl Shelf {
    fn new() -> Self {
        let company = Fixture::of(3);
        let members = Arc::new(company.members.clone());
        let run = log(&company, 1, (0..HELD).map(|_| vec![(RecordKind::Customer, 9)]));
        Self { company, members, run }
    }

    /// Whose log it is.
    pub fn author(&self) -> DeviceId {
        self.run.author.device()
    }
}

/// The log of a device of the fixture, in which each entry founds these records.
pub fn log(company: &Fixture, device: u8, entries: impl Iterator<Item = Vec<(RecordKind, u128)>>) -> Run {
    let (key, ..) = card(device);
    let author: PublicKey = key.public();
    let mut at = Place { workspace: company.workspace(), device: author.device(), seq: 1, previous: [0; 32] };
    let mut stored: Vec<SignedEntry> = Vec::new();
    for records in entries {
        let records = records.iter().map(|(kind, id)| RecordRef::new(*kind, RecordId::new(Uuid::from_u128(*id))));
        let (subjects, chunks) =
            records.map(|record| (Subject::from(record), Document::found(RecordDef::of(record.kind)).save())).unzip();
        let (time, kind) = (Hlc { millis: 1_000 * at.seq, counter: 0 }, EntryKind::CHANGES);
        let mut entry = Entry { time, kind, epoch: 1, subjects, payload: Payload::default() };
        Content::seal(&mut entry, &at, chunks, &company.keys).expect("the fixture has every key");
        let signed = SignedEntry::write(&key, &at, entry);
        at = at.next(signed.hash);
        stored.push(signed);
    }
    Run::cut(author, 1, [0; 32], &stored).expect("every entry is signed")
}

impl Replica for Shelf {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(Vector::from_iter([(self.author(), HELD)]))
    }

    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(if device == self.author() && after == 0 { vec![self.run.clone()] } else { Vec::new() })
    }

    fn chain(&self) -> ChainPlace {
        ChainPlace::from(&*self.members)
    }

    fn statements(&self, after: u32, _: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(self.company.chain.iter().skip(after as usize).cloned().collect())
    }
}

impl RelayStore for Shelf {
    fn epoch(&self) -> [u8; 16] {
        [1; 16]
    }

    fn arrivals(&self, _: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(1)
    }

    fn vector(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        Replica::vector(self)
    }

    fn members(&self, ws: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        Ok((ws == self.company.workspace()).then(|| self.members.clone()))
    }

    fn statements(&self, _: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Replica::statements(self, after, budget)
    }

    fn learn(&self, ws: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault> {
        let members = if ws == self.company.workspace() {
            let mut members = (*self.members).clone();
            statements.iter().try_for_each(|next| members.extend(next))?;
            members
        } else {
            Membership::read(&statements)?
        };
        assert_eq!(members.workspace(), ws, "a chain is that of the company whose name it makes");
        Ok(())
    }

    fn extend(&self, _: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault> {
        Ok((*self.members).clone().extend(statement)?)
    }

    fn accept(&self, _: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        let (device, have) = (run.device, if run.device == self.author() { HELD } else { 0 });
        // Which hashes are held is not the question here: the middle of the log is taken for forked.
        let hash_at = |seq| Ok((seq == 0).then_some([0; 32]));
        let held = HeldLog { last: have, ..HeldLog::default() };
        let new = run.beyond(&held, hash_at)?.run;
        judge(&self.members, &new)?;
        assert!(self.members.device(device).is_some(), "only members are heard");
        Ok(have + new.entries.len() as u64)
    }

    fn hash_at(&self, _: WorkspaceId, _: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault> {
        Ok((seq == 0).then_some([0; 32]))
    }

    fn after(&self, _: WorkspaceId, arrival: u64, skip: &Vector, _: usize) -> Result<Delivery, SyncFault> {
        let lacks = arrival == 0 && skip.of(self.author()) < HELD;
        Ok(Delivery { runs: lacks.then(|| self.run.clone()).into_iter().collect(), arrival: 1, complete: true })
    }

    fn runs_after(&self, _: WorkspaceId, device: DeviceId, after: u64, b: usize) -> Result<Vec<Run>, SyncFault> {
        Replica::runs_after(self, device, after, b)
    }

    fn company(&self, _: [u8; 6]) -> Option<WorkspaceId> {
        Some(self.company.workspace())
    }
    fn parted(&self, _: WorkspaceId, _: DeviceId) -> Result<Option<Parted>, SyncFault> {
        Ok(Some(Parted { own: (1, [1; 32]), marks: Some(Marks::default()) }))
    }
    fn is_later(&self, _: WorkspaceId, _: DeviceId, _: u64) -> bool {
        true
    }
    fn confirm(&self, _: WorkspaceId, peer: PeerState, _: Option<Marks>) -> Result<Option<DeviceId>, SyncFault> {
        // What a real disk does with what a device says that it holds: both may be nonsense, and neither may hurt.
        let mut joined = Replica::vector(self)?;
        joined.join(&peer.vector);
        assert!(joined.covers(&peer.vector));
        let _how_much = joined.entries();
        Ok(None)
    }

    fn peers(&self, _: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        Ok(Vec::new())
    }
}
