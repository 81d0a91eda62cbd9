//! Who is let in, who is cut off, and whose entries stand.

use super::company::{Device, Logs, company, company_id, talk, talk_in};
use crate::*;
use mera_schema::RecordKind;
use mera_trust::fixture::{Fixture, card};
use mera_trust::{Entropy, Intent, LogEnd, Membership, Role, SignedStatement};

fn knows_all() -> Logs {
    Logs { chain: company().chain.clone().into(), ..Logs::default() }
}

/// What the founder says next in the chain that a replica has.
pub(super) fn said(chain: &[SignedStatement], intent: &Intent) -> SignedStatement {
    said_until(chain, intent, 1)
}

/// The same, where entries up to one number stand as they were.
fn said_until(chain: &[SignedStatement], intent: &Intent, last: u64) -> SignedStatement {
    let (key, sealing, _) = card(1);
    let members = Membership::read(chain).unwrap();
    let mut keys = mera_trust::GroupKeys::default();
    for signed in chain {
        keys.take(signed, members.epoch(), key.public().device(), &sealing).unwrap();
    }
    members
        .draft(intent, (&key, &keys), |_| LogEnd { last, signature: None }, 5, &mut Entropy::from_seed(&[77; 32]))
        .unwrap()
}

/// The frames that a device gets from the relay until both are silent.
fn refusal(device: &mut Device, relay: &Logs) -> String {
    talk(device, relay, 1000).unwrap_err().code().to_owned()
}

#[test]
fn a_stranger_is_not_let_in_and_learns_nothing_of_the_members() {
    let relay = knows_all();
    let mut stranger = Device::new(9);
    *stranger.logs.chain.borrow_mut() = company().chain[..1].to_vec();
    assert_eq!(refusal(&mut stranger, &relay), "membership.stranger");
    assert_eq!(stranger.logs.chain.borrow().len(), 1);
}

#[test]
fn a_new_relay_and_a_new_device_learn_the_chain_from_whoever_has_it() {
    let relay = Logs::default();
    let mut anna = Device::new(1);
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(*relay.chain.borrow(), company().chain);
    let mut bo = Device::new(2);
    *bo.logs.chain.borrow_mut() = company().chain[..1].to_vec();
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(*bo.logs.chain.borrow(), company().chain);
}

#[test]
fn a_chain_of_another_company_or_a_forked_one_is_refused() {
    let relay = knows_all();
    let mut anna = Device::new(1);
    let mut other = Fixture::of(1);
    other.say(&Intent::Rotate);
    // The relay of this company has three statements, as this forged one has.
    other.say(&Intent::Rotate);
    *anna.logs.chain.borrow_mut() = other.chain.clone();
    assert_eq!(refusal(&mut anna, &relay), "membership.forked");
    let mut bo = Device::new(2);
    bo.logs.chain.borrow_mut().push(said(&company().chain, &Intent::Rotate));
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(relay.chain.borrow().len(), 4, "what a device has, the relay learns");
}

#[test]
fn what_a_connected_device_hears_of_the_members_elsewhere_it_tells_the_relay_before_somebody_says_something_else() {
    let relay = knows_all();
    let bo = Device::new(2);
    let (mut server, first) = RelaySession::open([7; 32], &relay);
    let mut session = bo.session();
    let mut frames = vec![first];
    while let Some(frame) = frames.pop() {
        for effect in session.frame(&frame, &bo.logs).unwrap() {
            let ClientEffect::Send(said) = effect else { continue };
            frames.extend(server.frame(&said, 1, &relay).into_iter().filter_map(sent));
        }
    }
    assert_eq!(session.tell_members(&bo.logs).unwrap(), [], "the relay knows all that he knows");
    // In the basement he hears of two statements that the lost relay before this one was told.
    let before = company().chain.clone();
    let rotated = said(&before, &Intent::Rotate);
    let heard = [before.clone(), vec![rotated]].concat();
    let again = said(&heard, &Intent::Rotate);
    let heard = [heard, vec![again]].concat();
    *bo.logs.chain.borrow_mut() = heard.clone();
    let told = session.tell_members(&bo.logs).unwrap();
    assert_eq!(told.len(), 2, "one at a time");
    for effect in told {
        let said = sent_by(effect);
        let effects = server.frame(&said, 1, &relay);
        assert_eq!(effects, [RelayEffect::Announce(company_id(), News::Members)], "nothing goes back to him");
    }
    assert_eq!(*relay.chain.borrow(), heard);
    assert_eq!(session.tell_members(&bo.logs).unwrap(), []);
    // An administrator who did not hear of it comes too late with something else, and has it to go by.
    let other = said(&before, &Intent::Revoke { device: bo.id() });
    assert_eq!(RelayStore::extend(&relay, company_id(), &other).unwrap_err().code(), "membership.behind");
    // Twice is as good as once, and nothing at all is no word.
    let effects = server.frame(&Frame::Chain(Vec::new()).encode(), 1, &relay);
    assert!(matches!(&effects[..], [RelayEffect::Send(_), RelayEffect::Close]), "{effects:?}");
}

