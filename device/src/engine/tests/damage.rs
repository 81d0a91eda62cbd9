//! A wrong bit at any place of any file of a device: it opens with the right figures, or builds its store anew and says
//! so, or refuses with a sentence. It never panics, and never shows a wrong figure.

use super::misfortune::{copy, welcome};
use super::*;
use crate::store::{Batch, SetAside};
use std::fs;
use std::path::{Path, PathBuf};

/// Anna's folder while her device is off, and Bo, who has everything, as the relay would.
struct Sound {
    folder: tempfile::TempDir,
    bo: Engine,
    vector: Vector,
    pages: BTreeMap<RecordRef, AnyRecord>,
    _bos: tempfile::TempDir,
}

fn sound() -> Sound {
    let (mut desks, quote, line) = Desks::with_quote();
    for n in 1..=20 {
        change(&mut desks.anna, quote, of_line(line, "quantity"), &format!("{n} pcs"));
    }
    for n in 0..12 {
        let name = format!("Kunde {n}");
        done(&mut desks.anna, create(RecordKind::Customer, &[("name", &name)]));
        // Enough for several of the parts into which sled divides its file.
        let bytes = (0..100_000_u32).map(|byte| (byte.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect();
        let mut ballast = Batch::default();
        ballast.set_aside(&SetAside { code: name.clone(), says: name, bytes });
        desks.anna.store.commit(ballast).unwrap();
    }
    change(&mut desks.bo, quote, FieldPath::root("subject"), "Ventiler og flanger");
    carry_all(&desks.anna, &mut desks.bo);
    desks.meet();
    let Desks { folders: [folder, bos], mut anna, bo } = desks;
    // As a long outbox does by itself: what is lost here has to come from elsewhere.
    anna.acked(anna.written()).unwrap();
    anna.outbox.tidy(anna.written()).unwrap();
    change(&mut anna, quote, of_line(line, "discount"), "5");
    let (vector, pages) = (anna.vector.clone(), pages(&mut anna).unwrap());
    drop(anna);
    Sound { folder, bo, vector, pages, _bos: bos }
}

/// More than one run.
fn carry_all(from: &Engine, to: &mut Engine) {
    while to.vector.of(from.device()) < from.written() {
        carry(from, to);
    }
}

/// Every record as it is shown; the code of the first that is refused.
fn pages(engine: &mut Engine) -> Result<BTreeMap<RecordRef, AnyRecord>, String> {
    let records: Vec<RecordRef> = RecordKind::ALL.iter().flat_map(|kind| engine.records(*kind)).collect();
    let shown = records.into_iter().map(|record| match engine.answer(Request::Open { record, at: None }) {
        Answer::Ok(Reply::Record(page)) => Ok((record, page.record)),
        Answer::Refused(refused) => Err(refused.code),
        other => panic!("{other:?}"),
    });
    shown.collect()
}

/// What came of a wrong bit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// Everything is as it was.
    Right,
    /// The store was put aside when the device opened.
    Mended,
    /// Damage was told while it ran, and mended by the next start.
    MendedLater,
    /// Something is missing, and the device knows that it has to be fetched.
    Fetched,
    /// It is as before the last changes that came in; the relay gives them once more.
    Older,
    /// Refused with this code.
    Refused(String),
}

impl Sound {
    /// Opens a device with a wrong bit, and ends with a device that holds and shows what it did before.
    fn open(&self, folder: &Path) -> Came {
        let mut anna = match Engine::open(folder, Told::new(8)) {
            Ok(anna) => anna,
            Err(fault) => {
                assert!(fault.to_string().len() > 20, "a sentence: {fault}");
                return Came::Refused(fault.code().to_owned());
            }
        };
        let Answer::Ok(Reply::About(about)) = anna.answer(Request::About) else { panic!() };
        assert_eq!((&*about.name, &*about.person), ("Annas pc", "Anna"));
        let mended = |anna: &mut Engine| status(anna).trouble.is_some_and(|told| told.code == "device.store_mended");
        let mut came = if mended(&mut anna) { Came::Mended } else { Came::Right };
        let mut shown = pages(&mut anna);
        if let Err(code) = &shown {
            assert!(DeviceFault::DAMAGE.contains(&code.as_str()), "{code}");
            drop(anna);
            anna = Engine::open(folder, Told::new(9)).unwrap();
            assert!(mended(&mut anna), "the next start mends it");
            (came, shown) = (Came::MendedLater, pages(&mut anna));
        }
        if anna.vector == self.vector {
            assert_eq!(shown.as_ref(), Ok(&self.pages), "who holds everything shows everything");
        } else if came == Came::Right {
            came = if anna.is_whole() { Came::Older } else { Came::Fetched };
        }
        self.give_back(&mut anna);
        assert_eq!((pages(&mut anna), &anna.vector), (Ok(self.pages.clone()), &self.vector), "{came:?}");
        if has_hole(&mut anna) {
            drop(anna);
            anna = Engine::open(folder, Told::new(10)).unwrap();
            assert!(mended(&mut anna), "what the doctor found the next start mends");
            self.give_back(&mut anna);
            assert_eq!((pages(&mut anna), &anna.vector), (Ok(self.pages.clone()), &self.vector));
            came = Came::MendedLater;
        }
        well(&mut anna);
        came
    }

    /// The relay gives Anna what it has: everything but her last change.
    fn give_back(&self, anna: &mut Engine) {
        welcome(anna, self.bo.vector.of(anna.device()));
        let nowhere = Cursor { epoch: [0; 16], arrival: 0 };
        let at_relay = self.bo.vector.of(anna.device());
        while anna.written() < at_relay {
            anna.take(self.bo.runs_after(anna.device(), anna.written(), 0).unwrap(), nowhere).unwrap();
        }
        carry(&self.bo, anna);
    }

    /// Flips a bit at so many places of the files that are chosen, half of them where something is written.
    fn flip(&self, places: usize, chosen: fn(&Path) -> bool) -> BTreeMap<String, usize> {
        let mut came = BTreeMap::new();
        let files: Vec<PathBuf> = files(self.folder.path()).into_iter().filter(|path| chosen(path)).collect();
        assert!(!files.is_empty());
        let mut chance = 7_u64;
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
            let every = (written.len() / places).max(1);
            for at in written.into_iter().step_by(every) {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let hurt = tempfile::tempdir().unwrap();
                copy(self.folder.path(), hurt.path());
                let mut wrong = bytes.clone();
                wrong[at] ^= 1 << (chance >> 61);
                fs::write(hurt.path().join(file.strip_prefix(self.folder.path()).unwrap()), wrong).unwrap();
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let ended = self.open(hurt.path());
                *came.entry(format!("{}: {ended:?}", name.split('.').next().unwrap())).or_default() += 1;
            }
        }
        came
    }
}

