//! A secret is kept in each place, had again from there and from nowhere else.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::surroundings::trial::Trial;
use crate::{DeviceFault, Engine, Founding};
use keyring_core::{CredentialStore, Error, mock};
use mera_schema::Desk;
use std::fs;
use std::sync::Arc;

const WORLD: Trial = Trial { keyring: true };
const WORLD_WITHOUT: Trial = Trial { keyring: false };

fn brought(passphrase: &str) -> Brought {
    Brought { passphrase: Some(Passphrase::said(passphrase)), key_file: None }
}

#[test]
fn a_secret_is_had_again_from_where_it_was_kept() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault { folder: folder.path(), world: &WORLD };
    let places = [
        (Place::Keyring, Brought::default()),
        (Place::Passphrase(Passphrase::chosen("blå hest på taget").unwrap()), brought("blå hest på taget")),
        (Place::KeyFile(elsewhere.path().join("key")), Brought::default()),
        (Place::InFolder, Brought::default()),
    ];
    for (place, brought) in places {
        let secret = Secret::drawn(&WORLD).unwrap();
        let key = secret.signing().public();
        let kept = vault.keep(&secret, &place).unwrap();
        assert_eq!(vault.fetch(&kept, &brought, key).unwrap().hex(), secret.hex(), "{place:?}");
        let other = Secret::drawn(&WORLD).unwrap().signing().public();
        let refused = vault.fetch(&kept, &brought, other).unwrap_err().code();
        assert!(["device.key_of_another", "device.key_not_in_keyring"].contains(&refused), "{place:?}: {refused}");
        vault.forget(&kept, key).unwrap();
        let again = vault.fetch(&kept, &brought, key);
        assert_eq!(again.is_ok(), matches!(place, Place::KeyFile(_)), "{place:?}: the file is its owner's");
        vault.forget(&kept, key).unwrap();
    }
}

#[test]
fn only_its_passphrase_opens_a_sealed_key_and_a_changed_file_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault { folder: folder.path(), world: &WORLD };
    let secret = Secret::drawn(&WORLD).unwrap();
    let key = secret.signing().public();
    let kept = vault.keep(&secret, &Place::Passphrase(Passphrase::chosen("blå hest på taget").unwrap())).unwrap();
    let code = |brought: &Brought| vault.fetch(&kept, brought, key).err().map(|fault| fault.code());
    assert_eq!(code(&Brought::default()), Some("device.locked"));
    for wrong in ["", "blå hest på taget ", "Blå hest på taget"] {
        assert_eq!(code(&brought(wrong)), Some("device.wrong_passphrase"), "{wrong:?}");
    }
    let path = folder.path().join("device.key");
    let sealed = fs::read(&path).unwrap();
    for at in 0..sealed.len() {
        let mut wrong = sealed.clone();
        wrong[at] ^= 1;
        fs::write(&path, wrong).unwrap();
        // A bit of what was stretched from the passphrase cannot be told from another passphrase.
        assert!(
            matches!(code(&brought("blå hest på taget")), Some("device.key_damaged" | "device.wrong_passphrase")),
            "{at}"
        );
    }
    fs::write(&path, &sealed[..40]).unwrap();
    assert_eq!(code(&brought("blå hest på taget")), Some("device.key_damaged"));
    fs::remove_file(&path).unwrap();
    assert_eq!(code(&brought("blå hest på taget")), Some("device.key_file"));
    assert_eq!(Passphrase::chosen("1234567").unwrap_err().code(), "founding.passphrase_short");
    assert!(!format!("{:?}", brought("blå hest")).contains("hest"), "nothing prints it");
}

#[test]
fn a_file_that_asks_for_more_work_than_a_computer_has_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault { folder: folder.path(), world: &WORLD };
    let secret = Secret::drawn(&WORLD).unwrap();
    let kept = vault.keep(&secret, &Place::Passphrase(Passphrase::chosen("blå hest på taget").unwrap())).unwrap();
    let path = folder.path().join("device.key");
    let sealed = fs::read(&path).unwrap();
    let line = sealed.split(|byte| *byte == b'\n').nth(1).unwrap();
    let greedy = [&line[..line.len() - 1], b"30"].concat();
    let head = sealed.windows(line.len()).position(|part| part == line).unwrap();
    let changed = [&sealed[..head], &greedy, &sealed[head + line.len()..]].concat();
    fs::write(&path, changed).unwrap();
    let refused = vault.fetch(&kept, &brought("blå hest på taget"), secret.signing().public()).unwrap_err();
    assert_eq!(refused.code(), "device.key_damaged");
}

