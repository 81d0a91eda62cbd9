//! Erasing a record for good: what goes, what the law keeps and until when, and what stays elsewhere, before it is done.

use super::Confirm;
use crate::desk::{Desk, Toast, send, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{BeforeErasing, Reply, Request, Row};
use mera_schema::{Form, RecordRef};
use yew::prelude::*;

/// Properties of [`EraseButton`].
#[derive(Properties, PartialEq)]
pub struct EraseProps {
    pub record: RecordRef,
    /// What people call it.
    pub name: AttrValue,
}

/// The button, for those who may, and the question behind it.
#[component]
pub fn EraseButton(props: &EraseProps) -> Html {
    let desk = use_desk();
    let asked = use_state_eq(|| None::<BeforeErasing>);
    let record = props.record;
    if !desk.may_erase(record.kind) {
        return html! {};
    }
    let ask = {
        let (desk, asked) = (desk.clone(), asked.clone());
        Callback::from(move |_: MouseEvent| {
            let asked = asked.clone();
            send(&desk, Request::BeforeErasing { record }, move |reply| {
                if let Reply::BeforeErasing(before) = reply {
                    asked.set(Some(before));
                }
            });
        })
    };
    let left = {
        let asked = asked.clone();
        Callback::from(move |()| asked.set(None))
    };
    let confirmed = {
        let (desk, asked) = (desk.clone(), asked.clone());
        Callback::from(move |()| {
            asked.set(None);
            let said = desk.clone();
            send(&desk, Request::Erase { record }, move |_| {
                said.toast.emit(Toast { text: said.words.say("erase-done"), bad: false });
                Route::List(record.kind).go();
            });
        })
    };
    html! {
        <section class="mera-erase">
            <button type="button" class="pf-v6-c-button pf-m-danger pf-m-secondary" data-testid="erase" onclick={ask}>{ desk.words.say("erase") }</button>
            if let Some(before) = &*asked {
                <Confirm title={desk.words.with("erase-title", &[("what", &props.name)])} yes={desk.words.say("erase-yes")} takes={true} {confirmed} {left}>
                    { consequences(&desk, before) }
                </Confirm>
            }
        </section>
    }
}

fn consequences(desk: &Desk, before: &BeforeErasing) -> Html {
    let until = before.until.map(|until| written::shown(Form::Day, &until.to_string(), desk.words.language));
    html! {<>
        <p>{ desk.words.say("erase-goes") }</p>
        if !before.with_it.is_empty() {
            <p>{ desk.words.say("erase-with-it") }</p>
            { named(&before.with_it) }
        }
        if let Some(until) = until {
            <p data-testid="erase-kept">{ desk.words.with("erase-kept", &[("until", &until)]) }</p>
            { named(&before.kept_for) }
        }
        <p>{ desk.words.say("erase-elsewhere") }</p>
    </>}
}

fn named(rows: &[Row]) -> Html {
    let name = |row: &Row| [&row.number, &row.title].into_iter().find(|name| !name.is_empty()).cloned();
    html! { <ul>{ for rows.iter().filter_map(name).map(|name| html! { <li>{ name }</li> }) }</ul> }
}
