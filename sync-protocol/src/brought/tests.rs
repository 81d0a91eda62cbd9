use super::*;
use crate::tests::company::{Device, company_id};

/// Three entries of Anna's, the last one on its way to a relay that has the others.
fn third() -> (Device, Run) {
    let anna = Device::new(1);
    (0..3).for_each(|n| anna.write(&format!("anna {n}")));
    let run = anna.logs.cut(anna.id(), 2).unwrap();
    (anna, run)
}

#[test]
fn what_the_relay_puts_in_again_is_what_the_author_signed() {
    let (anna, run) = third();
    let (whole, onward) = (Brought::Whole(run.clone()), Brought::Onward(run.clone().into()));
    assert_eq!((onward.first(), onward.last()), (3, 3));
    let bytes = |brought: &Brought| postcard::to_allocvec(brought).unwrap().len();
    assert_eq!(bytes(&onward) + 60, bytes(&whole), "a key and a hash, but for the beginning of the hash");
    let held = |seq| Ok(anna.logs.hash(anna.id(), seq));
    for brought in [whole, onward] {
        let restored = brought.restored((anna.key.public(), 2), held).unwrap();
        assert_eq!(restored, run);
        restored.verify(company_id()).unwrap();
    }
}

#[test]
fn a_relay_that_has_another_entry_before_it_has_another_log() {
    let (anna, run) = third();
    let brought = Brought::Onward(run.into());
    let fault = brought.restored((anna.key.public(), 2), |_| Ok(Some([9; 32]))).unwrap_err();
    assert_eq!(fault, SyncFault::Fork { device: anna.id(), seq: 2 });
}

#[test]
fn a_relay_that_lacks_what_goes_before_says_how_far_it_is() {
    let (anna, run) = third();
    let brought = Brought::Onward(run.into());
    let fault = brought.restored((anna.key.public(), 1), |_| Ok(None)).unwrap_err();
    assert_eq!(fault, SyncFault::Gap { device: anna.id(), have: 1, got: 3 });
}

#[test]
fn a_beginning_that_fits_does_not_vouch_for_the_rest() {
    let (anna, run) = third();
    let mut other = run.previous;
    other[31] ^= 1;
    let restored = Brought::Onward(run.into()).restored((anna.key.public(), 2), |_| Ok(Some(other))).unwrap();
    assert!(restored.verify(company_id()).is_err());
}

#[test]
fn nothing_goes_before_the_first_entry() {
    let (anna, run) = third();
    let brought = Brought::Onward(Onward { first: 0, ..run.into() });
    assert_eq!(brought.restored((anna.key.public(), 0), |_| Ok(Some([0; 32]))), Err(SyncFault::FrameUnreadable));
}
