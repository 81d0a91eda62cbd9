//! How hard a passphrase is to guess, as far as one can tell without knowing what its person would think of.

use std::collections::BTreeSet;

/// From what length on nobody tries all of them.
const LONG: usize = 20;
/// Fewer different signs than this are a pattern.
const SIGNS: usize = 6;
/// So many words that nobody would put together are good.
const WORDS: usize = 4;

/// What is said of a passphrase while it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It is refused.
    Short,
    /// It is taken, and soon guessed.
    Weak,
    /// It takes long to guess.
    Fair,
    /// Nobody guesses it.
    Good,
}

impl Strength {
    /// Of a text that must have so many signs.
    pub fn of(text: &str, shortest: usize) -> Self {
        let text = text.trim();
        let signs: BTreeSet<char> = text.to_lowercase().chars().collect();
        let words: BTreeSet<&str> =
            text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| word.len() > 2).collect();
        let length = text.chars().count();
        if length < shortest {
            Self::Short
        } else if signs.len() < SIGNS || text.chars().all(|sign| sign.is_ascii_digit()) || in_a_row(text) {
            Self::Weak
        } else if length >= LONG && (words.len() >= WORDS || signs.len() >= 2 * SIGNS) {
            Self::Good
        } else {
            Self::Fair
        }
    }

    /// Its name on the page.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }

    /// The sentence that says it.
    pub fn said(self) -> &'static str {
        match self {
            Self::Short => "strength-short",
            Self::Weak => "strength-weak",
            Self::Fair => "strength-fair",
            Self::Good => "strength-good",
        }
    }
}

/// Whether most of its signs are the next of the one before, as in `abcdef` and `123456`.
fn in_a_row(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().map(u32::from).collect();
    let next = signs.windows(2).filter(|two| two[1].abs_diff(two[0]) <= 1).count();
    2 * next > signs.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_and_of_many_words_is_good_and_patterns_are_weak() {
        for (text, strength) in [
            ("", Strength::Short),
            ("kort", Strength::Short),
            ("            x", Strength::Short),
            ("aaaaaaaaaaaaaaaa", Strength::Weak),
            ("123456789012", Strength::Weak),
            ("abcdefghijklm", Strength::Weak),
            ("hemmelig2026", Strength::Fair),
            ("korrekt hest", Strength::Fair),
            ("korrekt hest batteri klammer", Strength::Good),
            ("vX9#qLz!27Rt@kPw0mBd", Strength::Good),
        ] {
            assert_eq!(Strength::of(text, 12), strength, "{text}");
        }
    }
}
