//! Checkpoints: whole records as a maker's log may hold them, and what an administrator gone mad says that they cover.

use crate::shelf::shelf;
use mera_schema::DeviceId;
use mera_schema::document::{self, Document};
use mera_sync_protocol::{
    Collection, Content, Entry, EntryKind, Hlc, Payload, Place, Run, SignedEntry, Subject, SyncFault, Vector, Whole,
    holds_records,
};
use mera_trust::fixture::{Fixture, card};
use mera_trust::{Act, Checkpoint, Membership, Reached, Statement};

/// Reads bytes as a whole record, and as checkpoints that the founder has signed, with records in the log before them.
pub fn read(bytes: &[u8]) {
    record(bytes);
    let Ok((checkpoints, records)) = postcard::from_bytes::<(Vec<Checkpoint>, Vec<Vec<u8>>)>(bytes) else { return };
    let company = &shelf().company;
    let log = log(company, &records);
    let mut members = company.members.clone();
    for checkpoint in checkpoints {
        let before = members.clone();
        if !says(&mut members, checkpoint) {
            assert!(members == before, "what is refused changes nothing");
            continue;
        }
        let reached = members.checkpoint().expect("it was said just now");
        went_on(before.checkpoint(), reached);
        followed(reached, &log);
    }
}

/// What a replica does with a whole record.
fn record(bytes: &[u8]) {
    let Ok(whole) = Whole::decode(bytes) else { return };
    assert_eq!(Whole::decode(&whole.encode()).ok(), Some(whole.clone()), "what is read is written the same");
    let mut doc = Document::empty();
    if doc.merge(&whole.document).is_err() {
        assert!(document::heads(&mut doc).is_empty(), "what cannot be read changes nothing");
    }
}

/// A log of the founder's in which every entry is a snapshot with one of these in the place of a record.
fn log(company: &Fixture, records: &[Vec<u8>]) -> Vec<SignedEntry> {
    let (key, ..) = card(1);
    let device = key.public().device();
    let mut at = Place { workspace: company.workspace(), device, seq: 1, previous: [0; 32] };
    let mut log = Vec::new();
    for (number, bytes) in (0_u8..).zip(records) {
        let subject = Subject { collection: Collection(1), id: [number; 16] };
        let (time, kind) = (Hlc { millis: 1_000 * at.seq, counter: 0 }, EntryKind::SNAPSHOT);
        let mut entry = Entry { time, kind, epoch: 1, subjects: vec![subject], payload: Payload::default() };
        Content::seal(&mut entry, &at, vec![bytes.clone()], &company.keys).expect("the fixture has every key");
        let opened = Content::open(&entry, &at, &company.keys).expect("what was sealed just now is opened");
        assert_eq!(opened.chunks, vec![(subject, bytes.clone())]);
        record(bytes);
        let signed = SignedEntry::write(&key, &at, entry);
        at = at.next(signed.hash);
        log.push(signed);
    }
    if let Some(run) = Run::cut(key.public(), 1, [0; 32], &log) {
        // An entry that is too large is refused, and nothing of its run is taken.
        run.verify(company.workspace()).ok();
    }
    log
}

/// Whether a checkpoint stands once its administrator has said it.
fn says(members: &mut Membership, checkpoint: Checkpoint) -> bool {
    let (key, ..) = card(1);
    let (number, previous) = (members.length() + 1, members.head());
    let act = Act::Checkpoint(checkpoint);
    members.extend(&Statement { number, previous, time: 0, signer: key.public(), act }.sign(&key)).is_ok()
}

/// What holds between a checkpoint and the one before it.
fn went_on(before: Option<&Reached>, now: &Reached) {
    assert!(now.checkpoint.end.seq > now.base_of(now.maker).seq, "the records stand behind what is covered");
    let Some(before) = before else { return };
    for (device, base) in &before.checkpoint.base {
        assert!(now.base_of(*device).seq >= base.seq, "what was let go of stays covered");
    }
    assert!(now.base_of(before.maker).seq >= before.checkpoint.end.seq, "records go as a whole");
}

/// What a replica does that hears of it while it holds some of the founder's log.
fn followed(reached: &Reached, log: &[SignedEntry]) {
    let hash_at = |device: DeviceId, seq: u64| {
        let stands = usize::try_from(seq).ok().and_then(|seq| log.get(seq.checked_sub(1)?));
        Ok::<_, SyncFault>(stands.filter(|_| device == reached.maker).map(|signed| signed.hash))
    };
    for held in 0..=log.len() as u64 + 1 {
        let vector = Vector::from_iter([(reached.maker, held)]);
        let end = reached.checkpoint.end;
        let stands = hash_at(reached.maker, end.seq).expect("it reads from memory");
        match holds_records(reached, &vector, hash_at) {
            Ok(true) => assert!(held >= end.seq && stands == Some(end.hash), "it never goes on from what is not here"),
            Ok(false) => assert!(held < end.seq || stands.is_none()),
            Err(fault) => {
                assert!(matches!(fault, SyncFault::Fork { .. }) && stands.is_some_and(|hash| hash != end.hash))
            }
        }
        assert_eq!(
            reached.is_covered(|device| vector.of(device)),
            reached.checkpoint.base.iter().all(|(device, base)| *device == reached.maker && base.seq <= held)
        );
    }
}

/// What the target begins with: a record, and checkpoints that follow each other over two of them.
pub fn seeds() -> Vec<crate::seeds::Seed> {
    use mera_schema::{RecordDef, RecordKind};
    use mera_trust::Base;
    let whole = |kind| Whole { mark: [3; 8], document: Document::found(RecordDef::of(kind)).save() }.encode();
    let records = vec![whole(RecordKind::Customer), whole(RecordKind::Quote)];
    let log = log(&shelf().company, &records);
    let end = |entries: usize| Base { seq: entries as u64, hash: log[entries - 1].hash };
    let (first, second) = (card(1).0.public().device(), card(2).0.public().device());
    let one = Checkpoint { base: Vec::new(), seen: Vec::new(), begun: 1, end: end(1), records: 1 };
    let mut base = vec![(first, end(1)), (second, Base { seq: 4, hash: [5; 32] })];
    base.sort_by_key(|(device, _)| *device);
    let two = Checkpoint { base, seen: Vec::new(), begun: 1, end: end(2), records: 1 };
    let other = Checkpoint { end: Base { seq: 2, hash: [9; 32] }, ..two.clone() };
    let bytes = |value: &(Vec<Checkpoint>, Vec<Vec<u8>>)| {
        postcard::to_allocvec(value).expect("seeds are plain data in memory and always serialise")
    };
    vec![
        ("record".into(), records[0].clone()),
        ("two-checkpoints".into(), bytes(&(vec![one.clone(), two.clone()], records.clone()))),
        ("one-that-goes-back".into(), bytes(&(vec![two, one], records.clone()))),
        ("of-another-log".into(), bytes(&(vec![other], records))),
    ]
}
