//! The logs and the members' chain, walked from their ends to their beginnings, and what is proved of each step.
//!
//! Each log is told in its own order. Between logs the hybrid clocks decide: whoever wrote after having seen an entry has a
//! later one, unless that entry's clock was more than a day ahead ([`mera_sync_protocol::Hlc::observe`]). The order
//! follows from the entries alone, so that two devices that hold the same tell the same.

use super::super::Engine;
use crate::DeviceFault;
use mera_device_api::{AuditPlace, AuditStanding};
use mera_disk::DiskFault;
use mera_schema::DeviceId;
use mera_sync_protocol::{Hlc, Place, PublicKey, SignedEntry};

/// An entry at its place, and what is proved of it.
pub(super) struct Found {
    pub author: PublicKey,
    pub at: Place,
    pub signed: SignedEntry,
    /// What is wrong with it, if its author did not sign exactly this.
    pub broken: Option<AuditStanding>,
    /// The entry whose signature covers it.
    pub signed_at: Option<u64>,
}

/// One step back.
pub(super) enum Step {
    Entry(Box<Found>),
    /// The number of a statement.
    Statement(u32),
}

/// Where the walk stands.
pub(super) struct Trail {
    logs: Vec<Log>,
    statements: u32,
    /// No later than this moment, so that the chain's order stands.
    latest: Hlc,
}

/// One log, from an entry on downwards.
struct Log {
    author: PublicKey,
    at: u64,
    signed: SignedEntry,
    /// Its time, and never later than that of an entry behind it, so that the log's order stands.
    latest: Hlc,
    /// The entry whose signature covers this one as far as the hashes hold.
    covered_by: Option<u64>,
}

impl Trail {
    /// From a place on, or from the end.
    pub fn from(engine: &Engine, place: Option<&AuditPlace>) -> Result<Self, DeviceFault> {
        let length = engine.members.now().length();
        let mut logs = Vec::new();
        for (device, last) in engine.vector.iter() {
            let seq = place.map_or(last, |place| place.logs.get(&device).copied().unwrap_or(0).min(last));
            // What was let go of at a checkpoint, its maker vouches for.
            if seq > engine.store.base(device)?.seq {
                logs.push(Log::at(engine, device, seq)?);
            }
        }
        let statements = place.map_or(length, |place| place.statements.min(length));
        Ok(Self { logs, statements, latest: Hlc { millis: u64::MAX, counter: u32::MAX } })
    }

    /// What is not told yet; nothing when all is.
    pub fn place(&self) -> Option<AuditPlace> {
        let logs = self.logs.iter().map(|log| (log.author.device(), log.at)).collect();
        let place = AuditPlace { statements: self.statements, logs };
        (place != AuditPlace::default()).then_some(place)
    }

    /// The newest thing that is not told yet.
    pub fn step(&mut self, engine: &Engine) -> Result<Option<Step>, DeviceFault> {
        let said = self.statement_time(engine).map(|time| time.min(self.latest));
        let newest = self.logs.iter().enumerate().max_by_key(|(_, log)| (log.latest, log.author.device(), log.at));
        let newest = newest.map(|(index, log)| (index, log.latest));
        Ok(match (newest, said) {
            (Some((index, written)), said) if said.is_none_or(|said| written >= said) => {
                let (found, rest) = self.logs.swap_remove(index).back(engine)?;
                self.logs.extend(rest);
                Some(Step::Entry(Box::new(found)))
            }
            (_, Some(said)) => {
                self.latest = said;
                self.statements -= 1;
                Some(Step::Statement(self.statements + 1))
            }
            _ => None,
        })
    }

    fn statement_time(&self, engine: &Engine) -> Option<Hlc> {
        let index = self.statements.checked_sub(1)?;
        let signed = engine.members.since(index).first()?;
        Some(Hlc { millis: signed.statement.time, counter: 0 })
    }
}

impl Log {
    fn at(engine: &Engine, device: DeviceId, seq: u64) -> Result<Self, DeviceFault> {
        let author = engine.store.author(device)?.ok_or_else(|| missing(device, seq))?.key;
        let signed = engine.held(device, seq)?;
        let mut log = Self { author, at: seq, latest: signed.entry.time, signed, covered_by: None };
        if log.signed.signature.is_none() {
            log.covered_by = log.covered_from_behind(engine)?;
        }
        Ok(log)
    }

    /// The first signature behind this entry, if every hash on the way to it holds.
    fn covered_from_behind(&self, engine: &Engine) -> Result<Option<u64>, DeviceFault> {
        let device = self.author.device();
        let mut previous = self.signed.hash;
        for seq in self.at + 1..=engine.vector.of(device) {
            let signed = engine.held(device, seq)?;
            let at = Place { workspace: engine.identity.workspace, device, seq, previous };
            if !signed.fits(&at) {
                return Ok(None);
            }
            if signed.is_signed(&self.author, &at) == Some(true) {
                return Ok(Some(seq));
            }
            previous = signed.hash;
        }
        Ok(None)
    }

    /// The entry, and the log from the one before it on.
    fn back(self, engine: &Engine) -> Result<(Found, Option<Self>), DeviceFault> {
        let (device, seq) = (self.author.device(), self.at);
        let base = engine.store.base(device)?;
        let before = if seq - 1 > base.seq { Some(engine.held(device, seq - 1)?) } else { None };
        let previous = before.as_ref().map_or(base.hash, |before| before.hash);
        let at = Place { workspace: engine.identity.workspace, device, seq, previous };
        let own = self.signed.is_signed(&self.author, &at);
        let signed_at = match own {
            Some(true) => Some(seq),
            // Its own signature is none; a later one would prove it, but somebody must see that this one was changed.
            Some(false) => None,
            None => self.covered_by,
        };
        let fits = self.signed.fits(&at);
        let covered_by = if own == Some(true) { Some(seq) } else { self.covered_by }.filter(|_| fits);
        let broken = match (fits, signed_at) {
            (false, _) => Some(AuditStanding::Altered),
            (true, None) => Some(AuditStanding::Unsigned),
            (true, Some(_)) => None,
        };
        let rest = before.map(|signed| Self {
            author: self.author,
            at: seq - 1,
            latest: self.latest.min(signed.entry.time),
            signed,
            covered_by,
        });
        Ok((Found { author: self.author, at, signed: self.signed, broken, signed_at }, rest))
    }
}

impl Engine {
    /// An entry that this device must hold.
    pub(in crate::engine) fn held(&self, device: DeviceId, seq: u64) -> Result<SignedEntry, DeviceFault> {
        self.store.entry(device, seq)?.ok_or_else(|| missing(device, seq))
    }
}

pub(super) fn missing(device: DeviceId, seq: u64) -> DeviceFault {
    DiskFault::Damaged(format!("entry {seq} of the log of {device}")).into()
}
