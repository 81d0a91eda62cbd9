//! Where a device lives: a folder with a device in it, or without one yet. Whoever carries the contract holds a home, so
//! that a person founds or joins a company on the screen.

use crate::engine::understand;
use crate::handle::{at_the_disk, everything_changed, new_notices};
use crate::joining::{Arriving, join};
use crate::recovering::{Returning, recover};
use crate::vault::{Brought, Passphrase, Place};
use crate::{Device, DeviceFault, Engine, Founding, Surroundings};
use mera_device_api::{Answer, Refused, Request};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync::{Mutex, broadcast};

/// A folder and its device, once there is one. Clones speak of the same home.
#[derive(Clone)]
pub struct Home(Arc<Inner>);

struct Inner {
    standing: Mutex<Standing>,
    /// Whether the device looks for others on the same network.
    looks_around: AtomicBool,
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
    brought: Brought,
}

impl Home {
    /// Opens the device of the folder. Without one, or when it cannot be opened, requests are refused with the reason.
    /// Needs a tokio runtime.
    pub async fn open(folder: &Path, world: Arc<dyn Surroundings>) -> Self {
        Self::open_with(folder, world, Brought::default()).await
    }

    /// The same, with what the device's secret is had by.
    pub async fn open_with(folder: &Path, world: Arc<dyn Surroundings>, brought: Brought) -> Self {
        let lot = Lot { folder: folder.to_owned(), world, brought };
        let notices = new_notices();
        let standing = match lot.open().await {
            Ok(engine) => Standing::Open(Device::announcing(engine, notices.clone())),
            Err(fault) => {
                let why = lot.why(&fault).await;
                Standing::Shut { lot, why }
            }
        };
        Self(Arc::new(Inner { standing: Mutex::new(standing), looks_around: AtomicBool::new(false), notices }))
    }

    /// The device, also one that is made or opened later, looks for colleagues' devices on the same network.
    pub async fn look_around(&self) {
        let standing = self.0.standing.lock().await;
        self.0.looks_around.store(true, Relaxed);
        if let Standing::Open(device) = &*standing {
            device.look_around();
        }
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
        let asked_about = matches!(request, Request::About);
        let made = match request {
            Request::Found { person, name, desk, series, relay, passphrase } => {
                // Nothing is asked of a keyring for what cannot stand anyway.
                let founding = Founding { person, name, desk, series, relay, vault: Place::Keyring };
                match founding.checked() {
                    Ok(founding) => lot.found(founding, passphrase).await,
                    Err(fault) => Err(fault.into()),
                }
            }
            Request::Join { invitation, name, desk, series, passphrase } => {
                let vault = match place(passphrase) {
                    Ok(vault) => vault,
                    Err(fault) => return Answer::Refused(lot.why(&fault).await),
                };
                let arriving = Arriving { invitation, name, desk, series, vault };
                match join(&lot.folder, arriving, lot.world.clone()).await {
                    Ok(engine) => Ok(engine),
                    Err(refused) => return Answer::Refused(refused),
                }
            }
            Request::Recover { code, company, relay, person, name, desk, series, passphrase } => {
                let vault = match place(passphrase) {
                    Ok(vault) => vault,
                    Err(fault) => return Answer::Refused(lot.why(&fault).await),
                };
                let returning = Returning { code, company, relay, person, name, desk, series, vault };
                match recover(&lot.folder, returning, lot.world.clone()).await {
                    Ok(engine) => Ok(engine),
                    Err(refused) => return Answer::Refused(refused),
                }
            }
            Request::Unlock { passphrase } => {
                let passphrase = Some(Passphrase::said(&passphrase));
                let with = Lot { brought: Brought { passphrase, ..lot.brought.clone() }, ..lot.clone() };
                with.open().await
            }
            // Every screen begins with this question, and somebody may have cleared the way meanwhile.
            Request::About => lot.open().await,
            _ => return Answer::Refused(why.clone()),
        };
        let device = match made {
            Ok(engine) => Device::announcing(engine, self.0.notices.clone()),
            Err(fault) => {
                let refused = lot.why(&fault).await;
                if asked_about {
                    *why = refused.clone();
                }
                return Answer::Refused(refused);
            }
        };
        if self.0.looks_around.load(Relaxed) {
            device.look_around();
        }
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
        let standing = Mutex::new(Standing::Open(device));
        Self(Arc::new(Inner { standing, looks_around: AtomicBool::new(false), notices }))
    }
}

impl Lot {
    async fn open(&self) -> Result<Engine, DeviceFault> {
        let Self { folder, world, brought } = self.clone();
        at_the_disk(move || Engine::open_with(&folder, world, &brought)).await
    }

    async fn found(&self, founding: Founding, passphrase: Option<String>) -> Result<Engine, DeviceFault> {
        let Self { folder, world, .. } = self.clone();
        let vault = place(passphrase)?;
        at_the_disk(move || Engine::found(&folder, Founding { vault, ..founding }, world)).await
    }

    /// Why there is no device, with what a screen must know to make one: whether a keyring would keep its key.
    async fn why(&self, fault: &DeviceFault) -> Refused {
        let mut refused = Refused::from(fault);
        if matches!(fault, DeviceFault::NoDevice(_)) {
            let world = self.world.clone();
            let answers = at_the_disk(move || world.keyring().is_some()).await;
            refused.args.insert("keyring".into(), if answers { "answers" } else { "none" }.into());
        }
        refused
    }
}

/// Where a new device's secret goes: under a passphrase, if there is one.
fn place(passphrase: Option<String>) -> Result<Place, DeviceFault> {
    Ok(match passphrase.filter(|text| !text.is_empty()) {
        Some(text) => Place::Passphrase(Passphrase::chosen(&text)?),
        None => Place::Keyring,
    })
}

#[cfg(test)]
mod tests;
