//! Something new is agreed.

use super::repeat::Repeat;
use super::times::{Times, fields};
use crate::desk::{Desk, send_or, use_answer_if, use_desk};
use crate::parts::{Among, SearchBox};
use chrono::{NaiveDate, NaiveDateTime};
use mera_device_api::{Answer, CalendarPage, NewAppointment, RecordPage, Reply, Request, Row};
use mera_schema::{AnyRecord, AppointmentSort, Part, RecordKind, RecordRef};
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Properties of [`AppointmentForm`].
#[derive(Properties, PartialEq)]
pub struct FormProps {
    pub page: Rc<CalendarPage>,
    /// When it begins, until somebody says another time.
    pub at: NaiveDateTime,
    /// What it comes of.
    pub about: Option<RecordRef>,
    /// Those whose calendar is looked at.
    pub people: Vec<RecordRef>,
    /// It is agreed, or is not after all.
    pub done: Callback<Option<(RecordRef, NaiveDate)>>,
}

/// What is typed and not agreed yet.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    subject: String,
    sort: AppointmentSort,
    times: Times,
    repeat: Repeat,
    until: String,
    place: String,
    /// The customer, supplier or contact.
    with: Option<Row>,
    people: Vec<(RecordRef, Part)>,
    purpose: String,
}

impl Draft {
    fn at(at: NaiveDateTime, people: Vec<RecordRef>) -> Self {
        Self {
            subject: String::new(),
            sort: AppointmentSort::Visit,
            times: Times::at(at),
            repeat: Repeat::Never,
            until: String::new(),
            place: String::new(),
            with: None,
            people: people.into_iter().map(|who| (who, Part::Present)).collect(),
            purpose: String::new(),
        }
    }

    /// What is agreed, where the times are times.
    fn appointment(&self, zone: &str, about: Option<RecordRef>) -> Option<NewAppointment> {
        let first = self.times.first_day()?;
        let of = |part: Part| self.people.iter().filter(move |(_, is)| *is == part).map(|(who, _)| *who).collect();
        let with = self.with.as_ref().map(|row| row.record);
        Some(NewAppointment {
            subject: self.subject.clone(),
            sort: self.sort,
            when: self.times.span(zone)?,
            repeats: self.repeat.rule(first, self.until.parse().ok()),
            place: self.place.clone(),
            party: with.filter(|with| with.kind != RecordKind::Contact),
            about,
            present: of(Part::Present),
            told: of(Part::Told),
            guests: with.filter(|with| with.kind == RecordKind::Contact).into_iter().collect(),
            purpose: self.purpose.clone(),
        })
    }
}

#[component]
pub fn AppointmentForm(props: &FormProps) -> Html {
    let desk = use_desk();
    let draft = use_state_eq(|| Draft::at(props.at, props.people.clone()));
    let sending = use_state_eq(|| false);
    let source = use_answer_if(props.about.map(|record| Request::Open { record, at: None }));
    let source = match source {
        Some(Answer::Ok(Reply::Record(page))) => Some(page),
        _ => None,
    };
    {
        let draft = draft.clone();
        use_effect_with(props.at, move |at| {
            draft.set(Draft { times: Times::at(*at), ..(*draft).clone() });
        });
    }
    let onsubmit = {
        let (desk, draft, done, sending) = (desk.clone(), draft.clone(), props.done.clone(), sending.clone());
        let (zone, about) = (props.page.zone.clone(), props.about);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(appointment) = draft.appointment(&zone, about) else {
                let text = desk.words.say("cal-no-time");
                return desk.toast.emit(crate::desk::Toast { text, bad: true });
            };
            let (done, again, first) = (done.clone(), sending.clone(), draft.times.first_day());
            sending.set(true);
            let agreed = move |reply| {
                let record = if let Reply::Done(done) = reply { done.record } else { None };
                done.emit(record.zip(first));
            };
            send_or(&desk, Request::Agree { appointment: appointment.into() }, agreed, move || again.set(false));
        })
    };
    let cancel = props.done.reform(|_: MouseEvent| None);
    let onpurpose = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            let purpose = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            draft.set(Draft { purpose, ..(*draft).clone() });
        })
    };
    html! {
        <form class="mera-cal-form" data-testid="cal-form" aria-label={desk.words.say("new-appointment")} {onsubmit}>
            <h2>{ desk.words.say("new-appointment") }</h2>
            { comes_of(&desk, source.as_deref()) }
            { text(&desk, &draft, "subject", |draft| &mut draft.subject) }
            { sort(&desk, &draft) }
            { times(&desk, &draft) }
            { repeats(&desk, &draft) }
            { with(&desk, &draft) }
            { text(&desk, &draft, "place", |draft| &mut draft.place) }
            { people(&desk, &draft, &props.page, Part::Present) }
            { people(&desk, &draft, &props.page, Part::Told) }
            <div class="mera-wide"><label class="mera-label" for="cal-purpose">{ desk.words.field("purpose") }</label>
                <textarea class="mera-input" id="cal-purpose" data-testid="cal-purpose" rows="2" value={draft.purpose.clone()} oninput={onpurpose} /></div>
            <div class="mera-wide mera-call-end">
                <button type="button" class="pf-v6-c-button pf-m-link" data-testid="cal-cancel" onclick={cancel}>{ desk.words.say("cancel") }</button>
                <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="cal-agree" disabled={*sending}>{ desk.words.say("cal-agree") }</button>
            </div>
        </form>
    }
}

