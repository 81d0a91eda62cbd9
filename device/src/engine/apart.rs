//! A device that stands in two places: its folder was copied, or restored from a backup while the original lived on, and
//! both were used. Their logs part at some entry, and the relay keeps the version that it had first. In the other place the
//! device goes on under a second identity: what it wrote since they parted leaves the old log and is written again under
//! the new one, and the old log is filled with what the other place wrote. Nothing of either is lost.

use super::Engine;
use super::recover::OwnLog;
use crate::DeviceFault;
use crate::beginning::random;
use crate::founding::SERIES_LIMIT;
use crate::members::Members;
use crate::store::{Author, Batch, SetAside, Standing};
use mera_device_api::{Notice, Refused};
use mera_schema::document::{self, Renaming};
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{Content, EntryKind, Peers, Place, Run, SignedEntry, SyncFault, Verified};
use mera_trust::{Card, Intent};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What is known of the own log's other version.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// There is none.
    #[default]
    None,
    /// The relay or its entries say so. Up to here both were found to be one.
    Said {
        /// How many entries were compared.
        compared: u64,
        /// How many the relay has, once it told.
        of: Option<u64>,
    },
    /// They part, and where is noted in the identity.
    Found,
}

impl Engine {
    /// Somebody says that there are two versions of the own log. It is compared in the next conversation.
    pub(super) fn is_said_to_part(&mut self) {
        if self.parting == Parting::None {
            self.parting = Parting::Said { compared: 0, of: None };
        }
    }

    /// A device that knew already that it stands in two places when it was switched off.
    pub(super) fn parted_before(&mut self) {
        if self.identity.apart().is_some() {
            self.is_said_to_part();
        }
    }

    /// Whether the next conversation is to compare the logs.
    pub(super) fn compares(&self) -> bool {
        self.parting != Parting::None
    }

    /// The relay has so many entries of the own log.
    pub(super) fn is_let_in_to_compare(&mut self, own: u64) -> Result<(), DeviceFault> {
        self.parting = Parting::Said { compared: 0, of: Some(own) };
        self.compared_to_the_end()
    }

    /// Compares some entries of the relay's version with those here.
    pub(super) fn compare(&mut self, runs: Vec<Run>) -> Result<(), DeviceFault> {
        for run in runs {
            let Parting::Said { compared, of } = self.parting else { return Ok(()) };
            let theirs = run.verify(self.identity.workspace)?;
            if theirs.device != self.device {
                return Err(SyncFault::OutOfTurn.into());
            }
            // What a checkpoint speaks for is no longer at the relay; what follows must follow on what was here.
            let before = theirs.first - 1;
            if before > compared && self.store.hash(self.device, before)? != Some(theirs.previous) {
                return self.part_at(0);
            }
            match self.first_other(&theirs)? {
                Some(seq) => return self.part_at(seq - 1),
                None => {
                    let last = theirs.first + theirs.entries.len() as u64 - 1;
                    self.parting = Parting::Said { compared: compared.max(last), of };
                }
            }
        }
        self.compared_to_the_end()
    }

    /// The first entry that is another here.
    fn first_other(&self, theirs: &Verified) -> Result<Option<u64>, DeviceFault> {
        for (at, signed) in theirs.placed() {
            let here = self.store.hash(self.device, at.seq)?;
            if here.is_some_and(|here| here != signed.hash) {
                return Ok(Some(at.seq));
            }
        }
        Ok(None)
    }

    /// Where neither has another entry than the other there is one version, of which one has more.
    fn compared_to_the_end(&mut self) -> Result<(), DeviceFault> {
        let Parting::Said { compared, of: Some(of) } = self.parting else { return Ok(()) };
        if compared >= of.min(self.written()) {
            self.parting = Parting::None;
            self.identity.stands_alone(&self.folder)?;
            return Err(DeviceFault::OneVersion);
        }
        Ok(())
    }

    fn part_at(&mut self, common: u64) -> Result<(), DeviceFault> {
        if common == 0 {
            // Not even the first entry is one: that is no copy of this device, but somebody else with its key. Or the two parted
            // before a checkpoint, and nobody can tell any more where.
            return Err(SyncFault::Fork { device: self.device, seq: 1 }.into());
        }
        self.identity.stands_apart(&self.folder, common, random(self.world.as_ref())?)?;
        self.parting = Parting::Found;
        self.notices.push(Notice::Sync);
        Ok(())
    }

