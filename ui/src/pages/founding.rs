//! The first page of a new device: a person founds a company, or joins one that is there already.

use crate::carrier;
use crate::desk::{Desk, use_desk};
use mera_device_api::{Answer, Refused, Request};
use mera_schema::Desk as Place;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Properties of [`Founding`].
#[derive(Properties, PartialEq)]
pub struct FoundingProps {
    /// Whether a keyring would keep the device's key; without one a passphrase is needed.
    pub keyring: bool,
    /// The device has been made.
    pub founded: Callback<()>,
}

/// What has been said so far. What nobody has touched follows from the person's name.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    joins: bool,
    person: String,
    name: Option<String>,
    desk: Place,
    series: Option<String>,
    company: String,
    relay: String,
    passphrase: String,
}

impl Said {
    fn nothing() -> Self {
        let [person, company, relay, passphrase] = [(); 4].map(|()| String::new());
        Self { joins: false, person, name: None, desk: Place::Sales, series: None, company, relay, passphrase }
    }

    fn name(&self, desk: &Desk) -> String {
        self.name.clone().unwrap_or_else(|| name_for(desk, &self.person))
    }

    fn series(&self) -> String {
        self.series.clone().unwrap_or_else(|| series_for(&self.person))
    }

    fn request(&self, desk: &Desk) -> Request {
        Request::Found {
            person: self.person.clone(),
            name: self.name(desk),
            desk: self.desk,
            series: self.series(),
            company: self.joins.then(|| self.company.clone()),
            relay: (!self.relay.trim().is_empty()).then(|| self.relay.clone()),
            passphrase: (!self.passphrase.is_empty()).then(|| self.passphrase.clone()),
        }
    }
}

/// What a person's computer is called until somebody calls it something else.
fn name_for(desk: &Desk, person: &str) -> String {
    let Some(first) = person.split_whitespace().next() else { return String::new() };
    let hisses = first.ends_with(['s', 'x', 'z', 'S', 'X', 'Z']);
    desk.words.with(if hisses { "founding-pc-of-s" } else { "founding-pc-of" }, &[("person", first)])
}

/// Initials and a figure: `AB1` for Anna Berg.
fn series_for(person: &str) -> String {
    let letter = |word: &str| match word.chars().next().and_then(|first| first.to_uppercase().next())? {
        'Æ' | 'Å' | 'Ä' | 'Á' | 'À' => Some('A'),
        'Ø' | 'Ö' | 'Ó' => Some('O'),
        'É' | 'È' => Some('E'),
        'Ü' => Some('U'),
        plain => plain.is_ascii_alphanumeric().then_some(plain),
    };
    let initials: String = person.split([' ', '-']).filter_map(letter).take(3).collect();
    if initials.is_empty() { initials } else { format!("{initials}1") }
}

#[component]
pub fn Founding(props: &FoundingProps) -> Html {
    let desk = use_desk();
    let said = use_state_eq(Said::nothing);
    let refused = use_state_eq(|| None::<Refused>);
    let asked = use_state_eq(|| false);
    let first = use_node_ref();
    {
        let first = first.clone();
        use_effect_with((), move |()| {
            if let Some(first) = first.cast::<HtmlElement>() {
                first.focus().ok();
            }
        });
    }
    let onsubmit = {
        let (desk, said, refused, asked, founded) =
            (desk.clone(), said.clone(), refused.clone(), asked.clone(), props.founded.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *asked {
                return;
            }
            asked.set(true);
            let request = said.request(&desk);
            let (refused, asked, founded) = (refused.clone(), asked.clone(), founded.clone());
            spawn_local(async move {
                match carrier::ask(&request).await {
                    Answer::Ok(_) => founded.emit(()),
                    Answer::Refused(why) => refused.set(Some(why)),
                }
                asked.set(false);
            });
        })
    };
    let page = Page { desk: &desk, said: &said, refused: &refused, keyring: props.keyring };
    let words = &desk.words;
    let series = said.series();
    let example = format!("T-{}-0001", if series.is_empty() { "A1" } else { &series });
    let of_no_field = refused.as_ref().filter(|why| why.field.is_none());
    html! {
        <form class="mera-founding" data-testid="founding" {onsubmit} novalidate=true>
            <h1>{ words.say("founding") }</h1>
            <p>{ words.say("founding-lead") }</p>
            <fieldset>
                <legend class="mera-hidden">{ words.say("founding-which") }</legend>
                { page.way("founding-new", false) }
                { page.way("founding-join", true) }
            </fieldset>
            if said.joins { { page.text("company", &said.company, None, |said, text| said.company = text) } }
            { page.text("person", &said.person, Some(first), |said, text| said.person = text) }
            { page.text("name", &said.name(&desk), None, |said, text| said.name = Some(text)) }
            <div class="mera-pair">
                { page.places() }
                { page.text("series", &series, None, |said, text| said.series = Some(text.to_uppercase())) }
            </div>
            <p class="mera-hint">{ words.with("founding-series-hint", &[("example", &example)]) }</p>
            { page.text("relay", &said.relay, None, |said, text| said.relay = text) }
            { page.text("passphrase", &said.passphrase, None, |said, text| said.passphrase = text) }
            if let Some(why) = of_no_field { <p class="mera-band" role="alert" data-testid="founding-refused">{ words.refusal(why) }</p> }
            <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="founding-do" disabled={*asked}>
                { words.say(if said.joins { "founding-do-join" } else { "founding-do-new" }) }
            </button>
        </form>
    }
}

