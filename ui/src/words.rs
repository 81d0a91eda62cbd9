//! What the screens say, in Danish, English and German.

use crate::written;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use mera_device_api::Refused;
use mera_schema::Form;
use std::rc::Rc;

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Danish,
    English,
    German,
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Danish => "Dansk",
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The one that the switch leads to.
    pub fn next(self) -> Self {
        match self {
            Self::English => Self::Danish,
            Self::Danish => Self::German,
            Self::German => Self::English,
        }
    }

    /// A label inside a sentence: German nouns keep their capital.
    pub fn inside(self, label: &str) -> String {
        if self == Self::German { label.to_owned() } else { label.to_lowercase() }
    }

    /// The person's choice, else the browser's.
    pub fn chosen() -> Self {
        let window = web_sys::window();
        let kept = crate::desk::kept("mera.language");
        let tag = kept.or_else(|| window.and_then(|window| window.navigator().language())).unwrap_or_default();
        match tag.get(..2) {
            Some("en") => Self::English,
            Some("de") => Self::German,
            _ => Self::Danish,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Danish => concat!(
                include_str!("../words/da.ftl"),
                include_str!("../words/da-members.ftl"),
                include_str!("../words/da-erasure.ftl"),
                include_str!("../words/da-audit.ftl"),
                include_str!("../words/da-device.ftl"),
                include_str!("../words/da-presence.ftl"),
                include_str!("../words/da-calls.ftl"),
                include_str!("../words/da-appointments.ftl"),
                include_str!("../words/da-same.ftl")
            ),
            Self::English => concat!(
                include_str!("../words/en.ftl"),
                include_str!("../words/en-members.ftl"),
                include_str!("../words/en-erasure.ftl"),
                include_str!("../words/en-audit.ftl"),
                include_str!("../words/en-device.ftl"),
                include_str!("../words/en-presence.ftl"),
                include_str!("../words/en-calls.ftl"),
                include_str!("../words/en-appointments.ftl"),
                include_str!("../words/en-same.ftl")
            ),
            Self::German => concat!(
                include_str!("../words/de.ftl"),
                include_str!("../words/de-members.ftl"),
                include_str!("../words/de-erasure.ftl"),
                include_str!("../words/de-audit.ftl"),
                include_str!("../words/de-device.ftl"),
                include_str!("../words/de-presence.ftl"),
                include_str!("../words/de-calls.ftl"),
                include_str!("../words/de-appointments.ftl"),
                include_str!("../words/de-same.ftl")
            ),
        }
    }
}

/// The sentences of one language.
#[derive(Clone)]
pub struct Words {
    pub language: Language,
    bundle: Rc<FluentBundle<FluentResource>>,
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

impl Words {
    pub fn of(language: Language) -> Self {
        let mut bundle = FluentBundle::new(vec![language.tag().parse().expect("both tags are well-formed")]);
        bundle.set_use_isolating(false);
        match language {
            Language::Danish => bundle.set_formatter(Some(|value, _| counted(value, Language::Danish))),
            Language::English => bundle.set_formatter(Some(|value, _| counted(value, Language::English))),
            Language::German => bundle.set_formatter(Some(|value, _| counted(value, Language::German))),
        }
        // Whatever a broken line would leave out is shown by its name, which a test forbids.
        let resource = FluentResource::try_new(language.text().to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { language, bundle: Rc::new(bundle) }
    }

    /// A sentence without places to fill.
    pub fn say(&self, name: &str) -> String {
        self.find(name, &[]).unwrap_or_else(|| name.to_owned())
    }

    /// A sentence with places to fill.
    pub fn with(&self, name: &str, fill: &[(&str, &str)]) -> String {
        self.find(name, fill).unwrap_or_else(|| name.to_owned())
    }

    /// How many of something.
    pub fn count(&self, name: &str, count: u64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.format(name, &args).unwrap_or_else(|| name.to_owned())
    }

    /// A sentence, if this language has one of that name.
    pub fn find(&self, name: &str, fill: &[(&str, &str)]) -> Option<String> {
        let mut args = FluentArgs::new();
        for (place, value) in fill {
            args.set(*place, *value);
        }
        self.format(name, &args)
    }

    fn format(&self, name: &str, args: &FluentArgs) -> Option<String> {
        let pattern = self.bundle.get_message(name)?.value()?;
        Some(self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
    }

    /// A refusal in the person's language; the device's English where there is none.
    pub fn refusal(&self, refused: &Refused) -> String {
        let mut fill: Vec<(&str, String)> =
            refused.args.iter().map(|(name, value)| (&**name, self.readable(name, value))).collect();
        if let Some(field) = &refused.field {
            fill.push(("field", self.field(field.rsplit('/').next().unwrap_or(field))));
        }
        let fill: Vec<(&str, &str)> = fill.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.find(&format!("refused-{}", refused.code.replace(['.', '_'], "-")), &fill)
            .unwrap_or_else(|| refused.says.clone())
    }

    /// A refusal of what was typed into a field: what does not fit is told by what would.
    pub fn refusal_at(&self, form: Form, refused: &Refused) -> String {
        let example = match form {
            Form::Money => Some("not-money"),
            Form::Quantity => Some("not-quantity"),
            Form::Percent => Some("not-percent"),
            Form::Number => Some("not-number"),
            Form::Day => Some("not-day"),
            _ => None,
        };
        match example {
            Some(example) if refused.code == "field.does_not_fit" => self.say(example),
            _ => self.refusal(refused),
        }
    }

    /// What a refusal speaks of, as a person says it.
    fn readable(&self, name: &str, value: &str) -> String {
        match name {
            "stage" => {
                self.language.inside(&self.find(&format!("word-{value}"), &[]).unwrap_or_else(|| value.to_owned()))
            }
            "kind" => {
                self.language.inside(&self.find(&format!("kinds-{value}"), &[]).unwrap_or_else(|| value.to_owned()))
            }
            "until" => written::shown(Form::Day, value, self.language),
            _ => value.to_owned(),
        }
    }

    /// What a field is called.
    pub fn field(&self, name: &str) -> String {
        self.say(&format!("field-{}", name.replace('_', "-")))
    }
}

/// A number inside a sentence, as the language writes it.
fn counted(value: &FluentValue, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(written::figure(&number.as_string(), language)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
