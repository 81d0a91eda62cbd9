//! The one place where the shell touches the device.

use mera_device::{Home, RealWorld, everything_changed};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The device behind the window, or the folder where one will be made.
pub struct Engine(Home);

/// The device's notices, as JSON of the contract.
pub struct Notices(Receiver<String>);

impl Engine {
    /// Opens the device whose data is in the folder. Needs a runtime, which carries its line to the relay.
    pub async fn open(folder: &Path) -> Self {
        let home = Home::open(folder, Arc::new(RealWorld)).await;
        home.look_around().await;
        Self(home)
    }

    /// Answers one request of a screen; both are JSON of the contract.
    pub async fn request(&self, body: String) -> String {
        self.0.request_json(body).await
    }

    /// The notices from now on.
    pub fn notices(&self) -> Notices {
        Notices(self.0.notices())
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
