//! Where a device's key is kept, as a command line says it.

use super::Folder;
use crate::outlet::Outlet;
use anyhow::{Context, Result};
use mera_device::{Brought, DeviceFault, Engine, Passphrase, Place, RealWorld, VaultFault};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a passphrase is looked for that no option names a file for.
const PASSPHRASE: &str = "MERA_PASSPHRASE";

/// What a device's key is had by.
#[derive(clap::Args)]
pub struct Key {
    /// A file with the device's passphrase; without it the variable MERA_PASSPHRASE is taken.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Where the key file is now, if it is not where it was made, as with systemd's credentials.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Key {
    /// What was given.
    pub fn brought(&self) -> Result<Brought> {
        let text = passphrase(self.passphrase_file.as_deref())?;
        let passphrase = text.as_deref().map(Passphrase::said);
        Ok(Brought { passphrase, key_file: self.key_file.clone() })
    }
}

/// Where a new device's key goes.
#[derive(clap::Args)]
#[group(multiple = false)]
pub struct NewKey {
    /// Into the operating system's keyring. This is what happens without any of these options where a keyring answers.
    #[arg(long)]
    keyring: bool,
    /// Into the folder, sealed with the passphrase in this file; the variable MERA_PASSPHRASE does the same.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Into this new file outside the folder, which only its owner can read: for machines without people.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Into the folder in plain: whoever takes the folder has everything. For trying out only.
    #[arg(long)]
    key_in_plain: bool,
}

impl NewKey {
    /// The place, and a sentence that says what it means.
    pub fn place(&self) -> Result<(Place, String)> {
        let passphrase = match (&self.passphrase_file, self.keyring || self.key_in_plain || self.key_file.is_some()) {
            (None, true) => None,
            (file, _) => passphrase(file.as_deref())?,
        };
        Ok(match (&self.key_file, passphrase) {
            (Some(path), _) => {
                let says = format!("Its key is in {}; keep a copy of that file in a safe place.", path.display());
                (Place::KeyFile(path.clone()), says)
            }
            (None, Some(text)) => {
                let says = "Its key is sealed with the passphrase; without it nobody opens this device again.";
                (Place::Passphrase(Passphrase::chosen(&text).map_err(DeviceFault::from)?), says.into())
            }
            (None, None) if self.key_in_plain => {
                let says = "Its key stands IN PLAIN in the folder: whoever takes the folder has everything.";
                (Place::InFolder, says.into())
            }
            (None, None) => (Place::Keyring, "Its key is in this computer's keyring.".into()),
        })
    }
}

/// A fault in words that fit a command line.
pub fn advised(fault: DeviceFault) -> anyhow::Error {
    match fault {
        DeviceFault::Vault(VaultFault::NoKeyring) => anyhow::Error::new(fault)
            .context("give --passphrase-file, MERA_PASSPHRASE or --key-file (or --key-in-plain for trying out)"),
        other => other.into(),
    }
}

/// How a device's key is moved.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// Into the operating system's keyring.
    #[arg(long, group = "to", required_unless_present_any = ["to_passphrase_file", "to_key_file"])]
    to_keyring: bool,
    /// Sealed with the passphrase in this file, which is also how a passphrase is changed.
    #[arg(long, value_name = "FILE", group = "to")]
    to_passphrase_file: Option<PathBuf>,
    /// Into this new file outside the folder.
    #[arg(long, value_name = "FILE", group = "to")]
    to_key_file: Option<PathBuf>,
}

/// Keeps a device's key in another place from now on.
pub fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let Options { folder, to_keyring, to_passphrase_file, to_key_file } = options;
    let new = NewKey {
        keyring: *to_keyring,
        passphrase_file: to_passphrase_file.clone(),
        key_file: to_key_file.clone(),
        key_in_plain: false,
    };
    let (place, says) = new.place()?;
    let mut engine = folder.open()?;
    engine.keep_secret_in(&place).map_err(advised)?;
    Ok(outlet.say(&says, &serde_json::json!({ "key": engine.secret_kept() }))?)
}

fn passphrase(file: Option<&Path>) -> Result<Option<String>> {
    let Some(file) = file else { return Ok(std::env::var(PASSPHRASE).ok()) };
    let text = fs::read_to_string(file).with_context(|| format!("cannot read the passphrase in {}", file.display()))?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

impl Folder {
    /// Opens the device.
    pub fn open(&self) -> Result<Engine> {
        Ok(Engine::open_with(&self.folder, Arc::new(RealWorld), &self.key.brought()?)?)
    }
}
