//! A company's life as its chain tells it.
#![allow(clippy::unwrap_used)]

mod checkpoint;
mod recovery;

use super::*;
use mera_schema::{DeviceId, PersonId, RecordKind, WorkspaceId};
use proptest::prelude::*;
use uuid::Uuid;

/// A device with all its keys, and what it has read of the chain.
struct Member {
    key: DeviceKey,
    sealing: SealingKey,
    card: Card,
    chain: Vec<SignedStatement>,
    members: Membership,
    keys: GroupKeys,
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed(&[seed; 32])
}

fn card(seed: u8, person: u128) -> (DeviceKey, SealingKey, Card) {
    let (key, sealing) = (DeviceKey::from_seed(&[seed; 32]), SealingKey::from_seed(&[seed; 32]));
    let card = Card { device: key.public(), sealing: sealing.public(), person: PersonId::new(Uuid::from_u128(person)) };
    (key, sealing, card)
}

fn code() -> RecoveryCode {
    RecoveryCode::from_seed([200; 32])
}

impl Member {
    fn founder() -> Self {
        let (key, sealing, card) = card(1, 1);
        let first = Membership::begin(card, code().card(), &key, 1_000, &mut entropy(1)).unwrap();
        let members = Membership::read([&first]).unwrap();
        let mut member = Self { key, sealing, card, chain: Vec::new(), members, keys: GroupKeys::default() };
        member.learn(&[first]);
        member
    }

    fn joining(seed: u8, person: u128, chain: &[SignedStatement]) -> Self {
        let (key, sealing, card) = card(seed, person);
        let members = Membership::read(&chain[..1]).unwrap();
        let mut member = Self { key, sealing, card, chain: Vec::new(), members, keys: GroupKeys::default() };
        member.learn(chain);
        member
    }

    fn device(&self) -> DeviceId {
        self.card.device.device()
    }

    fn learn(&mut self, chain: &[SignedStatement]) {
        for signed in chain {
            if signed.statement.number > self.members.length() {
                self.members.extend(signed).unwrap();
            }
            if signed.statement.number as usize > self.chain.len() {
                self.keys.take(signed, self.members.epoch(), self.device(), &self.sealing).unwrap();
                self.chain.push(signed.clone());
            }
        }
        self.keys.reach_back(self.chain.iter()).unwrap();
    }

    fn draft(&self, intent: Intent) -> Result<SignedStatement, TrustFault> {
        let held = |_| LogEnd { last: 10, signature: None };
        self.members.draft(&intent, (&self.key, &self.keys), held, 2_000, &mut entropy(self.chain.len() as u8 + 50))
    }

    fn say(&mut self, intent: Intent) -> SignedStatement {
        let signed = self.draft(intent).unwrap();
        self.learn(std::slice::from_ref(&signed));
        signed
    }
}

fn roles(roles: &[Role]) -> Roles {
    roles.iter().copied().collect()
}

fn company() -> (Member, Member, Member) {
    let mut anna = Member::founder();
    let (_, _, bo) = card(2, 2);
    let (_, _, mads) = card(3, 3);
    anna.say(Intent::Admit { card: bo, roles: roles(&[Role::Office]) });
    anna.say(Intent::Admit { card: mads, roles: roles(&[Role::Warehouse]) });
    let (bo, mads) = (Member::joining(2, 2, &anna.chain), Member::joining(3, 3, &anna.chain));
    (anna, bo, mads)
}

const PLACE: [u8; 32] = [7; 32];

#[test]
fn contents_are_opened_by_who_may_read_them_and_by_nobody_else() {
    let (anna, bo, mads) = company();
    let author = anna.device();
    let sealed = |group| seal(&anna.keys, (group, 1), author, &PLACE, b"95 DKK").unwrap();
    for (group, readers, shut_out) in [
        (Group::HOUSE, vec![&bo, &mads], vec![]),
        (Group::SALES, vec![&bo], vec![&mads]),
        (Group::BOOKS, vec![], vec![&bo, &mads]),
    ] {
        let part = sealed(group);
        for reader in readers {
            assert_eq!(open(&reader.keys, 1, author, &PLACE, &part).unwrap(), b"95 DKK");
        }
        for other in shut_out {
            assert_eq!(open(&other.keys, 1, author, &PLACE, &part), Err(TrustFault::NoKey));
        }
    }
    let part = sealed(Group::SALES);
    let elsewhere = [
        open(&anna.keys, 1, bo.device(), &PLACE, &part),
        open(&anna.keys, 1, author, &[8; 32], &part),
        open(&anna.keys, 1, author, &PLACE, &SealedPart { group: Group::HOUSE, ..part.clone() }),
    ];
    for outcome in elsewhere {
        assert_eq!(outcome, Err(TrustFault::SealBroken));
    }
    for at in 0..part.bytes.len() {
        let mut wrong = part.clone();
        wrong.bytes[at] ^= 1;
        assert_eq!(open(&anna.keys, 1, author, &PLACE, &wrong), Err(TrustFault::SealBroken), "byte {at}");
    }
}

