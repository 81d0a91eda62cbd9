//! What is there in the end, and the figures of the story.

use super::client::{Board, lock, standing};
use super::ledger::{Answered, Held, Verdict};
use super::stage::Kills;
use crate::staff::PEOPLE;
use anyhow::{Result, bail};
use mera_device::{Engine, RealWorld};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::RecordKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The fields that clients write.
const FIELDS: [&str; 3] = ["name", "vat_number", "number"];

/// What came of a story.
pub struct Report {
    seed: u64,
    kills: Kills,
    /// Changes that were answered with `done`.
    pub acknowledged: usize,
    in_doubt: usize,
    refused: BTreeMap<String, usize>,
    lost: usize,
    doubled: usize,
    risen: usize,
    set_back: usize,
    landed: usize,
    forks: usize,
    stores_set_aside: usize,
    records: usize,
    took: Duration,
    /// Everything that is wrong, in sentences.
    pub complaints: Vec<String>,
}

impl Report {
    /// One line for a person.
    pub fn sentence(&self) -> String {
        let Self { seed, kills, acknowledged, in_doubt, lost, doubled, risen, set_back, landed, forks, .. } = self;
        format!(
            "seed {seed}: {} kills ({} of a device, {} of a relay, {} of a shared log, {} while opening), {acknowledged} changes acknowledged in \
             {} records: {lost} lost, {doubled} doubled, {set_back} set back, {risen} there although refused, {forks} forks; \
             {in_doubt} without an answer, of which {landed} were saved; {} stores set aside; {:.0} s",
            kills.all(),
            kills.device,
            kills.relay,
            kills.log,
            kills.opening,
            self.records,
            self.stores_set_aside,
            self.took.as_secs_f64(),
        )
    }

    /// The same for a script.
    pub fn json(&self) -> Value {
        json!({ "crash": {
            "seed": self.seed, "kills": self.kills.all(), "kills_device": self.kills.device,
            "kills_relay": self.kills.relay, "kills_log": self.kills.log, "kills_opening": self.kills.opening, "acknowledged": self.acknowledged,
            "records": self.records, "lost": self.lost, "doubled": self.doubled, "set_back": self.set_back,
            "risen": self.risen, "forks": self.forks, "in_doubt": self.in_doubt, "landed": self.landed,
            "refused": self.refused, "stores_set_aside": self.stores_set_aside, "complaints": self.complaints,
            "seconds": (self.took.as_secs_f64() * 10.0).round() / 10.0,
        } })
    }
}

/// Opens both devices' folders, which no process has open any more, and compares.
pub fn judge(seed: u64, kills: Kills, board: &Board, folder: &Path, begun: Instant) -> Result<Report> {
    let ledger = lock(&board.ledger);
    let mut complaints = lock(&board.seen_wrong).clone();
    let (mut verdicts, mut digests, mut forks, mut stores_set_aside, mut records) = (Vec::new(), Vec::new(), 0, 0, 0);
    for name in PEOPLE {
        let place = folder.join(name);
        let mut engine = Engine::open(&place, Arc::new(RealWorld))?;
        digests.push(examine(&mut engine, name, &mut complaints)?);
        for (code, says) in engine.set_aside()? {
            forks += usize::from(code == "sync.fork");
            complaints.push(format!("{name} set aside: {says}"));
        }
        let held = held(&mut engine)?;
        records = engine.records(RecordKind::Customer).len();
        verdicts.push(ledger.compare(&held));
        let aside = |name: String| name.starts_with("store.damaged");
        let files = fs::read_dir(&place)?.filter_map(Result::ok).map(|file| file.file_name());
        stores_set_aside += files.filter(|name| aside(name.to_string_lossy().into_owned())).count();
    }
    if digests[0] != digests[1] {
        complaints.push(format!("the devices do not hold the same: {digests:?}"));
    }
    for (name, verdict) in PEOPLE.iter().zip(&verdicts) {
        if verdict.wrong() > 0 {
            complaints.push(format!("{name}: {verdict:?}"));
        }
    }
    let most = |count: fn(&Verdict) -> usize| verdicts.iter().map(count).max().unwrap_or_default();
    Ok(Report {
        seed,
        kills,
        acknowledged: ledger.count(Answered::Done),
        in_doubt: ledger.count(Answered::InDoubt),
        refused: lock(&board.refusals).clone(),
        lost: most(|verdict| verdict.lost.len()),
        doubled: most(|verdict| verdict.doubled.len()),
        risen: most(|verdict| verdict.risen.len()),
        set_back: most(|verdict| verdict.set_back.len()),
        landed: most(|verdict| verdict.landed),
        forks,
        stores_set_aside,
        records,
        took: begun.elapsed(),
        complaints,
    })
}

/// What the doctor says; gives the digest.
fn examine(engine: &mut Engine, name: &str, complaints: &mut Vec<String>) -> Result<String> {
    let Answer::Ok(Reply::Doctor { views_equal, complaints: found, digest, .. }) = engine.answer(Request::Doctor)
    else {
        bail!("{name} cannot be examined");
    };
    complaints.extend(found.into_iter().map(|complaint| format!("the doctor says of {name}: {complaint}")));
    if !views_equal {
        complaints.push(format!("the lists of {name} are not what a rebuild gives"));
    }
    Ok(digest)
}

fn held(engine: &mut Engine) -> Result<Held> {
    let mut held = Held::default();
    for record in engine.records(RecordKind::Customer) {
        let (Answer::Ok(Reply::Record(page)), Answer::Ok(Reply::History(history))) =
            (engine.answer(Request::Open { record, at: None }), engine.answer(Request::History { record }))
        else {
            bail!("{record} cannot be opened");
        };
        for (path, _, after) in history.into_iter().flat_map(|change| change.fields) {
            if let Some(value) = after.filter(|_| FIELDS.contains(&path.field.as_str())) {
                *held.times.entry(value).or_default() += 1;
            }
        }
        for field in FIELDS {
            held.standing.insert((record, field), standing(&page.record, field));
        }
    }
    Ok(held)
}
