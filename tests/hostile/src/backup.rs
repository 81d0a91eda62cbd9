//! A backup file that somebody hands over: as it lies there, and sealed with the passphrase that is asked for.

use crate::seeds::Seed;
use mera_device::backup::{Passphrase, backup, restore};
use mera_device::{Engine, Founding, Place, RealWorld};
use mera_schema::Desk;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const SAID: &str = "en hemmelig sætning";

/// Reads bytes as a backup, and as what stands in one.
pub fn read(bytes: &[u8]) {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let file = place.path().join("backup");
    // A sealed file asks for as much work as it likes, up to a limit; the seeds' own ask for little.
    if !asks_for_work(bytes) {
        restored(place.path(), &file, bytes);
    }
    restored(place.path(), &file, &sealed(bytes));
}

/// Whether opening it would take longer than is worth while: the binary logarithm of the work stands behind the salt.
fn asks_for_work(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"-> scrypt "));
    let work = line.and_then(|line| std::str::from_utf8(line).ok()?.rsplit(' ').next()?.parse::<u32>().ok());
    work.is_some_and(|work| work > 8)
}

fn restored(place: &Path, file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).expect("a temporary file can be written");
    let (passphrase, folder) = (passphrase(), place.join("device"));
    let outcome = restore(file, &passphrase, &folder, &Place::InFolder, Arc::new(RealWorld), |_| true);
    match outcome {
        Ok(_) => fs::remove_dir_all(&folder).expect("a device that was restored is there"),
        Err(fault) => {
            assert!(fault.to_string().len() > 20, "a sentence: {fault}");
            let left = fs::read_dir(place).expect("the folder is there").count();
            assert_eq!(left, 1, "nothing half made stays: {fault}");
        }
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new(SAID.to_owned()).expect("it is long enough")
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut recipient = age::scrypt::Recipient::new(SAID.to_owned().into());
    recipient.set_work_factor(1);
    age::encrypt(&recipient, bytes).expect("anything can be sealed")
}

fn opened(file: &[u8]) -> Vec<u8> {
    let key = age::scrypt::Identity::new(SAID.to_owned().into());
    age::decrypt(&key, file).expect("it was sealed with this passphrase")
}

/// What the target begins with: the backup of a new device, sealed and opened. It is another one each time, since no two
/// devices have one secret.
pub fn seeds() -> Vec<Seed> {
    let place = tempfile::tempdir().expect("there is a place for temporary files");
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A1".into(),
        relay: None,
        vault: Place::InFolder,
    };
    let device = Engine::found(&place.path().join("anna"), founding, Arc::new(RealWorld));
    let device = device.expect("a device can be made in a new folder");
    let file = place.path().join("backup");
    backup(|look| look(&device), &file, &passphrase(), |_| true).expect("a new device can be backed up");
    let plain = opened(&fs::read(&file).expect("it was just written"));
    vec![("sealed".into(), sealed(&plain)), ("plain".into(), plain)]
}
