//! Which checkpoints stand, and what they make stand for good.

use crate::fixture::{Fixture, card};
use crate::*;
use mera_schema::DeviceId;

fn device(n: u8) -> DeviceId {
    card(n).2.device.device()
}

fn base(seq: u64) -> Base {
    Base { seq, hash: [u8::try_from(seq).unwrap(); 32] }
}

/// A checkpoint over logs of devices up to these entries, with its records up to an entry of its maker's log.
fn over(logs: &[(u8, u64)], end: u64) -> Checkpoint {
    let mut covered: Vec<_> = logs.iter().map(|(n, seq)| (device(*n), base(*seq))).collect();
    covered.sort_unstable_by_key(|(device, _)| *device);
    Checkpoint { base: covered, seen: Vec::new(), begun: 1, end: base(end), records: 3 }
}

/// Drafts as device `n` would, knowing every log up to entry `held`.
fn draft(company: &Fixture, n: u8, intent: &Intent, held: u64) -> Result<SignedStatement, TrustFault> {
    let mut entropy = Entropy::from_seed(&[7; 32]);
    company.members.draft(
        intent,
        (&card(n).0, &company.keys),
        |_| LogEnd { last: held, signature: None },
        1_000,
        &mut entropy,
    )
}

#[test]
fn a_checkpoint_covers_what_counts_in_order_and_never_less_than_the_one_before() {
    let mut company = Fixture::of(3);
    company.say(&Intent::Checkpoint(over(&[(1, 4), (2, 9)], 6)));
    let reached = company.members.checkpoint().unwrap().clone();
    assert_eq!((reached.maker, reached.number), (device(1), company.members.length()));
    assert_eq!((reached.base_of(device(2)), reached.base_of(device(3))), (base(9), Base::default()));
    assert!(reached.is_covered(|_| 9) && !reached.is_covered(|_| 8));
    let unsorted = {
        let mut checkpoint = over(&[(1, 7), (2, 9)], 8);
        checkpoint.base.reverse();
        checkpoint
    };
    let another_hash = {
        let mut checkpoint = over(&[(1, 7), (2, 9)], 8);
        checkpoint.base.iter_mut().for_each(|(_, base)| base.hash = [99; 32]);
        checkpoint
    };
    let beyond_every_log = {
        let mut checkpoint = over(&[(1, 7), (2, 9)], 8);
        checkpoint.base.iter_mut().for_each(|(_, base)| base.seq = u64::MAX);
        Checkpoint { end: Base { seq: u64::MAX, ..checkpoint.end }, ..checkpoint }
    };
    let table = [
        ("further than any log reaches", beyond_every_log),
        ("a log is covered less than before", over(&[(1, 7), (2, 8)], 8)),
        ("a log that was covered is not named", over(&[(1, 7)], 8)),
        ("the former records are not covered", over(&[(1, 5), (2, 9)], 8)),
        ("the records are not behind what is covered", over(&[(1, 7), (2, 9)], 7)),
        ("a stranger's log", over(&[(1, 7), (2, 9), (77, 1)], 8)),
        ("nothing of a log", over(&[(1, 7), (2, 9), (3, 0)], 8)),
        ("another order", unsorted),
        ("another end of the same log", another_hash),
        ("begun behind itself", Checkpoint { begun: 5, ..over(&[(1, 7), (2, 9)], 8) }),
    ];
    for (name, wrong) in table {
        let refused = draft(&company, 1, &Intent::Checkpoint(wrong), 10);
        assert_eq!(refused.err(), Some(TrustFault::CheckpointUnfit), "{name}");
    }
    company.say(&Intent::Checkpoint(over(&[(1, 7), (2, 9), (3, 1)], 8)));
    assert_eq!(company.members.checkpoint().unwrap().checkpoint.end, base(8));
    assert_eq!(Membership::read(&company.chain).unwrap(), company.members);
}

/// The maker takes in what comes while it writes the records: what may be in them can no more be called void than what they cover.
#[test]
fn what_may_be_in_the_records_counts_for_good_and_what_was_decided_meanwhile_overtakes_them() {
    let mut company = Fixture::of(4);
    let seen = |seen: &[(u8, u64)], begun| Checkpoint {
        seen: seen.iter().map(|(n, seq)| (device(*n), *seq)).collect(),
        begun,
        ..over(&[(1, 2), (2, 5)], 8)
    };
    let begun = company.members.length();
    company.say(&Intent::Revoke { device: device(4) });
    let late = draft(&company, 1, &Intent::Checkpoint(seen(&[], begun)), 10);
    assert_eq!(late.err(), Some(TrustFault::CheckpointOvertaken));
    let begun = company.members.length();
    let void = draft(&company, 1, &Intent::Checkpoint(seen(&[(4, 11)], begun)), 10);
    assert_eq!(void.err(), Some(TrustFault::CheckpointUnfit));
    company.say(&Intent::Checkpoint(seen(&[(2, 7)], begun)));
    assert_eq!(
        (company.members.has_records_in(device(1), 2), company.members.has_records_in(device(1), 3)),
        (false, true)
    );
    assert_eq!(
        (company.members.has_records_in(device(1), 9), company.members.has_records_in(device(2), 3)),
        (false, false)
    );
    for (last, outcome) in [(6, Err(TrustFault::BeforeCheckpoint)), (7, Ok(()))] {
        let said = draft(&company, 1, &Intent::Revoke { device: device(2) }, last);
        assert_eq!(said.map(|_| ()), outcome, "{last}");
    }
}

#[test]
fn only_administrators_make_checkpoints() {
    let mut company = Fixture::of(2);
    let roles = [Role::Office].into_iter().collect();
    company.say(&Intent::SetRoles { person: card(2).2.person, roles });
    let refused = draft(&company, 2, &Intent::Checkpoint(over(&[(1, 1)], 3)), 10);
    assert_eq!(refused.err(), Some(TrustFault::NotAdministrator));
    let collection = Collection::of(mera_schema::RecordKind::Customer);
    assert!(!roles.may(Right::Snapshot, collection) && Roles::all().may(Right::Snapshot, collection));
}

#[test]
fn what_a_checkpoint_covers_and_its_own_records_cannot_be_called_void_any_more() {
    let mut company = Fixture::of(4);
    company.say(&Intent::Revoke { device: device(4) });
    let begun = company.members.length();
    let after = |checkpoint| Checkpoint { begun, ..checkpoint };
    let beyond = draft(&company, 1, &Intent::Checkpoint(after(over(&[(1, 2), (4, 11)], 20))), 10);
    assert_eq!(beyond.err(), Some(TrustFault::CheckpointUnfit), "what a revoked device wrote too late never counts");
    company.say(&Intent::Checkpoint(after(over(&[(1, 2), (2, 5), (4, 10)], 20))));
    let roles = [Role::Sales].into_iter().collect();
    let table = [
        (Intent::Revoke { device: device(2) }, 4, 5),
        (Intent::SetRoles { person: card(2).2.person, roles }, 4, 5),
        // The founder's own log holds the records.
        (Intent::Revoke { device: device(1) }, 19, 20),
        (Intent::SetRoles { person: card(1).2.person, roles }, 19, 20),
    ];
    for (intent, early, late) in table {
        assert_eq!(draft(&company, 1, &intent, early).err(), Some(TrustFault::BeforeCheckpoint), "{intent:?}");
        assert!(draft(&company, 1, &intent, late).is_ok(), "{intent:?}");
    }
}
