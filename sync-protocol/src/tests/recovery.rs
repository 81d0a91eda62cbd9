//! Whoever holds the recovery code at the relay: what is let in, and what is not.

use super::company::{Logs, company, company_id};
use crate::session::client::Replica;
use crate::*;
use mera_trust::fixture::{card, recovery_code};
use mera_trust::{Act, Card, Entropy, GroupKeys, Intent, LogEnd, Membership, RecoveryCode, SignedStatement, Statement};
use std::sync::Arc;

fn knows_all() -> Logs {
    Logs { chain: company().chain.clone().into(), ..Logs::default() }
}

/// A statement by which the holder of a code makes device `n` administrator, behind a chain.
fn recovered(chain: &[SignedStatement], code: &RecoveryCode, n: u8) -> SignedStatement {
    let (members, mut keys) = (Membership::read(chain).unwrap(), GroupKeys::default());
    for signed in chain {
        keys.take(signed, 1, code.card().signing.device(), &code.sealing()).unwrap();
    }
    let key = code.signing();
    members.draft_recovery(card(n).2, (&key, &keys), 9, &mut Entropy::from_seed(&[n; 32])).unwrap()
}

/// What the relay says to whoever arrives with a key and knows nothing else.
fn arrives(key: DeviceKey, nonce: u8, relay: &Logs) -> (RelaySession, Vec<Frame>) {
    let (mut server, first) = RelaySession::open([nonce; 32], relay);
    let mut session = ClientSession::new(Arc::new(key), company_id(), None);
    let nothing = Stranger;
    let [ClientEffect::Send(hello)] = &session.frame(&first, &nothing).unwrap()[..] else { panic!() };
    let said = says(server.frame(hello, 1, relay));
    (server, said)
}

fn says(effects: Vec<RelayEffect>) -> Vec<Frame> {
    let frame = |effect| match effect {
        RelayEffect::Send(frame) => Some(Frame::decode(&frame).unwrap()),
        _ => None,
    };
    effects.into_iter().filter_map(frame).collect()
}

