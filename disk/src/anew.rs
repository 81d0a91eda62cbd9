//! A folder written anew, so that what was taken out of it is nowhere on the disk any more. sled keeps replaced and removed
//! values in its files until it happens to need their space; who was promised that something is erased, and who waits for
//! space, cannot wait for that.
//!
//! Everything that counts is written as one sorted file into a folder within the folder, which takes the former files'
//! place once it is whole and on disk. A power cut at any moment leaves one of the two. People go on writing meanwhile: what they
//! write follows at the end ([`Anew`]).

use crate::sorted::{self, Sorted};
use crate::{Batch, Bytes, DiskFault, Row, Tree, contained, patiently, power};
use std::fs::{self, File};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values that are copied at one go.
const BATCH: usize = 256;
/// Bytes of values after which a batch is full before that: entries of logs may have a MiB each.
const BATCH_BYTES: usize = 4 << 20;
/// What the folders within the folder are called, with a number behind it.
const NAME: &str = "anew-";
/// An empty file that says that such a folder is whole.
const WHOLE: &str = "whole";
/// What the sorted file is called.
const SORTED: &str = "sorted";

/// Writes an open folder anew and gives it opened. Nothing may be written to it meanwhile. Once nobody uses the former
/// handle any more, [`forget_former`] takes the former files away.
pub fn anew(tree: &Tree, folder: &Path, cache: u64) -> Result<Tree, DiskFault> {
    Anew::begin(tree, folder)?.write(cache)?.finish()
}

/// A folder that is to be written anew while people go on writing to it: what changes meanwhile is noted, and follows at the end. Dropped
/// before that, it leaves nothing behind.
pub struct Anew {
    tree: Tree,
    folder: PathBuf,
    /// Where it is written to.
    place: PathBuf,
    /// Whether what is there is the folder now.
    whole: bool,
    stopped: Arc<AtomicBool>,
}

/// Everything that stood in the folder has been gone through.
pub struct Written {
    // It is closed before the place is taken away that it stands in.
    new: Tree,
    anew: Anew,
}

/// Dropping it stops a writing anew after its next row: whoever waits for it is gone, and the folder is to be closed.
pub struct Stopper(Arc<AtomicBool>);

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Anew {
    fn drop(&mut self) {
        self.tree.end_noting();
        if !self.whole && !power::has_failed() {
            // What cannot be taken away now goes when the folder is opened the next time; half of it is never called whole.
            fs::remove_file(self.place.join(WHOLE)).ok();
            fs::remove_dir_all(&self.place).ok();
        }
    }
}

impl Anew {
    /// From here on what is written to the folder is noted.
    pub fn begin(tree: &Tree, folder: &Path) -> Result<Self, DiskFault> {
        let number = current(folder)?.map_or(1, |number| number + 1);
        let place = folder.join(format!("{NAME}{number}"));
        tree.begin_noting();
        Ok(Self { tree: tree.clone(), folder: folder.to_owned(), place, whole: false, stopped: Arc::default() })
    }

    /// What stops it when it is dropped.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.stopped.clone())
    }

    /// Goes through everything that stands in the folder, which takes a while; nobody needs to wait for it. `cache` is how many bytes of
    /// the new one sled may keep in memory.
    pub fn write(self, cache: u64) -> Result<Written, DiskFault> {
        let new = contained(|| {
            if self.place.exists() {
                fs::remove_dir_all(&self.place)?;
            }
            fs::create_dir(&self.place)?;
            let goes_on = |row: Result<Row, DiskFault>| {
                if self.stopped.load(Ordering::Relaxed) {
                    Err(io::Error::from(io::ErrorKind::Interrupted).into())
                } else {
                    row
                }
            };
            sorted::write(&self.place.join(SORTED), self.tree.beginning([]).map(goes_on))?;
            opened(&self.place, cache)
        })?;
        Ok(Written { new, anew: self })
    }
}

impl Written {
    /// Lets follow what was written meanwhile, and gives the folder opened. Nothing may be written to it from here on until the new
    /// handle is used in the place of the former one. Once nobody uses that any more, [`forget_former`] takes its files away.
    pub fn finish(mut self) -> Result<Tree, DiskFault> {
        contained(|| {
            let Self { new, anew } = &self;
            let mut batch = Batch::default();
            for (count, key) in (1..).zip(anew.tree.end_noting()) {
                match anew.tree.get(&key)? {
                    Some(value) => batch.insert(key, value),
                    None => batch.remove(key),
                }
                if count % BATCH == 0 {
                    new.apply(std::mem::take(&mut batch))?;
                }
            }
            new.apply(batch)?;
            new.flush()?;
            sync(&anew.place).and_then(|()| mark(&anew.place)).and_then(|()| sync_folder(&anew.folder))?;
            Ok::<(), DiskFault>(())
        })?;
        self.anew.whole = true;
        Ok(self.new)
    }
}

/// What stands at a place: the files of sled, and beneath them what was there when the place was made.
pub(crate) fn opened(place: &Path, cache: u64) -> Result<Tree, DiskFault> {
    let above = patiently(place, cache)?;
    let sorted = place.join(SORTED);
    let beneath = if sorted.exists() { Some(Sorted::open(&sorted)?) } else { None };
    Ok(Tree::new(above, beneath))
}

/// Takes away the files that a folder had before it was written anew. Where a system takes no file away that is open
/// somewhere, they go when the folder is opened the next time.
pub fn forget_former(folder: &Path) -> Result<(), DiskFault> {
    clear(folder)
}

