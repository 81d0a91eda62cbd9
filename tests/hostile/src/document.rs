//! Documents and changes of records, as a member's device might send them.

use mera_schema::document::{self, Document, Uncontested};
use mera_schema::{AnyRecord, RecordDef, RecordId, RecordKind, RecordRef};
use uuid::Uuid;

/// Reads bytes as a stored document and as changes of a record. The first byte says of which kind of record.
pub fn read(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let kind = RecordKind::ALL[usize::from(*kind) % RecordKind::ALL.len()];
    let record = RecordRef::new(kind, RecordId::new(Uuid::from_u128(9)));
    if let Ok(mut opened) = Document::open(bytes) {
        looked_at(&mut opened, record);
    }
    read_alone(bytes, record);
    let mut founded = Document::found(RecordDef::of(kind));
    read_behind(&mut founded, bytes, record);
    let before = document::heads(&mut founded);
    if founded.merge(bytes).is_err() {
        assert_eq!(document::heads(&mut founded), before, "what cannot be read changes nothing");
        return;
    }
    let heads = document::heads(&mut founded);
    founded.merge(bytes).expect("what was read is read again");
    assert_eq!(document::heads(&mut founded), heads, "twice is as good as once");
    looked_at(&mut founded, record);
}

/// What is taken in without a document is what a document takes in, and shows.
fn read_alone(bytes: &[u8], record: RecordRef) {
    let mut changes = Uncontested::of(record);
    if changes.follow(bytes).is_none() || changes.heads().is_empty() {
        return;
    }
    let mut doc = Document::empty();
    doc.merge(bytes).expect("what was read alone is merged");
    shows(&mut doc, &changes, record);
    shows(&mut Document::open(bytes).expect("and is opened where it stands"), &changes, record);
}

/// The same of what follows on the first change of a record.
fn read_behind(founded: &mut Document, bytes: &[u8], record: RecordRef) {
    let first = founded.chunks_since(&Vec::new());
    read_alone(&[first.as_slice(), bytes].concat(), record);
}

fn shows(doc: &mut Document, changes: &Uncontested, record: RecordRef) {
    assert_eq!(document::heads(doc), changes.heads());
    assert_eq!(document::read(doc, record), changes.read());
}

/// What screens and lists do with a record.
fn looked_at(doc: &mut Document, record: RecordRef) {
    let tree = document::read(doc, record);
    AnyRecord::read(&tree);
    document::history(doc, record);
    let heads = document::heads(doc);
    assert!(document::has(doc, &heads));
    document::read_at(doc, record, &heads);
    let saved = doc.save();
    let mut again = Document::open(&saved).expect("what was saved opens");
    assert_eq!(document::heads(&mut again), heads, "and is the same");
    assert_eq!(document::read(&mut again, record), tree, "and says the same");
}
