//! What a company's history takes on disk, before and after a checkpoint, against what its records take when each is saved
//! alone.

use crate::figure::{Report, Taken};
use crate::save::{edit, spread_over};
use crate::{ask, filled};
use anyhow::{Result, bail};
use mera_device::{Engine, Making, RealWorld};
use mera_device_api::{Reply, Request};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{RelayStore, Replica};
use mera_sync_server::RelayDisk;
use std::path::Path;
use std::sync::Arc;

/// How often the records' saved size everything may take.
const AIM: f64 = 2.0;
/// Changes after which what was written goes to the relay.
const DELIVERED: usize = 500;

/// A device and the relay's disk, without a line between them: what is measured is what lies on the disks.
struct Company {
    device: Engine,
    relay: RelayDisk,
    workspace: WorkspaceId,
}

/// Measures both folders after so many overwrites, and after a checkpoint over them.
pub fn measure(report: &mut Report, cache: &Path, records: usize, overwrites: usize) -> Result<()> {
    let folder = filled::copy(cache, records)?;
    let disk = tempfile::Builder::new().prefix("relay-").tempdir_in(cache)?;
    let device = Engine::open(folder.path(), Arc::new(RealWorld))?;
    let (workspace, relay) = (device.workspace(), RelayDisk::open(disk.path())?);
    let mut company = Company { device, relay, workspace };
    company.overwrite(overwrites)?;
    let before = (filled::size(disk.path())?, filled::size(folder.path())?);
    company.checkpoint()?;
    let saved = company.device.saved_bytes()? as f64 / 1_048_576.0;
    let values = company.relay.usage().1.bytes as f64 / 1_048_576.0;
    drop(company);
    let after = (filled::size(disk.path())?, filled::size(folder.path())?);
    let how = format!("{overwrites} overwrites");
    report.add("storage.saved", saved, "MiB", records, "every record saved alone")?;
    report.add("storage.before.relay", before.0 / saved, "times", records, &format!("files, {how}"))?;
    report.add("storage.before.device", before.1 / saved, "times", records, &format!("files, {how}"))?;
    let how = format!("{how}, after a checkpoint");
    let files = format!("files, {how}");
    let kept = [
        ("storage.relay.values", values, &how),
        ("storage.relay", after.0, &files),
        ("storage.device", after.1, &files),
    ];
    for (name, bytes, how) in kept {
        let taken = Taken::new(name, bytes / saved, "times").records(records).how(how).at_most(AIM);
        report.take(taken.floor(1.0, "every record as Automerge saves it, alone"))?;
    }
    Ok(())
}

impl Company {
    fn overwrite(&mut self, overwrites: usize) -> Result<()> {
        self.deliver()?;
        let records = spread_over(&mut self.device)?;
        for (number, record) in records.iter().cycle().take(overwrites).enumerate() {
            let Reply::Record(page) = ask(&mut self.device, Request::Open { record: *record, at: None })? else {
                bail!("the device did not show {record}");
            };
            let change = Request::Change { record: *record, seen: page.heads, edits: vec![edit(record.kind, number)] };
            ask(&mut self.device, change)?;
            self.device.take_notices();
            if number % DELIVERED == 0 {
                self.deliver()?;
            }
        }
        self.deliver()
    }

    /// Brings the relay everything that the device holds, and tells the device so.
    fn deliver(&mut self) -> Result<()> {
        self.relay.learn(self.workspace, self.device.statements(0, usize::MAX)?)?;
        let logs: Vec<(DeviceId, u64)> = self.device.vector()?.iter().collect();
        for (log, last) in logs {
            let mut held = self.relay.vector(self.workspace)?.of(log);
            while held < last {
                for run in self.device.runs_after(log, held, usize::MAX)? {
                    held = self.relay.accept(self.workspace, run.verify(self.workspace)?)?;
                }
            }
        }
        let written = self.device.written();
        Ok(self.device.acked(written)?)
    }

    fn checkpoint(&mut self) -> Result<()> {
        self.device.begin_checkpoint()?;
        while let Making::Goes { .. } = self.device.make_some()? {}
        self.deliver()?;
        while self.device.let_go_some()? {}
        self.device.tidy()?;
        self.deliver()?;
        if !self.relay.let_go(0)? {
            bail!("the relay lets go of nothing");
        }
        Ok(self.relay.write_anew()?)
    }
}
