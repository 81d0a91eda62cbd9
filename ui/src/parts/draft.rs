//! What is typed into a field and not yet taken by the device.

use super::field::FieldProps;
use crate::carrier;
use crate::desk::{Desk, use_desk};
use crate::written;
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{Edit, FieldDef, Form, Heads};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

/// How a field is being typed into.
pub struct Draft {
    /// What the box holds.
    pub text: String,
    /// Why the device did not take it.
    pub refused: Option<String>,
    /// Takes a text at once, as if it had been typed and left.
    pub take: Callback<String>,
    pub oninput: Callback<InputEvent>,
    pub onblur: Callback<FocusEvent>,
    pub onkeydown: Callback<KeyboardEvent>,
}

/// The heads at which typing began belong to it: what arrives meanwhile is concurrent.
#[derive(Clone, PartialEq)]
struct Typed {
    text: String,
    seen: Heads,
    refused: Option<String>,
}

/// The draft of a field over the text that stands in it.
#[hook]
pub fn use_draft(field: &FieldProps, standing: &str) -> Draft {
    let desk = use_desk();
    let typed = use_state_eq(|| None::<Typed>);
    let sent = use_mut_ref(|| false);
    {
        let (typed, sent) = (typed.clone(), sent.clone());
        // What was sent has arrived on the screen: the draft has done its duty.
        use_effect_with(field.heads.clone(), move |_| {
            if sent.replace(false) {
                typed.set(None);
            }
        });
    }
    {
        let (typed, seen) = (typed.clone(), field.heads.clone());
        use_effect_with(field.pasted.clone(), move |pasted| {
            if let Some(pasted) = pasted.clone() {
                typed.set(Some(Typed { text: pasted.text, seen, refused: Some(pasted.refused) }));
            }
        });
    }
    let save = {
        let (typed, field, desk) = (typed.clone(), field.clone(), desk.clone());
        Callback::from(move |draft: Typed| {
            if !*sent.borrow() {
                sent.replace(true);
                typed.set(Some(Typed { refused: None, ..draft.clone() }));
                save(&desk, &field, draft, typed.clone(), sent.clone());
            }
        })
    };
    let leave = {
        let (typed, standing, save) = (typed.clone(), standing.to_owned(), save.clone());
        Callback::from(move |()| match (*typed).clone() {
            Some(draft) if draft.text == standing => typed.set(None),
            // What was refused stays as it is until it is typed over.
            Some(draft) if draft.refused.is_none() => save.emit(draft),
            _ => {}
        })
    };
    let take = {
        let seen = field.heads.clone();
        Callback::from(move |text| save.emit(Typed { text, seen: seen.clone(), refused: None }))
    };
    let oninput = {
        let (typed, heads) = (typed.clone(), field.heads.clone());
        Callback::from(move |event: InputEvent| {
            let seen = typed.as_ref().map_or_else(|| heads.clone(), |draft| draft.seen.clone());
            typed.set(Some(Typed { text: text_of(&event), seen, refused: None }));
        })
    };
    let onkeydown = {
        let (typed, leave, prose) = (typed.clone(), leave.clone(), field.def.form == Form::Prose);
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !prose => leave.emit(()),
            "Escape" => typed.set(None),
            _ => {}
        })
    };
    let text = typed.as_ref().map_or_else(|| standing.to_owned(), |draft| draft.text.clone());
    let refused = typed.as_ref().and_then(|draft| draft.refused.clone());
    let onblur = Callback::from(move |_: FocusEvent| leave.emit(()));
    Draft { text, refused, take, oninput, onblur, onkeydown }
}

fn save(
    desk: &Desk,
    field: &FieldProps,
    draft: Typed,
    typed: UseStateHandle<Option<Typed>>,
    sent: std::rc::Rc<std::cell::RefCell<bool>>,
) {
    let edit = edit_of(field, &draft.text, desk);
    let request = Request::Change { record: field.record, seen: draft.seen.clone(), edits: vec![edit] };
    let (desk, heads, form) = (desk.clone(), field.heads.clone(), field.def.form);
    spawn_local(async move {
        match carrier::ask(&request).await {
            Answer::Ok(Reply::Done(done)) if done.heads == heads => {
                sent.replace(false);
                typed.set(None);
            }
            Answer::Ok(_) => {}
            Answer::Refused(refused) => {
                sent.replace(false);
                typed.set(Some(Typed { refused: Some(desk.words.refusal_at(form, &refused)), ..draft }));
            }
        }
    });
}

fn edit_of(field: &FieldProps, text: &str, desk: &Desk) -> Edit {
    let path = field.path.clone();
    match field.def.form {
        Form::Prose => Edit::Write { path, text: text.to_owned() },
        _ => Edit::Set { path, value: written_as(&field.def, text, &field.unit, desk) },
    }
}

/// What a text means in a field, in written form; an empty text empties it.
pub fn written_as(def: &FieldDef, text: &str, unit: &str, desk: &Desk) -> Option<String> {
    let written = match (def.form, def.name) {
        (Form::Word, "unit") => written::unit_typed(text.trim()).to_owned(),
        (form, _) => written::typed(form, text, unit, desk.words.language),
    };
    (!text.trim().is_empty()).then_some(written)
}

fn text_of(event: &InputEvent) -> String {
    let target: HtmlElement = event.target_unchecked_into();
    match target.dyn_into::<HtmlInputElement>() {
        Ok(input) => input.value(),
        Err(other) => other.unchecked_into::<HtmlTextAreaElement>().value(),
    }
}
