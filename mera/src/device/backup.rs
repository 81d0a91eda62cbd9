//! `mera device backup` and `mera device restore`.

use super::key::{NewKey, advised};
use super::{Folder, serving};
use crate::outlet::{NotDone, Outlet};
use crate::progress;
use crate::until_stopped::{Stop, asked_to_stop};
use anyhow::{Context, Result, bail};
use console::Term;
use mera_device::backup::{BackupFault, Passphrase, Restored, Standing, Step, backup, standing};
use mera_device::{DeviceFault, Engine, RealWorld};
use mera_device_api::{Answer, Refused, Reply, Request};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is backed up, and where to.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// A new file for the backup.
    #[arg(long)]
    out: PathBuf,
    /// A file whose first line is the passphrase of the backup; without it that is asked for.
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
}

/// What is restored, and where to.
#[derive(clap::Args)]
pub struct RestoreOptions {
    /// The backup.
    #[arg(long)]
    from: PathBuf,
    /// A new folder for the device.
    #[arg(long)]
    folder: PathBuf,
    /// A file whose first line is the passphrase of the backup; without it that is asked for.
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    key: NewKey,
}

/// Takes a backup. A device that runs is asked for it.
pub async fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    let said = said(options.backup_passphrase_file.as_deref(), true)?;
    let passphrase = Passphrase::new(said.clone())?;
    let Folder { folder, key } = &options.folder;
    let entries = match Engine::open_with(folder, Arc::new(RealWorld), &key.brought()?) {
        Ok(mut engine) => {
            let bar = progress::counting(outlet, 0, "writing changes");
            let go_on = |Step { done, of }| {
                bar.set_length(of);
                bar.set_position(done);
                !stop.asked()
            };
            let written = backup(|look| look(&engine), &options.out, &passphrase, go_on);
            bar.finish_and_clear();
            let entries = written?;
            engine.note_backup()?;
            entries
        }
        Err(DeviceFault::InUse(_)) => ask(options, said).await?,
        Err(other) => return Err(other.into()),
    };
    let sentence = format!("{entries} changes are in {}; keep the passphrase elsewhere.", options.out.display());
    Ok(outlet.say(&sentence, &json!({ "backed_up": { "entries": entries, "file": options.out } }))?)
}

/// The device that runs writes the file; it stops when this program does.
async fn ask(options: &Options, passphrase: String) -> Result<u64> {
    let file = std::path::absolute(&options.out)?.display().to_string();
    let stopped = asked_to_stop()?;
    let request = Request::Backup { file: Some(file), passphrase };
    let answer = tokio::select! {
        answer = serving::ask(&options.folder.folder, &request) => answer?,
        () = stopped => return Err(BackupFault::Stopped.into()),
    };
    match answer {
        Answer::Ok(Reply::BackedUp { entries, .. }) => Ok(entries),
        Answer::Ok(_) => bail!("the device answered something else; it is of another version"),
        Answer::Refused(refused) => Err(NotDone(refused).into()),
    }
}

/// Makes a device from its backup, and asks the relay at once whether the company still knows it.
pub async fn restore(options: &RestoreOptions, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    let passphrase = Passphrase::new(said(options.backup_passphrase_file.as_deref(), false)?)?;
    let (place, kept) = options.key.place()?;
    let bar = progress::looking(outlet, "taking in changes");
    let go_on = |Step { done, .. }| {
        bar.set_position(done);
        !stop.asked()
    };
    let world = Arc::new(RealWorld);
    let restored = mera_device::backup::restore(&options.from, &passphrase, &options.folder, &place, world, go_on);
    bar.finish_and_clear();
    let restored = restored.map_err(|fault| match fault {
        BackupFault::Device(fault) => advised(fault),
        other => other.into(),
    })?;
    let found = standing(&options.folder, &place, Arc::new(RealWorld)).await?;
    tell_restored(&restored, &found, (&options.folder, &kept), outlet)
}

fn tell_restored(restored: &Restored, found: &Standing, (folder, kept): (&Path, &str), outlet: Outlet) -> Result<()> {
    let Restored { device, workspace, entries } = restored;
    let here = format!("Device {device} is in {} again, with {entries} changes.", folder.display());
    let alone = "Do not use the original beside it.";
    let (word, sentence) = match found {
        Standing::Member => (
            "member",
            format!("{here} {alone} When it runs, it fetches from the relay what was written after the backup. {kept}"),
        ),
        Standing::NotAsked(None) => ("not_asked", format!("{here} {alone} {kept}")),
        Standing::NotAsked(Some(why)) => {
            let ask = "Connect it to the relay, which says whether the company still knows it, and from which it fetches \
                       what was written after the backup";
            ("not_asked", format!("{here} {alone} {ask} ({}). {kept}", why.says))
        }
        Standing::TakenOut(why) => {
            ("taken_out", format!("{here} It cannot be worked with: {}. {}", why.says, on_from_there(why, folder)))
        }
    };
    let mut told = json!({ "device": device, "company": workspace, "entries": entries, "standing": word });
    if let Standing::TakenOut(why) = found {
        told["unsent"] = json!(why.args.get("unsent"));
    }
    Ok(outlet.say(&sentence, &json!({ "restored": told }))?)
}

/// The commands with which a person goes on whose device was taken out.
fn on_from_there(why: &Refused, folder: &Path) -> String {
    let join = "To join: `mera device join --folder NEW --invitation CODE`.";
    match why.args.get("unsent").map(String::as_str) {
        None | Some("0") => join.to_owned(),
        _ => format!("{join} To hand in: `mera device hand-in --folder {} --out FILE`.", folder.display()),
    }
}

/// The passphrase from a file, or from the person; a new one is asked for twice.
fn said(file: Option<&Path>, new: bool) -> Result<String> {
    if let Some(file) = file {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    let term = Term::stderr();
    if !term.is_term() {
        bail!("there is nobody to ask for the passphrase; name a file with --backup-passphrase-file");
    }
    term.write_str("Passphrase: ")?;
    let said = term.read_secure_line()?;
    if new {
        term.write_str("Once more: ")?;
        if term.read_secure_line()? != said {
            bail!("the two passphrases differ; nothing was written");
        }
    }
    Ok(said)
}