fn sent(effect: RelayEffect) -> Option<Vec<u8>> {
    if let RelayEffect::Send(frame) = effect { Some(frame) } else { None }
}

fn sent_by(effect: ClientEffect) -> Vec<u8> {
    match effect {
        ClientEffect::Send(frame) => frame,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_revoked_is_told_so_by_the_chain_and_cut_off_at_once() {
    let relay = knows_all();
    let mut bo = Device::new(2);
    bo.write("before");
    let (mut server, first) = RelaySession::open([7; 32], &relay);
    let mut session = bo.session();
    let [ClientEffect::Send(hello)] = &session.frame(&first, &bo.logs).unwrap()[..] else { panic!() };
    server.frame(hello, 1, &relay);
    let revoked = said(&company().chain, &Intent::Revoke { device: bo.id() });
    relay.chain.borrow_mut().push(revoked.clone());
    let effects = server.arrived(&relay);
    let [RelayEffect::Send(chain), RelayEffect::Send(refused), RelayEffect::Close] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(Frame::decode(chain).unwrap(), Frame::Chain(vec![revoked]));
    let Frame::Refused { code, .. } = Frame::decode(refused).unwrap() else { panic!() };
    assert_eq!(code, "membership.revoked");
    assert_eq!(server.frame(&Frame::AskPeers.encode(), 1, &relay).len(), 2, "and heard no more");
    // A new connection ends the same way, and what the device wrote meanwhile stays outside.
    bo.write("after");
    assert_eq!(refusal(&mut bo, &relay), "membership.revoked");
    assert_eq!(bo.logs.chain.borrow().len(), 4, "the device can see for itself that it was revoked");
    assert_eq!(RelayStore::vector(&relay, company_id()).unwrap().of(bo.id()), 0);
}

/// A relay that lost its disk is filled by whoever comes first. It may hear meanwhile, from somebody else, that one of those
/// whose logs are on the way was taken out.
#[test]
fn a_log_that_was_ended_while_a_colleague_brings_it_comes_as_far_as_it_counts() {
    let relay = knows_all();
    let (carla, bo) = (Device::new(3), Device::new(2));
    carla.write("counts");
    bo.logs.take(carla.run().verify(company_id()).unwrap()).unwrap();
    let end = carla.run().signature;
    carla.write("does not");
    bo.logs.take(carla.logs.cut(carla.id(), 0).unwrap().verify(company_id()).unwrap()).unwrap();
    let (mut server, first) = RelaySession::open([7; 32], &relay);
    let mut session = bo.session();
    let mut down = vec![first];
    let mut told = Vec::new();
    while let Some(frame) = (!down.is_empty()).then(|| down.remove(0)) {
        if matches!(Frame::decode(&frame).unwrap(), Frame::Welcome { .. }) {
            let intent = Intent::Revoke { device: carla.id() };
            relay.chain.borrow_mut().push(said_until(&company().chain, &intent, 1));
        }
        for effect in session.frame(&frame, &bo.logs).unwrap() {
            match effect {
                ClientEffect::Send(said) => {
                    told.push(Frame::decode(&said).unwrap());
                    down.extend(server.frame(&said, 1, &relay).into_iter().filter_map(sent));
                }
                ClientEffect::Learn(statements) => {
                    // He ends the log where the chain ends it.
                    bo.logs.chain.borrow_mut().extend(statements);
                    bo.logs.logs.borrow_mut().get_mut(&carla.id()).unwrap().1.truncate(1);
                    bo.logs.logs.borrow_mut().get_mut(&carla.id()).unwrap().1[0].signature = Some(end.clone());
                }
                _ => {}
            }
        }
    }
    let pushed: Vec<u64> = told
        .iter()
        .filter_map(|frame| if let Frame::Push(runs) = frame { Some(runs[0].last()) } else { None })
        .collect();
    assert_eq!(pushed, [2, 1]);
    assert_eq!(RelayStore::vector(&relay, company_id()).unwrap().of(carla.id()), 1);
    bo.write("goes on");
    assert!(!session.committed(&bo.logs).unwrap().is_empty(), "the conversation goes on");
}

#[test]
fn an_entry_in_a_collection_its_author_has_no_right_to_is_refused_whoever_brings_it() {
    let relay = knows_all();
    let (_, _, bo_card) = card(2);
    let warehouse = [Role::Warehouse].into_iter().collect();
    relay
        .chain
        .borrow_mut()
        .push(said(&company().chain, &Intent::SetRoles { person: bo_card.person, roles: warehouse }));
    let mut bo = Device::new(2);
    bo.write_in(RecordKind::Quote, "when he still was in sales");
    bo.write_in(RecordKind::Order, "as he may");
    talk(&mut bo, &relay, 1000).unwrap();
    bo.write_in(RecordKind::Quote, "as he may not");
    assert_eq!(refusal(&mut bo, &relay), "sync.no_right");
    let mut anna = Device::new(1);
    anna.logs.take(bo.run().verify(company_id()).unwrap()).unwrap();
    let fresh = Logs::default();
    *anna.logs.chain.borrow_mut() = relay.chain.borrow().clone();
    let fault = talk(&mut anna, &fresh, 1000).unwrap_err();
    assert_eq!(fault.code(), "sync.no_right");
    // Without its content it says nothing, and the log goes on.
    let mut logs = bo.logs.logs.borrow_mut();
    let last = logs.get_mut(&bo.key.public().device()).unwrap().1.last_mut().unwrap();
    last.entry.payload = last.entry.payload.erased();
    drop(logs);
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(RelayStore::vector(&relay, company_id()).unwrap().of(bo.id()), 3);
}

#[test]
fn an_entry_under_keys_of_which_the_chain_does_not_tell_is_refused() {
    let bo = Device::new(2);
    bo.write("under the keys of the first epoch");
    let run = bo.run().verify(company_id()).unwrap();
    assert_eq!(judge(&company().members, &run), Ok(()));
    let mut newer = run;
    newer.entries[0].entry.epoch += 1;
    assert_eq!(judge(&company().members, &newer).unwrap_err().code(), "membership.newer_keys");
}

#[test]
fn what_is_worse_than_a_missing_right_is_said_also_when_it_stands_behind_one() {
    let (_, _, bo_card) = card(2);
    let warehouse = [Role::Warehouse].into_iter().collect();
    let mut chain = company().chain.clone();
    chain.push(said(&chain, &Intent::SetRoles { person: bo_card.person, roles: warehouse }));
    let bo = Device::new(2);
    bo.write_in(RecordKind::Quote, "when he still was in sales");
    bo.write_in(RecordKind::Quote, "as he may not");
    bo.write_in(RecordKind::Order, "as he may");
    let run = bo.run().verify(company_id()).unwrap();
    let members = Membership::read(&chain).unwrap();
    assert_eq!(judge(&members, &run).unwrap_err().code(), "sync.no_right");
    let mut newer = run.clone();
    newer.entries[2].entry.epoch = 9;
    assert_eq!(judge(&members, &newer).unwrap_err().code(), "membership.newer_keys");
    chain.push(said_until(&chain, &Intent::Revoke { device: bo.id() }, 2));
    let members = Membership::read(&chain).unwrap();
    assert_eq!(judge(&members, &run).unwrap_err().code(), "membership.revoked");
}

#[test]
fn of_two_administrators_at_once_the_second_is_told_and_has_the_firsts_word_to_go_by() {
    let relay = knows_all();
    let (mut anna, mut bo) = (Device::new(1), Device::new(2));
    let hers = said(&company().chain, &Intent::Rotate);
    let his = {
        let mut entropy = Entropy::from_seed(&[5; 32]);
        let intent = Intent::Revoke { device: card(3).2.device.device() };
        company().members.draft(&intent, (&card(2).0, &company().keys), |_| LogEnd::default(), 6, &mut entropy).unwrap()
    };
    for (device, statement) in [(&mut anna, hers.clone()), (&mut bo, his)] {
        let (mut session, mut server) = (device.session(), RelaySession::open([7; 32], &relay));
        let mut down = vec![server.1.clone()];
        let mut asked = false;
        while let Some(frame) = down.pop() {
            let mut effects = session.frame(&frame, &device.logs).unwrap();
            if effects.iter().any(|effect| matches!(effect, ClientEffect::Welcomed { .. })) && !asked {
                asked = true;
                effects.extend(session.extend(statement.clone()));
            }
            for effect in effects {
                match effect {
                    ClientEffect::Send(frame) => {
                        let told = server.0.frame(&frame, 1, &relay);
                        down.extend(told.into_iter().rev().filter_map(|effect| match effect {
                            RelayEffect::Send(frame) => Some(frame),
                            _ => None,
                        }));
                    }
                    ClientEffect::Learn(statements) => device.logs.chain.borrow_mut().extend(statements),
                    ClientEffect::NotExtended { code, .. } => device.not_extended = Some(code),
                    _ => {}
                }
            }
        }
    }
    assert_eq!(anna.not_extended, None);
    assert_eq!(bo.not_extended.as_deref(), Some("membership.behind"));
    assert_eq!(relay.chain.borrow().last(), Some(&hers));
    assert_eq!(bo.logs.chain.borrow().last(), Some(&hers), "he looks again with what she said");
}

#[test]
fn contents_are_bound_to_their_place() {
    let anna = Device::new(1);
    anna.write("one");
    anna.write("two");
    let run = anna.run().verify(company_id()).unwrap();
    let placed: Vec<_> = run.placed().collect();
    let keys = &company().keys;
    let content = Content::open(&placed[1].1.entry, &placed[1].0, keys).unwrap();
    assert_eq!(content.chunks[0].1, b"two");
    assert!(Content::open(&placed[1].1.entry, &placed[0].0, keys).is_err(), "moved to another place");
    let locked = Content::open(&placed[0].1.entry, &placed[0].0, &mera_trust::GroupKeys::default()).unwrap();
    assert_eq!((locked.chunks.len(), locked.locked.len()), (0, 1));
    let [Part::Present(part)] = &placed[0].1.entry.payload.0[..] else { panic!() };
    assert!(!part.bytes.windows(3).any(|part| part == b"one"));
}

#[test]
fn a_newcomer_and_a_host_meet_and_others_are_turned_away() {
    let relay = knows_all();
    let (mut server, _) = RelaySession::open([7; 32], &relay);
    let meet = |size| Frame::Meet { workspace: company_id(), place: [1; 16], message: vec![0; size] }.encode();
    let effects = server.frame(&meet(100), 1, &relay);
    assert!(matches!(&effects[..], [RelayEffect::Meet { place: [1, ..], .. }]), "{effects:?}");
    assert_eq!(server.frame(&Frame::AskPeers.encode(), 1, &relay).len(), 2, "it may do nothing else");
    let (mut server, _) = RelaySession::open([7; 32], &relay);
    assert!(matches!(&server.frame(&meet(MEETING_LIMIT + 1), 1, &relay)[..], [_, RelayEffect::Close]));
    let (mut server, _) = RelaySession::open([7; 32], &relay);
    server.frame(&meet(1), 1, &relay);
    assert!(matches!(&server.nobody_there()[..], [RelayEffect::Send(_), RelayEffect::Close]));
    let mut anna = Device::new(1);
    let mut session = anna.session();
    talk_in(&mut anna, &mut session, &relay, 1000).unwrap();
    assert!(session.await_newcomer([1; 16], 9).is_some());
}

#[test]
fn only_an_administrator_goes_on_without_devices_that_have_not_called() {
    let relay = knows_all();
    let warehouse = [Role::Warehouse].into_iter().collect();
    let moved = said(&company().chain, &Intent::SetRoles { person: card(2).2.person, roles: warehouse });
    relay.chain.borrow_mut().push(moved);
    for (who, expected) in [(1, None), (2, Some("membership.not_administrator"))] {
        let device = Device::new(who);
        *device.logs.chain.borrow_mut() = relay.chain.borrow().clone();
        let (mut server, first) = RelaySession::open([7; 32], &relay);
        let mut client = device.session();
        let hello = client.frame(&first, &device.logs).unwrap();
        let ClientEffect::Send(hello) = &hello[0] else { panic!() };
        assert!(server.frame(hello, 1, &relay).iter().any(|effect| matches!(effect, RelayEffect::Send(_))));
        let answer = server.frame(&Frame::GoOn.encode(), 1, &relay);
        let refused = answer.iter().find_map(|effect| match effect {
            RelayEffect::Send(frame) => match Frame::decode(frame).unwrap() {
                Frame::Refused { code, .. } => Some(code),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(refused.as_deref(), expected);
    }
}
