//! A delivery that is taken in a part at a time, so that a person who works meanwhile waits for one part and not for all of it.

use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Cursor, Run, SignedEntry, SyncFault, Verified};
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

    /// Whether the next part is the first of a run.
    pub fn begins(&self) -> bool {
        self.left.is_none()
    }

    /// The next run. What was not written by its author gives a fault, and is passed over.
    pub fn run(&mut self, company: WorkspaceId) -> Option<Result<Verified, SyncFault>> {
        let run = self.runs.pop_front()?;
        self.run = Source { last: run.last(), bytes: postcard::to_allocvec(&run).unwrap_or_default() };
        Some(run.verify(company))
    }

    /// The next part of a run that is taken in so, of about so many records at most and at least one entry. Nothing is left of it
    /// after the last.
    pub fn part(&mut self, most: usize) -> Option<Verified> {
        let mut left = self.left.take()?;
        let part = left.split(size(&left, most));
        self.left = Some(left).filter(|left| !left.entries.is_empty());
        Some(part)
    }

    /// Who wrote the run of which a part was taken in.
    pub fn author(&self) -> Option<DeviceId> {
        self.left.as_ref().map(|left| left.device)
    }

    /// A run is taken in a part at a time.
    pub fn split(&mut self, run: Verified) {
        self.left = Some(run);
    }

    /// What is left of the run is not taken in.
    pub fn pass_over_run(&mut self) -> Source {
        self.left = None;
        std::mem::take(&mut self.run)
    }
}

/// How many entries from the front are of so many records.
fn size(run: &Verified, most: usize) -> usize {
    let mut records = 0;
    let fits = |one: &&SignedEntry| {
        records += one.entry.subjects.len();
        records <= most
    };
    run.entries.iter().take_while(fits).count().max(1)
}
