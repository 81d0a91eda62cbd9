//! The company comes back by what it keeps on paper, and by nothing else.

use super::*;

/// The keys that a code opens of a chain, if it opens any.
fn opened(code: &RecoveryCode, chain: &[SignedStatement]) -> GroupKeys {
    let (id, mut keys) = (code.card().signing.device(), GroupKeys::default());
    for signed in chain {
        keys.take(signed, 1, id, &code.sealing()).unwrap();
    }
    keys
}

fn recovered(chain: &[SignedStatement], code: &RecoveryCode, card: Card) -> Result<SignedStatement, TrustFault> {
    let keys = opened(code, chain);
    Membership::read(chain)?.draft_recovery(card, (&code.signing(), &keys), 3_000, &mut entropy(9))
}

#[test]
fn the_recovery_code_brings_a_company_back_when_its_last_administrator_is_lost() {
    let (anna, _, _) = company();
    let before = seal(&anna.keys, (Group::BOOKS, 1), anna.device(), &PLACE, b"ledger").unwrap();
    let code: RecoveryCode = code().to_string().to_lowercase().replace('-', " ").parse().unwrap();
    let id = code.card().signing.device();
    let mut keys = GroupKeys::default();
    for signed in &anna.chain {
        keys.take(signed, 1, id, &code.sealing()).unwrap();
    }
    let (_, _, fresh) = card(5, 1);
    let drafted = anna.members.draft_recovery(fresh, (&code.signing(), &keys), 3_000, &mut entropy(9)).unwrap();
    let mut chain = anna.chain.clone();
    chain.push(drafted);
    let rescued = Member::joining(5, 1, &chain);
    assert!(rescued.members.administers(rescued.device()));
    assert_eq!(open(&rescued.keys, 1, anna.device(), &PLACE, &before).unwrap(), b"ledger");
    let (key, _, card) = card(6, 6);
    let guess = RecoveryCode::from_seed([99; 32]);
    let forged = anna.members.draft_recovery(card, (&guess.signing(), &anna.keys), 3_000, &mut entropy(9));
    assert_eq!(forged, Err(TrustFault::NoRecoveryCode));
    drop(key);
    assert!("MERA-RECOVERY1-AAAAA".parse::<RecoveryCode>().is_err());
}

/// Bo, who is of the office, writes a statement that only the holder of the code may write.
#[test]
fn a_recovery_that_somebody_else_signs_or_that_was_changed_is_refused() {
    let (anna, bo, _) = company();
    let (_, _, fresh) = card(5, 9);
    let said = recovered(&anna.chain, &code(), fresh).unwrap();
    let mut members = anna.members.clone();
    for key in [&bo.key, &anna.key, &RecoveryCode::from_seed([99; 32]).signing()] {
        let forged = Statement { signer: key.public(), ..said.statement.clone() }.sign(key);
        assert_eq!(members.extend(&forged), Err(TrustFault::NoRecoveryCode));
    }
    let mut other = said.clone();
    let Act::Recover { card, .. } = &mut other.statement.act else { panic!() };
    *card = bo.card;
    assert_eq!(members.extend(&other), Err(TrustFault::BadSignature));
    assert_eq!(members, anna.members, "what is refused changes nothing");
    assert_eq!(members.extend(&said), Ok(()));
    assert_eq!(members.extend(&said), Err(TrustFault::ChainBroken { number: 4 }), "a second time");
}

#[test]
fn nobody_who_did_less_becomes_administrator_on_devices_that_nobody_named() {
    let (anna, bo, _) = company();
    let (_, _, second) = card(5, 2);
    assert_eq!(recovered(&anna.chain, &code(), second), Err(TrustFault::Unknown), "Bo is of the office");
    assert_eq!(recovered(&anna.chain, &code(), bo.card), Err(TrustFault::Unknown));
    assert_eq!(recovered(&anna.chain, &code(), anna.card), Err(TrustFault::MemberAlready));
    let card_of_the_code = Card { device: code().card().signing, sealing: code().card().sealing, ..card(5, 9).2 };
    assert_eq!(recovered(&anna.chain, &code(), card_of_the_code), Err(TrustFault::MemberAlready));
}

