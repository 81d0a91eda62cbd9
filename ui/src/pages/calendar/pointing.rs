//! What somebody points at in the calendar: a time that is there, or a free one at which something begins.

use super::View;
use super::entry::{Which, which};
use crate::route::Route;
use chrono::{NaiveDate, NaiveDateTime};
use mera_device_api::CalendarEntry;
use mera_schema::RecordRef;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

/// What is pointed at, one or the other.
#[derive(Clone)]
pub struct Pointing {
    selected: UseStateHandle<Option<Selected>>,
    making: UseStateHandle<Option<NaiveDateTime>>,
    begins: Rc<RefCell<Option<NaiveDateTime>>>,
}

/// What is selected.
#[derive(Debug, Clone, PartialEq)]
enum Selected {
    /// A time.
    Time(Which),
    /// What was just agreed, whichever time of it is in sight.
    Fresh(RecordRef),
}

/// Nothing is pointed at yet.
#[hook]
pub fn use_pointing() -> Pointing {
    Pointing { selected: use_state_eq(|| None), making: use_state_eq(|| None), begins: use_mut_ref(|| None) }
}

impl Pointing {
    /// Points at a time that is there.
    pub fn select(&self) -> Callback<CalendarEntry> {
        let Self { selected, making, .. } = self.clone();
        Callback::from(move |entry: CalendarEntry| {
            making.set(None);
            selected.set(Some(Selected::Time(which(&entry))));
        })
    }

    /// Points at a free time.
    pub fn begin(&self) -> Callback<NaiveDateTime> {
        let Self { selected, making, .. } = self.clone();
        Callback::from(move |at: NaiveDateTime| {
            selected.set(None);
            making.set(Some(at));
        })
    }

    /// Points at nothing any more.
    pub fn close(&self) -> Callback<()> {
        let selected = self.selected.clone();
        Callback::from(move |()| selected.set(None))
    }

    /// Something was agreed, or was not after all. One sees what was agreed.
    pub fn agreed(
        &self,
        view: View,
        day: NaiveDate,
        came_of_something: bool,
    ) -> Callback<Option<(RecordRef, NaiveDate)>> {
        let Self { selected, making, .. } = self.clone();
        let (first, last) = view.days(day);
        Callback::from(move |agreed: Option<(RecordRef, NaiveDate)>| {
            making.set(None);
            selected.set(agreed.map(|(record, _)| Selected::Fresh(record)));
            match agreed {
                Some((_, on)) if came_of_something || !(first..=last).contains(&on) => Route::calendar(view, on).go(),
                None if came_of_something => Route::calendar(view, day).go(),
                _ => {}
            }
        })
    }

    /// When something new begins; what comes of something begins at one time, however long somebody takes to write it down.
    pub fn beginning(&self, comes_of_something: bool, next: impl FnOnce() -> NaiveDateTime) -> Option<NaiveDateTime> {
        self.making.or_else(|| comes_of_something.then(|| *self.begins.borrow_mut().get_or_insert_with(next)))
    }

    /// What is pointed at among these; one that was moved is still pointed at.
    pub fn among<'a>(&self, entries: &'a [CalendarEntry]) -> Option<&'a CalendarEntry> {
        match self.selected.as_ref()? {
            Selected::Fresh(record) => entries.iter().find(|entry| entry.record == *record),
            Selected::Time(time) => {
                let same = entries.iter().find(|entry| which(entry) == *time);
                same.or_else(|| entries.iter().find(|entry| (entry.record, entry.day) == (time.0, time.1)))
            }
        }
    }
}
