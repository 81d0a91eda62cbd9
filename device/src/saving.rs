//! Files for a person, written by a device that runs: a backup, everything as plain files, the audit trail, work that nobody
//! took in. A screen in a browser and one in the window cannot both save a file; the device can, beside what the person
//! downloads, and says where. One at a time, with a notice of how far it is; whoever leaves before it is answered, or asks
//! to stop, leaves no half file behind.

use crate::backup::{self, Passphrase, Step};
use crate::engine::Engine;
use crate::export::{ExportFault, RecordForm, export};
use crate::half_made::HalfFile;
use crate::handle::{Shared, at_the_disk};
use mera_device_api::{Answer, AuditForm, AuditText, CalendarOf, ExportOf, HandedIn, Notice, Refused, Reply, Request};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

/// Takes a backup. Without a file it goes where the person's files go.
pub(crate) async fn backup(shared: &Arc<Shared>, file: Option<String>, passphrase: String) -> Result<Reply, Refused> {
    let passphrase = Passphrase::new(passphrase)?;
    let _one = shared.saving.begin().ok_or_else(under_way)?;
    let file = place(shared, file, ("mera-backup", ".age")).await?;
    let (working, waiting) = (shared.clone(), Arc::new(()));
    let (told, written) = (Telling::new(shared, &waiting), file.clone());
    let entries = at_the_disk(move || {
        let mut told = told;
        let look = |work: &mut dyn FnMut(&Engine)| working.lend(|engine| work(engine));
        backup::backup(look, &written, &passphrase, |step| told.goes_on(&step))
    });
    let entries = entries.await?;
    drop(waiting);
    shared.with(Engine::note_backup).await?;
    Ok(Reply::BackedUp { file: file.display().to_string(), entries })
}

/// Carries something out of the house in a form that other programs read.
pub(crate) async fn carry(shared: &Arc<Shared>, what: ExportOf, to: Option<String>) -> Result<Reply, Refused> {
    let _one = shared.saving.begin().ok_or_else(under_way)?;
    let to = place(shared, to, name(what)).await?;
    let count = match what {
        ExportOf::RecordsCsv => records(shared, to.clone(), RecordForm::Csv).await?,
        ExportOf::RecordsJson => records(shared, to.clone(), RecordForm::Json).await?,
        ExportOf::AuditCsv => trail(shared, &to, AuditForm::Csv).await?,
        ExportOf::AuditLines => trail(shared, &to, AuditForm::JsonLines).await?,
        ExportOf::Calendar => {
            let Reply::CalendarFile(file) = ask(shared, Request::CalendarFile { of: CalendarOf::Me }).await? else {
                return Err(ExportFault::Stopped.into());
            };
            finish(put(None, &to, file.text).await?, &to).await?;
            file.appointments as u64
        }
        ExportOf::Undelivered => {
            let Reply::HandedIn(HandedIn { file, changes }) = ask(shared, Request::HandIn).await? else {
                return Err(ExportFault::Stopped.into());
            };
            finish(put(None, &to, file).await?, &to).await?;
            changes
        }
    };
    Ok(Reply::Exported { to: to.display().to_string(), count })
}

/// What it is called, and how its name ends.
fn name(what: ExportOf) -> (&'static str, &'static str) {
    match what {
        ExportOf::RecordsCsv => ("mera-csv", ""),
        ExportOf::RecordsJson => ("mera-json", ""),
        ExportOf::AuditCsv => ("mera-audit", ".csv"),
        ExportOf::AuditLines => ("mera-audit", ".jsonl"),
        ExportOf::Calendar => ("mera-calendar", ".ics"),
        ExportOf::Undelivered => ("mera-work", ".txt"),
    }
}

async fn records(shared: &Arc<Shared>, folder: PathBuf, form: RecordForm) -> Result<u64, Refused> {
    let (working, waiting) = (shared.clone(), Arc::new(()));
    let mut told = Telling::new(shared, &waiting);
    let count = at_the_disk(move || {
        let look = |work: &mut dyn FnMut(&mut Engine)| working.lend(|engine| work(engine));
        export(look, &folder, form, |step| told.goes_on(&step))
    });
    let count = count.await?;
    drop(waiting);
    Ok(count)
}

