//! Entries of logs: those that somebody else has signed, and those of a member who writes nonsense.

use crate::shelf::shelf;
use mera_schema::document::Document;
use mera_sync_protocol::{
    Collection, Content, Entry, EntryKind, Hlc, Payload, Place, Run, SignedEntry, Subject, SyncFault, Verified, judge,
};
use mera_trust::fixture::card;
use std::collections::BTreeSet;

/// Reads bytes as a run that came from somewhere, and as entries that device 2 of the company has signed.
pub fn read(bytes: &[u8]) {
    let workspace = shelf().company.workspace();
    if let Ok(run) = postcard::from_bytes::<Run>(bytes)
        && let Ok(verified) = run.verify(workspace)
    {
        heard(&verified);
    }
    whatever_a_member_seals_is_opened_as_it_was(bytes);
    if let Ok(entries) = postcard::from_bytes::<Vec<Entry>>(bytes) {
        written_by_a_member(entries);
    }
}

fn whatever_a_member_seals_is_opened_as_it_was(bytes: &[u8]) {
    let (key, ..) = card(2);
    let (workspace, device) = (shelf().company.workspace(), key.public().device());
    let at = Place { workspace, device, seq: 1, previous: [0; 32] };
    let subject = Subject { collection: Collection(1), id: [1; 16] };
    let (time, kind) = (Hlc { millis: 1_000, counter: 0 }, EntryKind::CHANGES);
    let mut entry = Entry { time, kind, epoch: 1, subjects: vec![subject], payload: Payload::default() };
    Content::seal(&mut entry, &at, vec![bytes.to_vec()], &shelf().company.keys).expect("the fixture has every key");
    let opened = Content::open(&entry, &at, &shelf().company.keys).expect("what was sealed just now is opened");
    assert_eq!(opened.chunks, vec![(subject, bytes.to_vec())]);
}

fn written_by_a_member(entries: Vec<Entry>) {
    let (key, ..) = card(2);
    let workspace = shelf().company.workspace();
    let first = Place { workspace, device: key.public().device(), seq: 1, previous: [0; 32] };
    let mut at = first;
    let mut stored: Vec<SignedEntry> = Vec::new();
    for entry in entries {
        let signed = SignedEntry::write(&key, &at, entry);
        at = at.next(signed.hash);
        stored.push(signed);
    }
    let Some(run) = Run::cut(key.public(), 1, [0; 32], &stored) else { return };
    let forged = Run { author: card(3).0.public(), ..run.clone() };
    assert!(forged.verify(workspace).is_err(), "nobody writes in another's name");
    let moved = Run { first: 2, ..run.clone() };
    assert!(moved.verify(workspace).is_err(), "an entry has one place");
    match run.verify(workspace) {
        Ok(verified) => heard(&verified),
        Err(SyncFault::Trust(fault)) => panic!("what a member signed is taken for somebody else's: {fault}"),
        Err(_) => {}
    }
}

/// What a device does with a run that it has checked.
fn heard(run: &Verified) {
    let judged = judge(&shelf().members, run);
    for (at, signed) in run.placed() {
        let entry = &signed.entry;
        assert_eq!(entry.hash(&at), signed.hash);
        let mut erased = entry.clone();
        erased.erase(|_| true);
        assert_eq!(erased.hash(&at), signed.hash, "what is erased leaves a log that verifies");
        assert!(!erased.payload.is_present());
        let Ok(content) = Content::open(entry, &at, &shelf().company.keys) else { continue };
        assert!(content.chunks.is_empty() || entry.kind.is_content());
        let subjects: BTreeSet<_> = entry.subjects.iter().collect();
        for (subject, chunk) in &content.chunks {
            assert!(subjects.contains(subject));
            if judged.is_ok() {
                Document::empty().merge(chunk).ok();
            }
        }
    }
}
