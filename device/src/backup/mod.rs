//! One file with everything on a device that cannot be made again, sealed with a passphrase: who the device is, with its
//! secret, the members' chain, and the logs of all devices with their signatures. Documents, lists and sums follow from those. Any implementation of age opens the
//! file; what stands in it is a heading and then parts, each with its length. See `docs/decisions/0007`.

mod fault;
mod part;
mod restore;
mod standing;

pub use fault::BackupFault;
pub use restore::{Restored, restore};
pub use standing::{Standing, standing};

use crate::Engine;
use crate::engine::Kept;
use crate::half_made::HalfFile;
use age::secrecy::{ExposeSecret, SecretString};
use part::Part;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Characters of a passphrase at least: what it seals can be tried on any machine for years.
const PASSPHRASE: usize = 12;

/// What a backup is sealed with.
#[derive(Clone)]
pub struct Passphrase {
    secret: SecretString,
    /// Two to this power is how much work each guess costs; chosen by age where nothing is said.
    work: Option<u8>,
}

impl Passphrase {
    /// A passphrase that is long enough.
    pub fn new(said: String) -> Result<Self, BackupFault> {
        if said.chars().count() < PASSPHRASE {
            return Err(BackupFault::PassphraseShort(PASSPHRASE));
        }
        Ok(Self { secret: said.into(), work: None })
    }

    fn recipient(&self) -> age::scrypt::Recipient {
        let mut recipient = age::scrypt::Recipient::new(self.secret.expose_secret().to_owned().into());
        if let Some(work) = self.work {
            recipient.set_work_factor(work);
        }
        recipient
    }

    #[cfg(test)]
    pub(crate) fn of_little_work(said: &str) -> Self {
        Self { secret: said.to_owned().into(), work: Some(4) }
    }
}

/// How far long work is; whoever is told answers whether to go on.
pub struct Step {
    /// So many entries.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

/// Writes a backup of a device into a new file and gives the number of entries in it. `with` lends the engine for a moment
/// each time, so that people go on working meanwhile: logs only grow, and the backup holds them as they were when it began.
pub fn backup(
    mut with: impl FnMut(&mut dyn FnMut(&Engine)),
    file: &Path,
    passphrase: &Passphrase,
    mut go_on: impl FnMut(Step) -> bool,
) -> Result<u64, BackupFault> {
    let cannot_write = |cause| BackupFault::writing(file, cause);
    let half = HalfFile::begin(file).map_err(cannot_write)?;
    let recipient = passphrase.recipient();
    let sealed = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|cause| BackupFault::Sealing(cause.to_string()))?;
    let mut out = sealed.wrap_output(BufWriter::new(half)).map_err(cannot_write)?;
    out.write_all(part::HEADING).map_err(cannot_write)?;
    let mut begun: Option<Result<Kept, crate::DeviceFault>> = None;
    with(&mut |engine| begun = Some(engine.kept()));
    let kept = begun.ok_or(BackupFault::Stopped)??;
    let (of, mut done) = (kept.logs.iter().map(|(_, from, last)| last - from).sum(), 0);
    part::write(&mut out, &Part::Identity(kept.identity)).map_err(cannot_write)?;
    for statement in kept.chain {
        part::write(&mut out, &Part::Member(Box::new(statement))).map_err(cannot_write)?;
    }
    for (log, from, last) in kept.logs {
        let mut after = from;
        while after < last {
            if !go_on(Step { done, of }) {
                return Err(BackupFault::Stopped);
            }
            let mut run = None;
            with(&mut |engine| run = Some(engine.run_up_to(log, after, last)));
            let run = run.ok_or(BackupFault::Stopped)??.ok_or(BackupFault::MembersChanged)?;
            done += run.entries.len() as u64;
            after = run.last();
            part::write(&mut out, &Part::Run(run)).map_err(cannot_write)?;
        }
    }
    let mut as_it_began = false;
    with(&mut |engine| as_it_began = engine.has_erased(kept.erased));
    if !as_it_began {
        return Err(BackupFault::ErasedMeanwhile);
    }
    for aside in kept.set_aside {
        part::write(&mut out, &Part::SetAside(aside)).map_err(cannot_write)?;
    }
    part::write(&mut out, &Part::End { vector: kept.vector, digests: kept.digests }).map_err(cannot_write)?;
    let half = out.finish().and_then(|out| out.into_inner().map_err(std::io::IntoInnerError::into_error));
    half.and_then(HalfFile::finish).map_err(cannot_write)?;
    Ok(of)
}

#[cfg(test)]
mod tests;