/// The page while it is drawn.
struct Page<'a> {
    desk: &'a Desk,
    said: &'a UseStateHandle<Said>,
    refused: &'a UseStateHandle<Option<Refused>>,
    keyring: bool,
}

impl Page<'_> {
    /// One of the two ways to begin.
    fn way(&self, name: &'static str, joins: bool) -> Html {
        let (said, refused) = (self.said.clone(), self.refused.clone());
        let onchange = Callback::from(move |_: Event| {
            said.set(Said { joins, ..(*said).clone() });
            refused.set(None);
        });
        html! {
            <label class="mera-way">
                <input type="radio" name="founding-way" data-testid={name} checked={self.said.joins == joins} {onchange} />
                <span><strong>{ self.desk.words.say(name) }</strong><small>{ self.desk.words.say(&format!("{name}-hint")) }</small></span>
            </label>
        }
    }

    /// A field with its name, what it is for, and why what stands in it was refused.
    fn text(&self, field: &'static str, value: &str, first: Option<NodeRef>, take: fn(&mut Said, String)) -> Html {
        let oninput = {
            let (said, refused) = (self.said.clone(), self.refused.clone());
            Callback::from(move |event: InputEvent| {
                let mut now = (*said).clone();
                take(&mut now, event.target_unchecked_into::<HtmlInputElement>().value());
                said.set(now);
                refused.set(None);
            })
        };
        let (words, id) = (&self.desk.words, format!("founding-{field}"));
        let why = self.refused.as_ref().filter(|why| why.field.as_deref() == Some(field));
        // The series' hint stands below the pair it is in.
        let hint = if field == "passphrase" && self.keyring { "founding-keyring-hint" } else { &format!("{id}-hint") };
        let hint = words.find(hint, &[]).filter(|_| field != "series");
        let (kind, fill) = if field == "passphrase" { ("password", "new-password") } else { ("text", "off") };
        let (told, hinted) = (format!("{id}-refused"), format!("{id}-hint"));
        let described = why.is_some().then(|| told.clone()).or_else(|| hint.is_some().then(|| hinted.clone()));
        html! {
            <div class="mera-field">
                <label for={id.clone()}>{ words.say(&id) }</label>
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

    fn places(&self) -> Html {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, Words};

    fn desk(language: Language) -> Desk {
        Desk { words: Words::of(language), news: 0, about: None, sync: None, importing: None, toast: Callback::noop() }
    }

    #[test]
    fn a_series_is_suggested_from_the_initials_in_letters_that_every_device_can_type() {
        let table = [
            ("", ""),
            ("  ", ""),
            ("anna", "A1"),
            ("Anna Berg", "AB1"),
            ("Øjvind Åge Ærø Knudsen", "OAA1"),
            ("Anne-Mette Holm", "AMH1"),
            ("李 Wei", "W1"),
        ];
        for (person, series) in table {
            assert_eq!(series_for(person), series, "{person:?}");
        }
    }

    #[test]
    fn a_computer_is_called_after_its_person() {
        let (danish, english) = (desk(Language::Danish), desk(Language::English));
        assert_eq!(name_for(&danish, "Anna Berg"), "Annas pc");
        assert_eq!(name_for(&danish, "Jens Kruse"), "Jens' pc");
        assert_eq!(name_for(&english, "Anna Berg"), "Anna's computer");
        assert_eq!(name_for(&danish, " "), "");
    }

    #[test]
    fn who_joins_without_saying_what_does_not_found_another_company() {
        let said = Said { joins: true, person: "Bo".into(), ..Said::nothing() };
        let Request::Found { company, name, series, relay, .. } = said.request(&desk(Language::Danish)) else {
            panic!("it is the request to found")
        };
        assert_eq!((company.as_deref(), name.as_str(), series.as_str(), relay), (Some(""), "Bos pc", "B1", None));
        let alone = Said { joins: false, company: "left from before".into(), ..said };
        let asked = alone.request(&desk(Language::Danish));
        assert!(matches!(asked, Request::Found { company: None, passphrase: None, .. }));
    }
}