#[test]
fn who_is_revoked_reads_and_writes_nothing_more_and_who_stays_reads_everything() {
    let (mut anna, mut bo, mut mads) = company();
    let before = seal(&anna.keys, (Group::HOUSE, 1), anna.device(), &PLACE, b"before").unwrap();
    let revoked = anna.say(Intent::Revoke { device: mads.device() });
    bo.learn(std::slice::from_ref(&revoked));
    mads.learn(&[revoked]);
    let after = seal(&anna.keys, (Group::HOUSE, 2), anna.device(), &PLACE, b"after").unwrap();
    assert_eq!(open(&mads.keys, 2, anna.device(), &PLACE, &after), Err(TrustFault::NoKey));
    assert_eq!(open(&bo.keys, 2, anna.device(), &PLACE, &after).unwrap(), b"after");
    let order = Collection::of(RecordKind::Order);
    assert_eq!(bo.members.verdict((mads.device(), 10), Right::Write, [order]), Verdict::Counts);
    assert_eq!(bo.members.verdict((mads.device(), 11), Right::Write, [order]), Verdict::Revoked);
    assert_eq!(bo.members.admits(mads.device()), Err(TrustFault::Revoked));
    // Who comes later reads what was written before.
    let (_, _, late) = card(4, 4);
    anna.say(Intent::Admit { card: late, roles: roles(&[Role::Sales]) });
    let late = Member::joining(4, 4, &anna.chain);
    assert_eq!(open(&late.keys, 1, anna.device(), &PLACE, &before).unwrap(), b"before");
    assert_eq!(open(&late.keys, 2, anna.device(), &PLACE, &after).unwrap(), b"after");
}

