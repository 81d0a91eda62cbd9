//! Where a relay's log is: here, on its own disk, or there, where others share it.

use crate::log::{Between, LogFault, LogFigures, SharedRelay};
use crate::store::RelayDisk;
use mera_sync_protocol::RelayStore;

/// What a relay keeps, and where that is said first.
pub enum Kept {
    /// On its own disk, which is all there is.
    Here(Box<RelayDisk>),
    /// In a log that others share; its own disk has a copy.
    There(SharedRelay),
}

impl Kept {
    /// What sessions ask.
    pub fn store(&self) -> &dyn RelayStore {
        match self {
            Self::Here(disk) => &**disk,
            Self::There(shared) => shared,
        }
    }

    /// The relay's own disk.
    pub fn disk(&self) -> &RelayDisk {
        match self {
            Self::Here(disk) => disk,
            Self::There(shared) => shared.disk(),
        }
    }

    /// Whether work can be taken, or why not. Waits for the disk and the log.
    pub fn check(&self) -> Result<(), String> {
        self.disk().check().map_err(|fault| fault.to_string())?;
        match self {
            Self::Here(_) => Ok(()),
            Self::There(shared) => shared.check(),
        }
    }

    /// Lets go of what checkpoints cover, and of what was erased, wherever it still stands; `now` in milliseconds since 1970. Whether
    /// the disk was written anew.
    pub fn tidy(&self, now: u64) -> Result<bool, LogFault> {
        match self {
            Self::Here(disk) => {
                disk.let_go(now)?;
                let lingers = disk.lingers();
                if lingers {
                    disk.write_anew()?;
                }
                Ok(lingers)
            }
            Self::There(shared) => shared.tidy(now),
        }
    }

    /// The line to other relays, where there are any.
    pub fn between(&self) -> Option<Between> {
        match self {
            Self::Here(_) => None,
            Self::There(shared) => Some(shared.between()),
        }
    }

    /// The shared log's figures, how far this relay is behind, and whether the log is up.
    pub fn log(&self) -> Option<(&LogFigures, u64, bool)> {
        match self {
            Self::Here(_) => None,
            Self::There(shared) => Some((shared.figures(), shared.behind(), shared.is_up())),
        }
    }

    /// Lets go of the log.
    pub async fn close(&self) {
        if let Self::There(shared) = self {
            shared.close().await;
        }
    }
}
