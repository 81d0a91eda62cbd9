//! `mera device invite`, `members`, `roles` and `revoke`: the members of the company from the command line.

use super::Folder;
use crate::outlet::{NotDone, Outlet};
use crate::until_stopped::asked_to_stop;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use mera_device::{Device, Engine};
use mera_device_api::{Answer, MembersPage, Reply, Request};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// How long the relay may take to let this device in.
const PICK_UP: Duration = Duration::from_secs(20);

/// Whom to invite.
#[derive(clap::Args)]
pub struct Invite {
    #[command(flatten)]
    folder: Folder,
    /// Who comes: a person of the company who gets one more device, or a new one.
    #[arg(long)]
    person: String,
    /// What a new person does: sales, office, warehouse, finance, administrator; several with commas between.
    #[arg(long, value_delimiter = ',', default_value = "sales")]
    role: Vec<String>,
    /// For how many hours the invitation holds.
    #[arg(long, default_value_t = 24)]
    hours: u32,
}

/// Whose roles to change.
#[derive(clap::Args)]
pub struct Roles {
    #[command(flatten)]
    folder: Folder,
    /// Who, as `members` names them.
    #[arg(long)]
    person: String,
    /// What they do from now on, with commas between.
    #[arg(long, value_delimiter = ',', required = true)]
    role: Vec<String>,
}

/// Which device to take out.
#[derive(clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    folder: Folder,
    /// The device that goes, as `members` names it.
    #[arg(long)]
    device: String,
}

/// Shows an invitation and stays until somebody has come with it.
pub async fn invite(options: Invite, outlet: Outlet) -> Result<()> {
    let stop = asked_to_stop()?;
    let device = connected(&options.folder).await?;
    let page = members_of(&device).await?;
    let person = page.people.iter().find(|row| row.name == options.person).map(|row| row.person);
    let invite = Request::Invite { person, name: options.person, roles: options.role, hours: options.hours };
    let Reply::Invitation(row) = ask(&device, invite).await? else { bail!(OTHER) };
    let sentence = format!(
        "{}\nInvitation for {} until {}:\n\n    {}\n\nScan it on the new device or type it there. Waiting; Ctrl-C takes \
         it back.",
        picture(&row.code)?,
        row.name,
        row.expires.format("%Y-%m-%d %H:%M UTC"),
        row.code
    );
    outlet.say(&sentence, &json!({ "invitation": row }))?;
    let mut notices = device.notices();
    let came = async {
        while members_of(&device).await?.invitations.iter().any(|open| open.code == row.code) {
            notices.recv().await.ok();
        }
        heard(&device).await
    };
    tokio::select! {
        came = came => {
            came?;
            outlet.say(&format!("{} has joined.", row.name), &json!({ "joined": row.name }))?;
        }
        () = stop => {
            ask(&device, Request::Withdraw { code: row.code }).await?;
            outlet.say("The invitation was taken back.", &json!({ "withdrawn": true }))?;
        }
    }
    Ok(())
}

/// Lists who belongs to the company.
pub fn members(engine: &mut Engine, outlet: Outlet) -> Result<()> {
    let Reply::Members(page) = super::ask(engine, Request::Members)? else { bail!(OTHER) };
    let mut text = String::new();
    for person in &page.people {
        text += &format!("{} ({}), person {}\n", person.name, person.roles.join(", "), person.person);
        for device in &person.devices {
            let state = if device.revoked { ", taken out" } else { "" };
            text += &format!("    {}, device {}{state}\n", device.name, device.device);
        }
    }
    outlet.say(text.trim_end(), &json!({ "members": page }))?;
    Ok(())
}

/// Gives a person other roles.
pub async fn roles(options: Roles, outlet: Outlet) -> Result<()> {
    let device = connected(&options.folder).await?;
    let page = members_of(&device).await?;
    let named =
        |row: &&mera_device_api::MemberRow| row.name == options.person || row.person.to_string() == options.person;
    let person = page.people.iter().find(named).context("there is no such person; `mera device members` lists them")?;
    ask(&device, Request::SetRoles { person: person.person, roles: options.role.clone() }).await?;
    let sentence = format!("{} does {} from now on.", person.name, options.role.join(", "));
    outlet.say(&sentence, &json!({ "person": person.person, "roles": options.role }))?;
    Ok(())
}

/// Takes a device out of the company.
pub async fn revoke(options: Revoke, outlet: Outlet) -> Result<()> {
    let gone = options.device.parse().context("--device is what `mera device members` names")?;
    let device = connected(&options.folder).await?;
    ask(&device, Request::Revoke { device: gone }).await?;
    let sentence = format!("Device {gone} is cut off; everybody else has new keys.");
    outlet.say(&sentence, &json!({ "revoked": gone }))?;
    Ok(())
}

/// Waits no more for devices that have not called at a relay that lost time.
pub async fn go_on(folder: &Folder, outlet: Outlet) -> Result<()> {
    let device = connected(folder).await?;
    ask(&device, Request::GoOnWithoutOthers).await?;
    heard(&device).await?;
    outlet.say("The relay waits for nobody any more; members can be changed.", &json!({ "goes_on": true }))?;
    Ok(())
}

const OTHER: &str = "the device answered something else; it is of another version";

/// The line works on one thing after the other: once the relay has spoken again, what was said before has left.
async fn heard(device: &Device) -> Result<()> {
    let mut notices = device.notices();
    let before = last_spoke(device).await?;
    ask(device, Request::SyncNow).await?;
    while last_spoke(device).await? == before {
        notices.recv().await.ok();
    }
    Ok(())
}

async fn last_spoke(device: &Device) -> Result<Option<DateTime<Utc>>> {
    let Reply::SyncStatus(status) = ask(device, Request::SyncStatus).await? else { bail!(OTHER) };
    Ok(status.last_spoke)
}

/// The device of a folder, once its relay has let it in; at once where it has none.
pub(super) async fn connected(folder: &Folder) -> Result<Device> {
    let device = Device::start(folder.open()?);
    let mut notices = device.notices();
    let waiting = async {
        loop {
            let Reply::SyncStatus(status) = ask(&device, Request::SyncStatus).await? else { bail!(OTHER) };
            if status.connected || status.relay.is_none() {
                return anyhow::Ok(());
            }
            notices.recv().await.ok();
        }
    };
    timeout(PICK_UP, waiting).await.context("the relay does not answer; changing the members takes its word")??;
    Ok(device)
}

async fn members_of(device: &Device) -> Result<MembersPage> {
    let Reply::Members(page) = ask(device, Request::Members).await? else { bail!(OTHER) };
    Ok(page)
}

pub(super) async fn ask(device: &Device, request: Request) -> Result<Reply> {
    match device.request(request).await {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(refused) => Err(NotDone(refused).into()),
    }
}

/// The code as a picture that a telephone reads off the terminal.
fn picture(code: &str) -> Result<String> {
    let code = qrcode::QrCode::new(code)?;
    Ok(code.render::<qrcode::render::unicode::Dense1x2>().build())
}
