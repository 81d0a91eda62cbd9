//! One stylesheet from the PatternFly parts in use and our own styles, with the files it points at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The list of PatternFly parts in use, in `ui/styles`.
const PARTS: &str = "patternfly-parts.txt";

/// The text of the stylesheet and the files it needs beside it.
pub struct Stylesheet {
    /// The rules, where each file is named by its key in `files`.
    pub text: String,
    /// Fonts and pictures by the name the rules use for them.
    pub files: BTreeMap<String, PathBuf>,
}

/// Joins the parts listed in `ui/styles/patternfly-parts.txt`, in that order, and then every `.css` of the folder.
pub fn assemble(styles: &Path, package: &Path) -> Result<Stylesheet> {
    let list = styles.join(PARTS);
    let list = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let parts = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut sources: Vec<PathBuf> = parts.map(|part| package.join(part)).collect();
    sources.extend(own(styles)?);
    let mut sheet = Stylesheet { text: String::new(), files: BTreeMap::new() };
    for source in sources {
        let text = fs::read_to_string(&source)
            .with_context(|| format!("no stylesheet {}; see ui/styles/{PARTS}", source.display()))?;
        let folder = source.parent().unwrap_or(package);
        let placed = sheet.place_files(&shrink(&text), folder)?;
        sheet.text.push_str(&placed);
    }
    Ok(sheet)
}

fn own(styles: &Path) -> Result<Vec<PathBuf>> {
    let mut own = Vec::new();
    for entry in fs::read_dir(styles).with_context(|| format!("cannot list {}", styles.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "css") {
            own.push(path);
        }
    }
    own.sort();
    Ok(own)
}

impl Stylesheet {
    /// Rewrites each `url(...)` to the bare file name and remembers the file.
    fn place_files(&mut self, text: &str, folder: &Path) -> Result<String> {
        let mut placed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("url(") {
            let (before, after) = rest.split_at(at + "url(".len());
            let end = after.find(')').with_context(|| format!("an unclosed url( in {}", folder.display()))?;
            let target = after[..end].trim_matches(['"', '\'', ' ']);
            placed.push_str(before);
            if target.starts_with("data:") || target.starts_with('#') {
                placed.push_str(&after[..end]);
            } else {
                placed.push_str(&self.remember(folder, target)?);
            }
            rest = &after[end..];
        }
        placed.push_str(rest);
        Ok(placed)
    }

    fn remember(&mut self, folder: &Path, target: &str) -> Result<String> {
        let path = folder.join(target.split(['?', '#']).next().unwrap_or(target));
        if !path.is_file() {
            bail!(
                "a stylesheet points at {}, which is not there; everything must come with the package",
                path.display()
            );
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.files.insert(name.clone(), path);
        Ok(name)
    }
}

/// Leaves out comments, indentation and line ends; keeps what stands in quotes as it is.
fn shrink(text: &str) -> String {
    let mut small = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) => {
                small.push(letter);
                if letter == '\\' {
                    small.extend(letters.next());
                } else if letter == open {
                    quote = None;
                }
            }
            (None, '/') if letters.peek() == Some(&'*') => skip_comment(&mut letters),
            (None, '"' | '\'') => {
                quote = Some(letter);
                small.push(letter);
            }
            (None, space) if space.is_whitespace() => {
                if !small.is_empty() && !small.ends_with([' ', '{', '}', ';', ',']) {
                    small.push(' ');
                }
            }
            (None, '{' | '}' | ';' | ',') => {
                if !small.ends_with(": ") {
                    small.truncate(small.trim_end().len());
                }
                if letter == '}' && small.ends_with(';') {
                    small.pop();
                }
                small.push(letter);
            }
            (None, _) => small.push(letter),
        }
    }
    small
}

fn skip_comment(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut last = ' ';
    letters.next();
    for letter in letters.by_ref() {
        if last == '*' && letter == '/' {
            return;
        }
        last = letter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_lose_their_white_space_but_not_their_meaning() {
        let text = "/* note */\n.a .b,\n.c {\n  margin: 0 1px;\n  content: \"a  /* b */ \\\" {\";\n}\n.d { --x: ; }\n";
        assert_eq!(shrink(text), ".a .b,.c{margin: 0 1px;content: \"a  /* b */ \\\" {\"}.d{--x: }");
    }

    #[test]
    fn a_picture_inside_the_rules_stays_there() {
        let mut sheet = Stylesheet { text: String::new(), files: BTreeMap::new() };
        let text = ".a{background:url(data:image/png;base64,AA==)}";
        assert_eq!(sheet.place_files(text, Path::new(".")).expect("nothing to find"), text);
        assert!(sheet.place_files(".a{src:url(absent.woff2)}", Path::new(".")).is_err());
    }
}
