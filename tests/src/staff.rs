//! A company of two real devices that a relay brings together, each a folder that `mera device` has made.

use crate::process::{Door, Program};
use anyhow::{Context, Result, bail};
use mera_device_api::{Answer, Reply, Request, SyncStatus};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The devices' folders, and the persons' names.
pub const PEOPLE: [&str; 2] = ["anna", "bo"];
/// How long the first device may take to reach the relay.
const REACHES: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// What was told on the way, once, and nobody but those two may know.
pub struct Told {
    /// The company's recovery code.
    pub recovery_code: String,
    /// The invitation with which the second device came.
    pub invitation: String,
}

/// Makes the company's devices. How the second one joins is said here and nowhere else.
pub fn found_company(mera: &Path, folder: &Path, relay: &str) -> Result<Told> {
    let [anna, bo] = PEOPLE;
    let start = |name: &str, words: &[&str]| {
        let place = folder.join(name).display().to_string();
        let words = words.iter().copied().chain(["--folder", &place]).map(str::to_owned).collect();
        Program::new(mera, words, folder.join(format!("{name}.log"))).start()
    };
    let words = ["device", "init", "--name", anna, "--person", anna, "--series", "A", "--key-in-plain"];
    let (made, told) = start(anna, &[&words[..], &["--relay", relay]].concat())?;
    made.end_by_itself()?;
    let recovery_code = told["recovery_code"].as_str().context("a founded company tells its code")?.to_owned();
    let (first, told) = start(anna, &["device", "serve", "--alone"])?;
    let door = Door::of(&told)?;
    until(&door, REACHES, |status| status.connected).context("the first device does not reach the relay")?;
    let roles = ["sales", "office", "warehouse", "finance", "administrator"].map(str::to_owned).to_vec();
    let invite = Request::Invite { person: None, name: bo.into(), roles, hours: 1 };
    let invitation = match door.ask(&invite)? {
        Answer::Ok(Reply::Invitation(invitation)) => invitation.code,
        other => bail!("nobody is invited: {other:?}"),
    };
    let words = ["device", "join", "--name", bo, "--series", "B", "--key-in-plain", "--invitation", &invitation];
    start(bo, &words)?.0.end_by_itself()?;
    first.stop()?;
    Ok(Told { recovery_code, invitation })
}

/// How it stands with a device, which is asked to call its relay at once.
pub fn status(door: &Door) -> Result<SyncStatus> {
    match door.ask(&Request::SyncNow)? {
        Answer::Ok(Reply::SyncStatus(status)) => Ok(status),
        other => bail!("the device answered {other:?}"),
    }
}

/// Waits until it stands so with a device, which is asked to call its relay at each look.
pub fn until(door: &Door, patience: Duration, holds: impl Fn(&SyncStatus) -> bool) -> Result<SyncStatus> {
    let begun = Instant::now();
    loop {
        let now = status(door)?;
        if holds(&now) {
            return Ok(now);
        }
        if begun.elapsed() > patience {
            bail!("it did not come to that: {now:?}");
        }
        thread::sleep(LOOK);
    }
}
