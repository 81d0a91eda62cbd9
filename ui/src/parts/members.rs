//! A set of words: each can be taken out, a new one is typed.

use super::field::{InsideProps, plain_value};
use crate::desk::{send, use_desk};
use mera_device_api::Request;
use mera_schema::Edit;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[component]
pub fn MembersBox(props: &InsideProps) -> Html {
    let desk = use_desk();
    let field = &props.field;
    let typed = use_state_eq(String::new);
    let all: Vec<String> = field.value.as_array().into_iter().flatten().map(plain_value).collect();
    let member = |member: &String| {
        let label = format!("{} {member}", desk.words.say("remove"));
        let (desk, field, out) = (desk.clone(), field.clone(), member.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let edits = vec![Edit::Exclude { path: field.path.clone(), member: out.clone() }];
            send(&desk, Request::Change { record: field.record, seen: field.heads.clone(), edits }, |_| {});
        });
        html! { <span class="mera-member">{ member }if !props.field.locked { <button type="button" {onclick} aria-label={label}>{ "×" }</button> }</span> }
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let take = {
        let (typed, desk, field) = (typed.clone(), desk.clone(), field.clone());
        Callback::from(move |()| {
            if !typed.trim().is_empty() {
                let edits = vec![Edit::Include { path: field.path.clone(), member: typed.trim().to_owned() }];
                send(&desk, Request::Change { record: field.record, seen: field.heads.clone(), edits }, |_| {});
                typed.set(String::new());
            }
        })
    };
    let onkeydown = {
        let (typed, take) = (typed.clone(), take.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => take.emit(()),
            "Escape" => typed.set(String::new()),
            _ => {}
        })
    };
    let onblur = Callback::from(move |_: FocusEvent| take.emit(()));
    html! {
        <div class="mera-members" data-testid={props.name.clone()}>
            { for all.iter().map(member) }
            if !field.locked { <input class="mera-input" id={props.id.clone()} aria-label={props.label.clone()} value={(*typed).clone()} {oninput} {onkeydown} {onblur} placeholder={desk.words.say("add-word")} /> }
        </div>
    }
}
