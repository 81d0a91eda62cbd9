//! A company or person who is in the records twice: what may be the same is suggested, and made one when somebody says so.

use super::{Confirm, Picker};
use crate::desk::{Desk, send, use_answer, use_desk};
use crate::route::Route;
use mera_device_api::{Answer, RecordPage, Reply, Request, Row};
use mera_schema::RecordRef;
use std::rc::Rc;
use yew::prelude::*;

/// The band over a record for which another one stands.
pub fn stands_elsewhere(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    let Some(whole) = &page.whole else { return html! {} };
    html! {
        <p class="mera-band" data-testid="stands-elsewhere">
            { desk.words.say("same-stands") }{ " " }<a href={Route::record(whole.record).href()}>{ called(desk, &whole.name) }</a>{ ". " }
            { apart(desk, record) }
        </p>
    }
}

/// Properties of [`Twice`].
#[derive(Properties, PartialEq)]
pub struct TwiceProps {
    pub record: RecordRef,
    pub page: Rc<RecordPage>,
}

#[component]
pub fn Twice(props: &TwiceProps) -> Html {
    let desk = use_desk();
    let asked = use_state_eq(|| None::<Row>);
    let record = props.record;
    let suggested = match use_answer(Request::Duplicates { record }) {
        Some(Answer::Ok(Reply::Page(page))) => page.rows,
        _ => Vec::new(),
    };
    if props.page.locked() || props.page.whole.is_some() {
        return html! {};
    }
    let ask = {
        let asked = asked.clone();
        Callback::from(move |row: Row| asked.set(Some(row)))
    };
    let left = {
        let asked = asked.clone();
        Callback::from(move |()| asked.set(None))
    };
    let confirmed = {
        let (desk, asked) = (desk.clone(), asked.clone());
        Callback::from(move |()| {
            let Some(row) = &*asked else { return };
            let asked = asked.clone();
            send(&desk, Request::Merge { record: row.record, into: record }, move |_| asked.set(None));
        })
    };
    let kind = desk.words.language.inside(&desk.words.say(&format!("kind-{}", record.kind)));
    html! {
        <section class="mera-twice" aria-label={desk.words.say("same")}>
            <h2>{ desk.words.say("same") }</h2>
            { rows("same-row", props.page.same.iter().map(|row| (row, apart(&desk, row.record))), &desk) }
            { rows("same-suggested", suggested.iter().map(|row| (row, is_the_same(&desk, row, &ask))), &desk) }
            <Picker id="same-pick" name="same-pick" label={desk.words.with("same-find", &[("kind", &kind)])} hint={desk.words.with("same-find", &[("kind", &kind)])} kind={record.kind} picked={ask.clone()} />
            if let Some(row) = &*asked {
                <Confirm title={desk.words.with("same-title", &[("what", &called(&desk, &row.title))])} yes={desk.words.say("same-yes")} {confirmed} {left}>
                    <p>{ desk.words.say("same-means") }</p>
                </Confirm>
            }
        </section>
    }
}

fn rows<'a>(name: &'static str, rows: impl Iterator<Item = (&'a Row, Html)>, desk: &Desk) -> Html {
    let row = |(row, does): (&Row, Html)| {
        html! {
            <li key={row.record.to_string()} data-testid={name}>
                <a href={Route::record(row.record).href()}>{ called(desk, &row.title) }</a>
                <small>{ [&row.number, &row.detail].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ") }</small>
                <small>{ desk.words.say(name) }</small>
                { does }
            </li>
        }
    };
    let rows: Vec<Html> = rows.map(row).collect();
    html! { if !rows.is_empty() { <ul class="mera-same">{ for rows }</ul> } }
}

fn is_the_same(desk: &Desk, row: &Row, ask: &Callback<Row>) -> Html {
    let (ask, row) = (ask.clone(), row.clone());
    let onclick = Callback::from(move |_: MouseEvent| ask.emit(row.clone()));
    html! { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="same-make" {onclick}>{ desk.words.say("same-make") }</button> }
}

/// Two after all.
fn apart(desk: &Desk, record: RecordRef) -> Html {
    let there = desk.clone();
    let onclick = Callback::from(move |_: MouseEvent| send(&there, Request::TakeApart { record }, |_| ()));
    html! { <button type="button" class="pf-v6-c-button pf-m-link" data-testid="same-apart" {onclick}>{ desk.words.say("same-apart") }</button> }
}

fn called(desk: &Desk, title: &str) -> String {
    if title.is_empty() { desk.words.say("untitled") } else { title.to_owned() }
}
