//! The fields of the page.

use super::said::{Said, Way};
use crate::desk::Desk;
use mera_device_api::Refused;
use mera_schema::Desk as Place;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// The page while it is drawn.
pub struct Page<'a> {
    pub desk: &'a Desk,
    pub said: &'a UseStateHandle<Said>,
    pub refused: &'a UseStateHandle<Option<Refused>>,
    pub keyring: bool,
}

impl Page<'_> {
    /// One of the ways to begin.
    pub fn way(&self, name: &'static str, way: Way) -> Html {
        let (said, refused) = (self.said.clone(), self.refused.clone());
        let onchange = Callback::from(move |_: Event| {
            said.set(Said { way, ..(*said).clone() });
            refused.set(None);
        });
        html! {
            <label class="mera-way">
                <input type="radio" name="founding-way" data-testid={name} checked={self.said.way == way} {onchange} />
                <span><strong>{ self.desk.words.say(name) }</strong><small>{ self.desk.words.say(&format!("{name}-hint")) }</small></span>
            </label>
        }
    }

    /// Takes what a person has said, in whatever way.
    pub fn takes(&self, take: fn(&mut Said, String)) -> Callback<String> {
        let (said, refused) = (self.said.clone(), self.refused.clone());
        Callback::from(move |text| {
            let mut now = (*said).clone();
            take(&mut now, text);
            said.set(now);
            refused.set(None);
        })
    }

    /// A field with its name, what it is for, and why what stands in it was refused.
    pub fn text(&self, field: &'static str, value: &str, first: Option<NodeRef>, take: fn(&mut Said, String)) -> Html {
        let oninput =
            self.takes(take).reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
        let (words, id) = (&self.desk.words, format!("founding-{field}"));
        let why = self.refused.as_ref().filter(|why| why.field.as_deref() == Some(field));
        // The series' hint stands below the pair it is in.
        let hint = if field == "passphrase" && self.keyring { "founding-keyring-hint" } else { &format!("{id}-hint") };
        let hint = words.find(hint, &[]).filter(|_| field != "series");
        let (kind, fill) = if field == "passphrase" { ("password", "new-password") } else { ("text", "off") };
        let (told, hinted) = (format!("{id}-refused"), format!("{id}-hint"));
        let described = why.is_some().then(|| told.clone()).or_else(|| hint.is_some().then(|| hinted.clone()));
        // The relay can be given later by who founds, and not by who comes back.
        let needed = field == "relay" && self.said.way == Way::Recover;
        let (label, hint) = if needed {
            (words.say("founding-relay-needed"), words.find("founding-relay-needed-hint", &[]))
        } else {
            (words.say(&id), hint)
        };
        html! {
            <div class="mera-field">
                <label for={id.clone()}>{ label }</label>
                <input class="mera-input" type={kind} ref={first.unwrap_or_default()} id={id.clone()} data-testid={id} autocomplete={fill} spellcheck="false"
                    aria-invalid={why.is_some().then_some("true")} aria-describedby={described} value={value.to_owned()} {oninput} />
                if let Some(why) = why {
                    <p class="mera-refused" id={told.clone()} role="alert" data-testid={told}>{ words.refusal(why) }</p>
                } else if let Some(hint) = hint {
                    <p class="mera-hint" id={hinted}>{ hint }</p>
                }
            </div>
        }
    }

    /// A code: long, and forgiving of how it comes. Enter begins, as in the other fields.
    pub fn code(&self, field: &'static str, value: &str, take: fn(&mut Said, String), begin: Callback<()>) -> Html {
        let oninput =
            self.takes(take).reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
        let onkeydown = Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && !event.shift_key() {
                event.prevent_default();
                begin.emit(());
            }
        });
        let (words, id) = (&self.desk.words, format!("founding-{field}"));
        let why = self.refused.as_ref().filter(|why| why.field.as_deref() == Some(field));
        let (told, hinted) = (format!("{id}-refused"), format!("{id}-hint"));
        let described = if why.is_some() { told.clone() } else { hinted.clone() };
        html! {
            <div class="mera-field">
                <label for={id.clone()}>{ words.say(&id) }</label>
                <textarea class="mera-input mera-invitation" rows="4" id={id.clone()} data-testid={id} autocomplete="off" spellcheck="false" autocapitalize="characters"
                    aria-invalid={why.is_some().then_some("true")} aria-describedby={described} value={value.to_owned()} {oninput} {onkeydown} />
                if let Some(why) = why {
                    <p class="mera-refused" id={told.clone()} role="alert" data-testid={told}>{ words.refusal(why) }</p>
                } else {
                    <p class="mera-hint" id={hinted.clone()}>{ words.say(&hinted) }</p>
                }
            </div>
        }
    }

    pub fn places(&self) -> Html {
        let onchange = {
            let said = self.said.clone();
            Callback::from(move |event: Event| {
                let chosen = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
                if let Some(Ok(desk)) = chosen.map(|chosen| chosen.value().parse()) {
                    said.set(Said { desk, ..(*said).clone() });
                }
            })
        };
        let words = &self.desk.words;
        let option = |place: &Place| html! { <option value={place.as_str()} selected={*place == self.said.desk}>{ words.say(&format!("word-{place}")) }</option> };
        html! {
            <div class="mera-field">
                <label for="founding-desk">{ words.say("founding-desk") }</label>
                <select class="mera-input" id="founding-desk" data-testid="founding-desk" {onchange}>{ for Place::ALL.iter().map(option) }</select>
            </div>
        }
    }
}
