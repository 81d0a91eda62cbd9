//! Conversations between devices and a relay in memory, with everything that can go wrong on the way.
#![allow(clippy::unwrap_used)]

use crate::*;
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef, WorkspaceId};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

const COMPANY: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));

/// One device's log: its author's key and its entries.
type Log = (Option<PublicKey>, Vec<SignedEntry>);

/// Logs in memory, with the order in which runs arrived.
#[derive(Default)]
struct Logs {
    logs: RefCell<BTreeMap<DeviceId, Log>>,
    arrivals: RefCell<Vec<(DeviceId, u64, u64)>>,
    peers: RefCell<BTreeMap<DeviceId, (Vector, Option<Digest>)>>,
    life: Cell<u8>,
}

impl Logs {
    fn hash(&self, device: DeviceId, seq: u64) -> Option<EntryHash> {
        Some(self.logs.borrow().get(&device)?.1.get(usize::try_from(seq.checked_sub(1)?).ok()?)?.hash)
    }

    fn take(&self, run: Verified) -> Result<u64, SyncFault> {
        let device = run.device;
        let have = Replica::vector(self)?.of(device);
        let new = run.beyond(have, |seq| Ok(self.hash(device, seq)))?;
        let mut logs = self.logs.borrow_mut();
        let log = logs.entry(device).or_default();
        log.0 = Some(new.author);
        if !new.entries.is_empty() {
            let last = new.first + new.entries.len() as u64 - 1;
            self.arrivals.borrow_mut().push((device, new.first, last));
        }
        log.1.extend(new.entries);
        Ok(log.1.len() as u64)
    }

    fn cut(&self, device: DeviceId, after: u64) -> Option<Run> {
        let logs = self.logs.borrow();
        let (author, entries) = logs.get(&device)?;
        let after = usize::try_from(after).unwrap();
        let previous = after.checked_sub(1).map_or([0; 32], |i| entries[i].hash);
        Run::cut((*author)?, after as u64 + 1, previous, entries.get(after..)?)
    }
}

impl Replica for Logs {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(self.logs.borrow().iter().map(|(device, (_, log))| (*device, log.len() as u64)).collect())
    }
    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(self.cut(device, after).into_iter().collect())
    }
}

impl RelayStore for Logs {
    fn epoch(&self) -> [u8; 16] {
        [self.life.get(); 16]
    }
    fn arrivals(&self, _: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(self.arrivals.borrow().len() as u64)
    }
    fn vector(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        Replica::vector(self)
    }
    fn accept(&self, _: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        self.take(run)
    }
    fn after(&self, _: WorkspaceId, arrival: u64, skip: &Vector, _: usize) -> Result<Delivery, SyncFault> {
        let arrivals = self.arrivals.borrow();
        let mut at = usize::try_from(arrival).unwrap();
        let mut runs = Vec::new();
        while let (Some((device, first, last)), true) = (arrivals.get(at), runs.len() < 2) {
            at += 1;
            let mut from = first - 1;
            while *last > skip.of(*device) && from < *last {
                let run = self.cut(*device, from).unwrap();
                from = run.last();
                runs.push(run);
            }
        }
        Ok(Delivery { runs, arrival: at as u64, complete: at == arrivals.len() })
    }
    fn runs_after(&self, _: WorkspaceId, device: DeviceId, after: u64, b: usize) -> Result<Vec<Run>, SyncFault> {
        Replica::runs_after(self, device, after, b)
    }
    fn confirm(&self, ws: WorkspaceId, peer: PeerState, d: Option<Digest>) -> Result<Option<DeviceId>, SyncFault> {
        let mut peers = self.peers.borrow_mut();
        let row = peers.entry(peer.device).or_default();
        row.0.join(&peer.vector);
        row.1 = d.or(row.1);
        let (mine, all) = (row.clone(), RelayStore::vector(self, ws)?);
        let settled = |v: &Vector| v.covers(&all);
        let other = peers.iter().find(|(id, (v, o))| {
            **id != peer.device && d.is_some() && settled(&mine.0) && settled(v) && o.is_some() && *o != d
        });
        Ok(other.map(|(id, _)| *id))
    }
    fn peers(&self, _: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        let peers = self.peers.borrow();
        Ok(peers.iter().map(|(d, (v, _))| PeerState { device: *d, vector: v.clone(), spoke: 0 }).collect())
    }
}

/// A device in memory: a key, logs, and a cursor.
struct Device {
    key: Arc<DeviceKey>,
    logs: Logs,
    cursor: Option<Cursor>,
    acked: Vector,
    peers: Vec<PeerState>,
    diverged: Option<DeviceId>,
    digest: Digest,
}

impl Device {
    fn new(n: u8) -> Self {
        let key = Arc::new(DeviceKey::from_seed(&[n; 32]));
        let (logs, acked, digest) = (Logs::default(), Vector::default(), Digest::default());
        Self { key, logs, cursor: None, acked, peers: Vec::new(), diverged: None, digest }
    }

