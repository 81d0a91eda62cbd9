//! A stolen folder shows nothing: every byte of every file is searched.

use super::{Told, create, done, founding};
use crate::engine::Engine;
use crate::{Brought, Founding, Passphrase, Place, Surroundings};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use mera_schema::{RecordKind, RecordRef};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What is written: short words, which Automerge keeps as they are, and a text long enough that it is pressed together.
const WORDS: [&str; 3] = ["Aalborg Vaerft", "Sæby Ventiler", "K7Q"];
/// Bytes of a document in which two files do not agree by chance.
const WINDOW: usize = 24;

/// Every file of a folder with its path.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: std::path::PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![(path.display().to_string(), fs::read(path).unwrap())],
    };
    entries.flat_map(file).collect()
}

/// The ways in which a text may stand in a file.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let little = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    vec![text.into(), text.to_lowercase().into(), little, big]
}

/// Where something stands in files, if anywhere.
fn found(files: &[(String, Vec<u8>)], what: &[u8]) -> Vec<String> {
    files
        .iter()
        .filter(|(_, bytes)| memchr::memmem::find(bytes, what).is_some())
        .map(|(path, _)| path.clone())
        .collect()
}

/// Pieces of what stands sealed, whatever form it has: parts of documents and entries as they are in memory.
fn pieces(plain: &[Vec<u8>]) -> HashSet<&[u8]> {
    let varied = |piece: &&[u8]| piece.iter().collect::<HashSet<_>>().len() > 8;
    plain.iter().flat_map(|bytes| bytes.windows(WINDOW)).filter(varied).collect()
}

struct Stolen {
    files: Vec<(String, Vec<u8>)>,
    plain: Vec<Vec<u8>>,
    secrets: Vec<Vec<u8>>,
}

/// A device that has worked and was switched off, what it held, and its secret in several ways to write it.
fn stolen(place: Place, brought: &Brought) -> Stolen {
    let folder = tempfile::tempdir().unwrap();
    let world: Arc<dyn Surroundings> = Arc::new(crate::surroundings::trial::Trial { keyring: true });
    let founding = Founding { vault: place, ..founding("Anna", "A1") };
    drop(Engine::found(folder.path(), founding, world.clone()).unwrap());
    let mut engine = Engine::open_with(folder.path(), world, brought).unwrap();
    let records: Vec<RecordRef> = WORDS
        .iter()
        .map(|word| done(&mut engine, create(RecordKind::Customer, &[("name", word)])).record.unwrap())
        .collect();
    let long = "Ventilen skal efterspændes. ".repeat(7);
    let note = done(&mut engine, create(RecordKind::Customer, &[("name", &long)])).record.unwrap();
    let documents = records
        .iter()
        .chain([&note])
        .map(|record| engine.store.document(*record, engine.members.keys()).unwrap().unwrap());
    let mut plain: Vec<Vec<u8>> = documents.collect();
    for seq in 1..=engine.written() {
        plain.push(postcard::to_allocvec(&engine.store.entry(engine.device, seq).unwrap().unwrap()).unwrap());
    }
    let hex = engine.secret.hex();
    let raw: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    let texts = [STANDARD.encode(&raw), STANDARD_NO_PAD.encode(&raw), URL_SAFE.encode(&raw), hex.to_uppercase()];
    let mut secrets = vec![raw.clone(), hex.as_bytes().to_vec(), raw[..16].to_vec(), raw[16..].to_vec()];
    secrets.extend(texts.map(String::into_bytes));
    for key in ["MERA store key v1", "MERA outbox key v1"] {
        secrets.push(engine.secret.derive(key).to_vec());
    }
    drop(engine);
    Stolen { files: files(folder.path()), plain, secrets }
}

#[test]
fn whoever_takes_the_folder_finds_neither_what_was_written_nor_the_key() {
    let passphrase = "blå hest på taget";
    let sealed = Place::Passphrase(Passphrase::chosen(passphrase).unwrap());
    let brought = Brought { passphrase: Some(Passphrase::said(passphrase)), key_file: None };
    for (place, brought) in [(sealed, brought), (Place::Keyring, Brought::default())] {
        let Stolen { files, plain, secrets } = stolen(place, &brought);
        assert!(
            files.len() > 4 && files.iter().any(|(path, _)| path.ends_with("outbox")),
            "there is something to search"
        );
        for word in WORDS {
            let in_memory = plain.iter().any(|bytes| memchr::memmem::find(bytes, word.as_bytes()).is_some());
            assert!(in_memory, "the search would find {word}");
            for form in forms(word).iter().filter(|form| form.len() > 3) {
                assert_eq!(found(&files, form), Vec::<String>::new(), "{word}");
            }
        }
        assert_eq!(found(&files, "efterspændes".as_bytes()), Vec::<String>::new());
        for secret in [secrets, vec![passphrase.into()]].concat() {
            assert_eq!(found(&files, &secret), Vec::<String>::new());
        }
        let pieces = pieces(&plain);
        assert!(pieces.len() > 500, "{}", pieces.len());
        for (path, bytes) in &files {
            assert!(!bytes.windows(WINDOW).any(|piece| pieces.contains(piece)), "a piece of a record stands in {path}");
        }
    }
}

#[test]
fn a_key_in_plain_is_found_which_is_why_it_has_to_be_asked_for_by_name() {
    let Stolen { files, secrets, .. } = stolen(Place::InFolder, &Brought::default());
    let places = found(&files, &secrets[1]);
    assert!(places.len() == 1 && places[0].ends_with("device.key-in-plain"), "{places:?}");
}

#[test]
fn nothing_can_be_said_of_a_device_whose_world_gives_no_randomness() {
    struct Silent(Arc<Told>);
    impl Surroundings for Silent {
        fn millis(&self) -> u64 {
            self.0.millis()
        }
        fn today(&self) -> chrono::NaiveDate {
            self.0.today()
        }
        fn random(&self, _: &mut [u8]) -> Result<(), String> {
            Err("there is none".into())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    drop(Engine::found(folder.path(), founding("Anna", "A1"), Told::new(1)).unwrap());
    let refused = Engine::open(folder.path(), Arc::new(Silent(Told::new(1)))).err().unwrap();
    assert_eq!(refused.code(), "device.no_randomness", "no value is sealed with a nonce that anybody could foresee");
}
