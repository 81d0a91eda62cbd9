//! Ctrl-C and the system's request to end.

use anyhow::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the person has asked a long piece of work to stop; it looks between two steps, so that none is left half done.
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on.
    pub fn listen() -> Result<Self> {
        let (asked, heard) = (asked_to_stop()?, Arc::new(AtomicBool::new(false)));
        let told = heard.clone();
        tokio::spawn(async move {
            asked.await;
            told.store(true, Ordering::Relaxed);
        });
        Ok(Self(heard))
    }

    /// Whether it was asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
/// Whoever asks the program to stop is heard from now on.
pub fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The system's request to read again what may have changed: SIGHUP, where there is such a thing.
pub struct Again {
    #[cfg(unix)]
    hangups: tokio::signal::unix::Signal,
}

impl Again {
    /// Waits for the next request.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        self.hangups.recv().await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

/// Whoever asks the program to look again is heard from now on.
pub fn asked_to_look_again() -> Result<Again> {
    Ok(Again {
        #[cfg(unix)]
        hangups: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
    })
}

#[cfg(not(unix))]
/// Whoever asks the program to stop is heard from now on.
pub fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
