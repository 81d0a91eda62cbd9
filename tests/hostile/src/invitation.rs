//! What is scanned or typed, and what is said at a meeting.

use crate::shelf::shelf;
use mera_trust::fixture::card;
use mera_trust::{Arriving, Entropy, Host, Invitation, Newcomer, RecoveryCode};

/// Reads bytes as text that a person typed, and as what somebody says at the place of a meeting.
pub fn read(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(invitation) = text.parse::<Invitation>() {
            assert_eq!(invitation.to_string().parse(), Ok(invitation.clone()), "it is written as it is read");
            invitation.still_holds(u64::MAX).ok();
            met(&invitation, bytes);
        }
        if let Ok(code) = text.parse::<RecoveryCode>() {
            let again: RecoveryCode = code.to_string().parse().expect("it is written as it is read");
            assert_eq!(again.card(), code.card());
        }
    }
    met(&invitation(), bytes);
}

/// The invitation that the seeds are of.
pub fn invitation() -> Invitation {
    let relay = "ws://relay.example/sync".to_owned();
    Invitation { relay, workspace: shelf().company.workspace(), secret: [3; 16], expires: 4_000_000_000 }
}

/// Who does not know the secret gets nowhere, at either end and at any point.
fn met(invitation: &Invitation, says: &[u8]) {
    assert!(Host::open(invitation, entropy(1), says).is_err(), "nobody comes in without the secret");
    let (mut newcomer, knock) = Newcomer::knock(invitation, entropy(2)).expect("anybody may knock");
    let (mut host, answer) = Host::open(invitation, entropy(3), &knock).expect("who knows the secret is heard");
    assert!(host.meet(says).is_err(), "only who knocked is heard");
    let (_, _, card) = card(4);
    let arriving = Arriving { device: card.device, sealing: card.sealing, name: "Carls pc".into() };
    assert!(newcomer.introduce(says, &arriving).is_err(), "only the host is believed");
    let (mut newcomer, knock) = Newcomer::knock(invitation, entropy(4)).expect("anybody may knock");
    let (_, other) = Host::open(invitation, entropy(5), &knock).expect("who knows the secret is heard");
    assert_ne!(answer, other);
    newcomer.introduce(&other, &arriving).expect("the host is believed");
    assert!(newcomer.welcomed(says).is_err(), "only the host lets anybody in");
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed(&[seed; 32])
}