fn code_of(frames: &[Frame]) -> &str {
    match frames.last() {
        Some(Frame::Refused { code, .. } | Frame::NotExtended { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

fn extend(said: SignedStatement) -> Vec<u8> {
    Frame::Extend(Box::new(said)).encode()
}

/// Who has nothing.
struct Stranger;

impl Replica for Stranger {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(Vector::default())
    }
    fn runs_after(&self, _: mera_schema::DeviceId, _: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(Vec::new())
    }
    fn chain(&self) -> ChainPlace {
        ChainPlace::default()
    }
    fn statements(&self, _: u32, _: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(Vec::new())
    }
}

#[test]
fn the_holder_of_the_code_is_told_the_chain_and_makes_a_device_administrator() {
    let relay = knows_all();
    let (mut server, said) = arrives(recovery_code().signing(), 7, &relay);
    let told: Vec<SignedStatement> = said[..said.len() - 1]
        .iter()
        .flat_map(|frame| if let Frame::Chain(part) = frame { part.clone() } else { panic!("{frame:?}") })
        .collect();
    assert_eq!(told, company().chain);
    assert_eq!(said.last(), Some(&Frame::Welcome { own: 0, have: None }));
    let statement = recovered(&told, &recovery_code(), 9);
    let effects = server.frame(&extend(statement.clone()), 1, &relay);
    assert_eq!(effects[0], RelayEffect::Announce(company_id(), News::Members), "the others hear of it first");
    assert_eq!(says(effects), [Frame::Chain(vec![statement])]);
    assert!(relay.members().administers(card(9).2.device.device()));
}

#[test]
fn the_holder_of_the_code_may_do_nothing_else() {
    let place = Frame::Await { place: [1; 16], until: 9 };
    let meet = Frame::Meet { workspace: company_id(), place: [1; 16], message: vec![1] };
    let took = Frame::Took { arrival: 0, own: 0, held: 0, marks: Marks::default() };
    let rotate = company()
        .members
        .draft(
            &Intent::Rotate,
            (&card(1).0, &company().keys),
            |_| LogEnd::default(),
            5,
            &mut Entropy::from_seed(&[7; 32]),
        )
        .unwrap();
    let want = Frame::Want { device: card(1).2.device.device(), after: 0 };
    let frames = [
        Frame::Have(Vector::default()),
        Frame::Push(Vec::new()),
        Frame::AskPeers,
        Frame::Chain(Vec::new()),
        Frame::Extend(Box::new(rotate)),
        place,
        meet,
        took,
        want,
    ];
    for frame in frames {
        let relay = knows_all();
        let (mut server, _) = arrives(recovery_code().signing(), 7, &relay);
        let effects = server.frame(&frame.encode(), 1, &relay);
        assert_eq!(effects.last(), Some(&RelayEffect::Close), "{frame:?}");
        assert_eq!(code_of(&says(effects)), "sync.out_of_turn");
        assert_eq!(*relay.chain.borrow(), company().chain);
        assert_eq!(says(server.frame(&Frame::AskPeers.encode(), 1, &relay)).len(), 1, "and is heard no more");
    }
    let relay = knows_all();
    let (mut server, _) = arrives(recovery_code().signing(), 7, &relay);
    assert!(server.arrived(&relay).is_empty(), "what others write it is not told");
}

#[test]
fn another_key_learns_nothing_of_the_company() {
    let relay = knows_all();
    for key in [RecoveryCode::from_seed([99; 32]).signing(), card(9).0] {
        let (_, said) = arrives(key, 7, &relay);
        assert_eq!((said.len(), code_of(&said)), (1, "membership.stranger"));
    }
    let (_, said) = arrives(recovery_code().signing(), 7, &Logs::default());
    assert_eq!(code_of(&said), "membership.stranger", "a relay that does not know the company");
}

#[test]
fn a_recovery_that_the_code_did_not_sign_is_refused_whoever_brings_it() {
    let relay = knows_all();
    let said = recovered(&company().chain, &recovery_code(), 9);
    let other = RecoveryCode::from_seed([99; 32]).signing();
    let forged = Statement { signer: other.public(), ..said.statement.clone() }.sign(&other);
    let mut changed = said.clone();
    let Act::Recover { card: Card { person, .. }, .. } = &mut changed.statement.act else { panic!() };
    *person = card(8).2.person;
    for key in [recovery_code().signing(), card(2).0] {
        let (mut server, _) = arrives(key, 7, &relay);
        assert_eq!(code_of(&says(server.frame(&extend(forged.clone()), 1, &relay))), "recovery.no_code");
        assert_eq!(code_of(&says(server.frame(&extend(changed.clone()), 1, &relay))), "sync.bad_signature");
    }
    assert_eq!(*relay.chain.borrow(), company().chain);
}

#[test]
fn of_two_who_recover_at_once_the_second_is_told_what_the_first_said_and_says_it_anew() {
    let relay = knows_all();
    let (mut first, _) = arrives(recovery_code().signing(), 7, &relay);
    let (mut second, _) = arrives(recovery_code().signing(), 8, &relay);
    assert_ne!(first.guest(), second.guest(), "neither takes the other's seat");
    let hers = recovered(&company().chain, &recovery_code(), 8);
    first.frame(&extend(hers.clone()), 1, &relay);
    let said = says(second.frame(&extend(recovered(&company().chain, &recovery_code(), 9)), 1, &relay));
    assert_eq!((&said[0], code_of(&said)), (&Frame::Chain(vec![hers]), "membership.behind"));
    let chain = relay.chain.borrow().clone();
    second.frame(&extend(recovered(&chain, &recovery_code(), 9)), 1, &relay);
    for n in [8, 9] {
        assert!(relay.members().administers(card(n).2.device.device()), "{n}");
    }
}

#[test]
fn a_code_that_was_replaced_is_refused_by_name_also_while_its_holder_is_there() {
    let relay = knows_all();
    let (mut server, _) = arrives(recovery_code().signing(), 7, &relay);
    let early = recovered(&company().chain, &recovery_code(), 9);
    let new = RecoveryCode::from_seed([77; 32]);
    let replaced = company()
        .members
        .draft(
            &Intent::NewRecovery { recovery: new.card() },
            (&card(1).0, &company().keys),
            |_| LogEnd::default(),
            5,
            &mut Entropy::from_seed(&[7; 32]),
        )
        .unwrap();
    relay.chain.borrow_mut().push(replaced);
    let said = says(server.frame(&extend(early), 1, &relay));
    assert_eq!((said.len(), code_of(&said)), (1, "recovery.replaced"));
    let (_, said) = arrives(recovery_code().signing(), 7, &relay);
    assert_eq!((said.len(), code_of(&said)), (1, "recovery.replaced"), "and is told nothing of the members");
    let (_, said) = arrives(new.signing(), 7, &relay);
    assert!(matches!(said.last(), Some(Frame::Welcome { .. })));
}

#[test]
fn whoever_asks_without_end_is_sent_away() {
    let relay = knows_all();
    let (mut server, _) = arrives(recovery_code().signing(), 7, &relay);
    let said = recovered(&company().chain, &recovery_code(), 9);
    let mut forged = said.clone();
    forged.statement.time += 1;
    for _ in 0..8 {
        assert_eq!(code_of(&says(server.frame(&extend(forged.clone()), 1, &relay))), "sync.bad_signature");
    }
    let effects = server.frame(&extend(said), 1, &relay);
    assert_eq!(effects.last(), Some(&RelayEffect::Close));
    assert_eq!(code_of(&says(effects)), "sync.out_of_turn");
}
