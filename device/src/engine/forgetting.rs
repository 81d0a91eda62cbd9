//! What a person who erases a record decides: what goes with it, and what the law wants kept of it meanwhile. A copy that is
//! kept goes by itself after its day.

use super::{Engine, Open, edit};
use crate::DeviceFault;
use mera_business::erasure::{self, Erasing};
use mera_business::retention::{self, Needing};
use mera_device_api::{BeforeErasing, Erased, Kept, Refused};
use mera_schema::document::{self, Document};
use mera_schema::{AnyRecord, Contact, Edit, Heads, RecordDef, RecordKind, RecordRef, RecordTree};
use mera_sync_protocol::Verified;

impl Engine {
    /// What erasing a record would mean; nothing is written.
    pub(super) fn before_erasing(&mut self, record: RecordRef) -> Result<BeforeErasing, Refused> {
        let (mut with_it, mut kept_for) = (Vec::new(), Vec::new());
        let all = self.all_of(record);
        for one in &all {
            let erasing = self.decide_erasing(*one)?;
            with_it.extend((*one != record).then_some(*one));
            with_it.extend(erasing.with_it);
            kept_for.extend(erasing.kept_for);
        }
        // Where a colleague is goes with the colleague, and is nothing that has a name.
        with_it.retain(|record| record.kind != RecordKind::Presence);
        Ok(BeforeErasing {
            with_it: with_it.into_iter().filter_map(|record| self.row(record)).collect(),
            until: kept_for.iter().map(|one| one.until).max(),
            kept_for: kept_for.into_iter().filter_map(|one| self.row(one.document)).collect(),
        })
    }

    /// Erases a record for good, if the person may and no document needs it. What documents need of a contact is copied
    /// before; whoever is interrupted between the two erases it once more.
    pub(super) fn erase(&mut self, record: RecordRef) -> Result<Erased, Refused> {
        let (mut records, mut kept) = (vec![record], None);
        let mut decided = Vec::new();
        for one in self.all_of(record) {
            decided.push((one, self.decide_erasing(one)?));
        }
        for (one, erasing) in decided {
            kept = self.keep_copy(one, &erasing)?.into_iter().chain(kept).max_by_key(|kept: &Kept| kept.until);
            records.extend((one != record).then_some(one));
            records.extend(erasing.with_it);
        }
        self.commit_erasure(records.clone())?;
        Ok(Erased { records, kept })
    }

    /// Whoever is in the records twice is forgotten in each.
    fn all_of(&self, record: RecordRef) -> Vec<RecordRef> {
        let whole = self.views.whole(record);
        std::iter::once(whole).chain(self.views.others(whole).iter().copied()).collect()
    }

    /// Erases what was kept and is past its day, if this device's person may. Whoever does so first does it for all.
    pub(super) fn erase_what_is_past(&mut self) -> Result<(), DeviceFault> {
        let may = self.my_roles().may_erase(mera_trust::Collection::of(RecordKind::Addressee));
        let today = self.world.today();
        if !may || self.swept == Some(today) || self.expelled().is_some() || self.may_commit().is_err() {
            return Ok(());
        }
        let mut past = Vec::new();
        for record in self.views.of_kind(RecordKind::Addressee) {
            let tree = self.values(record)?;
            if erasure::decide(record, &AnyRecord::read(&tree), &[], today).is_ok() {
                past.push(record);
            }
        }
        if !past.is_empty() {
            self.commit_erasure(past)?;
        }
        self.swept = Some(today);
        Ok(())
    }

    /// What erasing a record means, with what is about whatever goes with it: a task about the report of a visit.
    pub(super) fn decide_erasing(&mut self, record: RecordRef) -> Result<Erasing, Refused> {
        self.may_erase(record)?;
        let mut erasing = self.decide_erasing_alone(record)?;
        let mut place = 0;
        while let Some(next) = erasing.with_it.get(place).copied() {
            for more in self.decide_erasing_alone(next)?.with_it {
                if more != record && !erasing.with_it.contains(&more) {
                    erasing.with_it.push(more);
                }
            }
            place += 1;
        }
        Ok(erasing)
    }

    fn decide_erasing_alone(&mut self, record: RecordRef) -> Result<Erasing, Refused> {
        let tree = self.tree(record)?;
        let mut named_by = Vec::new();
        for from in self.views.pointing_at(record).collect::<Vec<_>>() {
            named_by.push(AnyRecord::read(&self.tree(from)?));
        }
        erasure::decide(record, &AnyRecord::read(&tree), &named_by, self.world.today())
            .map_err(|refusal| edit::refused(&refusal))
    }