    fn id(&self) -> DeviceId {
        self.key.public().device()
    }

    fn write(&self, words: &str) {
        let (id, mut logs) = (self.id(), self.logs.logs.borrow_mut());
        let log = logs.entry(id).or_default();
        log.0 = Some(self.key.public());
        let previous = log.1.last().map_or([0; 32], |last| last.hash);
        let entry = entry(words);
        log.1.push(SignedEntry::write(&self.key, COMPANY, log.1.len() as u64 + 1, &previous, entry));
    }

    fn session(&self) -> ClientSession {
        ClientSession::new(self.key.clone(), COMPANY, self.cursor)
    }

    fn run(&self) -> Run {
        self.logs.cut(self.id(), 0).unwrap()
    }
}

fn entry(words: &str) -> Entry {
    let quote = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9)));
    let payload = Changes::pack(vec![words.as_bytes().to_vec()]);
    Entry { time: Hlc::default(), kind: EntryKind::CHANGES, epoch: 0, subjects: vec![quote.into()], payload }
}

/// Talks until both are silent, or until `frames` have been carried: then the line breaks.
fn talk(device: &mut Device, relay: &Logs, frames: usize) -> Result<usize, SyncFault> {
    let mut client = device.session();
    let (mut server, first) = RelaySession::open([7; 32], relay);
    let mut down = VecDeque::from([first]);
    let mut up: VecDeque<Vec<u8>> = VecDeque::new();
    let mut carried = 0;
    while carried < frames && !(down.is_empty() && up.is_empty()) {
        carried += 1;
        if let Some(bytes) = up.pop_front() {
            for effect in server.frame(&bytes, 1, relay) {
                if let RelayEffect::Send(bytes) = effect {
                    down.push_back(bytes);
                }
            }
            continue;
        }
        let mut todo: VecDeque<_> = client.frame(&down.pop_front().unwrap(), &device.logs)?.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                ClientEffect::Send(bytes) => up.push_back(bytes),
                ClientEffect::Take { runs, cursor, keep } => {
                    for run in runs {
                        device.logs.take(run.verify(COMPANY)?)?;
                    }
                    device.cursor = keep.then_some(cursor);
                    todo.push_back(client.took(cursor, &Replica::vector(&device.logs)?, device.digest));
                }
                ClientEffect::Acked { device: log, seq } => device.acked.reach(log, seq),
                ClientEffect::Peers(peers) => device.peers = peers,
                ClientEffect::Diverged(other) => device.diverged = Some(other),
                ClientEffect::Keep(cursor) => device.cursor = Some(cursor),
                ClientEffect::Welcomed { .. } => {}
                ClientEffect::CaughtUp => todo.extend(client.ask_peers()),
            }
        }
    }
    Ok(carried)
}

fn held(replica: &impl Replica) -> Vector {
    replica.vector().unwrap()
}

#[test]
fn two_devices_meet_through_a_relay_and_a_second_meeting_costs_next_to_nothing() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    (0..3).for_each(|n| anna.write(&format!("anna {n}")));
    (0..2).for_each(|n| bo.write(&format!("bo {n}")));
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs), held(&bo.logs));
    assert_eq!(anna.acked.of(anna.id()), 3);
    let frames = talk(&mut bo, &relay, 1000).unwrap();
    assert!(frames <= 9, "challenge, hello, welcome, the last entry, its receipt, deliver, took, peers: {frames}");
    let seen_by_anna = bo.peers.iter().find(|peer| peer.device == anna.id()).unwrap();
    assert!(seen_by_anna.vector.of(bo.id()) >= 2, "the relay knows that Anna has Bo's work");
}

#[test]
fn what_a_device_brought_is_announced_even_if_it_is_gone_before_it_hears_so() {
    let (relay, anna) = (Logs::default(), Device::new(1));
    anna.write("from the car park");
    let (mut server, first) = RelaySession::open([7; 32], &relay);
    let hello = anna.session().frame(&first, &anna.logs).unwrap();
    let [ClientEffect::Send(hello)] = &hello[..] else { panic!("{hello:?}") };
    server.frame(hello, 1, &relay);
    let effects = server.frame(&Frame::Push(vec![anna.run()]).encode(), 1, &relay);
    assert_eq!(effects.first(), Some(&RelayEffect::Announce(COMPANY)), "a shell that cannot send stops there");
}

#[test]
fn a_relay_that_lost_its_disk_is_filled_again_by_any_device() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    anna.write("only once");
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    let fresh = Logs { life: Cell::new(9), ..Logs::default() };
    talk(&mut bo, &fresh, 1000).unwrap();
    assert_eq!(held(&fresh).of(anna.id()), 1, "Bo brought Anna's work");
}

