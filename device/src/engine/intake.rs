//! A delivery that is taken in a part at a time, so that a person who works meanwhile waits for one part and not for all of it.

use mera_sync_protocol::{Cursor, EntryKind, Run, SignedEntry, SyncFault, Verified};
use mera_trust::Membership;
use std::collections::VecDeque;

/// What came in one delivery and is not taken in yet.
pub(super) struct Intake {
    runs: VecDeque<Run>,
    /// What is left of the run of which a part was taken in.
    left: Option<Verified>,
    /// That run.
    pub run: Source,
    /// The place in the relay's order after all of it.
    pub cursor: Option<Cursor>,
}

/// A run as it came, for what is said of one that cannot be taken in.
#[derive(Default)]
pub(super) struct Source {
    /// Its last entry.
    pub last: u64,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Intake {
    pub fn new(runs: Vec<Run>, cursor: Option<Cursor>) -> Self {
        Self { runs: runs.into(), left: None, run: Source::default(), cursor }
    }

    /// The next part, of about so many records at most and at least one entry. What was not written by its author gives a
    /// fault, and is passed over.
    pub fn part(&mut self, members: &Membership, most: usize) -> Option<Result<Verified, SyncFault>> {
        let mut left = match self.left.take() {
            Some(left) => left,
            None => {
                let run = self.runs.pop_front()?;
                self.run = Source { last: run.last(), bytes: postcard::to_allocvec(&run).unwrap_or_default() };
                match run.verify(members.workspace()) {
                    Ok(left) => left,
                    Err(fault) => return Some(Err(fault)),
                }
            }
        };
        let part = left.split(size(&left, members, most));
        self.left = Some(left).filter(|left| !left.entries.is_empty());
        Some(Ok(part))
    }

    /// What is left of the run is not taken in.
    pub fn pass_over_run(&mut self) -> Source {
        self.left = None;
        std::mem::take(&mut self.run)
    }
}

/// How many entries from the front are of so many records. What a person erased is weighed against everything that came with
/// it, and nothing follows on work that is set aside because its author was taken out: that is one part.
fn size(run: &Verified, members: &Membership, most: usize) -> usize {
    let erases = |one: &SignedEntry| one.entry.kind == EntryKind::ERASURE;
    if members.admits(run.device).is_err() || run.entries.iter().any(erases) {
        return run.entries.len();
    }
    let mut records = 0;
    let fits = |one: &&SignedEntry| {
        records += one.entry.subjects.len();
        records <= most
    };
    run.entries.iter().take_while(fits).count().max(1)
}
