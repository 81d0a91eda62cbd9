//! Where a device lives: a folder with a device in it, or without one yet. Whoever carries the contract holds a home, so
//! that a person founds or joins a company on the screen.

use crate::engine::understand;
use crate::handle::{at_the_disk, everything_changed, new_notices};
use crate::joining::{Arriving, join};
use crate::{Device, DeviceFault, Engine, Founding, Surroundings};
use mera_device_api::{Answer, Refused, Request};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, broadcast};

/// A folder and its device, once there is one. Clones speak of the same home.
#[derive(Clone)]
pub struct Home(Arc<Inner>);

struct Inner {
    standing: Mutex<Standing>,
    notices: broadcast::Sender<String>,
}

/// How it stands with the folder.
enum Standing {
    Open(Device),
    Shut { lot: Lot, why: Refused },
}

/// Where a device is, or could be.
#[derive(Clone)]
struct Lot {
    folder: PathBuf,
    world: Arc<dyn Surroundings>,
}

impl Home {
    /// Opens the device of the folder. Without one, or when it cannot be opened, requests are refused with the reason.
    /// Needs a tokio runtime.
    pub async fn open(folder: &Path, world: Arc<dyn Surroundings>) -> Self {
        let lot = Lot { folder: folder.to_owned(), world };
        let notices = new_notices();
        let standing = match lot.open().await {
            Ok(engine) => Standing::Open(Device::announcing(engine, notices.clone())),
            Err(fault) => Standing::Shut { lot, why: (&fault).into() },
        };
        Self(Arc::new(Inner { standing: Mutex::new(standing), notices }))
    }

    /// Why there is no device to ask, if there is none.
    pub async fn shut(&self) -> Option<Refused> {
        match &*self.0.standing.lock().await {
            Standing::Open(_) => None,
            Standing::Shut { why, .. } => Some(why.clone()),
        }
    }

    /// Answers one request; both are JSON of the contract.
    pub async fn request_json(&self, body: String) -> String {
        let answer = match understand(&body) {
            Ok(request) => self.request(request).await,
            Err(refused) => Answer::Refused(refused),
        };
        serde_json::to_string(&answer).expect("answers are plain data in memory and always serialise")
    }

    /// Answers one request.
    pub async fn request(&self, request: Request) -> Answer {
        let mut standing = self.0.standing.lock().await;
        let (lot, why) = match &mut *standing {
            Standing::Shut { lot, why } => (lot, why),
            Standing::Open(device) => {
                let device = device.clone();
                drop(standing);
                return device.request(request).await;
            }
        };
        let made = match request {
            Request::Found { person, name, desk, series, relay } => {
                lot.found(Founding { person, name, desk, series, relay }).await.map_err(Refused::from)
            }
            Request::Join { invitation, name, desk, series } => {
                let arriving = Arriving { invitation, name, desk, series };
                join(&lot.folder, arriving, lot.world.clone()).await
            }
            // Every screen begins with this question, and somebody may have cleared the way meanwhile.
            Request::About => lot.open().await.map_err(Refused::from).inspect_err(|refused| *why = refused.clone()),
            _ => return Answer::Refused(why.clone()),
        };
        let device = match made {
            Ok(engine) => Device::announcing(engine, self.0.notices.clone()),
            Err(refused) => return Answer::Refused(refused),
        };
        *standing = Standing::Open(device.clone());
        drop(standing);
        // Nobody listening is no fault.
        self.0.notices.send(everything_changed()).ok();
        device.request(Request::About).await
    }

    /// The notices from now on, as JSON of the contract; a device that is made later is heard too.
    pub fn notices(&self) -> broadcast::Receiver<String> {
        self.0.notices.subscribe()
    }
}

impl From<Device> for Home {
    fn from(device: Device) -> Self {
        let notices = device.announcer().clone();
        Self(Arc::new(Inner { standing: Mutex::new(Standing::Open(device)), notices }))
    }
}

impl Lot {
    async fn open(&self) -> Result<Engine, DeviceFault> {
        let Self { folder, world } = self.clone();
        at_the_disk(move || Engine::open(&folder, world)).await
    }

    async fn found(&self, founding: Founding) -> Result<Engine, DeviceFault> {
        let Self { folder, world } = self.clone();
        at_the_disk(move || Engine::found(&folder, founding, world)).await
    }
}

#[cfg(test)]
mod tests;
