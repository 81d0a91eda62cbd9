//! The members' chain: statements that came from somewhere, and acts of an administrator gone mad.

use mera_trust::fixture::{Fixture, card};
use mera_trust::{Act, Group, GroupKeys, Membership, SignedStatement, Statement};
use std::sync::OnceLock;

/// Reads bytes as a chain, and as acts that the founder has signed behind a true one.
pub fn read(bytes: &[u8]) {
    if let Ok(chain) = postcard::from_bytes::<Vec<SignedStatement>>(bytes)
        && let Ok(members) = Membership::read(&chain)
    {
        sound(&members);
    }
    let Ok(acts) = postcard::from_bytes::<Vec<Act>>(bytes) else { return };
    let (company, (key, sealing, _)) = (company(), card(1));
    let (mut members, mut keys) = (company.members.clone(), company.keys.clone());
    for act in acts {
        let (number, previous) = (members.length() + 1, members.head());
        let statement = Statement { number, previous, time: 0, signer: key.public(), act };
        let signed = statement.sign(&key);
        let before = members.clone();
        let stands = members.extend(&signed);
        sound(&members);
        if stands.is_err() {
            assert!(members == before, "what is refused changes nothing");
            continue;
        }
        went_on(&before, &members);
        let mut forged = signed.clone();
        forged.statement.time += 1;
        assert!(before.clone().extend(&forged).is_err(), "the signature covers all of it");
        // Nonsense in the place of a key is found by whom it is for.
        keys.take(&signed, members.epoch(), key.public().device(), &sealing).ok();
        let mut reached = GroupKeys::default();
        reached.reach_back([&signed].into_iter()).ok();
    }
}

fn company() -> &'static Fixture {
    static COMPANY: OnceLock<Fixture> = OnceLock::new();
    COMPANY.get_or_init(|| Fixture::of(3))
}

/// What holds after every chain that can be read.
fn sound(members: &Membership) {
    let administered = members.devices().any(|(device, _)| members.administers(device));
    assert!(administered, "a company is never without an administrator");
    for (device, standing) in members.devices() {
        assert_eq!(standing.card.device.device(), device, "an identity is that of its key");
        assert_eq!(members.admits(device).is_ok(), standing.revoked.is_none());
    }
    for group in Group::ALL {
        let recovery = members.recovery().signing.device();
        assert!(members.readers(group).any(|(reader, _)| reader == recovery), "the recovery code opens everything");
    }
}

/// What holds between two states of one chain.
fn went_on(before: &Membership, after: &Membership) {
    assert_eq!((after.length(), after.workspace()), (before.length() + 1, before.workspace()));
    assert!(after.epoch() == before.epoch() || after.epoch() == before.epoch() + 1);
    for (device, standing) in before.devices() {
        let now = after.device(device).expect("who was a member is remembered");
        assert!(standing.revoked.is_none() || now.revoked == standing.revoked, "nobody comes back from the dead");
        assert_eq!(now.card, standing.card, "nobody becomes somebody else");
    }
}
