//! Who comes with an invitation, and who comes in vain: with a guess, with noise, with one that was used, taken back or is
//! over.

use super::*;
use mera_trust::{Arriving, Card, Entropy, Invitation, Newcomer};

/// Anna, who has invited somebody, and her clock.
struct Host {
    anna: Engine,
    world: Arc<Told>,
    invitation: Invitation,
    _folder: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let (folder, world) = (tempfile::tempdir().unwrap(), Told::new(1));
        let anna = Founding { relay: Some("ws://relay.example/sync".into()), ..founding("Anna", "A1") };
        let mut anna = Engine::found(folder.path(), anna, world.clone()).unwrap();
        anna.link.connected = true;
        let invite = Request::Invite { person: None, name: "Erik".into(), roles: vec!["sales".into()], hours: 1 };
        let Answer::Ok(Reply::Invitation(row)) = anna.answer(invite) else { panic!() };
        Self { anna, world, invitation: row.code.parse().unwrap(), _folder: folder }
    }

    fn hears(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        self.anna.met(self.invitation.meeting_place(), message).unwrap()
    }

    /// A device knocks and says who it is. Nothing if nobody answers to its knock.
    fn comes(&mut self, device: &Candidate) -> Option<Option<Vec<u8>>> {
        let (mut newcomer, knock) = Newcomer::knock(&self.invitation, Entropy::from_seed(&[9; 32])).unwrap();
        let answer = self.hears(&knock)?;
        let Card { device, sealing, .. } = device.card(nobody());
        let says = newcomer.introduce(&answer, &Arriving { device, sealing, name: "Eriks pc".into() }).unwrap();
        Some(self.hears(&says))
    }

    fn came(&self) -> Option<DeviceId> {
        self.anna.wishes.invitations.first()?.came.map(|card| card.device.device())
    }
}

fn nobody() -> PersonId {
    PersonId::new(uuid::Uuid::nil())
}

fn device(seed: u64) -> Candidate {
    Candidate::new(Told::new(seed).as_ref()).unwrap()
}

#[test]
fn an_invitation_brings_in_the_first_who_knows_its_secret_and_nobody_else() {
    let mut host = Host::new();
    for noise in [&[][..], &[0], &[7; 48], &[7; 4096]] {
        assert_eq!(host.hears(noise), None, "noise of {} bytes", noise.len());
    }
    let guess = Invitation { secret: [1; 16], ..host.invitation.clone() };
    let (_, knock) = Newcomer::knock(&guess, Entropy::from_seed(&[8; 32])).unwrap();
    assert_eq!(host.hears(&knock), None, "a guess");
    assert_eq!(host.anna.met(guess.meeting_place(), &knock).unwrap(), None, "where nobody was invited to");
    let (_, knock) = Newcomer::knock(&host.invitation, Entropy::from_seed(&[8; 32])).unwrap();
    assert_eq!(host.hears(&knock[..knock.len() - 1]), None, "a knock that was cut");
    assert_eq!(host.came(), None);

    let (erik, thief) = (device(11), device(12));
    assert_eq!(host.comes(&erik), Some(None), "Erik is heard, and waits until he stands in the chain");
    let came = host.came();
    assert_eq!(came, Some(erik.key().public().device()));
    assert_eq!(host.comes(&thief), Some(None), "who found the code afterwards knows the secret, and");
    assert_eq!(host.came(), came, "it brings in one device");

    let open = host.anna.wishes.invitations[0].clone();
    let admitted = host.anna.draft(&Intent::Admit { card: open.came.unwrap(), roles: open.roles }).unwrap();
    host.anna.learn(&[admitted]).unwrap();
    assert_eq!(host.comes(&thief), Some(None), "also later");
    assert!(host.comes(&erik).unwrap().is_some(), "Erik, whose line had broken, is told that he is in");
    assert_eq!(host.anna.members.now().devices().count(), 2);
}

#[test]
fn an_invitation_that_was_taken_back_or_is_over_brings_in_nobody() {
    let mut host = Host::new();
    let code = host.invitation.to_string();
    assert!(matches!(host.anna.answer(Request::Withdraw { code }), Answer::Ok(_)));
    assert_eq!(host.comes(&device(11)), None, "it was taken back");

    let mut host = Host::new();
    host.world.clock.fetch_add(61 * 60 * 1_000, Ordering::Relaxed);
    assert_eq!(host.comes(&device(11)), None, "it is over");
    assert!(host.anna.wishes.invitations.is_empty(), "and forgotten");
}

#[test]
fn an_invitation_that_cannot_be_read_is_over_or_is_of_a_newer_program_is_refused_before_anything_is_made() {
    let (host, place) = (Host::new(), tempfile::tempdir().unwrap());
    let over = Invitation { expires: 1, ..host.invitation.clone() }.to_string();
    let whole = host.invitation.to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (code, refusal) in [
        (over.as_str(), "invitation.expired"),
        (&whole[..whole.len() - 3], "invitation.none"),
        ("MERA2-00000-00000", "invitation.newer"),
        ("", "invitation.none"),
    ] {
        let arriving = crate::Arriving {
            invitation: code.to_owned(),
            name: "Eriks pc".into(),
            desk: Desk::Sales,
            series: "E1".into(),
            vault: Place::InFolder,
        };
        let folder = place.path().join("erik");
        let refused = runtime.block_on(crate::join(&folder, arriving, Told::new(3))).err().unwrap();
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (refusal, Some("invitation")), "{code}");
        assert!(!folder.exists());
    }
}
