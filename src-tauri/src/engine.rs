//! The one place where the shell touches the device.

use std::path::Path;

use tokio::sync::broadcast;

/// The device behind the window.
pub struct Engine {}

/// The device's notices, as JSON of the contract.
pub struct Notices(broadcast::Receiver<String>);

impl Engine {
    /// Opens the device whose data is in the folder.
    pub fn open(_folder: &Path) -> Self {
        Self {}
    }

    /// Answers one request of a screen; both are JSON of the contract.
    pub fn request(&self, _body: &str) -> String {
        let says = "This window has no device yet; run `cargo xtask demo` and open its page.";
        serde_json::json!({ "refused": { "code": "shell.no_device", "says": says } }).to_string()
    }

    /// The notices from now on, when there is a device.
    pub fn notices(&self) -> Option<Notices> {
        None
    }
}

impl Notices {
    /// The next notice; none when the device has closed. A window that fell behind is told to ask for everything again.
    pub async fn next(&mut self) -> Option<String> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(broadcast::error::RecvError::Lagged(_)) => {
                Some(serde_json::json!({ "notice": "changed", "records": [] }).to_string())
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
