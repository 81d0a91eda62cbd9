//! What the store keeps, and whom it lets in.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, RecordKind};
use mera_trust::GroupKeys;
use std::fs;
use uuid::Uuid;

const QUOTE: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(7)));

fn ids(n: u128) -> (WorkspaceId, DeviceId) {
    (WorkspaceId::new(Uuid::from_u128(n)), DeviceId::new(Uuid::from_u128(n + 100)))
}

fn seal(key: u8) -> Seal {
    Seal::new(&[key; 32], &[9; 32])
}

/// A record of which nothing is known but where it stands.
fn row(stands: Stands) -> RecordRow {
    RecordRow { heads: Heads::new(), last: (ids(1).1, 1), stands, facts: Vec::new() }
}

#[test]
fn a_folder_of_another_company_or_device_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ((mine, device), (other, _)) = (ids(1), ids(2));
    drop(Store::open(folder.path(), mine, device, seal(1)).unwrap());
    assert!(matches!(Store::open(folder.path(), other, device, seal(1)), Err(DeviceFault::OtherOwner(_))));
    assert!(Store::open(folder.path(), mine, device, seal(1)).is_ok());
}

#[test]
fn a_document_is_its_snapshot_and_the_chunks_since_and_folding_leaves_no_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, device) = ids(1);
    let store = Store::open(folder.path(), workspace, device, seal(1)).unwrap();
    assert_eq!(store.document(QUOTE, &GroupKeys::default()).unwrap(), None);
    let mut batch = Batch::default();
    let one = batch.snapshot(QUOTE, b"one ", None);
    let two = batch.chunk(QUOTE, b"two ", one);
    let three = batch.chunk(QUOTE, b"three", two);
    batch.row(QUOTE, &row(three));
    store.commit(batch).unwrap();
    assert_eq!(store.document(QUOTE, &GroupKeys::default()).unwrap().unwrap(), b"one two three");
    let mut batch = Batch::default();
    let all = batch.snapshot(QUOTE, b"all", Some(three));
    batch.row(QUOTE, &row(all));
    store.commit(batch).unwrap();
    assert_eq!(store.document(QUOTE, &GroupKeys::default()).unwrap().unwrap(), b"all");
    let of_document = [SNAPSHOT, CHUNK].map(|prefix| store.db.beginning(record_key(prefix, QUOTE)).count());
    assert_eq!(of_document, [1, 0]);
    let mut batch = Batch::default();
    batch.forget(QUOTE, Some(all));
    store.commit(batch).unwrap();
    assert_eq!(store.db.beginning(record_key(SNAPSHOT, QUOTE)).count(), 0);
    assert_eq!(store.document(QUOTE, &GroupKeys::default()).unwrap(), None);
}

#[test]
fn another_key_opens_nothing_and_leaves_the_store_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, device) = ids(1);
    drop(Store::open(folder.path(), workspace, device, seal(1)).unwrap());
    let refused = Store::open(folder.path(), workspace, device, seal(2)).err().unwrap();
    assert_eq!(refused.code(), "device.other_key");
    assert!(Store::open(folder.path(), workspace, device, seal(1)).is_ok());
}

#[test]
fn a_value_with_a_wrong_bit_or_in_the_place_of_another_is_told_and_never_read() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, device) = ids(1);
    let store = Store::open(folder.path(), workspace, device, seal(1)).unwrap();
    let other = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(8)));
    let mut batch = Batch::default();
    for (record, bytes) in [(QUOTE, b"first".as_slice()), (other, b"second")] {
        let stands = batch.snapshot(record, bytes, None);
        batch.row(record, &row(stands));
    }
    store.commit(batch).unwrap();
    let keys = [QUOTE, other].map(|record| record_key(SNAPSHOT, record));
    let [first, second] = keys.clone().map(|key| store.db.get(key).unwrap().unwrap());
    let damaged = |record| matches!(store.document(record, &GroupKeys::default()), Err(DeviceFault::Damaged(_)));
    for at in 0..first.len() {
        let mut wrong = first.to_vec();
        wrong[at] ^= 1 << (at % 8);
        store.db.insert(&keys[0], wrong).unwrap();
        assert!(damaged(QUOTE), "byte {at}");
    }
    store.db.insert(&keys[0], &second).unwrap();
    store.db.insert(&keys[1], &first).unwrap();
    assert!(damaged(QUOTE) && damaged(other), "the two have changed places");
    store.db.insert(&keys[0], &first).unwrap();
    assert_eq!(store.document(QUOTE, &GroupKeys::default()).unwrap().unwrap(), b"first");
}

/// Records of a store as the program before wrote them.
const FORMER: u32 = 700;
const KNOWN: &[u8] = b"Aalborg Vaerft";
const IN_LOG: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9)));
const ENTRY: At = At { device: DeviceId::new(Uuid::from_u128(101)), seq: 3, previous: [5; 32] };

fn former(n: u32) -> RecordRef {
    RecordRef::new(RecordKind::Customer, RecordId::new(Uuid::from_u128(u128::from(n))))
}