#[test]
fn a_code_that_was_replaced_opens_nothing_that_comes_after_and_recovers_nobody() {
    let (mut anna, mut bo, _) = company();
    let (old, new) = (code(), RecoveryCode::from_seed([201; 32]));
    let recovery = new.card();
    assert_eq!(bo.draft(Intent::NewRecovery { recovery }), Err(TrustFault::NotAdministrator));
    for taken in [old.card(), Recovery { signing: bo.card.device, sealing: bo.card.sealing }] {
        assert_eq!(anna.draft(Intent::NewRecovery { recovery: taken }), Err(TrustFault::MemberAlready));
    }
    let before = seal(&anna.keys, (Group::BOOKS, 1), anna.device(), &PLACE, b"before").unwrap();
    anna.say(Intent::NewRecovery { recovery });
    bo.learn(&anna.chain);
    let after = seal(&anna.keys, (Group::BOOKS, 2), anna.device(), &PLACE, b"after").unwrap();

    let old_keys = opened(&old, &anna.chain);
    assert!(old_keys.has(Group::BOOKS, 1), "what it opened before, it opened");
    assert_eq!(open(&old_keys, 2, anna.device(), &PLACE, &after), Err(TrustFault::NoKey));
    let (_, _, fresh) = card(5, 9);
    assert_eq!(recovered(&anna.chain, &old, fresh), Err(TrustFault::RecoveryCodeReplaced));
    // Also when its holder has the newest keys from elsewhere and signs without asking.
    let drafted = recovered(&anna.chain, &new, fresh).unwrap();
    let forged = Statement { signer: old.card().signing, ..drafted.statement.clone() }.sign(&old.signing());
    assert_eq!(bo.members.extend(&forged), Err(TrustFault::RecoveryCodeReplaced));
    let back = anna.draft(Intent::NewRecovery { recovery: old.card() });
    assert_eq!(back, Err(TrustFault::MemberAlready), "a code that was seen never holds again");

    let chain = [anna.chain.clone(), vec![drafted]].concat();
    let rescued = Member::joining(5, 9, &chain);
    assert!(rescued.members.administers(rescued.device()));
    assert_eq!(open(&rescued.keys, 1, anna.device(), &PLACE, &before).unwrap(), b"before");
    assert_eq!(open(&rescued.keys, 2, anna.device(), &PLACE, &after).unwrap(), b"after");
    assert!(opened(&new, &chain).has(Group::BOOKS, 3), "and the code holds on");
}

#[test]
fn of_two_who_recover_at_once_the_second_says_it_behind_the_first() {
    let (anna, _, _) = company();
    let (first, second) = (card(5, 8).2, card(6, 9).2);
    let hers = recovered(&anna.chain, &code(), first).unwrap();
    let his = recovered(&anna.chain, &code(), second).unwrap();
    let mut chain = anna.chain.clone();
    chain.push(hers);
    let mut relay = Membership::read(&chain).unwrap();
    assert!(matches!(relay.extend(&his), Err(TrustFault::ChainBroken { .. })));
    assert_eq!(relay.extend(&recovered(&chain, &code(), second).unwrap()), Ok(()));
    assert!([first, second].iter().all(|card| relay.administers(card.device.device())));
}

#[test]
fn a_code_that_was_copied_wrongly_or_is_of_a_newer_program_is_told_apart() {
    let company = WorkspaceId::new(Uuid::from_u128(7));
    let text = code().of(company).to_string();
    assert!(text.starts_with("MERA-RECOVERY2-"), "{text}");
    let read: RecoveryCode = format!(" {} \n", text.to_lowercase().replace('-', " ")).parse().unwrap();
    assert_eq!((read.company(), read.card()), (Some(company), code().card()));
    assert_eq!(code().to_string().parse::<RecoveryCode>().unwrap().company(), None, "one of the first version");
    let fault = |text: &str| text.parse::<RecoveryCode>().err();
    for end in 0..text.len() {
        assert_eq!(fault(&text[..end]), Some(TrustFault::NoRecoveryCode), "cut at {end}");
    }
    for (at, sign) in text.char_indices().skip("MERA-RECOVERY2-".len()).filter(|(_, sign)| *sign != '-') {
        let other = if sign == 'X' { 'Y' } else { 'X' };
        let wrong = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert_eq!(fault(&wrong), Some(TrustFault::NoRecoveryCode), "{wrong}");
    }
    assert_eq!(fault(&text.replace("RECOVERY2", "RECOVERY3")), Some(TrustFault::RecoveryCodeNewer));
    assert_eq!(fault(&text.replace("RECOVERY2", "RECOVERY1")), Some(TrustFault::NoRecoveryCode));
    assert_eq!(fault(&code().to_string().replace("RECOVERY1", "RECOVERY2")), Some(TrustFault::NoRecoveryCode));
}
