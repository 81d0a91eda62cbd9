//! What cannot be exported as a whole leaves nothing behind.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::engine::tests::{Desks, create, done};
use mera_device_api::Request;
use mera_sync_protocol::Replica;
use mera_trust::Intent;
use std::cell::{Cell, RefCell};
use std::fs;

#[test]
fn an_export_that_is_stopped_or_in_which_something_is_erased_leaves_nothing_behind() {
    let (desks, ..) = Desks::with_quote();
    let place = tempfile::tempdir().unwrap();
    let (folder, anna, looks) = (place.path().join("export"), RefCell::new(desks.anna), Cell::new(0));
    let record =
        done(&mut anna.borrow_mut(), create(RecordKind::Customer, &[("name", "Karen Blixen")])).record.unwrap();
    for form in [RecordForm::Csv, RecordForm::Json] {
        let look = |work: &mut dyn FnMut(&mut Engine)| work(&mut anna.borrow_mut());
        assert_eq!(export(look, &folder, form, |step| step.done < 2).unwrap_err().code(), "export.stopped");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "no half folder");
    }
    let look = |work: &mut dyn FnMut(&mut Engine)| {
        looks.set(looks.get() + 1);
        if looks.get() == 3 {
            anna.borrow_mut().answer(Request::Erase { record });
        }
        work(&mut anna.borrow_mut());
    };
    let erased = export(look, &folder, RecordForm::Csv, |_| true).unwrap_err();
    assert_eq!((erased.code(), fs::read_dir(place.path()).unwrap().count()), ("export.erased_meanwhile", 0));
    let all = export(|work| work(&mut anna.borrow_mut()), &folder, RecordForm::Csv, |_| true).unwrap();
    assert!(all > 2 && folder.join("customer.csv").is_file());
    let again = export(|work| work(&mut anna.borrow_mut()), &folder, RecordForm::Csv, |_| true).unwrap_err();
    assert_eq!(again.code(), "export.exists");
}

#[test]
fn a_device_that_was_taken_out_exports_nothing() {
    let (mut desks, ..) = Desks::with_quote();
    let said = desks.anna.draft(&Intent::Revoke { device: desks.bo.device() }).unwrap();
    desks.anna.learn(&[said]).unwrap();
    desks.bo.learn(&desks.anna.statements(0, usize::MAX).unwrap()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let no = export(|work| work(&mut desks.bo), &place.path().join("export"), RecordForm::Json, |_| true).unwrap_err();
    assert_eq!((no.code(), fs::read_dir(place.path()).unwrap().count()), ("membership.revoked", 0));
}
