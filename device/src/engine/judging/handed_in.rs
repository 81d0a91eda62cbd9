//! Work on its way from a device that may not deliver it to those who judge it: one sealed file.

use crate::DeviceFault;
use crate::engine::Engine;
use crate::engine::erasing::Going;
use crate::store::{Batch, SetAside};
use mera_device_api::{HandedIn, Notice, Refused};
use mera_sync_protocol::{EntryKind, Place, PublicKey, Run, SignedEntry};
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

    /// What counts of this device's log since the newest checkpoint, after it was taken out: whoever heard it and took it out may be
    /// gone as well, and a relay that lost its disk with them.
    fn what_counts(&self) -> Result<Vec<Carried>, DeviceFault> {
        let revoked = self.members.now().device(self.device).and_then(|standing| standing.revoked.as_ref());
        let (base, last) = (self.store.base(self.device)?, revoked.map_or(0, |end| end.last));
        let mut previous = base.hash;
        let mut all = Vec::new();
        for seq in base.seq + 1..=last.min(self.written()) {
            let signed = self.held(self.device, seq)?;
            all.push((seq, std::mem::replace(&mut previous, signed.hash), signed));
        }
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
        let undelivered = work.iter().filter_map(|aside| aside.as_entry(self.identity.workspace));
        let mut content = self.what_counts()?;
        content.extend(undelivered.map(|(at, signed)| (at.seq, at.previous, signed)));
        let bytes = postcard::to_allocvec(&content).expect("entries are plain data in memory and always serialise");
        let to = self.members.now().administrators();
        let from = (self.identity.workspace, &*self.key);
        let parcel = Parcel::seal(&bytes, from, to, &mut self.entropy()?).map_err(DeviceFault::from)?;
        Ok(HandedIn { file: parcel.to_string(), changes: work.len() as u64 })
    }

    /// Opens a file that another device handed in: what is in it waits to be judged. What counts is taken in, if it is not here.
    pub(in crate::engine) fn open_handed_in(&mut self, file: &str) -> Result<u64, Refused> {
        self.may_judge()?;
        let parcel: Parcel = file.parse().map_err(DeviceFault::from)?;
        let me = (self.device, &self.secret.sealing());
        let bytes = parcel.open(self.identity.workspace, me).map_err(DeviceFault::from)?;
        let none = || Refused::from(DeviceFault::from(mera_trust::TrustFault::NoParcel));
        let content: Vec<Carried> = postcard::from_bytes(&bytes).map_err(|_| none())?;
        let (mut batch, mut taken, mut counts) = (Batch::default(), 0, Vec::new());
        for (seq, previous, signed) in content {
            let device = parcel.from.device();
            let at = Place { workspace: self.identity.workspace, device, seq, previous };
            let why_aside = self.why_aside(&at, &signed);
            // A device that was restored has of some entries only a signature further on, which is checked with all that it covers.
            let is_signed = signed.is_signed(&parcel.from, &at).unwrap_or(why_aside.is_none());
            if !signed.fits(&at) || !is_signed {
                return Err(DeviceFault::from(mera_trust::TrustFault::BadSignature).into());
            }
            // What was erased meanwhile does not come back this way either.
            let signed = self.without_erased(&signed, &Going::default());
            match why_aside {
                Some(fault) if signed.entry.speaks() => {
                    self.may_stand_on_entry(&mut batch, &signed);
                    batch.set_aside(&SetAside::entry(&fault, &at, &signed));
                    taken += 1;
                }
                Some(_) => {}
                None => counts.push((seq, previous, signed.into_owned())),
            }
        }
        self.store.commit(batch).map_err(DeviceFault::from)?;
        self.store.flush().map_err(DeviceFault::from)?;
        self.take_what_counts(parcel.from, counts)?;
        self.write_again_what_stood_on_void()?;
        self.notices.push(Notice::Changed { records: Vec::new() });
        Ok(taken)
    }

    /// Takes in what follows here on the log of a device that was taken out, and brings it to the relay like anything else that did
    /// not come from there.
    fn take_what_counts(&mut self, author: PublicKey, counts: Vec<Carried>) -> Result<(), DeviceFault> {
        let held = self.vector.of(author.device());
        let missing: Vec<Carried> = counts.into_iter().skip_while(|(seq, ..)| *seq <= held).collect();
        // What does not follow is of no use here.
        let follows = (held + 1..).zip(missing).take_while(|(next, (seq, ..))| next == seq).map(|(_, one)| one);
        let (hashes, entries): (Vec<_>, Vec<_>) = follows.map(|(_, previous, signed)| (previous, signed)).unzip();
        let mut done = 0;
        while done < entries.len()
            && let Some(run) = Run::cut(author, held + 1 + done as u64, hashes[done], &entries[done..])
        {
            done += run.entries.len();
            self.take_nearby(vec![run])?;
        }
        Ok(())
    }
}

/// An entry in a file that is handed in: its number, the hash before it, and itself.
type Carried = (u64, [u8; 32], SignedEntry);

fn is_work(signed: &SignedEntry) -> bool {
    signed.entry.kind == EntryKind::CHANGES && signed.entry.speaks()
}
