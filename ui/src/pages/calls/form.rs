//! Takes a call: who is calling is found while one types, and made on the spot where nobody is.

use crate::desk::{Desk, send, use_desk};
use crate::parts::{Among, Offer, SearchBox};
use crate::written;
use mera_device_api::{NewCall, PresenceRow, Reply, Request, Row};
use mera_schema::{RecordKind, RecordRef, Urgency};
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Properties of [`CallForm`].
#[derive(Properties, PartialEq)]
pub struct FormProps {
    pub for_whom: Option<RecordRef>,
    pub colleagues: Rc<Vec<PresenceRow>>,
    /// It was taken, or is not after all.
    pub done: Callback<()>,
}

/// What is typed and not said yet.
#[derive(Debug, Clone, PartialEq, Default)]
struct Draft {
    caller: String,
    /// The customer, supplier or contact who was chosen.
    who: Option<Row>,
    phone: String,
    subject: String,
    urgent: bool,
    for_whom: Option<RecordRef>,
    copies: Vec<RecordRef>,
    notes: String,
}

impl Draft {
    /// A record is who calls. Its number is the one to call back, unless another was typed: the beginning of a number by which
    /// it was found is none.
    fn with(self, row: Row) -> Self {
        let typed = !self.phone.trim().is_empty() && self.phone != self.caller;
        let phone = if typed { self.phone } else { row.number.clone() };
        Self { caller: row.title.clone(), phone, who: Some(row), ..self }
    }

    fn call(&self, for_whom: RecordRef) -> NewCall {
        let who = self.who.as_ref().map(|row| row.record);
        NewCall {
            for_whom,
            caller: self.caller.clone(),
            party: who.filter(|who| who.kind != RecordKind::Contact),
            contact: who.filter(|who| who.kind == RecordKind::Contact),
            phone: self.phone.clone(),
            subject: self.subject.clone(),
            urgency: if self.urgent { Urgency::Urgent } else { Urgency::Normal },
            copies: self.copies.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// Whether what is typed is a telephone number, and no name.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits > 2 && text.chars().all(|sign| sign.is_ascii_digit() || " +-/().".contains(sign))
}

#[component]
pub fn CallForm(props: &FormProps) -> Html {
    let desk = use_desk();
    let draft = use_state_eq(|| Draft { for_whom: props.for_whom, ..Draft::default() });
    let colleagues = &props.colleagues;
    let onsubmit = {
        let (desk, draft, done) = (desk.clone(), draft.clone(), props.done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(for_whom) = draft.for_whom else { return };
            let done = done.clone();
            send(&desk, Request::TakeCall { call: draft.call(for_whom).into() }, move |_| done.emit(()));
        })
    };
    let cancel = props.done.reform(|_: MouseEvent| ());
    let into = |change: fn(&mut Draft, String)| {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            let mut next = (*draft).clone();
            change(&mut next, event.target_unchecked_into::<HtmlInputElement>().value());
            draft.set(next);
        })
    };
    let onnotes = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            let notes = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            draft.set(Draft { notes, ..(*draft).clone() });
        })
    };
    let onurgent = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            let urgent = event.target_unchecked_into::<HtmlInputElement>().checked();
            draft.set(Draft { urgent, ..(*draft).clone() });
        })
    };
    let (phone, subject) = (into(|draft, text| draft.phone = text), into(|draft, text| draft.subject = text));
    html! {
        <form class="mera-mine mera-call-form" data-testid="call-form" aria-label={desk.words.say("new-call")} {onsubmit}>
            { who(&desk, &draft) }
            <div><label class="mera-label" for="call-phone">{ desk.words.say("call-number") }</label>
                <input class="mera-input" type="tel" id="call-phone" data-testid="call-number" maxlength="60" autocomplete="off" value={draft.phone.clone()} oninput={phone} /></div>
            { for_whom(&desk, &draft, colleagues) }
            { copies(&desk, &draft, colleagues) }
            <div class="mera-wide"><label class="mera-label" for="call-subject">{ desk.words.field("subject") }</label>
                <input class="mera-input" type="text" id="call-subject" data-testid="call-subject" maxlength="200" autocomplete="off" value={draft.subject.clone()} oninput={subject} /></div>
            <div class="mera-wide"><label class="mera-label" for="call-notes">{ desk.words.field("notes") }</label>
                <textarea class="mera-input" id="call-notes" data-testid="call-notes" rows="3" value={draft.notes.clone()} oninput={onnotes} /></div>
            <div class="mera-wide mera-call-end">
                <label><input type="checkbox" data-testid="call-urgent" checked={draft.urgent} onchange={onurgent} />{ " " }{ desk.words.say("call-urgent") }</label>
                <span>
                    <button type="button" class="pf-v6-c-button pf-m-link" data-testid="call-cancel" onclick={cancel}>{ desk.words.say("cancel") }</button>
                    <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="call-take" disabled={draft.for_whom.is_none()}>{ desk.words.say("call-take") }</button>
                </span>
            </div>
        </form>
    }
}