#[test]
fn a_line_that_breaks_while_a_relay_is_filled_again_leaves_nothing_out() {
    for frames in 0..20 {
        let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
        anna.write("only once");
        talk(&mut anna, &relay, 1000).unwrap();
        talk(&mut bo, &relay, 1000).unwrap();
        let fresh = Logs { life: Cell::new(9), ..Logs::default() };
        talk(&mut bo, &fresh, frames).unwrap();
        talk(&mut bo, &fresh, 1000).unwrap();
        assert_eq!(held(&fresh).of(anna.id()), 1, "it broke after {frames} frames");
        assert!(talk(&mut bo, &fresh, 1000).unwrap() <= 8, "and then the place is known");
    }
}

#[test]
fn the_place_at_a_new_relay_is_remembered_only_once_that_lacks_nothing_the_device_holds() {
    let (anna, bo) = (Device::new(1), Device::new(2));
    anna.write("only once");
    bo.logs.take(anna.run().verify(COMPANY).unwrap()).unwrap();
    let (mut session, cursor) = (bo.session(), Cursor { epoch: [9; 16], arrival: 0 });
    let mut hears = |frame: Frame| session.frame(&frame.encode(), &bo.logs).unwrap();
    let delivery = Frame::Deliver { runs: Vec::new(), cursor, more: false };
    let takes = |keep| ClientEffect::Take { runs: Vec::new(), cursor, keep };
    hears(Frame::Challenge { protocol: PROTOCOL, epoch: [9; 16], nonce: [0; 32] });
    hears(Frame::Welcome { own: 0, have: Some(Vector::default()) });
    assert_eq!(hears(delivery.clone())[0], takes(false), "the line may break before the relay has Anna's work");
    hears(Frame::Ack { device: anna.id(), seq: 1 });
    assert_eq!(hears(delivery)[0], takes(true));
}

#[test]
fn a_device_restored_from_a_backup_first_fetches_what_it_lost() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    anna.write("before the backup");
    let backup = anna.logs.logs.borrow().clone();
    anna.write("after the backup");
    talk(&mut anna, &relay, 1000).unwrap();
    *anna.logs.logs.borrow_mut() = backup;
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs).of(anna.id()), 2);
}

#[test]
fn a_restored_device_fetches_also_more_than_fits_under_way_at_one_time() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    (0..20).for_each(|_| anna.write(&"x".repeat(RUN_BYTES)));
    talk(&mut anna, &relay, 1000).unwrap();
    anna.logs.logs.borrow_mut().clear();
    anna.cursor = None;
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs).of(anna.id()), 20);
}

#[test]
fn what_the_relay_gave_is_not_given_back_to_it() {
    let (relay, anna, bo) = (Logs::default(), Device::new(1), Device::new(2));
    let mut session = anna.session();
    session
        .frame(&Frame::Challenge { protocol: PROTOCOL, epoch: [0; 16], nonce: [0; 32] }.encode(), &anna.logs)
        .unwrap();
    let welcome = Frame::Welcome { own: 0, have: Some(held(&relay)) };
    session.frame(&welcome.encode(), &anna.logs).unwrap();
    bo.write("from Bo");
    let cursor = Cursor { epoch: [0; 16], arrival: 1 };
    let delivery = Frame::Deliver { runs: vec![bo.run()], cursor, more: false };
    session.frame(&delivery.encode(), &anna.logs).unwrap();
    anna.logs.take(bo.run().verify(COMPANY).unwrap()).unwrap();
    assert_eq!(session.committed(&anna.logs).unwrap(), []);
}

#[test]
fn a_copied_device_is_found_out() {
    let (relay, mut anna, mut copy) = (Logs::default(), Device::new(1), Device::new(1));
    anna.write("the real one");
    copy.write("the copy");
    talk(&mut anna, &relay, 1000).unwrap();
    copy.write("more of the copy");
    let fault = talk(&mut copy, &relay, 1000).unwrap_err();
    assert_eq!(fault.code(), "sync.fork");
}

#[test]
fn equal_entries_with_unequal_records_are_noticed() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    anna.write("something");
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    bo.digest.toggle(RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9))), &vec!["x".into()]);
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(bo.diverged, Some(anna.id()));
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let anna = Device::new(1);
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    type Forgery = (&'static str, fn(&mut Run));
    let forgeries: [Forgery; 6] = [
        ("another payload", |run| run.entries[1].payload = Changes::pack(vec![b"forged".to_vec()])),
        ("another order", |run| run.entries.swap(0, 1)),
        ("the end cut off", |run| drop(run.entries.pop())),
        ("another place", |run| run.first += 1),
        ("another author", |run| run.author = DeviceKey::from_seed(&[3; 32]).public()),
        ("a short signature", |run| run.signature.0.truncate(10)),
    ];
    for (name, forge) in forgeries {
        let mut run = anna.run();
        forge(&mut run);
        assert_eq!(run.verify(COMPANY).unwrap_err().code(), "sync.bad_signature", "{name}");
    }
    let elsewhere = WorkspaceId::new(Uuid::from_u128(2));
    assert!(anna.run().verify(elsewhere).is_err(), "a run of one company means nothing in another");
}

