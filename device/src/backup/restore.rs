//! A device from its backup, in a folder of its own. It asks the relay where its log stands before it writes: the original
//! may have written more after the backup was taken.

use super::part::{self, Part};
use super::{BackupFault, Passphrase, Step};
use crate::half_made::HalfFolder;
use crate::{Engine, Place, Surroundings};
use age::secrecy::ExposeSecret;
use age::{DecryptError, Decryptor};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Digests, Vector};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// What was restored.
pub struct Restored {
    /// The device.
    pub device: DeviceId,
    /// Its company.
    pub workspace: WorkspaceId,
    /// How many entries it holds.
    pub entries: u64,
}

/// Restores a device into a new folder, and its secret into a place. The folder is there when all of it has been checked, and not before.
pub fn restore(
    file: &Path,
    passphrase: &Passphrase,
    folder: &Path,
    secret: &Place,
    world: Arc<dyn Surroundings>,
    go_on: impl FnMut(Step) -> bool,
) -> Result<Restored, BackupFault> {
    let taken = folder.exists() && fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_some());
    if taken {
        return Err(BackupFault::FolderTaken(folder.to_owned()));
    }
    let mut parts = opened(file, passphrase)?;
    part::read_heading(&mut parts)?;
    let Part::Identity(identity) = part::read(&mut parts)? else {
        return Err(BackupFault::Damaged("it does not say whose it is".into()));
    };
    let cannot_make = |cause| BackupFault::Folder { path: folder.to_owned(), cause };
    let half = HalfFolder::make(folder).map_err(cannot_make)?;
    let (mut chain, mut next) = (Vec::new(), part::read(&mut parts)?);
    while let Part::Member(statement) = next {
        chain.push(*statement);
        next = part::read(&mut parts)?;
    }
    let engine = Engine::restoring(half.place(), &identity, &chain, secret, world)?;
    let restored = refill(engine, next, parts, go_on)?;
    if folder.exists() {
        fs::remove_dir(folder).map_err(cannot_make)?;
    }
    half.finish().map_err(cannot_make)?;
    Ok(restored)
}

fn opened(file: &Path, passphrase: &Passphrase) -> Result<impl Read, BackupFault> {
    let sealed = BufReader::new(File::open(file).map_err(BackupFault::CannotRead)?);
    let cannot_open = |cause| match cause {
        DecryptError::Io(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => BackupFault::CannotRead(cause),
        DecryptError::UnknownFormat => BackupFault::Newer,
        DecryptError::InvalidHeader | DecryptError::Io(_) => BackupFault::NotABackup,
        DecryptError::ExcessiveWork { .. } => BackupFault::Damaged("it asks for more work than any backup".into()),
        DecryptError::InvalidMac => BackupFault::Damaged("its heading was changed".into()),
        _ => BackupFault::WrongPassphrase,
    };
    let key = age::scrypt::Identity::new(passphrase.secret.expose_secret().to_owned().into());
    let opened = Decryptor::new_buffered(sealed).map_err(cannot_open)?;
    opened.decrypt(std::iter::once(&key as &dyn age::Identity)).map_err(cannot_open)
}

/// Takes in everything, and compares what came of it with what the backup says at its end.
fn refill(
    mut engine: Engine,
    mut next: Part,
    mut parts: impl Read,
    mut go_on: impl FnMut(Step) -> bool,
) -> Result<Restored, BackupFault> {
    let mut done = 0;
    let (vector, digests): (Vector, Digests) = loop {
        if !go_on(Step { done, of: 0 }) {
            return Err(BackupFault::Stopped);
        }
        match next {
            Part::Identity(_) | Part::Member(_) => return Err(BackupFault::Damaged("it is of two devices".into())),
            Part::Run(run) => {
                done += run.entries.len() as u64;
                engine.take(vec![run], None)?;
            }
            Part::SetAside(aside) => engine.keep_aside(&aside)?,
            Part::End { vector, digests } => break (vector, digests),
        }
        next = part::read(&mut parts)?;
    };
    // age tells only at the end of a file that all of it is there.
    if parts.read(&mut [0]).map_err(|cause| BackupFault::Damaged(cause.to_string()))? > 0 {
        return Err(BackupFault::Damaged("there is something behind its end".into()));
    }
    if !engine.holds(&vector, &digests) {
        return Err(BackupFault::Damaged("its entries do not give what it says".into()));
    }
    engine.restored()?;
    Ok(Restored { device: engine.device(), workspace: engine.workspace(), entries: done })
}