    /// What the members' chain is to say of the second identity, once it is known that one is needed.
    pub(super) fn second_wanted(&self) -> Option<Intent> {
        let card = self.second_card().filter(|_| self.parting == Parting::Found)?;
        Some(Intent::Branch { card })
    }

    fn second_card(&self) -> Option<Card> {
        let secret = self.identity.will_go_by(&self.secret)?;
        let person = self.identity.person_id;
        Some(Card { device: secret.signing().public(), sealing: secret.sealing().public(), person })
    }

    /// Goes on under the second identity if the members know it. Each step can be done again: a power cut between two of
    /// them is ended when the device opens. Says whether it did.
    pub(super) fn goes_on_apart(&mut self) -> Result<bool, DeviceFault> {
        let (Some(apart), Some(card)) = (self.identity.apart(), self.second_card()) else { return Ok(false) };
        if self.members.now().admits(card.device.device()).is_err() {
            return Ok(false);
        }
        self.open.clear();
        let touched = self.take_off_tail(apart.common)?;
        self.rebuild(touched)?;
        // The store has on its disk what stood in the outbox.
        self.outbox.clear()?;
        let (name, series) = self.second_name();
        self.identity.goes_on(&self.folder, name, series)?;
        self.become_second()?;
        Ok(true)
    }

    /// Ends what a power cut interrupted. Says whether the outbox is another one now.
    pub(super) fn goes_on_where_it_stopped(&mut self) -> Result<bool, DeviceFault> {
        if self.store.tail()?.is_empty() { Ok(false) } else { self.goes_on_apart() }
    }

    /// Takes what was written since the two parted out of the old log, and keeps it.
    pub(super) fn take_off_tail(&mut self, common: u64) -> Result<BTreeSet<RecordRef>, DeviceFault> {
        let (former, written) = (self.device, self.written());
        let mut touched: BTreeSet<RecordRef> = self.store.to_rebuild()?.into_iter().collect();
        if written <= common {
            return Ok(touched);
        }
        let mut batch = Batch::default();
        for seq in common + 1..=written {
            let Some(signed) = self.store.entry(former, seq)? else { continue };
            touched.extend(signed.entry.subjects.iter().filter_map(mera_sync_protocol::Subject::record));
            batch.tail(former, seq, &signed);
            batch.forget_entry(former, seq);
        }
        batch.author(&Author { key: self.key.public(), last: common });
        self.vector.forget_beyond(former, common);
        (self.books.cursor, self.books.acked) = (None, 0);
        batch.bookkeeping(&self.books);
        batch.standing(&Standing { digests: self.books.digests.clone(), vector: self.vector.clone() });
        batch.waits_for_rebuild(&touched.iter().copied().collect::<Vec<_>>());
        // The new log begins with nothing, and no relay needs to be asked for it.
        batch.own_log(0);
        batch.restored(false);
        self.store.commit(batch)?;
        self.store.flush()?;
        Ok(touched)
    }

    /// Everything in memory that depends on who the device is.
    fn become_second(&mut self) -> Result<(), DeviceFault> {
        let secret = self.identity.goes_by(&self.secret);
        self.key = Arc::new(secret.signing());
        self.device = self.key.public().device();
        self.members = Members::open(&self.folder, self.device, secret.sealing())?;
        self.head = [0; 32];
        self.unsent.clear();
        self.numbers.clear();
        self.peers = Peers::default();
        self.own_log = OwnLog::begins();
        self.parting = Parting::None;
        self.load_numbers();
        self.notices.extend([Notice::Changed { records: Vec::new() }, Notice::Members, Notice::Sync]);
        self.introduce()?;
        self.write_tail_again()
    }

