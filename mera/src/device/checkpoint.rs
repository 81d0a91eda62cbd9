//! `mera device checkpoint`.

use super::{Folder, members, serving};
use crate::outlet::{NotDone, Outlet};
use anyhow::{Result, bail};
use mera_device::DeviceFault;
use mera_device_api::{Answer, Reply, Request};
use serde_json::json;

/// Makes a checkpoint. A device that runs is asked for it.
pub async fn run(folder: &Folder, outlet: Outlet) -> Result<()> {
    let answer = match members::connected(folder).await {
        Ok(device) => device.request(Request::Checkpoint).await,
        Err(fault) if matches!(fault.downcast_ref(), Some(DeviceFault::InUse(_))) => {
            serving::ask(&folder.folder, &Request::Checkpoint).await?
        }
        Err(other) => return Err(other),
    };
    let status = match answer {
        Answer::Ok(Reply::SyncStatus(status)) => status,
        Answer::Ok(_) => bail!("the device answered something else; it is of another version"),
        Answer::Refused(refused) => return Err(NotDone(refused).into()),
    };
    let Some(checkpoint) = status.checkpoint else { bail!("the device says that it is done and shows no checkpoint") };
    let sentence = format!(
        "The checkpoint stands: {} records, in the place of {} entries.",
        checkpoint.records, checkpoint.covers
    );
    Ok(outlet.say(&sentence, &json!({ "checkpoint": checkpoint }))?)
}
