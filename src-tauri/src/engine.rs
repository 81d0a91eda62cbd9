//! The one place where the shell touches the device.

use mera_device::{Device, Engine as Store, RealWorld, everything_changed};
use mera_device_api::{Answer, Refused};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The device behind the window, or why there is none.
pub struct Engine(Result<Device, Refused>);

/// The device's notices, as JSON of the contract.
pub struct Notices(Receiver<String>);

impl Engine {
    /// Opens the device whose data is in the folder. Needs a runtime, which carries its line to the relay.
    pub async fn open(folder: &Path) -> Self {
        Self(Store::open(folder, Arc::new(RealWorld)).map(Device::start).map_err(Refused::from))
    }

    /// Answers one request of a screen; both are JSON of the contract.
    pub async fn request(&self, body: String) -> String {
        match &self.0 {
            Ok(device) => device.request_json(body).await,
            Err(refused) => serde_json::to_string(&Answer::Refused(refused.clone())).unwrap_or_default(),
        }
    }

    /// The notices from now on, when there is a device.
    pub fn notices(&self) -> Option<Notices> {
        self.0.as_ref().ok().map(|device| Notices(device.notices()))
    }
}

impl Notices {
    /// The next notice; none when the device has closed. A window that fell behind is told to ask for everything again.
    pub async fn next(&mut self) -> Option<String> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(everything_changed()),
            Err(RecvError::Closed) => None,
        }
    }
}
