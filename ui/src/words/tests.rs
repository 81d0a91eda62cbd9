//! All languages say the same things, and nothing on the screens is without words.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn names(language: Language) -> Vec<&'static str> {
    let lines = language.text().lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    lines.filter_map(|line| line.split(" =").next()).collect()
}

fn room(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// The text of every source below a folder, without its tests.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).expect("it can be read");
            all.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
    all
}

/// What stands in quotes right behind each mention of `before`.
fn quoted<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

#[test]
fn all_languages_say_the_same_things_and_every_field_has_a_name() {
    assert_eq!(names(Language::Danish), names(Language::English));
    assert_eq!(names(Language::Danish), names(Language::German));
    let once: BTreeSet<_> = names(Language::Danish).into_iter().collect();
    assert_eq!(once.len(), names(Language::Danish).len(), "a sentence is told twice");
    for language in [Language::Danish, Language::English, Language::German] {
        assert!(FluentResource::try_new(language.text().to_owned()).is_ok());
        let words = Words::of(language);
        for state in mera_schema::Whereabouts::ALL {
            assert!(words.find(&format!("whereabouts-{state}"), &[]).is_some(), "{state}");
        }
        for kind in mera_schema::RecordKind::ALL {
            for name in ["kind", "kinds", "new", "empty"] {
                assert!(words.find(&format!("{name}-{kind}"), &[]).is_some(), "{name}-{kind}");
            }
            let def = mera_schema::RecordDef::of(*kind);
            for items in def.collections {
                for name in ["items", "item", "add"] {
                    assert!(words.find(&format!("{name}-{}", items.name), &[]).is_some(), "{name}-{}", items.name);
                }
            }
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

#[test]
fn every_sentence_the_screens_ask_for_is_there() {
    let text = sources(&room("ui/src"));
    let known: BTreeSet<_> = names(Language::Danish).into_iter().collect();
    let mut asked = BTreeSet::new();
    for before in ["words.say(", "words.with(", "words.count(", "words.find("] {
        asked.extend(quoted(&text, before));
    }
    assert!(asked.len() > 50, "the screens ask for more than {} sentences", asked.len());
    let missing: Vec<_> = asked.difference(&known).collect();
    assert!(missing.is_empty(), "without words: {missing:?}");
}

#[test]
fn no_sentence_waits_for_somebody_to_ask_for_it() {
    let text = sources(&room("ui/src"));
    let composed = [
        "kind-",
        "kinds-",
        "new-",
        "empty-",
        "field-",
        "word-",
        "refused-",
        "item-",
        "items-",
        "add-",
        "verb-",
        "founding-",
        "role-",
        "key-",
        "keep-key-",
        "unlock-",
        "audit-standing-",
        "whereabouts-",
        "holiday-",
        "repeat-",
        "part-",
        "cal-month-",
        "cal-view-",
        "cal-weekday-",
    ];
    let names =
        names(Language::Danish).into_iter().filter(|name| !composed.iter().any(|start| name.starts_with(start)));
    let unused: Vec<_> = names.filter(|name| !text.contains(&format!("\"{name}\""))).collect();
    assert!(unused.is_empty(), "nobody asks for: {unused:?}");
}

#[test]
fn every_refusal_that_reaches_a_screen_is_told_in_every_language() {
    let rooms = ["business/src", "device/src", "sync-protocol/src", "trust/src"];
    let text: String = rooms.iter().map(|name| sources(&room(name))).collect();
    let mut codes = quoted(&text, "Refused::new(");
    codes.extend(quoted(&text, "=>").into_iter().filter(|word| word.contains('.')));
    // What can only happen before there is a screen.
    let codes = codes.into_iter().filter(|code| code.contains('.') && !code.starts_with("loopback."));
    let words = Words::of(Language::Danish);
    let name = |code: &str| format!("refused-{}", code.replace(['.', '_'], "-"));
    let silent: Vec<_> = codes.filter(|code| words.find(&name(code), &[]).is_none()).collect();
    assert!(silent.is_empty(), "only told in the device's English: {silent:?}");
}

#[test]
fn a_label_inside_a_sentence_is_small_where_the_language_has_it_so() {
    assert_eq!(Language::Danish.inside("Tilbud"), "tilbud");
    assert_eq!(Language::German.inside("Angebote"), "Angebote");
}

#[test]
fn a_count_is_written_as_the_language_has_it() {
    assert_eq!(Words::of(Language::Danish).count("rows", 10_000), "10.000 poster");
    assert_eq!(Words::of(Language::English).count("rows", 10_000), "10,000 records");
    assert_eq!(Words::of(Language::Danish).count("rows", 1), "1 post");
}

#[test]
fn what_a_refusal_speaks_of_is_translated_too() {
    let mut refused = Refused::new("quote.not_open", "the quote is sent");
    refused.args.insert("stage".into(), "sent".into());
    assert_eq!(
        Words::of(Language::Danish).refusal(&refused),
        "Tilbuddet er sendt og kan ikke rettes. Lav en ny revision først."
    );
    let mut expired = Refused::new("quote.expired", "it was valid until");
    expired.args.insert("until".into(), "2026-11-23".into());
    assert!(Words::of(Language::Danish).refusal(&expired).contains("23.11.2026"));
    let does_not_fit = Refused::new("field.does_not_fit", "no");
    let says = Words::of(Language::Danish).refusal_at(Form::Day, &does_not_fit);
    assert!(says.contains("23.11.2026"), "{says}");
}