#[test]
fn an_erased_payload_leaves_a_log_that_verifies() {
    let anna = Device::new(1);
    (0..2).for_each(|n| anna.write(&format!("{n}")));
    let mut run = anna.run();
    let Payload::Present(bytes) = &run.entries[0].payload else { panic!("present") };
    run.entries[0].payload = Payload::Erased { hash: *blake3::hash(bytes).as_bytes(), length: bytes.len() as u64 };
    assert!(run.verify(COMPANY).is_ok());
}

#[test]
fn a_gap_is_named() {
    let (relay, anna) = (Logs::default(), Device::new(1));
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    let late = anna.logs.cut(anna.id(), 2).unwrap().verify(COMPANY).unwrap();
    assert_eq!(relay.take(late).unwrap_err().code(), "sync.gap");
}

#[test]
fn strangers_other_versions_and_frames_out_of_turn_are_refused_with_a_reason() {
    let relay = Logs::default();
    let key = DeviceKey::from_seed(&[1; 32]);
    let hello = |protocol, proof| Frame::Hello { protocol, workspace: COMPANY, key: key.public(), proof, cursor: None };
    let cases = [
        (hello(PROTOCOL, key.sign(b"nonsense")), "sync.bad_signature"),
        (hello(PROTOCOL + 1, key.sign(b"nonsense")), "sync.other_version"),
        (Frame::AskPeers, "sync.out_of_turn"),
    ];
    for (frame, code) in cases {
        let (mut server, _) = RelaySession::open([7; 32], &relay);
        let effects = server.frame(&frame.encode(), 1, &relay);
        let [RelayEffect::Send(bytes), RelayEffect::Close] = &effects[..] else { panic!("closed: {effects:?}") };
        let Frame::Refused { code: told, .. } = Frame::decode(bytes).unwrap() else { panic!("told why") };
        assert_eq!(told, code);
    }
    let challenge = Frame::Challenge { protocol: 99, epoch: [0; 16], nonce: [0; 32] };
    let fault = Device::new(1).session().frame(&challenge.encode(), &relay).unwrap_err();
    assert_eq!(fault, SyncFault::OtherVersion { ours: PROTOCOL, theirs: 99 });
}

#[test]
fn frames_too_large_cut_short_or_lying_about_their_length_are_refused() {
    assert_eq!(Frame::decode(&vec![0; FRAME_LIMIT + 1]).unwrap_err().code(), "sync.frame_too_large");
    let anna = Device::new(1);
    anna.write("hello");
    let whole = Frame::Push(vec![anna.run()]).encode();
    for length in 0..whole.len() {
        assert_eq!(Frame::decode(&whole[..length]).unwrap_err(), SyncFault::FrameUnreadable, "{length}");
    }
    assert!(Frame::decode(&[&whole[..], b"more"].concat()).is_err());
    // A push that claims 2^60 runs: nobody reserves memory for it.
    assert!(Frame::decode(&[5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]).is_err());
}

#[test]
fn one_changed_record_costs_at_most_48_bytes_beside_its_chunk() {
    let anna = Device::new(1);
    (0..100).for_each(|_| anna.write(&"x".repeat(110)));
    let bytes = Frame::Push(vec![anna.run()]).encode().len();
    assert!(bytes <= 100 * (110 + 48), "{bytes}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_from_anywhere_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let relay = Logs::default();
        let _ = Frame::decode(&bytes);
        let (mut server, _) = RelaySession::open([7; 32], &relay);
        server.frame(&bytes, 1, &relay);
        let _ = Device::new(1).session().frame(&bytes, &relay);
    }

    /// Lines that break after any number of frames; in the end everybody holds everything.
    #[test]
    fn broken_lines_lose_nothing(steps in prop::collection::vec((0usize..3, 0usize..4, 1usize..14), 1..40)) {
        let relay = Logs::default();
        let mut devices = [Device::new(1), Device::new(2), Device::new(3)];
        for (who, writes, frames) in steps {
            (0..writes).for_each(|n| devices[who].write(&format!("{n}")));
            talk(&mut devices[who], &relay, frames).unwrap();
        }
        for _ in 0..2 {
            for device in &mut devices {
                talk(device, &relay, 10_000).unwrap();
            }
        }
        for device in &devices {
            prop_assert_eq!(held(&device.logs), held(&relay));
            prop_assert_eq!(device.acked.of(device.id()), held(&device.logs).of(device.id()));
        }
    }
}
