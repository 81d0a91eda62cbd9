//! When a device makes a checkpoint by itself.

use super::checkpoint::{checkpoint, letters};
use super::members::House;
use super::*;
use mera_sync_protocol::{Entry, EntryKind, Hlc, Part, Payload, PeerState, Peers, Place, Run, SignedEntry};
use mera_trust::{Group, SealedPart};

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Work of a person who writes much: so many entries, of so many bytes each, of a kind that says nothing of records here.
fn much(from: &Engine, after: u64, previous: EntryHash, entries: usize, bytes: usize) -> (Run, EntryHash) {
    let mut at = Place { workspace: from.workspace(), device: from.device(), seq: after + 1, previous };
    let mut written = Vec::new();
    for n in 0..entries {
        let part = Part::Present(SealedPart { group: Group::HOUSE, bytes: vec![7; bytes] });
        let entry = Entry {
            time: Hlc { millis: 1_790_000_000_000 + n as u64, counter: 0 },
            kind: EntryKind(99),
            epoch: 1,
            subjects: vec![from.own_record().into()],
            payload: Payload(vec![part]),
        };
        let signed = SignedEntry::write(&from.key, &at, entry);
        at = at.next(signed.hash);
        written.push(signed);
    }
    let run = Run::cut(from.key.public(), after + 1, previous, &written).expect("a whole run");
    assert_eq!(run.entries.len(), entries);
    (run, at.previous)
}

/// Bo writes so many entries that Anna takes in.
fn bo_writes(desks: &mut Desks, entries: usize, bytes: usize) {
    let bo = desks.bo.device();
    let mut left = entries;
    while left > 0 {
        let held = desks.anna.vector.of(bo);
        let previous = desks.anna.store.hash(bo, held).unwrap().unwrap();
        let some = left.min(400);
        let (run, _) = much(&desks.bo, held, previous, some, bytes);
        desks.anna.take(vec![run], None).unwrap();
        left -= some;
    }
}

fn seen(devices: &[DeviceId], spoke: u64) -> Peers {
    let state = |device: &DeviceId| PeerState { device: *device, vector: Vector::default(), spoke };
    Peers::told(Vector::default(), devices.iter().map(state).collect())
}

#[test]
fn a_checkpoint_is_made_when_the_history_outgrew_the_records_and_nobody_is_more_called_upon() {
    let mut desks = Desks::new();
    let anna = &mut desks.anna;
    done(anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")]));
    anna.link.connected = true;
    bo_writes(&mut desks, 900, 200);
    assert!(!desks.anna.wants_checkpoint().unwrap(), "below a thousand entries it is not worth its own size");
    bo_writes(&mut desks, 200, 200);
    let (mine, other, now) = (desks.anna.device(), desks.bo.device(), desks.anna.world.millis());
    let anna = &mut desks.anna;
    let stranger = |first: bool| {
        let bytes = if first { [0; 16] } else { [0xff; 16] };
        DeviceId::new(uuid::Uuid::from_bytes(bytes))
    };
    type Row<'a> = (&'a str, bool, Box<dyn Fn(&mut Engine)>);
    let usual = move |engine: &mut Engine| {
        engine.link.connected = true;
        (engine.peers, engine.checkpoints.weighed) = (Peers::default(), 0);
    };
    let table: Vec<Row<'_>> = vec![
        ("as it stands", true, Box::new(|_| {})),
        ("without the relay nobody could say that it stands", false, Box::new(|engine| engine.link.connected = false)),
        (
            "another administrator's device of a smaller name does it",
            mine < other,
            Box::new(move |engine| engine.peers = seen(&[other], now)),
        ),
        (
            "one that was not here for a day is not waited for",
            true,
            Box::new(move |engine| engine.peers = seen(&[other], now - DAY - 60_000)),
        ),
        (
            "a device of nobody, or of one who is no administrator, cannot do it",
            true,
            Box::new(move |engine| engine.peers = seen(&[stranger(true), stranger(false)], now)),
        ),
        ("it was looked at a moment ago", false, Box::new(|engine| engine.checkpoints.weighed = 1_100)),
        ("a quarter more has come since it was looked at", true, Box::new(|engine| engine.checkpoints.weighed = 800)),
    ];
    for (what, wants, case) in table {
        usual(anna);
        case(anna);
        assert_eq!(anna.wants_checkpoint().unwrap(), wants, "{what}");
    }
    usual(anna);
    assert!(
        anna.wants_checkpoint().unwrap() && !anna.wants_checkpoint().unwrap(),
        "what was weighed is not weighed again"
    );
    usual(anna);
    anna.begin_checkpoint().unwrap();
    assert!(!anna.wants_checkpoint().unwrap(), "one is being made");
}

#[test]
fn records_that_are_larger_than_their_history_wait() {
    let mut desks = Desks::new();
    for n in 0..12 {
        let record = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")])).record.unwrap();
        let seen = page(&mut desks.anna, record).heads;
        let edits = vec![Edit::Write { path: FieldPath::root("notes"), text: letters(n, 30_000) }];
        done(&mut desks.anna, Request::Change { record, seen, edits });
    }
    checkpoint(&mut desks.anna);
    desks.anna.link.connected = true;
    bo_writes(&mut desks, 1_200, 10);
    let (logs, documents) = desks.anna.store.weight().unwrap();
    assert!(logs < documents && !desks.anna.wants_checkpoint().unwrap(), "{logs} {documents}");
    bo_writes(&mut desks, 400, 600);
    let (logs, documents) = desks.anna.store.weight().unwrap();
    assert!(logs > documents && desks.anna.wants_checkpoint().unwrap(), "{logs} {documents}");
}

#[test]
fn who_may_not_make_one_or_would_lose_something_does_not_begin() {
    let mut house = House::new();
    let run = {
        let bo = house.desks.bo.device();
        let held = house.mads.vector.of(bo);
        let previous = house.mads.store.hash(bo, held).unwrap().unwrap();
        let (first, last) = much(&house.desks.bo, held, previous, 400, 200);
        let (second, last) = much(&house.desks.bo, held + 400, last, 400, 200);
        let (third, _) = much(&house.desks.bo, held + 800, last, 400, 200);
        vec![first, second, third]
    };
    for engine in [&mut house.mads, &mut house.desks.anna] {
        engine.link.connected = true;
        engine.take(run.clone(), None).unwrap();
    }
    assert!(!house.mads.wants_checkpoint().unwrap(), "he is no administrator");
    let anna = &mut house.desks.anna;
    assert!(anna.wants_checkpoint().unwrap());
    anna.checkpoints.weighed = 0;
    let mut batch = crate::store::Batch::default();
    anna.tell_unreadable(&mut batch, anna.own_record(), vec![1, 2, 3]);
    anna.store.commit(batch).unwrap();
    assert!(!anna.wants_checkpoint().unwrap(), "a change waits for a newer program");
}
