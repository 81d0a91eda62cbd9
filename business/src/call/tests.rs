//! Which step of a call follows from where, and who is told.

use super::*;
use crate::trial::{named, write};
use mera_schema::{Candidate, RecordKind, RecordTree};

const CALL: RecordRef = named(RecordKind::Call, 1);
const BO: RecordRef = named(RecordKind::Employee, 2);
const ANNA: RecordRef = named(RecordKind::Employee, 3);
const CARL: RecordRef = named(RecordKind::Employee, 4);

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::Duration::minutes(minute)
}

fn take(copies: &[RecordRef]) -> RecordTree {
    let told = Told { caller: " Mette Holm ".into(), phone: "98 12 34 56".into(), ..Told::default() };
    let mut tree = RecordTree::empty(CALL, 1);
    write(&mut tree, taken(CALL, &told, Urgency::Urgent, BO, copies, at(1)).unwrap());
    tree
}

#[test]
fn a_new_call_waits_for_whom_it_is_for_and_for_those_who_are_told_too() {
    let call = Call::read(&take(&[CARL, BO, CARL]));
    assert_eq!((call.caller.agreed().unwrap().as_str(), call.taken.agreed()), ("Mette Holm", Some(&at(1))));
    assert_eq!((call.state(), callers_back(&call), copies(&call)), (CallState::New, vec![BO], vec![CARL]));
    assert_eq!(unseen_by(&call), [BO, CARL]);
}

#[test]
fn nobody_is_called_back_without_a_name_a_number_or_a_record() {
    let told = |told: Told| taken(CALL, &told, Urgency::Normal, BO, &[], at(1)).map(drop);
    let nobody = Err(Refusal::Missing { field: "caller" });
    assert_eq!(told(Told { subject: "Tilbud".into(), caller: "  ".into(), ..Told::default() }), nobody);
    assert_eq!(told(Told { phone: "98123456".into(), ..Told::default() }), Ok(()));
    assert_eq!(told(Told { contact: Some(named(RecordKind::Contact, 9)), ..Told::default() }), Ok(()));
}

#[test]
fn steps_lead_on_are_taken_once_and_never_lead_back_by_themselves() {
    let table: [(&[Step], CallState, &[RecordRef]); 8] = [
        (&[Step::See { colleague: BO }], CallState::Seen, &[CARL]),
        (&[Step::See { colleague: CARL }], CallState::New, &[BO]),
        (&[Step::See { colleague: ANNA }], CallState::New, &[BO, CARL]),
        (&[Step::CallBack], CallState::CalledBack, &[]),
        (&[Step::Close, Step::CallBack, Step::See { colleague: BO }], CallState::Closed, &[]),
        (&[Step::See { colleague: BO }, Step::Close, Step::Reopen], CallState::Seen, &[CARL]),
        (&[Step::See { colleague: BO }, Step::PassOn { to: ANNA }], CallState::New, &[ANNA, CARL]),
        (&[Step::See { colleague: BO }, Step::PassOn { to: BO }], CallState::Seen, &[CARL]),
    ];
    for (steps, reached, waiting) in table {
        let mut tree = take(&[CARL]);
        for taken in steps {
            let edits = step(&Call::read(&tree), *taken, at(5));
            write(&mut tree, edits);
            let again = step(&Call::read(&tree), *taken, at(9));
            assert_eq!(again, [], "{taken:?} a second time");
        }
        let call = Call::read(&tree);
        assert_eq!((call.state(), unseen_by(&call)), (reached, waiting.to_vec()), "{steps:?}");
    }
}

#[test]
fn while_two_people_passed_it_on_to_different_colleagues_both_are_told() {
    let mut tree = take(&[]);
    let candidates = tree.root.values.get_mut("for_whom").unwrap();
    candidates.push(Candidate { value: CARL.to_string(), ..candidates[0].clone() });
    assert_eq!(unseen_by(&Call::read(&tree)), [BO, CARL]);
}
