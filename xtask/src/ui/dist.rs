//! Writes `ui/dist`: every file but the page carries the hash of its content in its name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::stylesheet::Stylesheet;
use crate::house::House;
use crate::process;

/// The folder being written.
pub struct Dist {
    folder: PathBuf,
    /// Each file's name, with its hash, by its plain name.
    names: BTreeMap<String, String>,
    kept: BTreeSet<PathBuf>,
    sizes: Vec<(String, usize, Option<usize>)>,
}

/// Writes everything the page needs, and removes what an earlier build left.
pub fn write(house: &House, bound: &Path, style: &Stylesheet) -> Result<Dist> {
    let ui = house.root.join("ui");
    let mut dist = Dist { folder: house.dist(), names: BTreeMap::new(), kept: BTreeSet::new(), sizes: Vec::new() };
    for (name, path) in &style.files {
        dist.add(name, read(path)?)?;
    }
    dist.add("app.css", dist.pointed(&style.text, |name| format!("url({name})")).into_bytes())?;
    dist.add("icon.svg", read(&ui.join("icon.svg"))?)?;
    dist.add("ui_bg.wasm", read(&bound.join("ui_bg.wasm"))?)?;
    dist.add_snippets(&bound.join("snippets"), Path::new("snippets"))?;
    let glue = text(&bound.join("ui.js"))?.replace("ui_bg.wasm", dist.named("ui_bg.wasm")?);
    dist.add("ui.js", glue.into_bytes())?;
    let boot = dist.pointed(&text(&ui.join("boot.js"))?, |name| format!("/{name}"));
    dist.add("boot.js", boot.into_bytes())?;
    let page = dist.pointed(&text(&ui.join("index.html"))?, |name| format!("\"/{name}\""));
    dist.put(Path::new("index.html"), page.as_bytes())?;
    dist.measure("index.html", page.as_bytes());
    dist.sweep(&dist.folder)?;
    Ok(dist)
}

impl Dist {
    /// Prints each part's size, plain and as it travels.
    pub fn report(&self) {
        println!("ui: {:<14} {:>10} {:>10}", "file", "bytes", "gz");
        let (mut plain, mut packed) = (0, 0);
        for (name, size, small) in &self.sizes {
            let travels = small.map_or_else(|| "-".to_owned(), |small| small.to_string());
            println!("ui: {name:<14} {size:>10} {travels:>10}");
            plain += size;
            packed += small.unwrap_or(*size);
        }
        println!("ui: {:<14} {plain:>10} {packed:>10}", "without fonts");
    }

    fn add(&mut self, name: &str, content: Vec<u8>) -> Result<()> {
        let hash = blake3::hash(&content).to_hex();
        let (stem, kind) = name.rsplit_once('.').with_context(|| format!("{name} has no ending that says its kind"))?;
        let hashed = format!("{stem}-{}.{kind}", &hash[..12]);
        self.put(Path::new(&hashed), &content)?;
        if kind != "woff2" {
            self.measure(name, &content);
        }
        self.names.insert(name.to_owned(), hashed);
        Ok(())
    }

    /// Scripts that crates bring along keep their names: the program's glue imports them by path.
    fn add_snippets(&mut self, from: &Path, to: &Path) -> Result<()> {
        if !from.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (path, place) = (entry.path(), to.join(entry.file_name()));
            if path.is_dir() {
                self.add_snippets(&path, &place)?;
            } else {
                self.put(&place, &read(&path)?)?;
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<&str> {
        self.names.get(name).map(String::as_str).with_context(|| format!("{name} was not built; build again"))
    }

    /// The text with every mention, in the given form, of a plain name turned to the hashed one.
    fn pointed(&self, text: &str, form: impl Fn(&str) -> String) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, hashed)| text.replace(&form(name), &form(hashed)))
    }

    fn put(&mut self, place: &Path, content: &[u8]) -> Result<()> {
        let path = self.folder.join(place);
        if !fs::read(&path).is_ok_and(|before| before == content) {
            let folder = path.parent().context("a file of the page has no folder")?;
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            fs::write(&path, content).with_context(|| format!("cannot write {}; is the disk full?", path.display()))?;
        }
        self.kept.insert(path);
        Ok(())
    }

    fn measure(&mut self, name: &str, content: &[u8]) {
        self.sizes.push((name.to_owned(), content.len(), packed_size(content).ok()));
    }

    fn sweep(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.sweep(&path)?;
                fs::remove_dir(&path).ok(); // stays while it holds something
            } else if !self.kept.contains(&path) {
                fs::remove_file(&path).with_context(|| format!("cannot remove the old {}", path.display()))?;
            }
        }
        Ok(())
    }
}

fn packed_size(content: &[u8]) -> Result<usize> {
    let mut gzip = process::command("gzip");
    let mut child = gzip.args(["-9", "-c"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("gzip takes no input")?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(content));
        child.wait_with_output()
    })?;
    if !output.status.success() {
        bail!("gzip failed");
    }
    Ok(output.stdout.len())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
