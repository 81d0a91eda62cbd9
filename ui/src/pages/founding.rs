//! The first page of a new device: a person founds a company, or comes into one with an invitation.

use crate::carrier;
use crate::desk::{Desk, use_desk};
use mera_device_api::{Answer, Refused, Reply, Request};
use mera_schema::Desk as Place;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Properties of [`Founding`].
#[derive(Properties, PartialEq)]
pub struct FoundingProps {
    /// Whether a keyring would keep the device's key; without one a passphrase is needed.
    pub keyring: bool,
    /// The device has been made.
    pub founded: Callback<()>,
    /// The recovery code of the company that was founded.
    pub told: Callback<String>,
}

/// What has been said so far. What nobody has touched follows from the person's name.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    joins: bool,
    person: String,
    name: Option<String>,
    desk: Place,
    series: Option<String>,
    invitation: String,
    relay: String,
    passphrase: String,
}

impl Said {
    fn nothing() -> Self {
        let [person, invitation, relay, passphrase] = [(); 4].map(|()| String::new());
        Self { joins: false, person, name: None, desk: Place::Sales, series: None, invitation, relay, passphrase }
    }

    /// Whose the device is, as far as it is known: the name of who joins stands in the invitation, which only the one that
    /// invites can read.
    fn person(&self) -> &str {
        if self.joins { "" } else { &self.person }
    }

    fn name(&self, desk: &Desk) -> String {
        self.name.clone().unwrap_or_else(|| name_for(desk, self.person()))
    }

    fn series(&self) -> String {
        self.series.clone().unwrap_or_else(|| series_for(self.person()))
    }

    fn request(&self, desk: &Desk) -> Request {
        let (name, desk, series) = (self.name(desk), self.desk, self.series());
        let passphrase = (!self.passphrase.is_empty()).then(|| self.passphrase.clone());
        if self.joins {
            return Request::Join { invitation: code_in(&self.invitation).to_owned(), name, desk, series, passphrase };
        }
        let relay = (!self.relay.trim().is_empty()).then(|| self.relay.clone());
        Request::Found { person: self.person.clone(), name, desk, series, relay, passphrase }
    }
}

/// The code in what was pasted, which may begin with a greeting. How it is spaced and written does not matter.
fn code_in(pasted: &str) -> &str {
    let begins = |(at, _): &(usize, char)| {
        let rest = pasted.get(*at..*at + 5).unwrap_or_default();
        rest.get(..4).is_some_and(|mark| mark.eq_ignore_ascii_case("MERA"))
            && rest.ends_with(|c: char| c.is_ascii_digit())
    };
    let at = pasted.char_indices().find(begins).map_or(0, |(at, _)| at);
    &pasted[at..]
}

/// Where a refusal stands. What an invitation leads to is told at the invitation, also where the device names no field.
fn at_its_field(joins: bool, mut why: Refused) -> Refused {
    let of_invitation =
        ["invitation.", "membership.", "sync.", "seal."].iter().any(|start| why.code.starts_with(start));
    if joins && why.field.is_none() && of_invitation {
        why.field = Some("invitation".into());
        // Nothing was saved yet that could wait for the relay.
        if ["sync.unreachable", "sync.hung_up", "sync.line_broken"].contains(&why.code.as_str()) {
            why.code = "joining.relay_silent".into();
        }
    }
    why
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
    let begin = begins(&desk, &said, &refused, &asked, props);
    let submitted = {
        let begin = begin.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            begin.emit(());
        })
    };
    let page = Page { desk: &desk, said: &said, refused: &refused, keyring: props.keyring };
    let words = &desk.words;
    let series = said.series();
    let example = format!("T-{}-0001", if series.is_empty() { "A1" } else { &series });
    let of_no_field = refused.as_ref().filter(|why| why.field.is_none());
    html! {
        <form class="mera-founding" data-testid="founding" onsubmit={submitted} novalidate=true>
            <h1>{ words.say("founding") }</h1>
            <p>{ words.say("founding-lead") }</p>
            <fieldset>
                <legend class="mera-hidden">{ words.say("founding-which") }</legend>
                { page.way("founding-new", false) }
                { page.way("founding-join", true) }
            </fieldset>
            if said.joins {
                { page.invitation(begin) }
            } else {
                { page.text("person", &said.person, Some(first), |said, text| said.person = text) }
            }
            { page.text("name", &said.name(&desk), None, |said, text| said.name = Some(text)) }
            <div class="mera-pair">
                { page.places() }
                { page.text("series", &series, None, |said, text| said.series = Some(text.to_uppercase())) }
            </div>
            <p class="mera-hint">{ words.with("founding-series-hint", &[("example", &example)]) }</p>
            if !said.joins { { page.text("relay", &said.relay, None, |said, text| said.relay = text) } }
            { page.text("passphrase", &said.passphrase, None, |said, text| said.passphrase = text) }
            if said.joins && *asked { <p class="mera-band" role="status" data-testid="founding-waits">{ words.say("founding-waits") }</p> }
            if let Some(why) = of_no_field { <p class="mera-band" role="alert" data-testid="founding-refused">{ words.refusal(why) }</p> }
            <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="founding-do" disabled={*asked}>
                { words.say(if said.joins { "founding-do-join" } else { "founding-do-new" }) }
            </button>
        </form>
    }
}

