//! What the screens say, in Danish and English.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use std::rc::Rc;

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Danish,
    English,
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::English => "en",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::Danish => Self::English,
            Self::English => Self::Danish,
        }
    }

    /// The person's choice, else the browser's.
    pub fn chosen() -> Self {
        let window = web_sys::window();
        let kept = crate::desk::kept("mera.language");
        let tag = kept.or_else(|| window.and_then(|window| window.navigator().language())).unwrap_or_default();
        if tag.starts_with("en") { Self::English } else { Self::Danish }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Danish => include_str!("../words/da.ftl"),
            Self::English => include_str!("../words/en.ftl"),
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
    pub fn refusal(&self, refused: &mera_device_api::Refused) -> String {
        let fill: Vec<(&str, &str)> = refused.args.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.find(&format!("refused-{}", refused.code.replace(['.', '_'], "-")), &fill)
            .unwrap_or_else(|| refused.says.clone())
    }

    /// What a field is called.
    pub fn field(&self, name: &str) -> String {
        self.say(&format!("field-{}", name.replace('_', "-")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(language: Language) -> Vec<&'static str> {
        let lines = language.text().lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        lines.filter_map(|line| line.split(" =").next()).collect()
    }

    #[test]
    fn both_languages_say_the_same_things_and_every_field_has_a_name() {
        assert_eq!(names(Language::Danish), names(Language::English));
        for language in [Language::Danish, Language::English] {
            assert!(FluentResource::try_new(language.text().to_owned()).is_ok());
            let words = Words::of(language);
            for kind in mera_schema::RecordKind::ALL {
                assert!(words.find(&format!("kind-{kind}"), &[]).is_some(), "kind-{kind}");
                let def = mera_schema::RecordDef::of(*kind);
                let fields = def.fields.iter().chain(def.collections.iter().flat_map(|items| items.fields));
                for field in fields {
                    let name = format!("field-{}", field.name.replace('_', "-"));
                    assert!(words.find(&name, &[]).is_some(), "{name}");
                    for word in field.words {
                        assert!(words.find(&format!("word-{word}"), &[]).is_some(), "word-{word}");
                    }
                }
            }
        }
    }
}