    /// A colleague erases a contact and has not heard of every document that went to it: a quote that was sent without a
    /// network. Before the contact goes here, what those need of it that were written on this device is kept as well; where that
    /// cannot be, the person is told.
    pub(super) fn keep_for_unheard_of(&mut self, new: &Verified) -> Result<(), DeviceFault> {
        let going: Vec<RecordRef> = self.erased_by(new).records().collect();
        for record in going {
            if record.kind != RecordKind::Contact || !self.knows(record) {
                continue;
            }
            let kept_for = self.unheard_of(record, new)?;
            let Some(last) = kept_for.last() else { continue };
            let number = last.number.clone();
            if let Err(refused) = self.keep_copy(record, &Erasing { kept_for, ..Erasing::default() }) {
                let says = format!(
                    "a colleague has erased a contact to whom you had sent {number}, and whom it went to could not be kept ({}); \
                     note on the document whom it was sent to, as far as the law wants that",
                    refused.says
                );
                let mut told = Refused::new("erasure.no_copy", says);
                told.args.insert("number".into(), number);
                self.link.trouble = Some(told);
            }
        }
        Ok(())
    }

    /// Documents of this device that need a contact, and for which whoever erases it with these entries keeps nothing.
    fn unheard_of(&mut self, contact: RecordRef, new: &Verified) -> Result<Vec<Needing>, DeviceFault> {
        let mut written_here = Vec::new();
        for from in self.views.pointing_at(contact).collect::<Vec<_>>() {
            let me = self.device;
            let doc = &mut self.document(from)?.doc;
            if document::history(doc, from).iter().any(|change| change.by.device == me) {
                written_here.push(AnyRecord::read(&document::read(doc, from)));
            }
        }
        // One without a day, of which nobody could tell when it may go, cannot be kept for.
        let mut needing = retention::needing(&written_here, self.world.today()).unwrap_or_default();
        if !needing.is_empty() {
            let heard_of = self.kept_with(retention::addressee_of(contact), new)?;
            needing.retain(|one| !heard_of.contains(&one.document));
        }
        Ok(needing)
    }

    /// The documents for which an addressee is kept, once these entries are taken in.
    fn kept_with(&self, addressee: RecordRef, new: &Verified) -> Result<Vec<RecordRef>, DeviceFault> {
        let mut doc = self.copy_of(addressee)?;
        for (at, signed) in new.placed() {
            let chunks = self.judged(&at, signed).1.chunks;
            for (_, chunk) in chunks.into_iter().filter(|(record, _)| *record == addressee) {
                // What does not fit is told when it is taken in.
                doc.merge(&chunk).ok();
            }
        }
        let AnyRecord::Addressee(kept) = AnyRecord::read(&document::read(&mut doc, addressee)) else {
            return Ok(Vec::new());
        };
        Ok(kept.documents.values().filter_map(|one| one.document.provisional().copied()).collect())
    }

    /// Writes what documents need of a contact into its addressee.
    pub(super) fn keep_copy(&mut self, record: RecordRef, erasing: &Erasing) -> Result<Option<Kept>, Refused> {
        let (Some(last), AnyRecord::Contact(contact)) = (erasing.kept_for.last(), AnyRecord::read(&self.tree(record)?))
        else {
            return Ok(None);
        };
        let party = self.party(&contact)?;
        let (addressee, def) = (retention::addressee_of(record), RecordDef::of(RecordKind::Addressee));
        self.may_be_made(addressee)?;
        let new = !self.knows(addressee);
        if new {
            self.open.insert(addressee, Open::new(Document::found(def)));
        }
        let moment = self.moment();
        let doc = &mut self.document(addressee)?.doc;
        let tree = document::read(doc, addressee);
        let mut edits = retention::copy(&contact, party.as_ref(), &erasing.kept_for);
        edits.retain(|edit| !stands(&tree, edit));
        let (seen, before) = (document::heads(doc), if new { Heads::new() } else { document::heads(doc) });
        let applied = document::apply(doc, def, &seen, &edits, moment);
        let chunk = doc.chunks_since(&before);
        if let Err(fault) = applied {
            self.open.remove(&addressee);
            return Err(edit::unwritten(&fault));
        }
        if !chunk.is_empty() {
            self.commit(vec![(addressee, chunk)])?;
        }
        Ok(Some(Kept { record: addressee, until: last.until }))
    }

    /// The customer or supplier of a contact, if it is here.
    fn party(&mut self, contact: &Contact) -> Result<Option<AnyRecord>, Refused> {
        let party = contact.party.provisional().copied().filter(|party| self.knows(*party));
        party.map(|party| Ok(AnyRecord::read(&self.tree(party)?))).transpose()
    }
}

/// Whether a record says already what an edit would say.
fn stands(tree: &RecordTree, edit: &Edit) -> bool {
    match edit {
        Edit::Set { path, value } => {
            tree.node(&path.place).and_then(|node| node.value(&path.field)) == value.as_deref()
        }
        Edit::Add { collection, item, .. } => tree.items.get(collection).is_some_and(|items| items.contains_key(item)),
        _ => false,
    }
}