#[test]
fn roles_are_judged_by_when_an_entry_was_written() {
    let (mut anna, bo, mut mads) = company();
    let (quote, order) = (Collection::of(RecordKind::Quote), Collection::of(RecordKind::Order));
    let table =
        |members: &Membership, seq, collection| members.verdict((mads.device(), seq), Right::Write, [collection]);
    assert_eq!(table(&anna.members, 5, order), Verdict::Counts);
    assert_eq!(table(&anna.members, 5, quote), Verdict::NoRight(quote));
    assert_eq!(table(&anna.members, 5, Collection(99)), Verdict::Counts, "only newer programs can judge");
    let customer = Collection::of(RecordKind::Customer);
    let erasing = |who: &Member, what| anna.members.verdict((who.device(), 5), Right::Erase, [what]);
    assert_eq!(erasing(&anna, customer), Verdict::Counts);
    assert_eq!(erasing(&anna, quote), Verdict::NoRight(quote), "nobody erases what the books rest on");
    assert_eq!(erasing(&anna, Collection(99)), Verdict::NoRight(Collection(99)), "nor what nobody here knows");
    assert_eq!(erasing(&mads, order), Verdict::NoRight(order));
    let person = mads.card.person;
    anna.say(Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    assert_eq!(anna.members.verdict((mads.device(), 10), Right::Write, [quote]), Verdict::NoRight(quote));
    assert_eq!(anna.members.verdict((mads.device(), 11), Right::Write, [quote]), Verdict::Counts);
    mads.learn(&anna.chain);
    assert!(mads.keys.has(Group::SALES, 1), "more roles bring more keys");
    let epoch = anna.members.epoch();
    anna.say(Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    mads.learn(&anna.chain);
    assert!(!mads.keys.has(Group::SALES, epoch + 1), "fewer roles bring no new keys");
    assert_eq!(bo.members.verdict((DeviceId::new(Uuid::from_u128(9)), 1), Right::Write, [order]), Verdict::Stranger);
}

#[test]
fn what_may_not_be_said_is_refused_and_says_why() {
    let (anna, bo, _) = company();
    let (_, _, stranger) = card(9, 9);
    let office = roles(&[Role::Office]);
    let table = [
        (bo.draft(Intent::Admit { card: stranger, roles: office }), TrustFault::NotAdministrator),
        (bo.draft(Intent::Revoke { device: anna.device() }), TrustFault::NotAdministrator),
        (anna.draft(Intent::Admit { card: bo.card, roles: office }), TrustFault::MemberAlready),
        (anna.draft(Intent::Admit { card: stranger, roles: Roles::default() }), TrustFault::Unknown),
        (anna.draft(Intent::Revoke { device: anna.device() }), TrustFault::LastAdministrator),
        (anna.draft(Intent::SetRoles { person: anna.card.person, roles: office }), TrustFault::LastAdministrator),
        (anna.draft(Intent::Revoke { device: stranger.device.device() }), TrustFault::Unknown),
        (anna.draft(Intent::Branch { card: bo.card }), TrustFault::Unknown),
    ];
    for (drafted, fault) in table {
        assert_eq!(drafted, Err(fault));
    }
}

#[test]
fn two_administrators_at_once_do_not_both_get_their_way() {
    let (mut anna, mut bo, _) = company();
    anna.say(Intent::SetRoles { person: bo.card.person, roles: Roles::all() });
    bo.learn(&anna.chain);
    let hers = anna.draft(Intent::Revoke { device: bo.device() }).unwrap();
    let his = bo.draft(Intent::Revoke { device: anna.device() }).unwrap();
    let mut relay = Membership::read(&anna.chain).unwrap();
    relay.extend(&hers).unwrap();
    assert!(matches!(relay.extend(&his), Err(TrustFault::ChainBroken { .. })));
}

#[test]
fn a_device_in_two_places_goes_on_under_a_second_identity_that_goes_when_it_goes() {
    let (mut anna, mut bo, _) = company();
    let (_, _, second) = card(22, 2);
    let branched = bo.say(Intent::Branch { card: second });
    anna.learn(&[branched]);
    let revoked = anna.say(Intent::Revoke { device: bo.device() });
    let Act::Revoke { devices, .. } = &revoked.statement.act else { panic!() };
    assert_eq!(devices.len(), 2);
    assert_eq!(anna.members.admits(second.device.device()), Err(TrustFault::Revoked));
}

#[test]
fn an_invitation_brings_in_who_knows_its_secret() {
    let (anna, _, _) = company();
    let invitation = Invitation {
        relay: "wss://relay.example/sync".into(),
        workspace: anna.members.workspace(),
        secret: [5; 16],
        expires: 1_000,
    };
    let read: Invitation = format!(" {}\n", invitation.to_string().to_lowercase()).parse().unwrap();
    assert_eq!(read, invitation);
    let (mut newcomer, knock) = Newcomer::knock(&read, entropy(3)).unwrap();
    let (mut host, answer) = Host::open(&invitation, entropy(4), &knock).unwrap();
    let (_, _, card) = card(8, 8);
    let arriving = Arriving { device: card.device, sealing: card.sealing, name: "Eriks telefon".into() };
    let message = newcomer.introduce(&answer, &arriving).unwrap();
    for secret in [b"Eriks".as_slice(), &card.device.0] {
        assert!(!message.windows(secret.len()).any(|part| part == secret), "the relay can read it");
    }
    assert_eq!(host.meet(&message).unwrap(), arriving);
    let admitted =
        Admitted { person: card.person, name: "Erik".into(), roles: roles(&[Role::Sales]), statement: (4, [1; 32]) };
    let welcome = host.welcome(&admitted).unwrap();
    assert_eq!(newcomer.welcomed(&welcome).unwrap(), admitted);

    let other = Invitation { secret: [6; 16], ..invitation.clone() };
    assert_ne!(other.meeting_place(), invitation.meeting_place());
    let (_, guessed) = Newcomer::knock(&other, entropy(3)).unwrap();
    assert!(matches!(Host::open(&invitation, entropy(4), &guessed), Err(TrustFault::InvitationRefused)));
    assert_eq!(host.meet(&message), Err(TrustFault::InvitationRefused), "a message is taken once");
    assert_eq!(invitation.still_holds(1_000_999), Ok(()));
    assert_eq!(invitation.still_holds(1_001_000), Err(TrustFault::InvitationExpired));
}

#[test]
fn an_invitation_that_was_copied_wrongly_is_not_taken_for_another() {
    let invitation = Invitation {
        relay: "ws://10.0.0.2:7070/sync".into(),
        workspace: WorkspaceId::new(Uuid::from_u128(7)),
        secret: [5; 16],
        expires: u64::MAX,
    };
    let text = invitation.to_string();
    for end in 0..text.len() {
        assert!(text[..end].parse::<Invitation>().is_err(), "cut at {end}");
    }
    for (at, sign) in text.char_indices().skip(6).filter(|(_, sign)| *sign != '-') {
        let other = if sign == 'X' { 'Y' } else { 'X' };
        let wrong = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert_eq!(wrong.parse::<Invitation>(), Err(TrustFault::NoInvitation), "{wrong}");
    }
    assert_eq!("MERA2-ABCDE".parse::<Invitation>(), Err(TrustFault::InvitationNewer));
    assert_eq!("".parse::<Invitation>(), Err(TrustFault::NoInvitation));
    assert_eq!(text.replace('0', "O").parse::<Invitation>().unwrap(), invitation, "a zero that was typed as O");
}

/// Every change of a single byte in a chain, every cut and every other order is refused or changes nothing.
#[test]
fn a_forged_reordered_or_cut_chain_is_refused() {
    let (mut anna, bo, mads) = company();
    anna.say(Intent::Revoke { device: mads.device() });
    drop(bo);
    let chain = &anna.chain;
    assert!(Membership::read([]).is_err());
    assert!(Membership::read(&chain[1..]).is_err(), "without its founding");
    assert!(Membership::read([&chain[0], &chain[2], &chain[1]]).is_err(), "in another order");
    assert!(Membership::read([&chain[0], &chain[1], &chain[3]]).is_err(), "with a gap");
    assert!(Membership::read([&chain[0], &chain[1], &chain[1]]).is_err(), "with a repetition");
    let whole = Membership::read(chain).unwrap();
    let bytes = postcard::to_allocvec(chain).unwrap();
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x01;
        let Ok(forged) = postcard::from_bytes::<Vec<SignedStatement>>(&wrong) else { continue };
        if let Ok(members) = Membership::read(&forged) {
            assert_ne!(forged, *chain, "byte {at}");
            assert_ne!(members.workspace(), whole.workspace(), "byte {at} makes another company of it at the most");
        }
    }
}

/// Whoever reads the chain counts on from these numbers.
#[test]
fn a_number_that_no_log_can_reach_is_refused_whoever_says_it() {
    let (anna, bo, _) = company();
    let far = |mut signed: SignedStatement| {
        let until = match &mut signed.statement.act {
            Act::Revoke { devices, .. } => devices.iter_mut().map(|(_, end)| &mut end.last).collect::<Vec<_>>(),
            Act::SetRoles { until, .. } => until.iter_mut().map(|(_, last)| last).collect(),
            other => panic!("{other:?}"),
        };
        until.into_iter().for_each(|last| *last = u64::MAX);
        signed.statement.sign(&anna.key)
    };
    let both = roles(&[Role::Office, Role::Sales]);
    for intent in [Intent::Revoke { device: bo.device() }, Intent::SetRoles { person: bo.card.person, roles: both }] {
        let said = anna.draft(intent).unwrap();
        assert_eq!(anna.members.clone().extend(&said), Ok(()));
        assert_eq!(anna.members.clone().extend(&far(said)), Err(TrustFault::Unknown));
    }
}

proptest! {
    #[test]
    fn any_text_is_an_invitation_or_is_refused(text in ".{0,200}") {
        text.parse::<Invitation>().ok();
        text.parse::<RecoveryCode>().ok();
    }

    #[test]
    fn any_bytes_are_a_chain_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(chain) = postcard::from_bytes::<Vec<SignedStatement>>(&bytes) {
            prop_assert!(Membership::read(&chain).is_err());
        }
    }
}