/// Asks for the device; once at a time.
fn begins(
    desk: &Desk,
    said: &UseStateHandle<Said>,
    refused: &UseStateHandle<Option<Refused>>,
    asked: &UseStateHandle<bool>,
    props: &FoundingProps,
) -> Callback<()> {
    let (desk, said, refused, asked) = (desk.clone(), said.clone(), refused.clone(), asked.clone());
    let (founded, told) = (props.founded.clone(), props.told.clone());
    Callback::from(move |()| {
        if *asked {
            return;
        }
        asked.set(true);
        refused.set(None);
        let (request, joins) = (said.request(&desk), said.joins);
        let (refused, asked, founded, told) = (refused.clone(), asked.clone(), founded.clone(), told.clone());
        spawn_local(async move {
            match carrier::ask(&request).await {
                Answer::Ok(reply) => {
                    if let Reply::About(about) = reply
                        && let Some(code) = about.recovery_code
                    {
                        told.emit(code);
                    }
                    founded.emit(());
                }
                Answer::Refused(why) => refused.set(Some(at_its_field(joins, why))),
            }
            asked.set(false);
        });
    })
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

    /// The invitation: long, and forgiving of how it comes. Enter joins, as in the other fields.
    fn invitation(&self, begin: Callback<()>) -> Html {
        let oninput = {
            let (said, refused) = (self.said.clone(), self.refused.clone());
            Callback::from(move |event: InputEvent| {
                let invitation = event.target_unchecked_into::<HtmlTextAreaElement>().value();
                said.set(Said { invitation, ..(*said).clone() });
                refused.set(None);
            })
        };
        let onkeydown = Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && !event.shift_key() {
                event.prevent_default();
                begin.emit(());
            }
        });
        let words = &self.desk.words;
        let why = self.refused.as_ref().filter(|why| why.field.as_deref() == Some("invitation"));
        let described = if why.is_some() { "founding-invitation-refused" } else { "founding-invitation-hint" };
        html! {
            <div class="mera-field">
                <label for="founding-invitation">{ words.say("founding-invitation") }</label>
                <textarea class="mera-input mera-invitation" rows="4" id="founding-invitation" data-testid="founding-invitation" autocomplete="off" spellcheck="false" autocapitalize="characters"
                    aria-invalid={why.is_some().then_some("true")} aria-describedby={described} value={self.said.invitation.clone()} {oninput} {onkeydown} />
                if let Some(why) = why {
                    <p class="mera-refused" id="founding-invitation-refused" role="alert" data-testid="founding-invitation-refused">{ words.refusal(why) }</p>
                } else {
                    <p class="mera-hint" id="founding-invitation-hint">{ words.say("founding-invitation-hint") }</p>
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
    use crate::desk::bare as desk;
    use crate::words::Language;

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
    fn who_joins_sends_the_invitation_and_who_founds_sends_a_name() {
        let desk = desk(Language::Danish);
        let said = Said { person: "Bo".into(), invitation: "left from before".into(), ..Said::nothing() };
        let Request::Found { person, name, series, relay, .. } = said.request(&desk) else { panic!("it founds") };
        assert_eq!((person.as_str(), name.as_str(), series.as_str(), relay), ("Bo", "Bos pc", "B1", None));
        let joins = Said { joins: true, invitation: "mera1-abcde".into(), ..said };
        let Request::Join { invitation, name, series, .. } = joins.request(&desk) else { panic!("it joins") };
        assert_eq!(
            (invitation.as_str(), name.as_str(), series.as_str()),
            ("mera1-abcde", "", ""),
            "who it is only the invitation says"
        );
    }

    #[test]
    fn a_code_is_found_in_what_was_pasted_with_it() {
        let table = [
            ("MERA1-ABCDE", "MERA1-ABCDE"),
            ("Hej Bo, din kode til MERA på Æblevej: mera1-abcde fghjk", "mera1-abcde fghjk"),
            ("  MERA2ABC", "MERA2ABC"),
            ("ABCDE", "ABCDE"),
            ("æ", "æ"),
            ("", ""),
        ];
        for (pasted, code) in table {
            assert_eq!(code_in(pasted), code, "{pasted:?}");
        }
    }

    #[test]
    fn what_an_invitation_leads_to_is_told_at_the_invitation() {
        let at = |joins, code: &str| {
            let why = at_its_field(joins, Refused::new(code, "no"));
            (why.field, why.code)
        };
        let invitation = Some("invitation".to_owned());
        assert_eq!(at(true, "invitation.late"), (invitation.clone(), "invitation.late".into()));
        assert_eq!(at(true, "sync.unreachable"), (invitation, "joining.relay_silent".into()));
        assert_eq!(at(true, "device.folder"), (None, "device.folder".into()));
        assert_eq!(at(false, "sync.unreachable"), (None, "sync.unreachable".into()));
        let mut named = Refused::new("founding.series", "no");
        named.field = Some("series".into());
        assert_eq!(at_its_field(true, named.clone()), named);
    }
}
