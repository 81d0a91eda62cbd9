//! Devices that hold many records. Filling one takes minutes, so that a filled folder is kept and copied.

use crate::company::{Chance, Colleague, GENERATOR};
use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use mera_device::{Candidate, Engine, Founding, Making, Surroundings};
use mera_schema::{Desk, PersonId};
use mera_sync_protocol::Cursor;
use mera_trust::{Card, Entropy, GroupKeys, Intent, LogEnd, Membership, RecoveryCode, Roles, SignedStatement};
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

/// The letters of every device that there may be of the company.
const SERIES: [&str; 2] = ["A1", "B1"];

fn world(series: &str) -> Seeded {
    let seed = series.bytes().fold(0, |sum: u64, byte| (sum << 8) | u64::from(byte));
    Seeded { clock: AtomicU64::new(MADE), chance: Mutex::new(Chance::of(seed)) }
}

/// The company all of it belongs to: the colleague who wrote everything founded it, and admitted every device.
pub fn chain() -> Result<Vec<SignedStatement>> {
    let (key, sealing) = (Colleague::key(), Colleague::sealing());
    let founder = Card { device: key.public(), sealing: sealing.public(), person: person("founder") };
    let recovery = RecoveryCode::from_seed([9; 32]).card();
    let first = Membership::begin(founder, recovery, &key, MADE, &mut Entropy::from_seed(&[0; 32]))?;
    let (mut members, mut keys) = (Membership::found(&first)?, GroupKeys::default());
    keys.take(&first, 1, key.public().device(), &sealing)?;
    let mut chain = vec![first];
    for series in SERIES {
        let card = Candidate::new(&world(series))?.card(person(series));
        let mut entropy = Entropy::from_seed(&[chain.len().to_le_bytes()[0]; 32]);
        let admit = Intent::Admit { card, roles: Roles::all() };
        let admitted = members.draft(&admit, (&key, &keys), |_| LogEnd::default(), MADE, &mut entropy)?;
        members.extend(&admitted)?;
        chain.push(admitted);
    }
    Ok(chain)
}

fn person(name: &str) -> PersonId {
    PersonId::new(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()))
}

/// Makes a device of the company in a folder, by its letters. Devices with the same letters are the same device.
pub fn found(folder: &Path, series: &str, relay: Option<String>) -> Result<Engine> {
    let world = world(series);
    let candidate = Candidate::new(&world)?;
    let founding = Founding {
        name: format!("Pc {series}"),
        person: "Mette Holm".into(),
        desk: Desk::Sales,
        series: series.into(),
        relay,
        vault: mera_device::Place::InFolder,
    };
    let joined = candidate.admitted(person(series), chain()?)?;
    Ok(Engine::join(folder, founding, joined, Arc::new(world))?)
}

/// Lets a device take in the company's records, by the road on which everything of colleagues comes.
pub fn fill(engine: &mut Engine, records: usize) -> Result<()> {
    let mut colleague = Colleague::new(&chain()?, records)?;
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
    Ok(engine.write_anew()?)
}

/// The same, and makes a checkpoint of it that lets go of all that was before.
pub fn fill_to_checkpoint(engine: &mut Engine, records: usize) -> Result<()> {
    fill(engine, records)?;
    engine.begin_checkpoint()?;
    while let Making::Goes { .. } = engine.make_some()? {}
    while engine.let_go_some()? {}
    Ok(engine.write_anew()?)
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
    let name = format!("records-{records}-made-{GENERATOR}-facts-{}-tidied", mera_business::facts::VERSION);
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
