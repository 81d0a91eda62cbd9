use super::*;
use automerge::{ActorId, AutoCommit, ROOT, transaction::CommitOptions, transaction::Transactable};
use proptest::prelude::*;
use uuid::Uuid;

fn author() -> DeviceId {
    DeviceId::new(Uuid::from_u128(7))
}

/// The change of one field of a record that an actor has begun.
fn change(actor: &[u8], words: &str) -> Vec<u8> {
    let mut doc = AutoCommit::new().with_actor(ActorId::from(actor));
    doc.put(ROOT, "status", "draft").unwrap();
    doc.commit();
    let before = doc.get_heads();
    doc.put(ROOT, "status", words).unwrap();
    doc.commit_with(CommitOptions::default().with_time(1_790_000_000_000));
    doc.save_after(&before)
}

#[test]
fn a_change_by_the_logs_author_is_25_bytes_shorter_and_comes_back_as_it_was() {
    let own = author().uuid();
    let whole = change(own.as_bytes(), "sent");
    let spared = spare(whole.clone(), author());
    assert_eq!(spared.len() + 25, whole.len());
    assert_eq!(restore(spared, author()), whole);
}

#[test]
fn the_author_is_also_known_behind_the_bytes_that_automerge_puts_before_an_actor() {
    let named = [[9, 1].as_slice(), author().uuid().as_bytes()].concat();
    let whole = change(&named, "sent");
    let spared = spare(whole.clone(), author());
    assert_eq!(spared.len() + 25, whole.len());
    assert_eq!(restore(spared, author()), whole);
}

#[test]
fn what_another_wrote_what_is_packed_and_what_is_no_change_stay_as_they_are() {
    let other = change(Uuid::from_u128(8).as_bytes(), "sent");
    let mut packed = change(author().uuid().as_bytes(), "sent");
    packed[MAGIC.len() + SUM] = 2;
    let several = [change(author().uuid().as_bytes(), "sent"), change(author().uuid().as_bytes(), "won")].concat();
    for content in [other, packed, several, b"words".to_vec(), Vec::new()] {
        assert_eq!(spare(content.clone(), author()), content);
        assert_eq!(restore(content.clone(), author()), content);
    }
}

#[test]
fn what_might_be_taken_for_something_else_stands_behind_a_sign() {
    for content in [vec![AS_IT_IS], vec![SPARED, 0, 0], vec![SPARED]] {
        let spared = spare(content.clone(), author());
        assert_eq!(spared.len(), content.len() + 1);
        assert_eq!(restore(spared, author()), content);
    }
}

#[test]
fn what_nobody_could_have_spared_stays_as_it_is() {
    for content in [vec![SPARED], vec![SPARED, 3, 1, 2], vec![SPARED, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(restore(content.clone(), author()), content);
    }
}

proptest! {
    #[test]
    fn whatever_is_spared_comes_back(begins in 0_u8..3, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let own = author().uuid();
        for content in [
            bytes.clone(),
            [&[begins], &bytes[..]].concat(),
            [&MAGIC, &bytes[..]].concat(),
            change(own.as_bytes(), &String::from_utf8_lossy(&bytes)),
        ] {
            prop_assert_eq!(restore(spare(content.clone(), author()), author()), content);
        }
    }

    #[test]
    fn restoring_what_comes_from_anywhere_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        restore([&[SPARED], &bytes[..]].concat(), author());
    }
}
