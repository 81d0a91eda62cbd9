//! A device that was copied and used in both places: a power cut at any step of its second identity loses nothing.

use super::*;
use crate::engine::apart::Parting;
use mera_sync_protocol::Run;

/// Anna's device was copied when it held `common` entries. The copy's last change is with Bo, hers is not.
struct Copied {
    desks: Desks,
    quote: RecordRef,
    line: ItemId,
    /// The log as the relay has it: the copy's.
    relays: Vec<Run>,
    common: u64,
    _copy: tempfile::TempDir,
}

fn copied() -> Copied {
    let (mut desks, quote, line) = Desks::with_quote();
    desks.anna.store.flush().unwrap();
    let place = tempfile::tempdir().unwrap();
    misfortune::copy(desks.folders[0].path(), place.path());
    let common = desks.anna.written();
    let mut copy = Engine::open(place.path(), Told::new(8)).unwrap();
    change(&mut copy, quote, of_line(line, "quantity"), "5 pcs");
    carry(&copy, &mut desks.bo);
    let relays = copy.runs_after(copy.device(), 0, 0).unwrap();
    change(&mut desks.anna, quote, of_line(line, "quantity"), "3 pcs");
    done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Skagen Fisk")]));
    Copied { desks, quote, line, relays, common, _copy: place }
}

impl Copied {
    /// The conversation in which Anna's device finds where the two part, and the members learn of its second identity.
    fn finds_out(&mut self) {
        let anna = &mut self.desks.anna;
        anna.line_is_down(Some(Refused::new("sync.fork", "")));
        anna.is_let_in_to_compare(self.common + 1).unwrap();
        anna.compare(self.relays.clone()).unwrap();
        assert_eq!(anna.identity.apart().unwrap().common, self.common);
        let drafted = anna.draft(&anna.second_wanted().unwrap()).unwrap();
        anna.members.learn(std::slice::from_ref(&drafted)).unwrap();
        self.desks.bo.learn(&[drafted]).unwrap();
    }

    /// Both identities' logs are exchanged with Bo, and everybody sees both answers.
    fn ends_well(mut self) {
        let anna = &mut self.desks.anna;
        let second = anna.device();
        assert_eq!(second, anna.key().public().device());
        assert_ne!(second, anna.identity.first_device());
        anna.take(self.relays.clone(), None).unwrap();
        self.desks.meet();
        for engine in [&mut self.desks.anna, &mut self.desks.bo] {
            let clash = &page(engine, self.quote).clashes[0];
            let said: Vec<_> = clash.candidates.iter().map(|one| (&*one.value, one.by.device == second)).collect();
            assert_eq!(said.len(), 2, "{said:?}");
            assert!(said.contains(&("3 pcs", true)) && said.contains(&("5 pcs", false)), "{said:?}");
            let customers = Request::List { kind: RecordKind::Customer, query: "Skagen".into(), offset: 0, limit: 9 };
            assert!(matches!(engine.answer(customers), Answer::Ok(Reply::Page(page)) if page.total == 1));
            let named = engine.person(second);
            assert_eq!((&*named.person, &*named.device), ("Anna", "Annas pc (2)"));
        }
        let anna = &mut self.desks.anna;
        assert!(anna.store.tail().unwrap().is_empty());
        let number = done(anna, create(RecordKind::Quote, &[])).record.unwrap();
        assert_eq!(quote_of(&page(anna, number)).number, Field::One("T-A1B-0001".into()), "numbers of its own");
        change(anna, self.quote, of_line(self.line, "discount"), "5");
        self.desks.meet();
    }

    fn opens_again(mut self) -> Self {
        let Desks { folders, anna, bo } = self.desks;
        drop(anna);
        let anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
        self.desks = Desks { folders, anna, bo };
        self
    }
}

#[test]
fn what_was_written_in_both_places_stands_and_the_second_goes_on_under_a_name_of_its_own() {
    let mut copied = copied();
    copied.finds_out();
    assert!(copied.desks.anna.goes_on_apart().unwrap());
    let told = copied.desks.anna.link.trouble.clone().unwrap();
    assert_eq!((&*told.code, &*told.args["changes"], &*told.args["series"]), ("device.second_identity", "2", "A1B"));
    assert_eq!(copied.desks.anna.parting, Parting::None);
    copied.ends_well();
}