/// Whether the doctor finds that entries in the midst of a log are gone. The figures are right all the same.
fn has_hole(engine: &mut Engine) -> bool {
    let Answer::Ok(Reply::Doctor { complaints, .. }) = engine.answer(Request::Doctor) else { panic!() };
    complaints.iter().any(|complaint| complaint.ends_with("is not whole"))
}

/// How many places of each file; `MERA_FLIPS` asks for more.
fn places(few: usize) -> usize {
    std::env::var("MERA_FLIPS").ok().and_then(|said| said.parse().ok()).unwrap_or(few)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() { all.extend(files(&entry.path())) } else { all.push(entry.path()) }
    }
    all.sort();
    all
}

#[test]
fn a_wrong_bit_in_the_store_shows_no_wrong_figure_and_loses_nothing() {
    let came = sound().flip(places(150), |path| path.components().any(|part| part.as_os_str() == "store"));
    assert!(came.keys().any(|how| how.ends_with("Mended")), "some did damage: {came:?}");
}

#[test]
fn a_log_with_a_hole_is_found_by_the_doctor_and_mended_by_the_next_start() {
    let sound = sound();
    let folder = tempfile::tempdir().unwrap();
    copy(sound.folder.path(), folder.path());
    let mut anna = Engine::open(folder.path(), Told::new(8)).unwrap();
    let mut batch = Batch::default();
    batch.forget_entry(sound.bo.device(), 1);
    anna.store.commit(batch).unwrap();
    assert_eq!(pages(&mut anna), Err("device.disk_damaged".into()), "what stood in the entry is told, and never wrong");
    let listed = |engine: &mut Engine| engine.views.listed_of(RecordKind::Quote).cloned().collect::<Vec<_>>();
    assert_eq!(listed(&mut anna), listed(&mut Engine::open(sound.folder.path(), Told::new(8)).unwrap()));
    assert!(has_hole(&mut anna));
    drop(anna);
    assert_eq!(sound.open(folder.path()), Came::Mended);
}

#[test]
fn a_wrong_bit_in_outbox_or_identity_shows_no_wrong_figure_and_loses_nothing() {
    let came = sound().flip(places(120), |path| path.ends_with("outbox") || path.ends_with("device.json"));
    let read = came.get("device: Right").copied().unwrap_or_default();
    assert!(read < 5, "only a blank may be another blank: {came:?}");
    let right = came.get("outbox: Right").copied().unwrap_or_default();
    let stopped: usize =
        came.iter().filter(|(how, _)| how.starts_with("outbox: Refused")).map(|(_, times)| times).sum();
    // A wrong bit may make the version in its heading that of a newer program.
    assert!(right > 100 && stopped < 3, "a damaged outbox stops nobody: {came:?}");
}

#[test]
fn a_wrong_bit_in_the_members_chain_is_refused_with_a_sentence() {
    let came = sound().flip(places(60), |path| path.ends_with("members"));
    assert_eq!(came.keys().collect::<Vec<_>>(), ["members: Refused(\"device.members_unreadable\")"], "{came:?}");
}
