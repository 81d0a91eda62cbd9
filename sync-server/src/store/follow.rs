//! The disk as the copy of a log that several relays share. Whatever changes a company here comes from that log, in its order: the
//! same log makes the same disk everywhere, arrivals and their numbers too. What is asked for is tried on the copy first, which
//! gives what is to stand in the log; whoever writes there sees that nothing else came in between.

use super::ledger::company;
use super::members::Said;
use super::{RelayDisk, STATEMENT, StoreFault, checkpoint::WAITS, key, roll};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{EntryKind, RelayStore, Run, SyncFault, Verified};
use mera_trust::{SignedStatement, TrustFault};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// The life of the log that the disk follows.
const FOLLOWS: u8 = b'v';
/// How far it follows: under this alone all in all, and for each company.
const STEP: u8 = b'n';
/// A company of which something went here that still stands in the log.
const SWEEP: u8 = b'd';
/// Bytes of statements in one message.
const LEARNED: usize = 1 << 20;

/// What a log says happened to a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Entries came.
    Entries(Run),
    /// A device told of statements that stood already.
    Learned(Vec<SignedStatement>),
    /// A statement was said next.
    Stands(Box<SignedStatement>),
    /// A device answered the roll.
    Answered(DeviceId),
    /// Nobody is waited for any more.
    GoesOn,
    /// The logs begin at the newest checkpoint.
    LetsGo,
    /// The log lost time: the roll is called.
    LostTime,
}

/// A message of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whose.
    pub company: WorkspaceId,
    /// Its number in the log. Those of one company grow, and have gaps.
    pub number: u64,
}

/// How a change comes to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A guest asks for it.
    Guest,
    /// The log says it, under a number. What a company may keep was asked when it was written there.
    Log(u64),
}

impl By {
    /// A batch that says how far the log was followed.
    pub fn batch(self, ws: WorkspaceId) -> disk::Batch {
        let mut batch = disk::Batch::default();
        if let Self::Log(number) = self {
            batch.insert(Self::place(ws), disk::wrap(&number));
            batch.insert(&[STEP], disk::wrap(&number));
        }
        batch
    }

    /// Where it stands how far a company was followed.
    pub fn place(ws: WorkspaceId) -> Vec<u8> {
        key(STEP, ws, &[])
    }
}

/// A folder that has a life of its own follows no log any more.
pub(super) fn leave_log(tree: &disk::Tree) -> Result<disk::Batch, StoreFault> {
    let mut batch = disk::Batch::default();
    batch.remove(&[FOLLOWS]);
    for row in tree.beginning([STEP]) {
        batch.remove(row?.0);
    }
    Ok(batch)
}

/// A folder follows a log from its beginning, or goes on following it.
pub(super) fn join_log(tree: &disk::Tree, life: [u8; 16]) -> Result<disk::Batch, StoreFault> {
    match disk::get::<[u8; 16]>(tree, &[FOLLOWS])? {
        Some(known) if known == life => {}
        Some(_) => return Err(StoreFault::OtherLog),
        None if tree.beginning([STATEMENT]).next().is_some() => return Err(StoreFault::OtherLog),
        None => {}
    }
    let mut batch = disk::Batch::default();
    batch.insert(&[FOLLOWS], disk::wrap(&life));
    Ok(batch)
}

/// Whether something goes of what stands in the log.
fn may_sweep(command: &Command) -> bool {
    match command {
        Command::Entries(run) => run.entries.iter().any(|entry| entry.kind == EntryKind::ERASURE),
        Command::LetsGo => true,
        _ => false,
    }
}

impl RelayDisk {
    /// The newest message of the log that the disk has followed.
    pub fn followed(&self) -> Result<u64, StoreFault> {
        Ok(disk::get(&self.tree(), &[STEP])?.unwrap_or_default())
    }

    /// The newest message of a company.
    pub fn followed_of(&self, ws: WorkspaceId) -> Result<u64, StoreFault> {
        Ok(disk::get(&self.tree(), &By::place(ws))?.unwrap_or_default())
    }

    /// Every company that the disk follows.
    pub fn companies(&self) -> Vec<WorkspaceId> {
        self.ledger.companies()
    }

    /// What the log is to say when a run comes; nothing where all of it is here.
    pub fn try_entries(&self, ws: WorkspaceId, run: Verified) -> Result<Option<Command>, SyncFault> {
        let members = self.members_of(ws)?.ok_or(TrustFault::Stranger)?;
        let mut new = self.new_in(ws, &members, run)?.run;
        // What was erased, or is erased by what comes, does not reach the log.
        self.take_out(ws, &mut new, &mut disk::Batch::default())?;
        let Some(signature) = new.entries.last().and_then(|last| last.signature.clone()) else { return Ok(None) };
        let stored: Vec<_> = new.entries.iter().map(disk::wrap).collect();
        self.weighed(ws, &stored, By::Guest)?;
        let Verified { author, first, previous, entries, .. } = new;
        let entries = entries.into_iter().map(|signed| signed.entry).collect();
        Ok(Some(Command::Entries(Run { author, first, previous, entries, signature })))
    }

    /// What the log is to say when a device tells of statements.
    pub fn try_learned(&self, ws: WorkspaceId, statements: &[SignedStatement]) -> Result<Option<Command>, SyncFault> {
        let Some((_, new)) = self.grown(ws, statements)? else { return Ok(None) };
        if !self.ledger.knows(ws) {
            self.admits(ws)?;
        }
        let mut bytes = 0;
        let fits = new.iter().take_while(|signed| {
            bytes += disk::bytes_of(signed).len();
            bytes <= LEARNED
        });
        let count = fits.count().max(1);
        Ok(Some(Command::Learned(new[..count].to_vec())))
    }

