//! Devices that hold many records. Filling one takes minutes, so that a filled folder is kept and copied.

use crate::company::{Chance, Colleague, GENERATOR};
use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use mera_device::{Engine, Founding, Surroundings};
use mera_schema::{Desk, WorkspaceId};
use mera_sync_protocol::Cursor;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// A world whose clock moves a millisecond at each look and whose randomness follows from a seed.
struct Seeded {
    clock: AtomicU64,
    chance: Mutex<Chance>,
}

/// When the device was made: 1 September 2026.
const MADE: u64 = 1_788_220_800_000;

impl Surroundings for Seeded {
    fn millis(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn today(&self) -> NaiveDate {
        let now = i64::try_from(self.clock.load(Ordering::Relaxed)).ok();
        now.and_then(chrono::DateTime::from_timestamp_millis).unwrap_or_default().date_naive()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
        Ok(())
    }
}

/// The company all of it belongs to.
pub fn workspace() -> WorkspaceId {
    WorkspaceId::new(uuid::Uuid::from_u128(0x6d65_7261_0000_4000_8000_0000_0000_0b01))
}

/// Makes a device of the company in a folder. Devices with the same letters are the same device.
pub fn found(folder: &Path, series: &str, relay: Option<String>) -> Result<Engine> {
    let seed = series.bytes().fold(0, |sum: u64, byte| (sum << 8) | u64::from(byte));
    let world = Seeded { clock: AtomicU64::new(MADE), chance: Mutex::new(Chance::of(seed)) };
    let founding = Founding {
        workspace: Some(workspace()),
        name: format!("Pc {series}"),
        person: "Mette Holm".into(),
        desk: Desk::Sales,
        series: series.into(),
        relay,
        vault: mera_device::Place::InFolder,
    };
    Ok(Engine::found(folder, founding, Arc::new(world))?)
}

/// Lets a device take in the company's records, by the road on which everything of colleagues comes.
pub fn fill(engine: &mut Engine, records: usize) -> Result<()> {
    let mut colleague = Colleague::new(engine.workspace(), records);
    let bar = ProgressBar::new(records as u64).with_style(style()?);
    bar.set_message(format!("filling a store with {records} records"));
    let mut arrival = 0;
    while let Some(run) = colleague.next_run()? {
        arrival += 1;
        // The life of no relay: a real one will not know this place and both sides tell what they hold.
        engine.take(vec![run], Cursor { epoch: [0; 16], arrival })?;
        bar.set_position(colleague.written() as u64);
    }
    bar.finish_and_clear();
    if let Some((code, says)) = engine.set_aside()?.into_iter().next() {
        bail!("the device did not take in everything: {code}: {says}");
    }
    Ok(())
}

/// A copy of a device's folder that holds so many records, to do with as one likes.
pub fn copy(cache: &Path, records: usize) -> Result<TempDir> {
    let kept = kept(cache, records)?;
    let copy = tempfile::Builder::new().prefix("copy-").tempdir_in(cache).context("cannot make a folder for a copy")?;
    copy_folder(&kept, copy.path())?;
    Ok(copy)
}

/// The kept folder. It gets its name only when it is whole, so that an interrupted filling is never taken for one.
fn kept(cache: &Path, records: usize) -> Result<PathBuf> {
    // Whoever opens a store of other facts tells all of them anew, which is not what a start is measured for.
    let name = format!("records-{records}-made-{GENERATOR}-facts-{}", mera_business::facts::VERSION);
    let (whole, part) = (cache.join(&name), cache.join(format!("{name}.part")));
    if whole.is_dir() {
        return Ok(whole);
    }
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| format!("cannot remove the unfinished {}", part.display()))?;
    }
    fs::create_dir_all(&part).with_context(|| format!("cannot make {}", part.display()))?;
    let mut engine = found(&part, "A1", None)?;
    fill(&mut engine, records)?;
    drop(engine);
    fs::rename(&part, &whole).with_context(|| format!("cannot give {} its name", whole.display()))?;
    Ok(whole)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &place)?;
        } else {
            fs::copy(&path, &place)
                .with_context(|| format!("cannot copy to {}; is the disk full?", place.display()))?;
        }
    }
    Ok(())
}

/// Bytes of a folder on disk, in MiB.
pub fn size(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(bytes as f64 / 1_048_576.0)
}

fn style() -> Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}, {eta} to go")?)
}
