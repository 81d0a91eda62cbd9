//! What every new device is told, however it comes into its company.

use super::key::NewKey;
use crate::outlet::NotDone;
use anyhow::Result;
use mera_device::Authorities;
use std::path::PathBuf;

/// Where a new device is, what it is called, and whom it trusts.
#[derive(clap::Args)]
pub struct NewDevice {
    /// Where it keeps its records; made if it is not there.
    #[arg(long)]
    pub folder: PathBuf,
    /// What people call the device.
    #[arg(long)]
    pub name: String,
    /// Letters and digits that start its numbers, such as K3; no two devices of a company may share them.
    #[arg(long)]
    pub series: String,
    #[command(flatten)]
    pub key: NewKey,
    /// Certificates in PEM form of who vouches for the relay, for `wss://`, when it is nobody whom the system trusts.
    #[arg(long)]
    relay_ca: Option<PathBuf>,
}

impl NewDevice {
    /// Who vouches for the relay, if anybody was named. Read before anything is made, so that a wrong file leaves nothing behind.
    pub fn authorities(&self) -> Result<Option<Authorities>> {
        Ok(self.relay_ca.as_deref().map(Authorities::read).transpose().map_err(NotDone)?)
    }
}
