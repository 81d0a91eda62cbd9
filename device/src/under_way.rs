//! Something long that a screen asked for: one of its kind at a time, and stopped between two steps when asked.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// Whether it is under way, and whether it shall stop.
#[derive(Default)]
pub(crate) struct UnderWay {
    one: Mutex<()>,
    stop: AtomicBool,
}

impl UnderWay {
    /// Begins; nothing if another one is under way. It ends when what is given is let go of.
    pub fn begin(&self) -> Option<MutexGuard<'_, ()>> {
        let one = self.one.try_lock().ok()?;
        self.stop.store(false, Ordering::Relaxed);
        Some(one)
    }

    /// What is under way, if anything, stops after its next step.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it shall stop.
    pub fn shall_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
