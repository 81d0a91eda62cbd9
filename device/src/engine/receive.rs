//! What comes in: colleagues' runs, one's own entries again, receipts of the relay.

use super::Engine;
use super::erasing::Going;
use super::intake::{Intake, Source};
use crate::DeviceFault;
use crate::store::{Batch, SetAside};
use mera_schema::RecordRef;
use mera_sync_protocol::{Continued, Cursor, Digests, HeldLog, Run, SignedEntry, SyncFault, Vector, Verified, judge};
use mera_trust::TrustFault;

/// What a relay is told after a delivery was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How far every log is held.
    pub holds: Vector,
    /// The digests over all records of groups that may be read here.
    pub digests: Digests,
}

/// Whether the entries that are taken in stand in their log on the disk already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InLog {
    /// With the run that they are of, which was begun.
    AsItCame,
    NotYet,
}

/// What is done next for a delivery.
enum Next {
    /// Something is taken in.
    Part(Verified, InLog),
    /// A run that is taken in a part at a time was written to its log.
    Begun,
}

impl Engine {
    /// Takes in a delivery durably. A run that is forged or forked, and a chunk that cannot be read, are set aside and
    /// told; they hold up nobody else's work. A gap is a fault: the next session begins from the vectors, as it does
    /// where no cursor is given.
    pub fn take(&mut self, runs: Vec<Run>, cursor: impl Into<Option<Cursor>>) -> Result<Receipt, DeviceFault> {
        let mut intake = Intake::new(runs, cursor.into());
        loop {
            if let Some(receipt) = self.take_some(&mut intake, &mut { usize::MAX })? {
                return Ok(receipt);
            }
        }
    }

    /// Takes in a part of a delivery, of about so many records as are left, and counts them off; the receipt comes with the last
    /// part.
    pub(super) fn take_some(&mut self, intake: &mut Intake, left: &mut usize) -> Result<Option<Receipt>, DeviceFault> {
        let taken = self.try_take_some(intake, left);
        self.noting_damage(taken)
    }

    fn try_take_some(&mut self, intake: &mut Intake, left: &mut usize) -> Result<Option<Receipt>, DeviceFault> {
        if self.broken {
            return Err(DeviceFault::MustRestart);
        }
        while *left > 0 {
            let Some(next) = self.next_part(intake, *left) else {
                return self.took_all(intake.cursor).map(Some);
            };
            let taken = next.and_then(|next| {
                let Next::Part(part, in_log) = next else {
                    // All of a run was checked and written, which is work enough for once.
                    *left = 0;
                    return Ok(());
                };
                *left = left.saturating_sub(part.records());
                self.take_verified(part, in_log)?;
                if intake.begins() { self.end_run() } else { Ok(()) }
            });
            if let Err(fault) = taken {
                self.pass_over(intake.pass_over_run(), fault)?;
            }
        }
        Ok(None)
    }

    /// What comes next, in one commit. Whoever was taken out meanwhile has what is left judged as a whole.
    fn next_part(&mut self, intake: &mut Intake, most: usize) -> Option<Result<Next, DeviceFault>> {
        if intake.begins() {
            let run = match intake.run(self.workspace())? {
                Ok(run) => run,
                Err(fault) => return Some(Err(fault.into())),
            };
            return Some(self.begin_run(&run, most).map(|begun| {
                if begun {
                    intake.split(run);
                    return Next::Begun;
                }
                Next::Part(run, InLog::NotYet)
            }));
        }
        let out = intake.author().is_some_and(|author| self.members.now().admits(author).is_err());
        intake.part(if out { usize::MAX } else { most }).map(|part| Ok(Next::Part(part, InLog::AsItCame)))
    }

    /// What cannot be taken in is set aside, where the session goes on all the same.
    fn pass_over(&mut self, run: Source, fault: DeviceFault) -> Result<(), DeviceFault> {
        match fault {
            DeviceFault::Sync(SyncFault::Gap { device, .. }) if device == self.device && !self.is_whole() => {
                // The session has asked for what is missing, and gets this one once more behind it.
                self.log_is_known_to_reach(run.last)
            }
            // Its author may be a member, or its keys may be some, of which this device has not heard yet.
            DeviceFault::Sync(
                early @ (SyncFault::Gap { .. } | SyncFault::Trust(TrustFault::Stranger | TrustFault::NewerKeys)),
            ) => {
                self.books.cursor = None;
                Err(early.into())
            }
            DeviceFault::Sync(fork @ SyncFault::Fork { device, .. }) if device == self.device => {
                self.is_said_to_part();
                Err(fork.into())
            }
            DeviceFault::Sync(fault) => self.put_aside(&fault, run.bytes),
            other => Err(other),
        }
    }

    /// All of a delivery was taken in.
    pub(super) fn took_all(&mut self, cursor: Option<Cursor>) -> Result<Receipt, DeviceFault> {
        self.catch_up()?;
        self.take_out_erased()?;
        self.books.cursor = cursor;
        let mut batch = Batch::default();
        batch.bookkeeping(&self.books);
        self.store.commit(batch)?;
        self.store.flush()?;
        Ok(Receipt { holds: self.vector.clone(), digests: self.readable_digests() })
    }

