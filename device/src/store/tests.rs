//! What the store keeps, and whom it lets in.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, RecordKind};
use uuid::Uuid;

const QUOTE: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(7)));

fn ids(n: u128) -> (WorkspaceId, DeviceId) {
    (WorkspaceId::new(Uuid::from_u128(n)), DeviceId::new(Uuid::from_u128(n + 100)))
}

#[test]
fn a_folder_of_another_company_or_device_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ((mine, device), (other, _)) = (ids(1), ids(2));
    drop(Store::open(folder.path(), mine, device).unwrap());
    assert!(matches!(Store::open(folder.path(), other, device), Err(DeviceFault::OtherOwner(_))));
    assert!(Store::open(folder.path(), mine, device).is_ok());
}

#[test]
fn a_document_is_its_snapshot_and_the_chunks_since_and_folding_leaves_no_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, device) = ids(1);
    let store = Store::open(folder.path(), workspace, device).unwrap();
    assert_eq!(store.document(QUOTE).unwrap(), None);
    let mut batch = Batch::default();
    batch.snapshot(QUOTE, b"one ", 0);
    batch.chunk(QUOTE, 0, b"two ");
    batch.chunk(QUOTE, 1, b"three");
    store.commit(batch).unwrap();
    assert_eq!(store.document(QUOTE).unwrap(), Some((b"one two three".to_vec(), 2)));
    let mut batch = Batch::default();
    batch.snapshot(QUOTE, b"all", 2);
    store.commit(batch).unwrap();
    assert_eq!(store.document(QUOTE).unwrap(), Some((b"all".to_vec(), 0)));
}
