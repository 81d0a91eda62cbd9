//! Search as you type: over records and actions alike in the frame, over one kind in a form.

use super::search::{Among, Offer, SearchBox};
use crate::desk::{Desk, create, use_desk};
use crate::pages::View;
use crate::route::Route;
use mera_device_api::Row;
use mera_schema::RecordKind;
use yew::prelude::*;

/// Where the search over everything stands; Ctrl-K goes there from anywhere.
pub const FIND: &str = "find";

/// Search over every record and everything that can be done.
#[component]
pub fn Finder() -> Html {
    let desk = use_desk();
    let label = desk.words.say("find");
    let picked = Callback::from(|row: Row| Route::record(row.record).go());
    html! { <SearchBox id={FIND} name={FIND} {label} hint={desk.words.say("find-hint")} offers={offers(&desk)} {picked} /> }
}

/// Every page, and everything that can be begun.
fn offers(desk: &Desk) -> Vec<Offer> {
    use RecordKind::{Customer, Employee, Order, Product, Quote, Supplier, Task};
    let page = |label: String, to: Route| Offer { label, does: Callback::from(move |()| to.go()) };
    let mut all: Vec<Offer> = [Quote, Customer, Product, Order, Supplier, Employee]
        .map(|kind| page(desk.words.say(&format!("kinds-{kind}")), Route::List(kind)))
        .into();
    for (name, to) in [
        ("presence", Route::Presence),
        ("calls", Route::Calls(None)),
        ("calendar", Route::Calendar { view: View::here(), day: None }),
        ("tasks", Route::Tasks),
        ("stock", Route::Stock),
        ("clashes", Route::Clashes),
        ("sync", Route::Sync),
        ("members", Route::Members),
        ("import", Route::Import),
    ] {
        all.push(page(desk.words.say(name), to));
    }
    let fresh = [Quote, Customer, Product, Task, Supplier, Employee];
    for kind in fresh.into_iter().filter(|kind| desk.may_write(*kind)) {
        let (label, desk) = (desk.words.say(&format!("new-{kind}")), desk.clone());
        all.push(Offer { label, does: Callback::from(move |()| create(&desk, kind, Vec::new())) });
    }
    all
}

/// Properties of [`Picker`].
#[derive(Properties, PartialEq)]
pub struct PickerProps {
    pub id: AttrValue,
    pub name: AttrValue,
    pub label: AttrValue,
    pub kind: RecordKind,
    pub picked: Callback<Row>,
    /// What is chosen now.
    #[prop_or_default]
    pub standing: AttrValue,
    /// Takes the choice away, where there is one to take away.
    #[prop_or_default]
    pub emptied: Option<Callback<()>>,
    /// What the box says while it is empty.
    #[prop_or_default]
    pub hint: AttrValue,
}

/// Chooses a record of one kind.
#[component]
pub fn Picker(props: &PickerProps) -> Html {
    let desk = use_desk();
    let nobody = props.emptied.clone().map(|does| Offer { label: desk.words.say("none-chosen"), does });
    let hint = if props.hint.is_empty() { desk.words.say("type-to-search").into() } else { props.hint.clone() };
    html! {
        <SearchBox id={&props.id} name={&props.name} label={&props.label} among={Among::Kind(props.kind)} standing={&props.standing}
            {hint} offers={nobody.into_iter().collect::<Vec<_>>()} picked={&props.picked} />
    }
}