/// Where sled's files stand; what a former writing left behind goes.
pub(crate) fn place(folder: &Path) -> Result<PathBuf, DiskFault> {
    clear(folder)?;
    Ok(current(folder)?.map_or_else(|| folder.to_owned(), |number| folder.join(format!("{NAME}{number}"))))
}

/// The number of the newest folder that is whole, if the folder was ever written anew.
fn current(folder: &Path) -> Result<Option<u64>, DiskFault> {
    let whole = written(folder)?.into_iter().filter(|(_, place)| place.join(WHOLE).exists());
    Ok(whole.map(|(number, _)| number).max())
}

/// The folders within the folder.
fn written(folder: &Path) -> Result<Vec<(u64, PathBuf)>, DiskFault> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let place = entry?.path();
        let name = place.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(NAME));
        if let Some(number) = name.and_then(|number| number.parse().ok()) {
            found.push((number, place));
        }
    }
    Ok(found)
}

/// Takes away what is not current, sled's own files from before the first writing among it.
fn clear(folder: &Path) -> Result<(), DiskFault> {
    let current = current(folder)?;
    for (_, place) in written(folder)?.into_iter().filter(|(number, _)| Some(*number) != current) {
        power::holds()?;
        fs::remove_dir_all(place)?;
    }
    if current.is_none() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("blobs") => fs::remove_dir_all(&path)?,
            Some(name) if matches!(name, "conf" | "db") || name.starts_with("snap.") => {
                fs::remove_file(&path)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Copies every value behind a key, or all of them, in batches that each reach the other tree as a whole: what is there
/// after an interruption need not be copied again. `value` gives each value as it is to stand there.
pub fn copy(
    from: &Tree,
    to: &Tree,
    mut last: Option<Bytes>,
    value: impl Fn(&Bytes, Bytes) -> Bytes,
) -> Result<(), DiskFault> {
    loop {
        let after = last.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let (mut batch, mut values, mut bytes) = (Batch::default(), 0, 0);
        for row in from.between((after, Bound::Unbounded)) {
            let (key, stored) = row?;
            (values, bytes) = (values + 1, bytes + stored.len());
            let stored = value(&key, stored);
            last = Some(key.clone());
            batch.insert(key, stored);
            if values == BATCH || bytes > BATCH_BYTES {
                break;
            }
        }
        if values == 0 {
            return Ok(());
        }
        to.apply(batch)?;
    }
}

fn mark(place: &Path) -> io::Result<()> {
    power::holds()?;
    File::create(place.join(WHOLE))?.sync_all()?;
    sync_folder(place)
}

/// Waits until every file of a folder is on disk: what it was copied from is deleted next.
pub fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { sync(&entry.path())? } else { File::open(entry.path())?.sync_all()? }
    }
    sync_folder(folder)
}

/// A new name is on disk only once its folder is; only Unix lets a program ask for that.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    power::holds()?;
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{get, open, wrap};

    fn finds(folder: &Path, needle: &[u8]) -> bool {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
            if path.is_dir() {
                finds(&path, needle)
            } else {
                fs::read(path).unwrap().windows(needle.len()).any(|part| part == needle)
            }
        })
    }

    #[test]
    fn what_was_taken_out_is_nowhere_on_the_disk_and_everything_else_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let secret = b"Karen Blixen, direct 45 12 34 56";
        let mut db = open(folder.path(), 1 << 20).unwrap();
        for round in 0_u32..3 {
            (0..500_u32).for_each(|n| db.insert(n.to_be_bytes(), wrap(&n)).unwrap());
            db.insert(b"gone", secret).unwrap();
            db.flush().unwrap();
            let mut out = Batch::default();
            out.remove(b"gone");
            db.apply(out).unwrap();
            db.flush().unwrap();
            assert!(finds(folder.path(), secret), "or this test shows nothing");
            db = anew(&db, folder.path(), 1 << 20).unwrap();
            forget_former(folder.path()).unwrap();
            assert!(!finds(folder.path(), secret), "round {round}");
            assert_eq!(db.beginning([]).count(), 500);
        }
        db.insert(b"later", wrap(&7_u32)).unwrap();
        db.flush().unwrap();
        drop(db);
        let db = open(folder.path(), 1 << 20).unwrap();
        assert_eq!((db.beginning([]).count(), get::<u32>(&db, b"later").unwrap()), (501, Some(7)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing is left of former writings");
    }

    #[test]
    fn a_power_cut_before_the_new_files_are_whole_leaves_the_old_ones() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path(), 1 << 20).unwrap();
        db.insert(b"k", wrap(&1_u32)).unwrap();
        db.flush().unwrap();
        drop(db);
        fs::create_dir(folder.path().join("anew-1")).unwrap();
        fs::write(folder.path().join("anew-1/db"), "half").unwrap();
        let db = open(folder.path(), 1 << 20).unwrap();
        assert_eq!(get::<u32>(&db, b"k").unwrap(), Some(1));
        assert!(!folder.path().join("anew-1").exists());
        // And one after they are whole, before the old ones are gone.
        let db = anew(&db, folder.path(), 1 << 20).unwrap();
        db.insert(b"k", wrap(&2_u32)).unwrap();
        db.flush().unwrap();
        drop(db);
        fs::write(folder.path().join("db"), "old").unwrap();
        assert_eq!(get::<u32>(&open(folder.path(), 1 << 20).unwrap(), b"k").unwrap(), Some(2));
        assert!(!folder.path().join("db").exists());
    }
}
