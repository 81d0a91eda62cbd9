//! Everything is read from the disk again, and every hash and every signature is checked. In steps, so that whoever has
//! the engine lends it for one at a time.

use super::super::Engine;
use crate::DeviceFault;
use mera_device_api::{AuditBreach, AuditReport, AuditStanding, PersonOn, Refused};
use mera_schema::DeviceId;
use mera_sync_protocol::{EntryHash, Place, PublicKey};
use mera_trust::{Membership, SignedStatement};

/// Entries in one step: some ten milliseconds.
const STEP: u64 = 500;
/// Breaches that a report lists; the number is told in full.
const LISTED: usize = 100;

/// A check that is under way.
pub struct AuditCheck {
    /// Logs that are not checked yet, each with its last entry.
    logs: Vec<(DeviceId, u64)>,
    at: Option<Reading>,
    report: AuditReport,
    of: u64,
}

/// The log that is being read.
struct Reading {
    author: PublicKey,
    next: u64,
    last: u64,
    previous: EntryHash,
    /// Entries that wait for a signature behind them.
    waiting: Vec<u64>,
}

impl AuditCheck {
    /// How many entries are checked, and of how many.
    pub fn progress(&self) -> (u64, u64) {
        (self.report.entries, self.of)
    }

    /// What was found, as far as it was read.
    pub fn report(self, stopped: bool) -> AuditReport {
        AuditReport { stopped, ..self.report }
    }
}

impl Engine {
    /// Begins a check with the members' chain.
    pub fn audit_check(&self) -> Result<AuditCheck, Refused> {
        self.may_audit(&mera_device_api::AuditFilter::default())?;
        let logs: Vec<(DeviceId, u64)> = self.vector.iter().collect();
        let report = AuditReport { logs: logs.len(), ..AuditReport::default() };
        let mut of = 0;
        for (device, last) in &logs {
            of += last - self.store.base(*device).map_err(DeviceFault::from)?.seq.min(*last);
        }
        let mut check = AuditCheck { logs, at: None, report, of };
        let read = self.members.read_again();
        let chain: &[SignedStatement] = read.as_deref().unwrap_or_default();
        check.report.statements = u32::try_from(chain.len()).unwrap_or(u32::MAX);
        check.report.signatures += chain.len() as u64;
        if read.is_err() {
            self.breach(&mut check.report, None, 0, AuditStanding::Damaged);
        } else if let Some((number, standing)) = first_wrong(chain) {
            self.breach(&mut check.report, None, number, standing);
        }
        Ok(check)
    }

    /// Checks some more entries; gives whether there are others.
    pub fn audit_check_step(&self, check: &mut AuditCheck) -> Result<bool, DeviceFault> {
        let AuditCheck { logs, at, report, .. } = check;
        let Some(mut reading) = at.take().map(Ok).or_else(|| self.next_log(logs).transpose()).transpose()? else {
            return Ok(false);
        };
        let device = reading.author.device();
        // Members may have been called out meanwhile, and with them the end of their logs.
        let last = reading.last.min(self.vector.of(device));
        for seq in (reading.next..=last).take(STEP as usize) {
            self.check_entry(&mut reading, seq, report);
        }
        reading.next += STEP;
        if reading.next <= last {
            *at = Some(reading);
            return Ok(true);
        }
        for seq in reading.waiting {
            self.breach(report, Some(device), seq, AuditStanding::Unsigned);
        }
        Ok(!logs.is_empty())
    }

    fn next_log(&self, logs: &mut Vec<(DeviceId, u64)>) -> Result<Option<Reading>, DeviceFault> {
        let Some((device, last)) = logs.pop() else { return Ok(None) };
        let author = self.store.author(device)?.map(|author| author.key).filter(|key| key.device() == device);
        let author = author.ok_or_else(|| super::trail::missing(device, 1))?;
        let base = self.store.base(device)?;
        Ok(Some(Reading { author, next: base.seq + 1, last, previous: base.hash, waiting: Vec::new() }))
    }

    fn check_entry(&self, reading: &mut Reading, seq: u64, report: &mut AuditReport) {
        let device = reading.author.device();
        report.entries += 1;
        let Ok(signed) = self.held(device, seq) else {
            // The next start puts such a store aside and builds it anew.
            self.note_damage();
            self.breach(report, Some(device), seq, AuditStanding::Damaged);
            reading.previous = [0; 32];
            return;
        };
        let at = Place { workspace: self.identity.workspace, device, seq, previous: reading.previous };
        reading.previous = signed.hash;
        if !signed.fits(&at) {
            // What is before it is joined to no signature any more.
            for before in reading.waiting.drain(..) {
                self.breach(report, Some(device), before, AuditStanding::Unsigned);
            }
            self.breach(report, Some(device), seq, AuditStanding::Altered);
            return;
        }
        let own = signed.is_signed(&reading.author, &at);
        report.signatures += u64::from(own.is_some());
        match own {
            Some(true) => reading.waiting.clear(),
            Some(false) => self.breach(report, Some(device), seq, AuditStanding::Unsigned),
            None => reading.waiting.push(seq),
        }
    }

    fn breach(&self, report: &mut AuditReport, device: Option<DeviceId>, number: u64, standing: AuditStanding) {
        report.broken += 1;
        if report.rows.len() < LISTED {
            let by = device.map_or_else(PersonOn::default, |device| self.person(device));
            report.rows.push(AuditBreach { device, by, number, standing });
        }
    }
}

/// The first statement that may not stand where it stands.
fn first_wrong(chain: &[SignedStatement]) -> Option<(u64, AuditStanding)> {
    let wrong = |signed: &SignedStatement| {
        let standing = if signed.verify().is_err() { AuditStanding::Unsigned } else { AuditStanding::Altered };
        (u64::from(signed.statement.number), standing)
    };
    let (first, rest) = chain.split_first()?;
    let Ok(mut members) = Membership::found(first) else { return Some(wrong(first)) };
    rest.iter().find(|signed| members.extend(signed).is_err()).map(wrong)
}
