//! What a field was and what it became, as a person reads it.

use crate::desk::Desk;
use crate::written;
use mera_schema::{FieldPath, LIFE, ORDER, RecordDef, RecordKind};
use std::collections::BTreeMap;
use yew::prelude::*;

/// An order key, and that a new line is there, tell a person nothing.
pub fn worth_telling(path: &FieldPath, before: Option<&str>, after: Option<&str>) -> bool {
    path.field != ORDER && !(path.field == LIFE && before.is_none() && after == Some("live"))
}

/// One field's change; `names` are what links are called.
pub fn change_of(
    desk: &Desk,
    kind: RecordKind,
    names: &BTreeMap<String, String>,
    (path, before, after): (&FieldPath, Option<&str>, Option<&str>),
) -> Html {
    let value = |value: Option<&str>| {
        let def = RecordDef::of(kind).field(path.place.collection(), &path.field);
        match (value, def) {
            (None, _) => "–".to_owned(),
            (Some(value), Some(def)) if !def.words.is_empty() => desk.words.say(&format!("word-{value}")),
            (Some(value), Some(_)) if names.contains_key(value) => names[value].clone(),
            (Some(value), Some(def)) => written::shown(def.form, value, desk.words.language),
            (Some(value), None) => value.to_owned(),
        }
    };
    html! { <li>{ format!("{}: ", desk.words.field(&path.field)) }if before.is_some() { <del>{ value(before) }</del><span aria-hidden="true">{ " → " }</span> }<ins>{ value(after) }</ins></li> }
}
