//! What a stranger, a former copy or a program gone wrong may hand over: entries and greetings, each refused by its own
//! name. What is refused leaves nothing behind; what is told twice changes nothing. Chains and invitations: `mera_trust`.

use super::company::{Device, Logs, company, company_id, talk};
use super::held;
use crate::*;
use mera_schema::{RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_trust::TrustFault;
use mera_trust::fixture::card;
use uuid::Uuid;

const QUOTE: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9)));

fn entry(kind: EntryKind, epoch: u32) -> Entry {
    Entry { time: Hlc::default(), kind, epoch, subjects: vec![QUOTE.into()], payload: Payload::default() }
}

/// A log of device 2 in which these entries stand, as it signed them.
fn signed(entries: impl IntoIterator<Item = Entry>) -> Run {
    let key = card(2).0;
    let mut at = Place { workspace: company_id(), device: key.public().device(), seq: 1, previous: [0; 32] };
    let mut stored = Vec::new();
    for entry in entries {
        let signed = SignedEntry::write(&key, &at, entry);
        at = at.next(signed.hash);
        stored.push(signed);
    }
    let signature = stored.last().and_then(|last| last.signature.clone()).unwrap();
    let entries = stored.into_iter().map(|one| one.entry).collect();
    Run { author: key.public(), first: 1, previous: [0; 32], entries, signature }
}

/// An entry of device 2 that says something, under this epoch.
fn sealed(epoch: u32) -> Entry {
    let device = card(2).0.public().device();
    let at = Place { workspace: company_id(), device, seq: 1, previous: [0; 32] };
    let mut entry = entry(EntryKind::CHANGES, 1);
    Content::seal(&mut entry, &at, vec![b"something".to_vec()], &company().keys).unwrap();
    entry.epoch = epoch;
    entry
}

/// A part of so many bytes that nobody can open.
fn noise(bytes: usize) -> Payload {
    let Part::Present(part) = sealed(1).payload.0.remove(0) else { panic!() };
    Payload(vec![Part::Present(mera_trust::SealedPart { bytes: vec![0; bytes], ..part })])
}

#[test]
fn an_entry_that_may_not_stand_is_refused_by_its_own_name_and_leaves_nothing_behind() {
    let larger = Entry { payload: noise(ENTRY_LIMIT + 1), ..sealed(1) };
    let erased = Entry { payload: sealed(0).payload.erased(), ..sealed(0) };
    let cases = [
        ("in plain", signed([sealed(0)]), "sync.unsealed"),
        ("under keys that come later", signed([sealed(7)]), "membership.newer_keys"),
        ("of more than 4 MiB", signed([larger]), "sync.too_much"),
        ("of more entries than a run takes", signed((0..=RUN_ENTRIES).map(|_| erased.clone())), "sync.too_much"),
        ("of none", Run { entries: Vec::new(), ..signed([sealed(1)]) }, "sync.frame_unreadable"),
        ("at place 0", Run { first: 0, ..signed([sealed(1)]) }, "sync.frame_unreadable"),
        ("at the last place of all", Run { first: u64::MAX, ..signed([sealed(1)]) }, "sync.frame_unreadable"),
        ("signed by another", Run { author: card(3).0.public(), ..signed([sealed(1)]) }, "sync.bad_signature"),
        ("of a stranger's key", Run { author: PublicKey([2; 32]), ..signed([sealed(1)]) }, "sync.bad_signature"),
        ("erasing without the right", signed([entry(EntryKind::ERASURE, 1)]), "sync.no_right"),
    ];
    for (name, run, code) in cases {
        let outcome = run.verify(company_id()).and_then(|run| judge(&company().members, &run).map(|()| run));
        assert_eq!(outcome.unwrap_err().code(), code, "{name}");
    }
    let (relay, mut bo) = (Logs::default(), Device::new(2));
    talk(&mut bo, &relay, 1000).unwrap();
    bo.logs.logs.borrow_mut().insert(bo.id(), {
        let run = signed([sealed(0)]).verify(company_id()).unwrap();
        (Some(run.author), run.entries)
    });
    assert_eq!(talk(&mut bo, &relay, 1000).unwrap_err().code(), "sync.unsealed");
    assert_eq!(RelayStore::vector(&relay, company_id()).unwrap().of(bo.id()), 0, "nothing of it is kept");
}