/// Of what it comes; who that was and what it was about is taken over where nobody says anything else.
fn comes_of(desk: &Desk, source: Option<&RecordPage>) -> Html {
    let Some(page) = source else { return html! {} };
    let (party, subject) = match &page.record {
        AnyRecord::Call(call) => (&call.party, &call.subject),
        AnyRecord::Quote(quote) => (&quote.customer, &quote.subject),
        AnyRecord::Order(order) => (&order.customer, &order.number),
        _ => return html! {},
    };
    let name = party.provisional().and_then(|party| page.names.get(&party.to_string()).cloned());
    let said = [name, subject.provisional().cloned()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    html! { <p class="mera-wide mera-came-of" data-testid="cal-about">{ desk.words.with("cal-comes-of", &[("what", &said)]) }</p> }
}

fn set(draft: &UseStateHandle<Draft>, change: impl Fn(&mut Draft, String) + 'static) -> Callback<Event> {
    let draft = draft.clone();
    Callback::from(move |event: Event| {
        let mut next = (*draft).clone();
        change(&mut next, event.target_unchecked_into::<HtmlInputElement>().value());
        draft.set(next);
    })
}

fn text(desk: &Desk, draft: &UseStateHandle<Draft>, name: &'static str, of: fn(&mut Draft) -> &mut String) -> Html {
    let value = of(&mut (**draft).clone()).clone();
    let oninput = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            let mut next = (*draft).clone();
            *of(&mut next) = event.target_unchecked_into::<HtmlInputElement>().value();
            draft.set(next);
        })
    };
    html! {
        <div class="mera-wide"><label class="mera-label" for={format!("cal-{name}")}>{ desk.words.field(name) }</label>
            <input class="mera-input" type="text" maxlength="200" autocomplete="off" id={format!("cal-{name}")} data-testid={format!("cal-{name}")} {value} {oninput} /></div>
    }
}

fn sort(desk: &Desk, draft: &UseStateHandle<Draft>) -> Html {
    let onchange = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            if let Ok(sort) = event.target_unchecked_into::<HtmlSelectElement>().value().parse() {
                let whole_days = sort == AppointmentSort::Holiday || draft.times.whole_days;
                let times = draft.times.clone().in_days(whole_days);
                draft.set(Draft { sort, times, ..(*draft).clone() });
            }
        })
    };
    let option = |sort: &AppointmentSort| {
        let selected = *sort == draft.sort;
        html! { <option value={sort.as_str()} {selected}>{ desk.words.say(&format!("word-{sort}")) }</option> }
    };
    let onwhole = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            let whole_days = event.target_unchecked_into::<HtmlInputElement>().checked();
            let times = draft.times.clone().in_days(whole_days);
            draft.set(Draft { times, ..(*draft).clone() });
        })
    };
    html! {<>
        <div><label class="mera-label" for="cal-sort">{ desk.words.field("sort") }</label>
            <select class="mera-input" id="cal-sort" data-testid="cal-sort" {onchange}>{ for AppointmentSort::ALL.iter().map(option) }</select></div>
        <label class="mera-cal-check"><input type="checkbox" data-testid="cal-whole" checked={draft.times.whole_days} onchange={onwhole} />{ " " }{ desk.words.say("cal-all-day") }</label>
    </>}
}