#[test]
fn a_power_cut_before_the_members_know_begins_the_comparison_again() {
    let mut copied = copied();
    let anna = &mut copied.desks.anna;
    anna.is_said_to_part();
    anna.is_let_in_to_compare(copied.common + 1).unwrap();
    anna.compare(copied.relays.clone()).unwrap();
    let wanted = anna.second_wanted();
    let mut copied = copied.opens_again();
    assert!(copied.desks.anna.compares());
    copied.finds_out();
    copied.desks.anna.goes_on_apart().unwrap();
    assert!(wanted.is_some());
    copied.ends_well();
}

#[test]
fn a_power_cut_behind_each_step_is_ended_at_the_next_start() {
    for steps in 1..=3 {
        let mut copied = copied();
        copied.finds_out();
        let anna = &mut copied.desks.anna;
        let touched = anna.take_off_tail(copied.common).unwrap();
        if steps > 1 {
            anna.rebuild(touched).unwrap();
            anna.outbox.clear().unwrap();
        }
        if steps > 2 {
            anna.identity.goes_on(copied.desks.folders[0].path(), "Annas pc (2)".into(), "A1B".into()).unwrap();
        }
        eprintln!("a power cut behind step {steps}");
        copied.opens_again().ends_well();
    }
}

#[test]
fn a_power_cut_while_the_changes_are_written_again_doubles_none() {
    let mut copied = copied();
    copied.finds_out();
    let tail: Vec<_> = (copied.common + 1..=copied.desks.anna.written())
        .map(|seq| (seq, copied.desks.anna.store.entry(copied.desks.anna.device(), seq).unwrap().unwrap()))
        .collect();
    let former = copied.desks.anna.device();
    copied.desks.anna.goes_on_apart().unwrap();
    let written = copied.desks.anna.written();
    // As if the last batch, which lets go of them, had not reached the disk.
    let mut batch = crate::store::Batch::default();
    tail.iter().for_each(|(seq, signed)| batch.tail(former, *seq, signed));
    copied.desks.anna.store.commit(batch).unwrap();
    let copied = copied.opens_again();
    assert_eq!(copied.desks.anna.written(), written);
    copied.ends_well();
}

#[test]
fn a_second_identity_that_the_relay_does_not_let_stand_yet_is_wanted_again_without_another_call() {
    let mut copied = copied();
    let Copied { desks, relays, common, .. } = &mut copied;
    let anna = &mut desks.anna;
    let clock = Told::new(70);
    anna.world = clock.clone();
    anna.redirect(Some("ws://relay/sync".into())).unwrap();
    anna.is_said_to_part();
    anna.is_let_in_to_compare(*common + 1).unwrap();
    anna.compare(relays.clone()).unwrap();
    let mut session = anna.session();
    anna.line_is_up();
    let mut wants_after = |anna: &mut Engine, effects| {
        follow(anna, &mut session, effects).unwrap();
        anna.wishes.wants()
    };
    let roll = || ClientEffect::NotExtended { code: "membership.roll".into(), says: "not yet".into() };
    assert!(wants_after(anna, vec![]));
    assert!(!wants_after(anna, vec![roll()]) && !wants_after(anna, vec![]), "it does not ask at every word");
    clock.goes_on(60_000);
    assert!(wants_after(anna, vec![]), "a minute later it asks again: nobody tells that everybody has called");
    assert!(!wants_after(anna, vec![roll()]));
    let said = desks.bo.draft(&Intent::Rotate).unwrap();
    assert!(wants_after(anna, vec![ClientEffect::Learn(vec![said])]), "the chain goes on at the relay again");
}

#[test]
fn a_relay_that_has_less_of_the_same_log_or_more_is_no_other_version() {
    let (mut desks, ..) = Desks::with_quote();
    let own = desks.anna.runs_after(desks.anna.device(), 0, 0).unwrap();
    desks.anna.is_said_to_part();
    desks.anna.is_let_in_to_compare(desks.anna.written()).unwrap();
    assert_eq!(desks.anna.compare(own).unwrap_err().code(), "device.one_version");
    assert!(!desks.anna.compares());
    desks.anna.is_said_to_part();
    assert_eq!(desks.anna.is_let_in_to_compare(0).unwrap_err().code(), "device.one_version");
}

#[test]
fn a_device_compares_before_it_pushes_once_the_relay_speaks_of_two_versions() {
    let mut copied = copied();
    let anna = &mut copied.desks.anna;
    let mut before: ClientSession = anna.session();
    let outcome = follow(anna, &mut before, vec![ClientEffect::CaughtUp]).unwrap();
    assert!(!outcome.more);
    let fork = anna.take(copied.relays.clone(), None).unwrap_err();
    assert_eq!(fork.code(), "sync.fork");
    assert!(anna.compares());
}