fn in_plain(folder: &Path) {
    let (workspace, device) = ids(1);
    let db = disk::open(folder, CACHE).unwrap();
    let owner = (*workspace.uuid().as_bytes(), *device.uuid().as_bytes());
    db.insert(meta_key(OWNER), disk::wrap(&owner)).unwrap();
    db.insert(meta_key("own log"), disk::wrap(&5_u64)).unwrap();
    let keep = |record, entry: Option<At>| {
        let row = (Heads::new(), (device, 1_u64), Vec::<Fact>::new());
        db.insert(record_key(older::ROW, record), disk::wrap(&row)).unwrap();
        if let Some(entry) = entry {
            db.insert(record_key(older::STANDS, record), disk::wrap(&entry)).unwrap();
        }
    };
    for n in 0..FORMER {
        let document = [KNOWN, &n.to_be_bytes()].concat();
        db.insert(record_key(SNAPSHOT, former(n)), disk::wrap(&document)).unwrap();
        keep(former(n), None);
    }
    keep(QUOTE, None);
    keep(IN_LOG, Some(ENTRY));
    // Larger than what sled keeps in its log: it stands in a file of its own.
    db.insert(record_key(SNAPSHOT, QUOTE), disk::wrap(&KNOWN.repeat(400_000))).unwrap();
    let mut wrong = disk::wrap(&b"damaged before".to_vec());
    wrong[9] ^= 1;
    db.insert(record_key(CHUNK, QUOTE), wrong).unwrap();
    db.flush().unwrap();
}

/// Every file of a folder and the folders in it.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![fs::read(path).unwrap()] }).collect()
}

fn holds_plain(folder: &Path) -> bool {
    files(folder).iter().any(|bytes| memchr::memmem::find(bytes, KNOWN).is_some())
}

/// Opens the store and looks whether it is whole and sealed.
fn is_sealed(root: &Path) {
    let (workspace, device) = ids(1);
    let store = Store::open(&root.join("store"), workspace, device, seal(1)).unwrap();
    assert_eq!(store.own_log().unwrap(), Some(5));
    for n in 0..FORMER {
        let document = [KNOWN, &n.to_be_bytes()].concat();
        assert_eq!(store.document(former(n), &GroupKeys::default()).unwrap(), Some(document));
    }
    assert!(
        matches!(store.document(QUOTE, &GroupKeys::default()), Err(DeviceFault::Damaged(_))),
        "what was damaged stays damaged"
    );
    assert_eq!(store.row(QUOTE).unwrap().unwrap().stands, Stands { entry: None, chunks: 1 });
    assert_eq!(store.row(IN_LOG).unwrap().unwrap().stands, Stands::at(ENTRY));
    for prefix in [older::ROW, older::STANDS] {
        assert_eq!(store.db.beginning([prefix]).count(), 0, "nothing is kept as it was before");
    }
    let snapshot: Vec<u8> = store.seal.get(&store.db, &record_key(SNAPSHOT, QUOTE)).unwrap().unwrap();
    assert_eq!(snapshot, KNOWN.repeat(400_000));
    drop(store);
    assert!(!holds_plain(root));
    assert_eq!(fs::read_dir(root).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_store_in_plain_is_sealed_when_it_is_opened_wherever_that_was_interrupted() {
    for step in 0..5 {
        let root = tempfile::tempdir().unwrap();
        let [store, sealing, plain] = ["store", "store.sealing", "store.plain"].map(|name| root.path().join(name));
        in_plain(&store);
        assert!(holds_plain(root.path()), "the search finds what stands in plain");
        let half = |key: u8| {
            let (old, new) = (disk::open(&store, CACHE).unwrap(), disk::open(&sealing, CACHE).unwrap());
            for row in old.beginning([]).take(300) {
                let (place, value) = row.unwrap();
                let value = disk::unwrapped(&place, &value).unwrap_or_default();
                new.insert(&place, seal(key).close(&place, value)).unwrap();
            }
            new.flush().unwrap();
        };
        match step {
            0 => {}
            1 => half(1),
            // By another key: of no use.
            2 => half(2),
            3 => {
                fs::create_dir(&sealing).unwrap();
                fs::write(sealing.join("conf"), "no store").unwrap();
            }
            // Between the two names: the sealed one is whole and has no name yet.
            _ => {
                let (workspace, device) = ids(1);
                let before = root.path().join("before");
                in_plain(&before);
                drop(Store::open(&store, workspace, device, seal(1)).unwrap());
                fs::rename(&store, &sealing).unwrap();
                fs::rename(&before, &plain).unwrap();
            }
        }
        is_sealed(root.path());
        is_sealed(root.path());
    }
}

#[test]
fn a_store_in_plain_of_somebody_else_is_refused_before_anything_is_sealed() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("store");
    in_plain(&store);
    let (workspace, device) = ids(2);
    assert!(matches!(Store::open(&store, workspace, device, seal(1)), Err(DeviceFault::OtherOwner(_))));
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    assert!(holds_plain(root.path()), "it is as it was");
}