/// Who is calling: found by number or name while one types; made a customer on the spot where nobody is.
fn who(desk: &Desk, draft: &UseStateHandle<Draft>) -> Html {
    let typed = {
        let draft = draft.clone();
        Callback::from(move |text: String| {
            let number = if is_number(&text) { Some(text.clone()) } else { None };
            let phone = number.unwrap_or_else(|| draft.phone.clone());
            draft.set(Draft { caller: text, phone, ..(*draft).clone() });
        })
    };
    let picked = {
        let draft = draft.clone();
        Callback::from(move |row: Row| draft.set((*draft).clone().with(row)))
    };
    let nobody = {
        let draft = draft.clone();
        Callback::from(move |_: MouseEvent| draft.set(Draft { who: None, ..(*draft).clone() }))
    };
    let offers = if draft.who.is_none() && desk.may_write(RecordKind::Customer) { made(desk, draft) } else { None };
    html! {
        <div><label class="mera-label" for="call-caller">{ desk.words.say("call-caller") }</label>
            <SearchBox id="call-caller" name="call-caller" label={desk.words.say("call-caller")} hint={desk.words.say("call-caller-hint")} among={Among::Callers}
                standing={draft.caller.clone()} {typed} {picked} offers={offers.into_iter().collect::<Vec<_>>()} />
            if let Some(row) = &draft.who {
                <span class="mera-member" data-testid="call-who">
                    { [&row.title, &row.detail].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ") }
                    <button type="button" aria-label={desk.words.say("none-chosen")} onclick={nobody}>{ "×" }</button>
                </span>
            }
        </div>
    }
}

/// A customer who is not known yet.
fn made(desk: &Desk, draft: &UseStateHandle<Draft>) -> Option<Offer> {
    let name = draft.caller.trim().to_owned();
    if name.is_empty() || is_number(&name) {
        return None;
    }
    let label = desk.words.with("call-new-customer", &[("name", &name)]);
    let (desk, draft) = (desk.clone(), draft.clone());
    let does = Callback::from(move |()| {
        let mut values = vec![("name".to_owned(), name.clone())];
        if !draft.phone.trim().is_empty() {
            values.push(("phone".to_owned(), draft.phone.trim().to_owned()));
        }
        let (name, draft) = (name.clone(), draft.clone());
        send(&desk, Request::Create { kind: RecordKind::Customer, values }, move |reply| {
            if let Reply::Done(done) = reply
                && let Some(record) = done.record
            {
                let (number, detail, state) = (draft.phone.clone(), String::new(), String::new());
                draft.set((*draft).clone().with(Row {
                    record,
                    number,
                    title: name,
                    detail,
                    state,
                    amount: None,
                    clashes: 0,
                }));
            }
        });
    });
    Some(Offer { label, does })
}

/// A colleague and where that one is: whoever takes the phone says it.
fn choice(desk: &Desk, row: &PresenceRow, chosen: bool) -> Html {
    let mut label = if row.name.is_empty() { desk.words.say("untitled") } else { row.name.clone() };
    if let Some(said) = &row.said {
        label = format!("{label} – {}", desk.words.say(&format!("whereabouts-{}", said.state)));
        if let Some(until) = said.until.filter(|_| !said.overdue) {
            let when = written::lately(until, said.since, desk.words.language);
            label = format!("{label} {}", desk.words.with("presence-until", &[("when", &when)]));
        }
    }
    html! { <option value={row.employee.to_string()} selected={chosen}>{ label }</option> }
}

fn for_whom(desk: &Desk, draft: &UseStateHandle<Draft>, colleagues: &[PresenceRow]) -> Html {
    let onchange = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            let for_whom = event.target_unchecked_into::<HtmlSelectElement>().value().parse().ok();
            draft.set(Draft { for_whom, ..(*draft).clone() });
        })
    };
    let option = |row: &PresenceRow| choice(desk, row, draft.for_whom == Some(row.employee));
    html! {
        <div><label class="mera-label" for="call-for">{ desk.words.field("for-whom") }</label>
            <select class="mera-input" id="call-for" data-testid="call-for" {onchange}>
                <option value="" selected={draft.for_whom.is_none()}>{ desk.words.say("none-chosen") }</option>
                { for colleagues.iter().map(option) }
            </select>
        </div>
    }
}

/// Colleagues who are told too.
fn copies(desk: &Desk, draft: &UseStateHandle<Draft>, colleagues: &[PresenceRow]) -> Html {
    let with = {
        let draft = draft.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(copy) = select.value().parse() {
                select.set_value("");
                let mut next = (*draft).clone();
                next.copies.push(copy);
                draft.set(next);
            }
        })
    };
    let told = |row: &&PresenceRow| draft.copies.contains(&row.employee);
    let chip = |row: &PresenceRow| {
        let (draft, employee) = (draft.clone(), row.employee);
        let without = Callback::from(move |_: MouseEvent| {
            let mut next = (*draft).clone();
            next.copies.retain(|copy| *copy != employee);
            draft.set(next);
        });
        let label = desk.words.with("call-not-told", &[("who", &row.name)]);
        html! { <span class="mera-member" data-testid="call-copy">{ &row.name }<button type="button" aria-label={label} onclick={without}>{ "×" }</button></span> }
    };
    let others = colleagues.iter().filter(|row| !told(row) && draft.for_whom != Some(row.employee));
    html! {
        <div><label class="mera-label" for="call-copies">{ desk.words.say("items-copies") }</label>
            <select class="mera-input" id="call-copies" data-testid="call-copies" onchange={with}>
                <option value="" selected=true>{ desk.words.say("none-chosen") }</option>
                { for others.map(|row| choice(desk, row, false)) }
            </select>
            { for colleagues.iter().filter(told).map(chip) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_number_is_not_taken_for_a_name() {
        for number in ["981", "+45 98 12 34 56", "(0)30/901820", "98-12-34-56"] {
            assert!(is_number(number), "{number}");
        }
        for name in ["", "98", "Mette", "3F Aalborg", "+-()"] {
            assert!(!is_number(name), "{name}");
        }
    }
}