    /// What the log is to say when a statement is to stand next.
    pub fn try_stands(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<Option<Command>, SyncFault> {
        self.may_stand(ws, statement)?;
        self.grown(ws, std::slice::from_ref(statement))?;
        Ok(Some(Command::Stands(Box::new(statement.clone()))))
    }

    /// What the log is to say when a device calls that is waited for.
    pub fn try_answered(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Command>, SyncFault> {
        Ok(self.waits_for(ws, device)?.then_some(Command::Answered(device)))
    }

    /// What the log is to say when nobody is to be waited for.
    pub fn try_goes_on(&self, ws: WorkspaceId) -> Result<Option<Command>, SyncFault> {
        Ok(self.roll(ws)?.map(|_| Command::GoesOn))
    }

    /// What the log is to say of a company with a checkpoint; `now` in milliseconds since 1970.
    pub fn try_lets_go(&self, ws: WorkspaceId, now: u64) -> Result<Option<Command>, SyncFault> {
        Ok((!self.has_begun(ws)? && self.may_begin(ws, now)?).then_some(Command::LetsGo))
    }

    /// Companies with a checkpoint of which entries before it are still here.
    pub fn waiting(&self) -> Result<Vec<WorkspaceId>, StoreFault> {
        self.tree().beginning([WAITS]).map(|row| company(&row?.0)).collect()
    }

    /// Does what the log says next. What cannot be done, because it should not stand there, is told and passed over: it cannot be
    /// done anywhere. Only a disk that fails is not passed over. Nothing of it need be on the disk before [`Self::hold`].
    pub fn follow(&self, step: Step, command: Command) -> Result<(), StoreFault> {
        let Step { company: ws, number } = step;
        if number <= self.followed_of(ws)? {
            return Ok(());
        }
        if may_sweep(&command) {
            self.tree().insert(key(SWEEP, ws, &[]), disk::wrap(&number))?;
        }
        if let Err(fault) = self.obey(ws, By::Log(number), command) {
            if let SyncFault::Store(says) = fault {
                return Err(StoreFault::NotFollowed(says));
            }
            tracing::error!(code = fault.code(), number, "the log says what cannot be done");
        }
        if self.followed_of(ws)? < number {
            self.tree().apply(By::Log(number).batch(ws))?;
        }
        Ok(())
    }

    /// Everything that was followed is on the disk when this returns.
    pub fn hold(&self) -> Result<(), StoreFault> {
        let began = std::time::Instant::now();
        self.tree().flush()?;
        self.flushes.observe(began.elapsed().as_secs_f64());
        Ok(())
    }

    fn obey(&self, ws: WorkspaceId, by: By, command: Command) -> Result<(), SyncFault> {
        let alone = self.one_at_a_time()?;
        match command {
            Command::Entries(run) => self.take_in(&alone, (ws, by), run.verify(ws)?).map(drop),
            Command::Learned(statements) => self.take_learned(&alone, (ws, by), &statements),
            Command::Stands(statement) => self.take_statements((ws, by), &[*statement], Said::Here),
            Command::Answered(device) => {
                let (_nobody_else, mut batch) = (self.nobody_calls(), by.batch(ws));
                if !self.waits_for(ws, device)? {
                    return Ok(());
                }
                batch.insert(roll::answer(ws, device), disk::wrap(&()));
                Ok(self.commit(by, batch)?)
            }
            Command::GoesOn => {
                let (_nobody_else, mut batch) = (self.nobody_calls(), by.batch(ws));
                self.end(ws, &mut batch)?;
                Ok(self.commit(by, batch)?)
            }
            Command::LetsGo => {
                if self.begin_logs(ws, by)? {
                    drop(alone);
                    self.take_out_covered(ws)?;
                }
                Ok(())
            }
            Command::LostTime => {
                let (_nobody_else, mut batch) = (self.nobody_calls(), by.batch(ws));
                self.call(ws, &mut batch)?;
                Ok(self.commit(by, batch)?)
            }
        }
    }

    /// Companies of which something stands in the log that went here, and the message since when that is so.
    pub fn to_sweep(&self) -> Result<Vec<(WorkspaceId, u64)>, StoreFault> {
        self.rows::<u64>(vec![SWEEP])
            .map(|row| row.and_then(|(place, number)| Ok((company(&place)?, number))))
            .collect()
    }

    /// What went here stands in the log no more, as far as a message tells of it.
    pub fn swept(&self, ws: WorkspaceId, number: u64) -> Result<(), StoreFault> {
        let (_nobody_writes, place) =
            (self.writing.lock().unwrap_or_else(PoisonError::into_inner), key(SWEEP, ws, &[]));
        if disk::get::<u64>(&self.tree(), &place)? == Some(number) {
            self.tree().remove(place)?;
        }
        Ok(())
    }

    /// Takes out entries that were let go of when the power went.
    pub fn finish_letting_go(&self, ws: WorkspaceId) -> Result<(), StoreFault> {
        let begun = self.has_begun(ws).map_err(|fault| StoreFault::NotFollowed(fault.to_string()))?;
        if begun { self.take_out_covered(ws) } else { Ok(()) }
    }

    /// How far a log is held.
    pub fn held_of(&self, ws: WorkspaceId, device: DeviceId) -> Result<u64, StoreFault> {
        Ok(self.author(ws, device)?.map_or(0, |author| author.last))
    }

    /// Ends what a power cut interrupted within a step.
    pub(super) fn finish_steps(&self) -> Result<(), StoreFault> {
        for ws in self.companies() {
            let alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let finished = self.members_of(ws).and_then(|members| match members {
                Some(members) => self.follow_checkpoint(&alone, ws, &members),
                None => Ok(()),
            });
            finished.map_err(|fault| StoreFault::NotFollowed(fault.to_string()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
