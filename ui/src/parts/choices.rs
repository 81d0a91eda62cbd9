//! What a field offers to choose from: currencies, countries, units, what an address is for.

use crate::desk::Desk;
use crate::words::Language;
use crate::written;
use js_sys::{Array, Function, Object, Reflect};
use mera_schema::{FieldDef, Form};
use wasm_bindgen::{JsCast, JsValue};

/// How freely a field is filled in.
#[derive(Clone, PartialEq)]
pub enum Offered {
    /// Anything may be typed.
    Nothing,
    /// Anything may be typed; these are offered.
    Suggested(Vec<Choice>),
    /// One of these, or what stands there already.
    Listed(Vec<Choice>),
}

/// One choice: as it is written, and as a person reads it.
#[derive(Clone, PartialEq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// What a field offers.
pub fn offered(desk: &Desk, def: &FieldDef) -> Offered {
    let language = desk.words.language;
    let word = |word: &&str| Choice { value: (*word).to_owned(), label: desk.words.say(&format!("word-{word}")) };
    match (def.form, def.name) {
        (Form::Choice, _) => Offered::Listed(def.words.iter().map(word).collect()),
        (Form::Flag, _) => Offered::Listed(["false", "true"].iter().map(word).collect()),
        (Form::Currency, _) => Offered::Listed(currencies(language)),
        (Form::Word, "purpose") => Offered::Listed(["visit", "delivery", "invoice"].iter().map(word).collect()),
        (_, "country") => Offered::Suggested(named("region", &COUNTRIES, language)),
        (_, "unit") => Offered::Suggested(units(language)),
        _ => Offered::Nothing,
    }
}

/// ISO 4217, those our customers pay in first.
const CURRENCIES: [&str; 18] = [
    "DKK", "EUR", "SEK", "NOK", "USD", "GBP", "CHF", "PLN", "CZK", "HUF", "ISK", "CAD", "AUD", "JPY", "CNY", "SGD",
    "AED", "ZAR",
];

/// ISO 3166, the neighbours first.
const COUNTRIES: [&str; 60] = [
    "DK", "SE", "NO", "DE", "FI", "IS", "FO", "GL", "NL", "BE", "LU", "FR", "GB", "IE", "PL", "CZ", "SK", "AT", "CH",
    "IT", "ES", "PT", "EE", "LV", "LT", "HU", "SI", "HR", "RO", "BG", "GR", "CY", "MT", "UA", "TR", "US", "CA", "MX",
    "BR", "AR", "CL", "AU", "NZ", "JP", "CN", "KR", "TW", "IN", "SG", "TH", "MY", "ID", "VN", "AE", "SA", "QA", "IL",
    "EG", "MA", "ZA",
];

const UNITS: [&str; 10] = ["pcs", "m", "m²", "m³", "kg", "l", "t", "h", "set", "par"];

/// The currencies, by code.
pub fn currencies(language: Language) -> Vec<Choice> {
    named("currency", &CURRENCIES, language)
}

fn units(language: Language) -> Vec<Choice> {
    let shown = |unit: &&str| written::unit_shown(unit, language).to_owned();
    UNITS.iter().map(|unit| Choice { value: shown(unit), label: String::new() }).collect()
}

/// Codes with the names that the browser knows for them in the person's language.
fn named(what: &str, codes: &[&str], language: Language) -> Vec<Choice> {
    let names = names(what, language);
    let label = |code: &str| {
        let name = names.as_ref().and_then(|(of, names)| of.call1(names, &code.into()).ok());
        name.and_then(|name| name.as_string()).unwrap_or_default()
    };
    codes.iter().map(|code| Choice { value: (*code).to_owned(), label: label(code) }).collect()
}

/// The function that names a code, and what to call it on.
fn names(what: &str, language: Language) -> Option<(Function, JsValue)> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let maker: Function = Reflect::get(&intl, &"DisplayNames".into()).ok()?.dyn_into().ok()?;
    let wishes = Object::new();
    Reflect::set(&wishes, &"type".into(), &what.into()).ok()?;
    let names = Reflect::construct(&maker, &Array::of2(&language.tag().into(), &wishes)).ok()?;
    let of = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
    Some((of, names))
}
