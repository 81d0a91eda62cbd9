//! What a relay says of a device that was just restored: it may have been taken out of its company after the backup.

use crate::{Brought, Device, DeviceFault, Engine, Place, Surroundings};
use mera_device_api::{Answer, Refused, Reply, Request};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a person waits for the relay's word after a restore: a little longer than a relay may take to pick up.
const RELAYS_WORD: Duration = Duration::from_secs(15);

/// How it stands with a device in its company.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// The relay let it in.
    Member,
    /// It was taken out of the company. What was not delivered can be handed in.
    TakenOut(Refused),
    /// The relay could not be asked, for this reason; without one no relay is set.
    NotAsked(Option<Refused>),
}

/// Asks the relay of a device that was restored into a folder, with its secret in a place.
pub async fn standing(folder: &Path, secret: &Place, world: Arc<dyn Surroundings>) -> Result<Standing, DeviceFault> {
    let passphrase = if let Place::Passphrase(said) = secret { Some(said.clone()) } else { None };
    let mut engine = Engine::open_with(folder, world, &Brought { passphrase, key_file: None })?;
    if let Answer::Refused(why) = engine.answer(Request::SyncStatus) {
        return Ok(Standing::TakenOut(why));
    }
    if engine.relay().is_none() {
        return Ok(Standing::NotAsked(None));
    }
    let device = Device::start(engine);
    let mut notices = device.notices();
    let word = async {
        loop {
            match device.request(Request::SyncStatus).await {
                Answer::Refused(why) => return Standing::TakenOut(why),
                Answer::Ok(Reply::SyncStatus(status)) if status.connected => return Standing::Member,
                // Until the relay has told where the log stands, that is all there is to say.
                Answer::Ok(Reply::SyncStatus(status)) => {
                    let recovering = DeviceFault::Recovering;
                    if let Some(trouble) = status.trouble.filter(|trouble| trouble.code != recovering.code()) {
                        return Standing::NotAsked(Some(trouble));
                    }
                }
                Answer::Ok(_) => {}
            }
            // One that fell behind looks again as well.
            notices.recv().await.ok();
        }
    };
    let late = || Refused::new("sync.unreachable", "the relay did not answer in time");
    Ok(timeout(RELAYS_WORD, word).await.unwrap_or_else(|_| Standing::NotAsked(Some(late()))))
}
