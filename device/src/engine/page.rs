//! A record's page: everything a screen shows of it, in one reply.

use super::Engine;
use super::edit::refused;
use super::members::written_by;
use mera_business::{quote, retention};
use mera_device_api::{ClashRow, LineFigures, PersonOn, QuoteFigures, RecordPage, Refused, SyncState, VatRow};
use mera_schema::document;
use mera_schema::{
    AnyRecord, Authorship, Candidate, DeviceId, Edit, FieldPath, Form, Heads, Place, RecordDef, RecordId, RecordKind,
    RecordRef, RecordTree,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of records that point here, at most: a page shows the newest, the list has them all.
const LINKED_LIMIT: usize = 200;

impl Engine {
    pub(super) fn page(&mut self, record: RecordRef, at: Option<Heads>) -> Result<RecordPage, Refused> {
        self.must_exist(record)?;
        let open = self.document(record)?;
        let now = document::heads(&mut open.doc);
        let heads = at.unwrap_or_else(|| now.clone());
        if !document::has(&mut open.doc, &heads) {
            return Err(Refused::new("record.unknown_heads", "this device has never seen that state of the record"));
        }
        let tree = document::read_at(&mut open.doc, record, &heads);
        // Where a colleague is stands on the board.
        let pointing = self.views.pointing_at_all(record).filter(|from| from.kind != RecordKind::Presence);
        // A quote whose customer people disagree about may name two that are the same.
        let pointing: BTreeSet<RecordRef> = pointing.filter(|from| self.views.whole(*from) == *from).collect();
        let mut linked: Vec<_> = pointing.into_iter().filter_map(|from| self.row(from)).collect();
        linked.sort_by(|a, b| (b.record.kind, &b.number).cmp(&(a.record.kind, &a.number)));
        linked.truncate(LINKED_LIMIT);
        let (whole, others) = (self.views.whole(record), self.views.others(record));
        let figures = match AnyRecord::read(&tree) {
            AnyRecord::Quote(quote) => quote::figures(&quote).ok().map(figures),
            _ => None,
        };
        let earlier = heads != now;
        Ok(RecordPage {
            record: AnyRecord::read(&tree),
            earlier,
            newer: tree.schema > RecordDef::of(record.kind).version,
            may_write: written_by(self.my_roles()).contains(&record.kind),
            figures,
            names: self.names(&tree),
            people: self.people(&tree),
            linked,
            whole: (whole != record).then(|| self.named(whole)),
            same: others.iter().filter_map(|other| self.row(*other)).collect(),
            clashes: if earlier { Vec::new() } else { self.clashes_of(record, &now)? },
            sync: self.sync_state(record)?,
            heads,
        })
    }

    pub(super) fn clashes(&mut self) -> Result<Vec<ClashRow>, Refused> {
        let mut records: Vec<RecordRef> = self.views.clashes().map(|(record, _)| record).collect();
        records.dedup();
        let mut rows = Vec::new();
        for record in records {
            let heads = document::heads(&mut self.document(record)?.doc);
            rows.extend(self.clashes_of(record, &heads)?);
        }
        let since = |row: &ClashRow| row.candidates.iter().map(|candidate| candidate.by.at).max();
        rows.sort_by_key(|row| (since(row), row.record));
        Ok(rows)
    }

    /// What a quote would cost if a clash were settled so. Nothing is written.
    pub(super) fn preview(
        &mut self,
        record: RecordRef,
        path: &FieldPath,
        value: &str,
    ) -> Result<QuoteFigures, Refused> {
        let edit = Edit::Set { path: path.clone(), value: Some(value.to_owned()) };
        edit.check(RecordDef::of(record.kind)).map_err(|fault| refused(&fault.into()))?;
        let mut tree = self.tree(record)?;
        let by = Authorship { device: self.device, at: chrono::DateTime::default() };
        let node = match &path.place {
            Place::Root => Some(&mut tree.root),
            Place::Item { collection, item } => tree.items.get_mut(collection).and_then(|items| items.get_mut(item)),
        };
        let node = node.ok_or_else(|| Refused::new("record.no_such_item", format!("there is no item {path}")))?;
        node.values.insert(path.field.clone(), vec![Candidate { value: value.to_owned(), by }]);
        let AnyRecord::Quote(quote) = AnyRecord::read(&tree) else {
            return Err(Refused::new("quote.not_a_quote", "only a quote has figures to try"));
        };
        quote::figures(&quote).map(figures).map_err(|refusal| refused(&refusal))
    }

    /// The person behind a device, as its record says.
    pub(super) fn person(&self, device: DeviceId) -> PersonOn {
        let listed = self.views.listed(RecordRef::new(RecordKind::Device, RecordId::new(device.uuid())));
        listed.map_or_else(
            || PersonOn { person: String::new(), device: device.to_string() },
            |row| PersonOn { person: row.detail.to_string(), device: row.title.to_string() },
        )
    }

    fn clashes_of(&mut self, record: RecordRef, heads: &Heads) -> Result<Vec<ClashRow>, Refused> {
        let tree = self.tree(record)?;
        let title = self.views.title(record);
        let row = |clash: &crate::views::OpenClash| ClashRow {
            record,
            title: title.clone(),
            path: clash.path.clone(),
            part: self.part(&tree, &clash.path.place),
            form: clash.form,
            candidates: clash.candidates.clone(),
            people: clash.candidates.iter().map(|c| (c.by.device.to_string(), self.person(c.by.device))).collect(),
            heads: heads.clone(),
        };
        Ok(self.views.clashes_of(record).iter().map(row).collect())
    }

    /// What a line, contact or address is called.
    pub(super) fn part(&self, tree: &RecordTree, place: &Place) -> String {
        let Some(node) = tree.node(place).filter(|_| *place != Place::Root) else { return String::new() };
        let named = ["text", "name", "street", "purpose"].iter().find_map(|field| node.value(field));
        named.map(str::to_owned).unwrap_or_default()
    }

    fn names(&self, tree: &RecordTree) -> BTreeMap<String, String> {
        let def = RecordDef::of(tree.record.kind);
        let nodes = std::iter::once((None, &tree.root)).chain(
            tree.items.iter().flat_map(|(name, items)| items.values().map(move |node| (Some(name.as_str()), node))),
        );
        let mut names = BTreeMap::new();
        for (collection, node) in nodes {
            for (field, candidates) in &node.values {
                if def.field(collection, field).is_some_and(|field| field.form == Form::Link) {
                    for target in candidates.iter().filter_map(|candidate| candidate.value.parse().ok()) {
                        names.insert(RecordRef::to_string(&target), self.called(target));
                    }
                }
            }
        }
        names
    }

    /// What a record is called; of an erased contact what is kept of it says so.
    fn called(&self, record: RecordRef) -> String {
        let erased = record.kind == RecordKind::Contact && self.erasures.has(&record.into());
        self.views.title(if erased { retention::addressee_of(record) } else { record })
    }

    fn people(&self, tree: &RecordTree) -> BTreeMap<String, PersonOn> {
        let nodes = std::iter::once(&tree.root).chain(tree.items.values().flat_map(BTreeMap::values));
        let devices = nodes.flat_map(|node| node.values.values().flatten()).map(|candidate| candidate.by.device);
        devices.map(|device| (device.to_string(), self.person(device))).collect()
    }

    fn sync_state(&self, record: RecordRef) -> Result<SyncState, Refused> {
        let row = self.store.row(record).map_err(crate::DeviceFault::from)?;
        let Some((by, seq)) = row.map(|row| row.last) else { return Ok(SyncState::Here) };
        if self.unsent.values().any(|unsent| unsent.records.contains(&record)) {
            return Ok(SyncState::Here);
        }
        let holding = self.peers.holding(by, seq);
        Ok(if holding == 0 {
            SyncState::AtRelay
        } else {
            SyncState::OnDevices(u32::try_from(holding).unwrap_or(u32::MAX))
        })
    }
}

fn figures(figures: quote::Figures) -> QuoteFigures {
    QuoteFigures {
        lines: figures.lines.into_iter().map(|(item, net)| (item, LineFigures { net })).collect(),
        sum: figures.sum,
        discount: figures.discount,
        net: figures.net,
        vat: figures.vat.into_iter().map(|row| VatRow { rate: row.rate, base: row.base, vat: row.vat }).collect(),
        total: figures.total,
        provisional: figures.provisional,
    }
}
