//! What is erased, or let go of, goes from the log as well.

use super::*;
use crate::store::checkpointing::{NOW, said};
use crate::store::erasing::{finds, part, record, write};

/// Tidies as a relay does each minute.
fn tidy(relay: &SharedRelay) {
    relay.tidy(NOW + 40 * 24 * 60 * 60 * 1000).unwrap();
}

/// How many messages of the company the log still has.
fn messages(town: &Town, relay: &SharedRelay) -> u64 {
    town.runtime.block_on(relay.inner.line.log.get_info()).unwrap().state.messages
}

#[test]
fn what_was_erased_is_in_no_file_of_the_log_nor_of_any_relay_and_a_new_relay_begins_with_the_rest() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let (anna, bo) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    write(1, &mut hers, &[record(1), record(2)], Some(7));
    write(2, &mut his, &[record(1)], Some(8));
    let (gone, stays, late) = (part(&hers[0], 0), part(&hers[0], 1), part(&his[0], 0));
    relays[0].accept(company(), run(&anna, &hers, 0)).unwrap();
    relays[1].inner.catch_up().unwrap();
    let folders = [town.nats.files(), town.folder.path().join("a"), town.folder.path().join("b")];
    for folder in &folders {
        assert!(finds(folder, &gone), "or this test shows nothing: {}", folder.display());
    }
    write(1, &mut hers, &[record(1)], None);
    relays[1].accept(company(), run(&anna, &hers, 1)).unwrap();
    // It was written before its author had heard of the erasure.
    relays[0].accept(company(), run(&bo, &his, 0)).unwrap();
    relays.iter().for_each(tidy);
    for folder in &folders {
        for (what, bytes) in [("before", &gone), ("later", &late)] {
            assert!(!finds(folder, bytes), "{what}: {}", folder.display());
        }
        assert!(finds(folder, &stays), "{}", folder.display());
    }
    let third = town.relay("c");
    assert!(copy(&third) == copy(&relays[0]) && copy(&third) == copy(&relays[1]));
    assert!(!finds(&town.folder.path().join("c"), &gone));
    // Life goes on, and what is erased next goes as well, the first whole with it.
    let gone = stays;
    write(1, &mut hers, &[record(2)], None);
    third.accept(company(), run(&anna, &hers, 2)).unwrap();
    relays.iter().for_each(|relay| relay.inner.catch_up().unwrap());
    relays.iter().chain([&third]).for_each(tidy);
    for folder in folders.iter().chain([&town.folder.path().join("c")]) {
        assert!(!finds(folder, &gone), "{}", folder.display());
    }
    assert!(copy(&town.relay("d")) == copy(&relays[0]));
}

#[test]
fn a_relay_that_was_away_while_the_log_was_swept_goes_on_with_the_whole() {
    let Some(town) = Town::new() else { return };
    let (awake, asleep) = (town.first("a"), town.relay("b"));
    let key = DeviceKey::from_seed(&[1; 32]);
    let mut hers = Vec::new();
    (0..5).for_each(|_| write(1, &mut hers, &[record(1)], Some(7)));
    asleep.accept(company(), run(&key, &hers[..2], 0)).unwrap();
    let (folder, gone) = (town.folder.path().join("b"), part(&hers[0], 0));
    assert!(finds(&folder, &gone), "or this test shows nothing");
    town.close(asleep);
    awake.accept(company(), run(&key, &hers, 2)).unwrap();
    write(1, &mut hers, &[record(1)], None);
    awake.accept(company(), run(&key, &hers, 5)).unwrap();
    tidy(&awake);
    assert_eq!(messages(&town, &awake), 1, "the newest one stays");
    write(1, &mut hers, &[record(3)], Some(9));
    awake.accept(company(), run(&key, &hers, 6)).unwrap();
    let asleep = town.relay("b");
    assert!(copy(&asleep) == copy(&awake));
    tidy(&asleep);
    assert!(!finds(&folder, &gone), "what it had of it goes as well");
}

#[test]
fn what_another_relay_wrote_and_did_not_sweep_is_swept_after_a_while() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let key = DeviceKey::from_seed(&[1; 32]);
    let mut hers = Vec::new();
    write(1, &mut hers, &[record(1)], Some(7));
    write(1, &mut hers, &[record(1)], None);
    relays[0].accept(company(), run(&key, &hers[..1], 0)).unwrap();
    relays[0].accept(company(), run(&key, &hers, 1)).unwrap();
    relays[1].inner.catch_up().unwrap();
    let [a, b] = relays;
    town.close(a);
    let before = messages(&town, &b);
    tidy(&b);
    assert_eq!(messages(&town, &b), before, "the one that wrote it has a while to do it");
    (0..3).for_each(|_| tidy(&b));
    assert_eq!(messages(&town, &b), 1);
    assert!(!finds(&town.nats.files(), &part(&hers[0], 0)));
}

#[test]
fn at_a_checkpoint_every_relay_and_the_log_let_go_of_the_same() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let ([anna, bo], signed) = said();
    for n in 0..anna.1.len() {
        relays[n % 2].accept(company(), run(&anna.0, &anna.1[..=n], n)).unwrap();
    }
    relays[1].accept(company(), run(&bo.0, &bo.1, 0)).unwrap();
    for seed in 1..=5 {
        let device = DeviceKey::from_seed(&[seed; 32]).public().device();
        let state = PeerState { device, vector: Vector::default(), spoke: NOW };
        relays[0].confirm(company(), state, None).unwrap();
    }
    relays[0].extend(company(), &signed).unwrap();
    let before = messages(&town, &relays[0]);
    relays.iter().for_each(tidy);
    relays.iter().for_each(|relay| relay.inner.catch_up().unwrap());
    relays.iter().for_each(tidy);
    assert!(messages(&town, &relays[0]) < before);
    for relay in &relays {
        assert_eq!(relay.bases(company()).unwrap().entries(), 10, "what is before the checkpoint is let go of");
        assert_eq!(relay.disk().usage().1.entries, 4);
    }
    assert!(copy(&relays[0]) == copy(&relays[1]) && copy(&town.relay("c")) == copy(&relays[0]));
}
