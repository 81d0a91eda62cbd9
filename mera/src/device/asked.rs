//! The device of a folder, whether this program opens it or another one has it open and answers for it.

use super::{Folder, serving};
use crate::outlet::NotDone;
use anyhow::Result;
use mera_device::{DeviceFault, Engine, RealWorld};
use mera_device_api::{Answer, Reply, Request};
use std::path::PathBuf;
use std::sync::Arc;

/// What is said of an answer that this program does not know.
pub const OTHER: &str = "the device answered something else; it is of another version";

/// The device: opened here, or by a program that answers for it.
pub enum Asked {
    Here(Box<Engine>),
    There(PathBuf),
}

impl Asked {
    /// Opens the folder's device, or finds who has it open.
    pub fn of(folder: &Folder) -> Result<Self> {
        match Engine::open_with(&folder.folder, Arc::new(RealWorld), &folder.key.brought()?) {
            Ok(engine) => Ok(Self::Here(Box::new(engine))),
            Err(DeviceFault::InUse(_)) => Ok(Self::There(folder.folder.clone())),
            Err(other) => Err(other.into()),
        }
    }

    /// Asks it.
    pub async fn ask(&mut self, request: Request) -> Result<Reply> {
        match self {
            Self::Here(engine) => super::ask(engine, request),
            Self::There(folder) => match serving::ask(folder, &request).await? {
                Answer::Ok(reply) => Ok(reply),
                Answer::Refused(refused) => Err(NotDone(refused).into()),
            },
        }
    }
}
