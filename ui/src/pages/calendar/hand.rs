//! What a hand does with an appointment: takes it, draws it, lets it go.

use super::drag::{Drag, Hold};
use super::entry::which;
use crate::desk::{Desk, send_or};
use mera_device_api::CalendarEntry;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// What is in the hand: as it is, since a hand is faster than a page is drawn, and as it is shown.
#[derive(Clone)]
pub struct Held {
    now: Rc<RefCell<Option<Drag>>>,
    /// Whether a finger was there: it scrolls, and draws nothing.
    touched: Rc<Cell<bool>>,
    shown: UseStateHandle<Option<Drag>>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}

impl Held {
    /// As it is shown.
    pub fn shown(&self) -> Option<&Drag> {
        self.shown.as_ref()
    }

    /// Whether this one is drawn elsewhere.
    pub fn has(&self, entry: &CalendarEntry) -> bool {
        self.shown().is_some_and(|drag| which(&drag.entry) == which(entry) && !drag.is_still())
    }

    fn set(&self, drag: Option<Drag>) {
        self.now.replace(drag.clone());
        self.shown.set(drag);
    }
}

/// How large a day is where an appointment was taken, in pixels across and down, and an hour where hours are shown.
pub struct Size {
    pub day: (i32, i32),
    pub hour: Option<i32>,
}

/// An empty hand. Once the device has answered, what was let go is where it says.
#[hook]
pub fn use_hand(entries: &Rc<Vec<CalendarEntry>>) -> Held {
    let touched = use_mut_ref(|| Rc::new(Cell::new(false))).borrow().clone();
    let held = Held { now: use_mut_ref(|| None), touched, shown: use_state_eq(|| None) };
    {
        let held = held.clone();
        use_effect_with(entries.clone(), move |_| {
            let let_go = held.now.borrow().as_ref().is_some_and(|drag| drag.let_go);
            if let_go {
                held.set(None);
            }
        });
    }
    held
}

/// What a hand does with one appointment.
#[derive(Clone, PartialEq)]
pub struct Hand {
    pub taken: Callback<(PointerEvent, Hold)>,
    pub drawn: Callback<PointerEvent>,
    pub let_go: Callback<Desk>,
    /// The hand is gone: another window came, or a finger began to scroll.
    pub lost: Callback<PointerEvent>,
    /// A finger pointed at it, or a program that reads the page aloud.
    pub clicked: Callback<MouseEvent>,
    pub select: Callback<CalendarEntry>,
}

/// A hand for an appointment.
pub fn hand(
    held: &Held,
    entry: &CalendarEntry,
    zone: &str,
    select: &Callback<CalendarEntry>,
    size: fn(&Element) -> Size,
) -> Hand {
    let taken = {
        let (held, entry) = (held.clone(), entry.clone());
        Callback::from(move |(event, hold): (PointerEvent, Hold)| {
            held.touched.set(event.pointer_type() == "touch");
            let Some(element) = event.target_dyn_into::<Element>().filter(|_| !held.touched.get()) else { return };
            let Size { day, hour } = size(&element);
            element.set_pointer_capture(event.pointer_id()).ok();
            let at = (event.client_x(), event.client_y());
            held.set(Some(Drag { entry: entry.clone(), hold, from: at, at, day, hour, let_go: false }));
        })
    };
    let drawn = {
        let held = held.clone();
        Callback::from(move |event: PointerEvent| {
            let now = held.now.borrow().clone();
            if let Some(now) = now.filter(|drag| !drag.let_go) {
                if event.buttons() == 0 {
                    return held.set(None);
                }
                held.set(Some(Drag { at: (event.client_x(), event.client_y()), ..now }));
            }
        })
    };
    let let_go = {
        let (held, zone, select) = (held.clone(), zone.to_owned(), select.clone());
        Callback::from(move |desk: Desk| {
            let now = held.now.borrow().clone();
            let Some(now) = now.filter(|drag| !drag.let_go) else { return };
            if now.is_still() {
                held.set(None);
                return select.emit(now.entry);
            }
            let Some(request) = now.request(&zone) else { return held.set(None) };
            held.set(Some(Drag { let_go: true, ..now }));
            let held = held.clone();
            // What the device does not take springs back.
            send_or(&desk, request, |_| (), move || held.set(None));
        })
    };
    let lost = {
        let held = held.clone();
        Callback::from(move |_: PointerEvent| held.set(None))
    };
    let clicked = {
        let (held, select, entry) = (held.clone(), select.clone(), entry.clone());
        Callback::from(move |event: MouseEvent| {
            if event.detail() == 0 || held.touched.replace(false) {
                select.emit(entry.clone());
            }
        })
    };
    Hand { taken, drawn, let_go, lost, clicked, select: select.clone() }
}
