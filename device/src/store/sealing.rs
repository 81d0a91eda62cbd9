//! A store of a program that did not seal its values yet is sealed when it is first opened: all of it is written into a
//! new folder beside the old one, which then takes its place. sled appends to its files, so that values replaced in
//! place would linger in them in plain.

use super::{MARK, OWNER, meta_key};
use crate::DeviceFault;
use mera_disk::{self as disk, Bytes, DiskFault, Mark, Seal};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Values that are looked at for a sealed one.
const LOOKED_AT: usize = 256;
/// How often a folder that cannot be renamed is tried again, and how long between. Windows renames no folder in which a
/// file is open, and sled's threads let go of theirs only a moment after the store is closed.
const TRIES: (u32, Duration) = (40, Duration::from_millis(25));

/// Where the sealed values gather.
fn beside(folder: &Path) -> PathBuf {
    folder.with_extension("sealing")
}

/// Where the plain ones stand when the sealed ones have taken their place, until they are deleted.
fn replaced(folder: &Path) -> PathBuf {
    folder.with_extension("plain")
}

/// Ends an exchange that was interrupted.
pub(super) fn finish(folder: &Path) -> Result<(), DeviceFault> {
    let (beside, replaced) = (beside(folder), replaced(folder));
    if replaced.exists() {
        if !folder.exists() {
            rename(&beside, folder)?;
        }
        remove(&replaced)?;
    }
    Ok(())
}

/// Takes away what an attempt left behind that is of no use any more.
pub(super) fn clear(folder: &Path) -> Result<(), DeviceFault> {
    if beside(folder).exists() { remove(&beside(folder)) } else { Ok(()) }
}

/// Seals the values of an open store and gives the one that has taken its place.
pub(super) fn seal_all(plain: disk::Tree, folder: &Path, seal: &Seal) -> Result<disk::Tree, DeviceFault> {
    tracing::info!("the records are sealed now; this is done once");
    let place = beside(folder);
    let sealed = match disk::open(&place, super::CACHE) {
        Ok(begun) => begun,
        // What cannot be opened is begun again; nothing else has been touched.
        Err(_) => {
            remove(&place)?;
            disk::open(&place, super::CACHE)?
        }
    };
    go_on(&plain, &sealed, seal)?;
    sealed.insert(meta_key(MARK), disk::wrap(&seal.mark()))?;
    sealed.flush()?;
    drop((plain, sealed));
    disk::sync(&place).map_err(|cause| fault(&place, cause))?;
    rename(folder, &replaced(folder))?;
    finish(folder)?;
    Ok(disk::open(folder, super::CACHE)?)
}

/// Seals what has not been sealed yet.
fn go_on(plain: &disk::Tree, sealed: &disk::Tree, seal: &Seal) -> Result<(), DiskFault> {
    let newest = sealed.beginning([]).next_back().transpose()?;
    let mut last = newest.as_ref().map(|(key, _)| key.clone());
    if let Some((key, value)) = newest
        && !stands_in_plain(&key)
        && seal.open(&key, &value).is_none()
    {
        // Somebody else's attempt.
        let mut gone = disk::Batch::default();
        for row in sealed.beginning([]) {
            gone.remove(row?.0);
        }
        sealed.apply(gone)?;
        last = None;
    }
    disk::copy(plain, sealed, last, |key, value| sealed_value(key, value, seal))
}

fn sealed_value(key: &[u8], value: Bytes, seal: &Seal) -> Bytes {
    if stands_in_plain(key) {
        return value;
    }
    // What was damaged stays damaged: no bytes at all can be read as no value.
    seal.close(key, disk::unwrapped(key, &value).unwrap_or_default()).into()
}

fn stands_in_plain(key: &[u8]) -> bool {
    [OWNER, MARK].iter().any(|name| key == meta_key(name))
}

/// Whether a value of an open store was sealed with this key: a store with such values that has no mark has lost it.
pub(super) fn has_sealed(db: &disk::Tree, seal: &Seal) -> bool {
    let rows = db.beginning([]).map_while(Result::ok).filter(|(key, _)| !stands_in_plain(key));
    rows.take(LOOKED_AT).any(|(key, value)| seal.open(&key, &value).is_some())
}

/// Whether the key of an open store is the seal's; nothing where its values are not sealed.
pub(super) fn is_of(db: &disk::Tree, seal: &Seal) -> Result<Option<bool>, DiskFault> {
    Ok(disk::get::<Mark>(db, &meta_key(MARK))?.map(|mark| mark == seal.mark()))
}

fn rename(from: &Path, to: &Path) -> Result<(), DeviceFault> {
    let mut renamed = fs::rename(from, to);
    for _ in 1..TRIES.0 {
        match &renamed {
            Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => sleep(TRIES.1),
            _ => break,
        }
        renamed = fs::rename(from, to);
    }
    renamed.and_then(|()| disk::sync_folder(to.parent().unwrap_or(to))).map_err(|cause| fault(from, cause))
}

fn remove(folder: &Path) -> Result<(), DeviceFault> {
    fs::remove_dir_all(folder).map_err(|cause| fault(folder, cause))
}

fn fault(path: &Path, cause: io::Error) -> DeviceFault {
    DeviceFault::folder(path, cause)
}
