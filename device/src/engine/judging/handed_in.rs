//! Work on its way from a device that may not deliver it to those who judge it: one sealed file.

use crate::DeviceFault;
use crate::engine::Engine;
use crate::engine::erasing::Going;
use crate::store::{Batch, SetAside};
use mera_device_api::{HandedIn, Notice, Refused};
use mera_sync_protocol::{EntryKind, Place, SignedEntry};
use mera_trust::Parcel;

impl Engine {
    /// What this device wrote that nobody took in: after it was taken out, or without the right.
    fn undelivered(&self) -> Result<Vec<SetAside>, DeviceFault> {
        let mut all = Vec::new();
        let revoked = self.members.now().device(self.device).and_then(|standing| standing.revoked.as_ref());
        for seq in revoked.map_or(u64::MAX, |end| end.last)..self.vector.of(self.device) {
            let signed = self.held(self.device, seq + 1)?;
            let previous = self.store.hash(self.device, seq)?.unwrap_or_default();
            let at = Place { workspace: self.identity.workspace, device: self.device, seq: seq + 1, previous };
            if let Some(fault) = self.why_aside(&at, &signed) {
                all.push(SetAside::entry(&fault, &at, &signed));
            }
        }
        all.retain(|aside| aside.as_entry(self.identity.workspace).is_some_and(|(_, signed)| is_work(&signed)));
        let own = |aside: &SetAside| {
            aside
                .as_entry(self.identity.workspace)
                .is_some_and(|(at, signed)| at.device == self.device && is_work(&signed))
        };
        all.extend(self.store.set_aside()?.into_iter().filter(own));
        all.sort_by_key(|aside| aside.as_entry(self.identity.workspace).map(|(at, _)| at.seq));
        all.dedup_by_key(|aside| aside.as_entry(self.identity.workspace).map(|(at, signed)| (at.seq, signed.hash)));
        Ok(all)
    }

    /// How many changes of this device nobody took in.
    pub(in crate::engine) fn count_undelivered(&self) -> usize {
        self.undelivered().map_or(0, |all| all.len())
    }

    /// Seals them for the company's administrators.
    pub(in crate::engine) fn hand_in(&self) -> Result<HandedIn, Refused> {
        let work = self.undelivered()?;
        if work.is_empty() {
            return Err(Refused::new(
                "judging.nothing",
                "every change of this device was taken in; nothing is to hand in",
            ));
        }
        let content: Vec<(u64, [u8; 32], SignedEntry)> = work
            .iter()
            .filter_map(|aside| aside.as_entry(self.identity.workspace))
            .map(|(at, signed)| (at.seq, at.previous, signed))
            .collect();
        let bytes = postcard::to_allocvec(&content).expect("entries are plain data in memory and always serialise");
        let to = self.members.now().administrators();
        let from = (self.identity.workspace, &*self.key);
        let parcel = Parcel::seal(&bytes, from, to, &mut self.entropy()?).map_err(DeviceFault::from)?;
        Ok(HandedIn { file: parcel.to_string(), changes: content.len() as u64 })
    }

    /// Opens a file that another device handed in: what is in it waits to be judged. What counts already is passed over.
    pub(in crate::engine) fn open_handed_in(&mut self, file: &str) -> Result<u64, Refused> {
        self.may_judge()?;
        let parcel: Parcel = file.parse().map_err(DeviceFault::from)?;
        let me = (self.device, &self.secret.sealing());
        let bytes = parcel.open(self.identity.workspace, me).map_err(DeviceFault::from)?;
        let none = || Refused::from(DeviceFault::from(mera_trust::TrustFault::NoParcel));
        let content: Vec<(u64, [u8; 32], SignedEntry)> = postcard::from_bytes(&bytes).map_err(|_| none())?;
        let (mut batch, mut taken) = (Batch::default(), 0);
        for (seq, previous, signed) in content {
            let device = parcel.from.device();
            let at = Place { workspace: self.identity.workspace, device, seq, previous };
            if !signed.fits(&at) || signed.is_signed(&parcel.from, &at) != Some(true) {
                return Err(DeviceFault::from(mera_trust::TrustFault::BadSignature).into());
            }
            // What was erased meanwhile does not come back this way either.
            let signed = self.without_erased(&signed, &Going::default());
            if let Some(fault) = self.why_aside(&at, &signed).filter(|_| signed.entry.speaks()) {
                self.may_stand_on_entry(&mut batch, &signed);
                batch.set_aside(&SetAside::entry(&fault, &at, &signed));
                taken += 1;
            }
        }
        self.store.commit(batch).map_err(DeviceFault::from)?;
        self.store.flush().map_err(DeviceFault::from)?;
        self.write_again_what_stood_on_void()?;
        self.notices.push(Notice::Changed { records: Vec::new() });
        Ok(taken)
    }
}

fn is_work(signed: &SignedEntry) -> bool {
    signed.entry.kind == EntryKind::CHANGES && signed.entry.speaks()
}