    /// Writes under the second identity what was written under the first one after the two had parted. What is written
    /// already, before a power cut, is in the documents and passed over.
    pub(super) fn write_tail_again(&mut self) -> Result<(), DeviceFault> {
        let tail = self.store.tail()?;
        let Some((former, first, _)) = tail.first() else { return Ok(()) };
        let (former, first) = (*former, *first);
        let (mut renamings, mut batch) = (HashMap::new(), Batch::default());
        let mut previous = self.store.hash(former, first - 1)?.unwrap_or_default();
        let changes = tail.len();
        for (_, seq, signed) in tail {
            let at = Place { workspace: self.identity.workspace, device: former, seq, previous };
            previous = signed.hash;
            self.close_some();
            self.write_again(&at, &signed, &mut renamings)?;
            batch.forget_tail(seq);
        }
        self.store.commit(batch)?;
        self.store.flush()?;
        let says = format!(
            "this device was used in two places, as a copy or after it was restored from a backup; here it goes on as {} with \
             numbers {}; {changes} changes that were made here were taken along; look whether numbers given since stand twice",
            self.identity.name, self.identity.series
        );
        let mut told = Refused::new("device.second_identity", says);
        told.args.insert("name".into(), self.identity.name.clone());
        told.args.insert("series".into(), self.identity.series.clone());
        told.args.insert("changes".into(), changes.to_string());
        self.link.trouble = Some(told);
        Ok(())
    }

    fn write_again(
        &mut self,
        at: &Place,
        signed: &SignedEntry,
        renamings: &mut HashMap<RecordRef, Renaming>,
    ) -> Result<(), DeviceFault> {
        let unreadable = |record: RecordRef| move |_| DeviceFault::RecordDamaged(record.to_string());
        let records = || signed.entry.subjects.iter().filter_map(mera_sync_protocol::Subject::record);
        match signed.entry.kind {
            EntryKind::CHANGES => {}
            EntryKind::ERASURE => return self.write_erasure(records().collect()),
            // A checkpoint's records stand in the changes that it was made of.
            EntryKind::SNAPSHOT => return Ok(()),
            _ => return self.stays_aside(at, signed),
        }
        // What cannot be opened here any more stays for a person to look at.
        let Ok(content) = Content::open(&signed.entry, at, self.members.keys()) else {
            return self.stays_aside(at, signed);
        };
        let mut chunks = Vec::new();
        for (subject, chunk) in content.chunks {
            let Some(record) = subject.record().filter(|_| !self.erasures.has(&subject)) else { continue };
            let renaming = renamings.entry(record).or_insert_with(|| Renaming::new(at.device, self.device));
            let chunk = renaming.chunk(&chunk).map_err(unreadable(record))?;
            let doc = &mut self.document(record)?.doc;
            let before = document::heads(doc);
            doc.merge(&chunk).map_err(unreadable(record))?;
            if document::heads(doc) != before {
                chunks.push((record, chunk));
            }
        }
        match self.may_write(chunks.iter().map(|(record, _)| record.kind)) {
            Ok(()) if chunks.is_empty() => Ok(()),
            Ok(()) => self.commit(chunks),
            Err(_) => {
                self.open.clear();
                self.stays_aside(at, signed)
            }
        }
    }

    fn stays_aside(&mut self, at: &Place, signed: &SignedEntry) -> Result<(), DeviceFault> {
        let fork = SyncFault::Fork { device: at.device, seq: at.seq };
        self.keep_aside(&SetAside::entry(&fork, at, signed))
    }

    /// A name and a beginning of numbers that no other device of the company has.
    fn second_name(&mut self) -> (String, String) {
        let devices: Vec<DeviceId> = self.members.now().devices().map(|(device, _)| device).collect();
        let mut taken = BTreeSet::new();
        for device in &devices {
            let record = RecordRef::new(RecordKind::Device, RecordId::new(device.uuid()));
            if let Ok(tree) = self.tree(record) {
                taken.extend(
                    ["name", "series"].into_iter().filter_map(|field| tree.root.value(field).map(str::to_owned)),
                );
            }
        }
        let (name, series) = (&self.identity.name, &self.identity.series);
        let named = (2..=devices.len() + 2).map(|n| format!("{name} ({n})")).find(|name| !taken.contains(name));
        let begin: String = series.chars().take(SERIES_LIMIT - 1).collect();
        let letters = ('B'..='Z').chain('2'..='9').map(|letter| format!("{begin}{letter}"));
        let numbered = letters.into_iter().find(|series| !taken.contains(series));
        (named.unwrap_or_else(|| name.clone()), numbered.unwrap_or_else(|| series.clone()))
    }
}