    /// The digests of the groups that may be read here, which the relay compares.
    pub(super) fn readable_digests(&self) -> Digests {
        let roles = self.members.now().roles_on(self.device).unwrap_or_default();
        self.books.digests.readable(|group| roles.may_read(group))
    }

    /// Where the device stopped in the relay's order.
    pub fn cursor(&self) -> Option<Cursor> {
        self.books.cursor
    }

    /// The relay has one's own log on disk up to here: the outbox may let go of it, once the store's disk has it too.
    pub fn acked(&mut self, seq: u64) -> Result<(), DeviceFault> {
        if seq <= self.books.acked || seq > self.vector.of(self.device) {
            return Ok(());
        }
        self.books.acked = seq;
        let mut batch = Batch::default();
        batch.bookkeeping(&self.books);
        self.store.commit(batch)?;
        self.store.flush()?;
        self.unsent = self.unsent.split_off(&(seq + 1));
        self.notices.push(mera_device_api::Notice::Sync);
        Ok(self.outbox.release(seq)?)
    }

    /// An entry found in the outbox: done again if the store does not have it.
    pub(super) fn take_again(&mut self, seq: u64, signed: &SignedEntry) -> Result<(), DeviceFault> {
        if seq <= self.vector.of(self.device) {
            return Ok(());
        }
        self.close_some();
        let at = self.own_place(seq);
        if seq != self.vector.of(self.device) + 1 || signed.entry.hash(&at) != signed.hash {
            return Err(SyncFault::BrokenChain { device: self.device, seq }.into());
        }
        let mut chunks = Vec::new();
        let signed = self.without_erased(signed, &Going::default());
        let (signed, found) = self.judged(&at, &signed);
        let mut brought = found.chunks;
        for (record, whole) in found.wholes {
            if self.is_news(record, &whole)? {
                brought.push((record, whole.document));
            }
        }
        for (record, chunk) in brought {
            let damaged = |_| DeviceFault::RecordDamaged(record.to_string());
            self.document(record)?.doc.merge(&chunk).map_err(damaged)?;
            chunks.push((record, chunk));
        }
        self.settle_own(seq, &signed, chunks, found.aside)
    }

    /// Takes in a run whose signature was checked.
    pub(super) fn take_verified(&mut self, verified: Verified, in_log: InLog) -> Result<(), DeviceFault> {
        let device = verified.device;
        let have = self.vector.of(device);
        let hash_at = |seq| self.store.hash(device, seq).map_err(|fault| SyncFault::Store(fault.to_string()));
        let reached = self.members.now().checkpoint().filter(|reached| reached.maker == device);
        let checkpoint = reached.map(|reached| reached.base_of(device));
        let held = HeldLog { base: self.store.base(device)?, last: have, checkpoint };
        let Continued { run: new, from } = verified.beyond(&held, hash_at)?;
        if new.entries.is_empty() {
            return Ok(());
        }
        match judge(self.members.now(), &new) {
            // An entry without the right is set aside by itself; the log goes on behind it.
            Ok(()) | Err(SyncFault::NoRight { .. }) => {}
            // One's own log stays whole for a person to judge, also in a folder that is filled from a backup.
            Err(SyncFault::Trust(TrustFault::Revoked)) if device == self.device => {}
            Err(SyncFault::Trust(TrustFault::Revoked)) => return self.set_late_work_aside(&new),
            Err(fault) => return Err(fault.into()),
        }
        if let Some(base) = from.filter(|_| device == self.device) {
            self.may_leave_own_log(base)?;
        }
        self.keep_for_unheard_of(&new)?;
        let settled = self.settle_foreign(&new, from, in_log);
        if settled.is_err() {
            // Documents have taken in what is not on disk; nobody may read that, or write on it.
            self.open.clear();
        }
        settled?;
        self.count_records(&new);
        self.follow_checkpoint()
    }

    pub(super) fn tell_unreadable(&mut self, batch: &mut Batch, record: RecordRef, bytes: Vec<u8>) {
        let says = format!("a change of {record} cannot be read and was set aside; is this program too old?");
        self.tell_aside(batch, SetAside { code: "sync.change_unreadable".into(), says, bytes });
    }

    /// Keeps something for a person to look at, and says so.
    pub(super) fn tell_aside(&mut self, batch: &mut Batch, aside: SetAside) {
        self.link.trouble = Some(mera_device_api::Refused::new(&aside.code, aside.says.clone()));
        batch.set_aside(&aside);
    }

    fn put_aside(&mut self, fault: &SyncFault, bytes: Vec<u8>) -> Result<(), DeviceFault> {
        let Some(aside) = self.aside_without_erased(SetAside::new(fault, bytes)) else { return Ok(()) };
        let mut batch = Batch::default();
        self.set_aside_in_room(&mut batch, None, aside)?;
        Ok(self.store.commit(batch)?)
    }
}