fn times(desk: &Desk, draft: &UseStateHandle<Draft>) -> Html {
    let set = {
        let draft = draft.clone();
        Callback::from(move |times: Times| draft.set(Draft { times, ..(*draft).clone() }))
    };
    fields(desk, &draft.times, &set)
}

fn repeats(desk: &Desk, draft: &UseStateHandle<Draft>) -> Html {
    let onchange = set(draft, |draft, value| draft.repeat = Repeat::named(&value).unwrap_or_default());
    let option = |repeat: &Repeat| {
        let selected = *repeat == draft.repeat;
        html! { <option value={repeat.as_str()} {selected}>{ desk.words.say(&format!("repeat-{}", repeat.as_str())) }</option> }
    };
    html! {<>
        <div><label class="mera-label" for="cal-repeat">{ desk.words.field("repeats") }</label>
            <select class="mera-input" id="cal-repeat" data-testid="cal-repeat" {onchange}>{ for Repeat::ALL.iter().map(option) }</select></div>
        if draft.repeat != Repeat::Never {
            <div><label class="mera-label" for="cal-until">{ desk.words.say("cal-until") }</label>
                <input class="mera-input" type="date" id="cal-until" data-testid="cal-until" value={draft.until.clone()} onchange={set(draft, |draft, day| draft.until = day)} /></div>
        }
    </>}
}

/// With whom outside the house.
fn with(desk: &Desk, draft: &UseStateHandle<Draft>) -> Html {
    let chosen = |with: Option<Row>| Draft { with, ..(**draft).clone() };
    let picked = {
        let draft = draft.clone();
        Callback::from(move |row: Row| draft.set(Draft { with: Some(row), ..(*draft).clone() }))
    };
    let nobody = {
        let (draft, none) = (draft.clone(), chosen(None));
        Callback::from(move |_: MouseEvent| draft.set(none.clone()))
    };
    html! {
        <div class="mera-wide"><label class="mera-label" for="cal-with">{ desk.words.say("cal-with") }</label>
            <SearchBox id="cal-with" name="cal-with" label={desk.words.say("cal-with")} hint={desk.words.say("call-caller-hint")} among={Among::Callers} {picked} />
            if let Some(row) = &draft.with {
                <span class="mera-member" data-testid="cal-with-chosen">
                    { [&row.title, &row.detail].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ") }
                    <button type="button" aria-label={desk.words.say("none-chosen")} onclick={nobody}>{ "×" }</button>
                </span>
            }
        </div>
    }
}

/// Those who are there, or those who are told.
fn people(desk: &Desk, draft: &UseStateHandle<Draft>, page: &CalendarPage, part: Part) -> Html {
    let name = |who: RecordRef| page.people.iter().find(|one| one.who == who).map(|one| one.name.clone());
    let chip = |who: RecordRef| {
        let draft_there = draft.clone();
        let without = Callback::from(move |_: MouseEvent| {
            let mut next = (*draft_there).clone();
            next.people.retain(|(one, _)| *one != who);
            draft_there.set(next);
        });
        let name = name(who).unwrap_or_default();
        let label = desk.words.with("call-not-told", &[("who", &name)]);
        html! { <span class="mera-member" key={who.to_string()} data-testid={format!("cal-{part}")}>{ name }<button type="button" aria-label={label} onclick={without}>{ "×" }</button></span> }
    };
    let onchange = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(who) = select.value().parse() {
                select.set_value("");
                let mut next = (*draft).clone();
                next.people.push((who, part));
                draft.set(next);
            }
        })
    };
    let others = page.people.iter().filter(|one| draft.people.iter().all(|(who, _)| *who != one.who));
    let option = others.map(|one| html! { <option value={one.who.to_string()}>{ &one.name }</option> });
    let id = format!("cal-add-{part}");
    html! {
        <div class="mera-wide"><label class="mera-label" for={id.clone()}>{ desk.words.say(&format!("part-{part}")) }</label>
            <select class="mera-input" id={id.clone()} data-testid={id.clone()} {onchange}>
                <option value="" selected=true>{ desk.words.say("cal-add") }</option>
                { for option }
            </select>
            { for draft.people.iter().filter(|(_, is)| *is == part).map(|(who, _)| chip(*who)) }
        </div>
    }
}
