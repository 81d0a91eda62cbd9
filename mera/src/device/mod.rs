//! `mera device`: a device without a screen of its own.

mod asked;
mod audit;
mod backup;
mod checkpoint;
mod erase;
mod export;
mod import;
pub mod init;
mod join;
mod judge;
mod key;
mod members;
mod new_device;
pub mod recover;
mod serve;
mod serving;

use crate::outlet::{NotDone, Outlet};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use mera_device::Engine;
use mera_device_api::{Answer, Reply, Request};
use mera_schema::Desk;
use serde_json::json;
use std::path::PathBuf;

/// What can be done with a device.
#[derive(Subcommand)]
pub enum Command {
    /// Founds a company; `mera workspace found` is its other name.
    #[command(hide = true)]
    Init(init::Options),
    /// Makes a device that joins a company with an invitation.
    Join(join::Options),
    /// Invites a device, and waits until it has come.
    Invite(members::Invite),
    /// Lists who belongs to the company.
    Members(Folder),
    /// Gives a person other roles.
    Roles(members::Roles),
    /// Takes a device out of the company: it is cut off at once.
    Revoke(members::Revoke),
    /// Changes members at a relay that is new or was set back, without waiting for devices that have not called there.
    GoOn(Folder),
    /// Runs a device: it synchronises by itself and answers screens and scripts on this machine.
    Serve(serve::Options),
    /// Takes in customers, products, orders from sheets of CSV or Excel; twice is as good as once.
    Import(import::Options),
    /// Writes everything that cannot be made again into one file, sealed with a passphrase; also while the device runs.
    Backup(backup::Options),
    /// Writes every record whole and has the company's logs begin there: disks stay small, and a new device is quickly ready.
    Checkpoint(Folder),
    /// Makes the device of a backup again, in a new folder.
    Restore(backup::RestoreOptions),
    /// Writes everything the device holds into plain files; also while it runs.
    Export(export::Options),
    /// Tells who did what, when, on which device; checks every signature again; writes it all into a file.
    Audit(audit::Options),
    /// Shows work that was set aside, and takes it over or leaves it out.
    Judge(judge::Options),
    /// Saves what nobody took in from this device as a file that only administrators can open.
    HandIn(judge::HandIn),
    /// Erases a record for good, on every device and the relay, as far as the law lets it.
    Erase(erase::Options),
    /// Keeps a device's key in another place, or under another passphrase.
    Key(key::Options),
    /// Checks that lists and sums are what a rebuild from nothing gives.
    Doctor(Folder),
    /// Says what waits and where the device stands.
    Status(Folder),
}

/// Which device.
#[derive(clap::Args)]
pub struct Folder {
    /// The device's folder.
    #[arg(long)]
    folder: PathBuf,
    #[command(flatten)]
    key: key::Key,
}

/// Does one of them.
pub async fn run(command: Command, outlet: Outlet) -> Result<()> {
    match command {
        Command::Init(options) => init::run(options, outlet),
        Command::Join(options) => join::run(options, outlet).await,
        Command::Invite(options) => members::invite(options, outlet).await,
        Command::Members(folder) => members::members(&mut folder.open()?, outlet),
        Command::Roles(options) => members::roles(options, outlet).await,
        Command::Revoke(options) => members::revoke(options, outlet).await,
        Command::GoOn(folder) => members::go_on(&folder, outlet).await,
        Command::Serve(options) => serve::run(options, outlet).await,
        Command::Import(options) => import::run(&options, outlet),
        Command::Backup(options) => backup::run(&options, outlet).await,
        Command::Checkpoint(folder) => checkpoint::run(&folder, outlet).await,
        Command::Restore(options) => backup::restore(&options, outlet).await,
        Command::Export(options) => export::run(&options, outlet).await,
        Command::Audit(options) => audit::run(&options, outlet).await,
        Command::Judge(options) => judge::run(options, outlet).await,
        Command::HandIn(options) => judge::hand_in(&options, outlet).await,
        Command::Erase(options) => erase::run(&options, outlet),
        Command::Key(options) => key::run(&options, outlet),
        Command::Doctor(folder) => doctor(&mut folder.open()?, outlet),
        Command::Status(folder) => status(&mut folder.open()?, outlet),
    }
}

/// A desk by its name.
fn desk_named(name: &str) -> Result<Desk> {
    name.parse().ok().with_context(|| {
        let desks: Vec<&str> = Desk::ALL.iter().map(|desk| desk.as_str()).collect();
        format!("\"{name}\" is no desk; take one of {}", desks.join(", "))
    })
}

/// Asks a device that this program has open.
pub fn ask(engine: &mut Engine, request: Request) -> Result<Reply> {
    match engine.answer(request) {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(refused) => Err(NotDone(refused).into()),
    }
}

fn doctor(engine: &mut Engine, outlet: Outlet) -> Result<()> {
    let Reply::Doctor { records, views_equal, digest, complaints } = ask(engine, Request::Doctor)? else {
        bail!("the device answered something else; it is of another version");
    };
    for complaint in &complaints {
        outlet.say(complaint, &json!({ "complaint": complaint }))?;
    }
    let set_aside = engine.set_aside()?;
    for (code, says) in &set_aside {
        outlet.say(&format!("set aside: {says}"), &json!({ "set_aside": { "code": code, "says": says } }))?;
    }
    let well = views_equal && complaints.is_empty();
    outlet.say(
        &format!(
            "{records} records, digest {digest}: {}",
            if well { "everything agrees" } else { "NOT everything agrees" }
        ),
        &json!({ "records": records, "digest": digest, "views_equal": views_equal, "well": well }),
    )?;
    if well { Ok(()) } else { bail!("lists and records disagree; keep a copy of the folder and report this") }
}

fn status(engine: &mut Engine, outlet: Outlet) -> Result<()> {
    let (Reply::About(about), Reply::SyncStatus(sync)) =
        (ask(engine, Request::About)?, ask(engine, Request::SyncStatus)?)
    else {
        bail!("the device answered something else; it is of another version");
    };
    let mut sentence = format!(
        "{} of {} ({}), company {}: {} records, {} changes wait for the relay, {} clashes are open",
        about.name, about.person, about.desk, about.workspace, about.records, sync.waiting_changes, sync.clashes
    );
    if let Some(loading) = &sync.loading {
        sentence += &format!("; {} of {} records of the checkpoint have come", loading.records, loading.of);
    }
    if let Some(checkpoint) = &sync.checkpoint {
        let (when, by) = (checkpoint.when.format("%Y-%m-%d %H:%M UTC"), &checkpoint.by.person);
        sentence += &format!("; before {when} {by} vouches for {} records", checkpoint.records);
    }
    outlet.say(&sentence, &json!({ "about": about, "sync": sync }))?;
    Ok(())
}
