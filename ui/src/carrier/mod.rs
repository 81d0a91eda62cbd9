//! How requests reach the device: over HTTP from a browser, over IPC inside the desktop window. Both carry the same JSON.

mod loopback;
mod window;

use mera_device_api::{Answer, Notice, Refused, Request};

/// Asks the device.
pub async fn ask(request: &Request) -> Answer {
    let body = serde_json::to_string(request).unwrap_or_default();
    let answered = if window::is_here() { window::ask(&body).await } else { loopback::ask(&body).await };
    match answered.map(|answer| serde_json::from_str(&answer)) {
        Ok(Ok(answer)) => answer,
        Ok(Err(fault)) => Answer::Refused(Refused::new("carrier.other_version", fault.to_string())),
        Err(says) => Answer::Refused(Refused::new("carrier.no_answer", says)),
    }
}

/// Whether the page stands in the desktop window, rather than in a browser.
pub fn is_window() -> bool {
    window::is_here()
}

/// Listens to the device for as long as the page is open. `None` says that anything may have changed meanwhile.
pub fn listen(told: impl Fn(Option<Notice>) + 'static) {
    if window::is_here() {
        window::listen(told);
    } else {
        loopback::listen(told);
    }
}