#[test]
#[cfg(unix)]
fn a_key_file_is_its_owners_alone_stands_outside_the_folder_and_is_never_written_over() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault { folder: folder.path(), world: &WORLD_WITHOUT };
    let secret = Secret::drawn(&WORLD_WITHOUT).unwrap();
    let path = elsewhere.path().join("key");
    let code = |path: PathBuf| vault.keep(&secret, &Place::KeyFile(path)).err().map(|fault| fault.code());
    assert_eq!(code(path.clone()), None);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(code(path.clone()), Some("device.key_file_exists"));
    assert_eq!(code(folder.path().join("key")), Some("device.key_file_in_folder"));
    fs::create_dir(folder.path().join("store")).unwrap();
    assert_eq!(code(elsewhere.path().join("gone/key")), Some("device.key_file"));
    std::os::unix::fs::symlink(folder.path(), elsewhere.path().join("way round")).unwrap();
    assert_eq!(code(elsewhere.path().join("way round/store/key")), Some("device.key_file_in_folder"));

    let (kept, key) = (Kept::KeyFile(path.clone()), secret.signing().public());
    let fetched = |brought: &Brought| vault.fetch(&kept, brought, key).err().map(|fault| fault.code());
    for (mode, refused) in [
        (0o600, None),
        (0o400, None),
        (0o440, None),
        (0o604, Some("device.key_file_open")),
        (0o660, Some("device.key_file_open")),
        (0o602, Some("device.key_file_open")),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(fetched(&Brought::default()), refused, "{mode:o}");
    }
    let moved = elsewhere.path().join("handed over");
    fs::rename(&path, &moved).unwrap();
    fs::set_permissions(&moved, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(fetched(&Brought::default()), Some("device.key_file"));
    assert_eq!(fetched(&Brought { passphrase: None, key_file: Some(moved.clone()) }), None);
    fs::set_permissions(&moved, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&moved, "no key").unwrap();
    assert_eq!(fetched(&Brought { passphrase: None, key_file: Some(moved) }), Some("device.key_damaged"));
}

#[test]
fn a_keyring_that_is_locked_empty_or_holds_something_else_says_so_and_no_secret() {
    let ring: Arc<CredentialStore> = mock::Store::new().unwrap();
    let secret = Secret::drawn(&WORLD).unwrap();
    let device = secret.signing().public().device();
    let entry = ring.build("MERA", &device.to_string(), None).unwrap();
    let fails = || {
        let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        credential.set_error(Error::NoStorageAccess("it is locked".into()));
    };
    let code = |fetched: Result<Secret, VaultFault>| fetched.err().map(|fault| fault.code());
    assert_eq!(code(keyring::fetch(ring.clone(), device)), Some("device.key_not_in_keyring"));
    fails();
    let refused = keyring::keep(ring.clone(), &secret).unwrap_err();
    assert_eq!(refused.code(), "device.keyring_silent");
    assert!(refused.to_string().contains("it is locked") && !refused.to_string().contains(secret.hex().as_str()));
    keyring::keep(ring.clone(), &secret).unwrap();
    fails();
    assert_eq!(code(keyring::fetch(ring.clone(), device)), Some("device.keyring_silent"));
    assert_eq!(code(keyring::fetch(ring.clone(), device)), None);
    entry.set_secret(b"something else").unwrap();
    assert_eq!(code(keyring::fetch(ring.clone(), device)), Some("device.keyring_silent"));
    keyring::forget(ring.clone(), device).unwrap();
    keyring::forget(ring.clone(), device).unwrap();
    assert_eq!(code(keyring::fetch(ring, device)), Some("device.key_not_in_keyring"));
}

fn anna(vault: Place) -> Founding {
    let (name, person, series) = ("Annas pc".into(), "Anna".into(), "A1".into());
    Founding { name, person, desk: Desk::Sales, series, relay: None, vault }
}

/// A device as the program before made it: its secret stands in `device.json`.
fn former(folder: &Path) -> (mera_schema::DeviceId, String) {
    let engine = Engine::found(folder, anna(Place::InFolder), Arc::new(WORLD_WITHOUT)).unwrap();
    let device = engine.device();
    drop(engine);
    let plain = folder.join("device.key-in-plain");
    let seed = fs::read_to_string(&plain).unwrap();
    fs::remove_file(plain).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("device.json")).unwrap()).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.remove("key").unwrap();
    fields.remove("kept").unwrap();
    fields.remove("check").unwrap();
    fields.insert("format".into(), 1.into());
    fields.insert("seed".into(), seed.clone().into());
    fs::write(folder.join("device.json"), json.to_string()).unwrap();
    (device, seed)
}

#[test]
fn the_secret_of_a_device_of_the_program_before_is_moved_out_of_its_identity() {
    for (world, kept) in [(WORLD, "keyring"), (WORLD_WITHOUT, "in_folder")] {
        let folder = tempfile::tempdir().unwrap();
        let (device, seed) = former(folder.path());
        crate::redirect(folder.path(), Some("ws://relay".into())).unwrap();
        let world = Arc::new(world);
        for _ in 0..2 {
            let engine = Engine::open(folder.path(), world.clone()).unwrap();
            assert_eq!((engine.device(), engine.secret_kept()), (device, kept));
            assert_eq!(engine.relay(), Some("ws://relay/sync"));
        }
        assert!(!fs::read_to_string(folder.path().join("device.json")).unwrap().contains(&seed));
        assert_eq!(folder.path().join("device.key-in-plain").exists(), kept == "in_folder");
    }
}

#[test]
fn an_identity_that_does_not_say_what_its_format_says_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let (_, seed) = former(folder.path());
    let path = folder.path().join("device.json");
    let json = fs::read_to_string(&path).unwrap();
    for wrong in [
        json.replace("\"format\":1", "\"format\":2"),
        json.replace("\"format\":1", "\"format\":3"),
        json.replace(&seed, "no digits"),
        json.replace("\"seed\"", "\"key\""),
        json.replace("\"seed\"", "\"kept\":\"attic\",\"seed\""),
    ] {
        assert_ne!(wrong, json);
        fs::write(&path, wrong).unwrap();
        let refused = Engine::open(folder.path(), Arc::new(WORLD_WITHOUT)).err().unwrap();
        assert!(matches!(refused, DeviceFault::IdentityUnreadable { .. }), "{refused}");
        assert!(!refused.to_string().contains(&seed), "no message shows the secret");
    }
}