#[test]
fn a_kind_of_entry_that_comes_later_is_carried_along_and_says_nothing_here() {
    let run = signed([Entry { payload: noise(100), ..entry(EntryKind(9), 1) }]).verify(company_id()).unwrap();
    assert_eq!(judge(&company().members, &run), Ok(()));
    let (at, signed) = run.placed().next().unwrap();
    assert_eq!(Content::open(&signed.entry, &at, &company().keys), Ok(Content::default()));
}

#[test]
fn what_was_sealed_with_another_key_or_for_another_is_told_apart_from_what_cannot_be_read_here() {
    let (right, device) = (sealed(1), card(2).0.public().device());
    let at = Place { workspace: company_id(), device, seq: 1, previous: [0; 32] };
    let open = |entry: &Entry| Content::open(entry, &at, &company().keys);
    assert_eq!(open(&right).unwrap().chunks.len(), 1);
    let broken = Err(SyncFault::Trust(TrustFault::SealBroken));
    let mut foreign = entry(EntryKind::CHANGES, 1);
    let elsewhere = Place { workspace: WorkspaceId::new(Uuid::from_u128(2)), ..at };
    Content::seal(&mut foreign, &elsewhere, vec![b"something".to_vec()], &company().keys).unwrap();
    assert_eq!(open(&foreign), broken, "for another company");
    assert_eq!(open(&Entry { payload: noise(40), ..right.clone() }), broken, "with another key");
    assert_eq!(open(&Entry { payload: noise(3), ..right.clone() }), broken, "shorter than any seal");
    let later = Entry { time: Hlc { millis: 1, counter: 0 }, ..right.clone() };
    assert_eq!(open(&later), broken, "with another time");
    let more = Entry { subjects: vec![QUOTE.into(), QUOTE.into()], ..right };
    assert_eq!(open(&more), Err(SyncFault::FrameUnreadable), "for more records than it speaks of");
}

#[test]
fn what_is_told_again_changes_nothing_and_what_leaves_something_out_is_refused() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    talk(&mut anna, &relay, 1000).unwrap();
    let (before, arrivals) = (held(&relay), relay.arrivals.borrow().len());
    for after in [0, 1, 2] {
        let again = anna.logs.cut(anna.id(), after).unwrap();
        assert_eq!(relay.accept(company_id(), again.verify(company_id()).unwrap()), Ok(3), "from {after}");
    }
    assert_eq!((held(&relay), relay.arrivals.borrow().len()), (before, arrivals));
    // An older end of the log, and one with a hole before it.
    let (short, fresh) = (Device::new(1), Logs { chain: company().chain.clone().into(), ..Logs::default() });
    short.write("0");
    assert_eq!(relay.accept(company_id(), short.run().verify(company_id()).unwrap()), Ok(3), "an older end is known");
    let late = anna.logs.cut(anna.id(), 1).unwrap().verify(company_id()).unwrap();
    assert_eq!(fresh.accept(company_id(), late).unwrap_err().code(), "sync.gap");
}

#[test]
fn a_greeting_that_was_overheard_opens_nothing_a_second_time() {
    let (relay, bo) = (Logs { chain: company().chain.clone().into(), ..Logs::default() }, Device::new(2));
    let (mut first, challenge) = RelaySession::open([7; 32], &relay);
    let effects = bo.session().frame(&challenge, &bo.logs).unwrap();
    let [ClientEffect::Send(overheard)] = &effects[..] else { panic!("{effects:?}") };
    first.frame(overheard, 1, &relay);
    assert_eq!(first.guest(), Some((company_id(), bo.id())));
    let another_life = Logs { life: 5.into(), chain: company().chain.clone().into(), ..Logs::default() };
    for (nonce, store) in [([8; 32], &relay), ([7; 32], &another_life)] {
        let (mut second, _) = RelaySession::open(nonce, store);
        let effects = second.frame(overheard, 1, store);
        assert_eq!(second.guest(), None);
        let [RelayEffect::Send(bytes), RelayEffect::Close] = &effects[..] else { panic!("{effects:?}") };
        let Frame::Refused { code, .. } = Frame::decode(bytes).unwrap() else { panic!("told why") };
        assert_eq!(code, "sync.bad_signature");
    }
}