/// The whole trail, a part at a time.
async fn trail(shared: &Arc<Shared>, to: &Path, form: AuditForm) -> Result<u64, Refused> {
    let (mut half, mut rows, mut from) = (None, 0_u64, None);
    loop {
        let Reply::AuditText(part) = ask(shared, Request::AuditExport { form, from }).await? else {
            return Err(ExportFault::Stopped.into());
        };
        if shared.saving.shall_stop() {
            return Err(ExportFault::Stopped.into());
        }
        let AuditText { text, rows: more, next } = part;
        rows += more as u64;
        let written = put(half.take(), to, text).await?;
        if next.is_none() {
            finish(written, to).await?;
            return Ok(rows);
        }
        (half, from) = (Some(written), next);
    }
}

/// Writes a part of a file, which is begun with the first.
async fn put(half: Option<HalfFile>, to: &Path, text: String) -> Result<HalfFile, Refused> {
    let file = to.to_owned();
    let written = at_the_disk(move || {
        let mut half = half.map_or_else(|| HalfFile::begin(&file), Ok)?;
        half.write_all(text.as_bytes())?;
        Ok(half)
    });
    written.await.map_err(|cause| cannot_write(to, cause))
}

async fn finish(half: HalfFile, to: &Path) -> Result<(), Refused> {
    at_the_disk(move || half.finish()).await.map_err(|cause| cannot_write(to, cause))
}

fn cannot_write(path: &Path, cause: io::Error) -> Refused {
    ExportFault::writing(path)(cause).into()
}

async fn ask(shared: &Arc<Shared>, request: Request) -> Result<Reply, Refused> {
    match shared.with(move |engine| engine.answer(request)).await {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(refused) => Err(refused),
    }
}

fn under_way() -> Refused {
    Refused::new("saving.under_way", "another file is being written; wait until it is done, or stop it")
}

/// Where it goes: where the person said, or else beside what they download, under a name with the day that is not taken.
async fn place(
    shared: &Arc<Shared>,
    named: Option<String>,
    (stem, ending): (&'static str, &'static str),
) -> Result<PathBuf, Refused> {
    if let Some(named) = named {
        return Ok(PathBuf::from(named));
    }
    let (folder, today) = shared.with(|engine| engine.saves_into()).await;
    let no_folder = || {
        Refused::new(
            "saving.no_folder",
            "this system names no folder for a person's files; name a file, on the command line",
        )
    };
    let folder = folder.ok_or_else(no_folder)?;
    at_the_disk(move || {
        fs::create_dir_all(&folder).map_err(|cause| cannot_write(&folder, cause))?;
        let numbered = (2..).map(|number| folder.join(format!("{stem}-{today}-{number}{ending}")));
        let mut names = std::iter::once(folder.join(format!("{stem}-{today}{ending}"))).chain(numbered);
        Ok(names.find(|name| !name.exists()).expect("there are more names than files"))
    })
    .await
}

/// Tells how far it is, and knows whether anybody waits for it still.
struct Telling {
    shared: Arc<Shared>,
    waits: Weak<()>,
    /// The hundredth that was told last.
    told: Option<u64>,
}

impl Telling {
    fn new(shared: &Arc<Shared>, waiting: &Arc<()>) -> Self {
        Self { shared: shared.clone(), waits: Arc::downgrade(waiting), told: None }
    }

    fn goes_on(&mut self, Step { done, of }: &Step) -> bool {
        let hundredth = Some(done * 100 / (*of).max(1));
        if self.told != hundredth {
            self.told = hundredth;
            self.shared.announce(&[Notice::Saving { done: *done, of: *of }]);
        }
        self.waits.strong_count() > 0 && !self.shared.saving.shall_stop()
    }
}

#[cfg(test)]
mod tests;
