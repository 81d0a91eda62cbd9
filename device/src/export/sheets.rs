//! A sheet for each kind and each collection. Where people disagree, the provisional value stands in its sheet and all of
//! them stand in `clashes.csv`; who changed what and when, also of lines that were removed, stands in `history.csv`.

use super::ExportFault;
use crate::engine::Carried;
use csv::Writer;
use mera_device_api::HistoryRow;
use mera_schema::{
    Candidate, CollectionDef, FieldDef, FieldPath, LIFE, Node, Place, RecordDef, RecordKind, RecordRef, RecordTree,
};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

type Sheet = Writer<File>;

pub(super) struct Sheets {
    folder: PathBuf,
    clashes: Sheet,
    changes: Sheet,
    /// Those of the kind of record whose turn it is.
    open: Option<OfKind>,
}

struct OfKind {
    def: &'static RecordDef,
    records: Sheet,
    items: Vec<(&'static CollectionDef, Sheet)>,
}

impl Sheets {
    pub fn begin(folder: &Path) -> Result<Self, ExportFault> {
        let clashes = sheet(folder, "clashes", ["record", "field", "value", "device", "at"])?;
        let heading = ["record", "at", "device", "person", "device_name", "field", "before", "after"];
        let changes = sheet(folder, "history", heading)?;
        Ok(Self { folder: folder.to_owned(), clashes, changes, open: None })
    }

    /// From here on come records of a kind. Those of the kind before are on disk.
    pub fn turn_to(&mut self, kind: RecordKind) -> Result<(), ExportFault> {
        if let Some(former) = self.open.take() {
            former.close()?;
        }
        let def = RecordDef::of(kind);
        let records = sheet(&self.folder, kind.as_str(), ["record"].into_iter().chain(names(def.fields)))?;
        let mut items = Vec::new();
        for collection in def.collections {
            let heading = ["record", "item"].into_iter().chain(names(collection.fields));
            items.push((collection, sheet(&self.folder, &format!("{kind}.{}", collection.name), heading)?));
        }
        self.open = Some(OfKind { def, records, items });
        Ok(())
    }

    pub fn put(&mut self, record: RecordRef, carried: &Carried) -> Result<(), ExportFault> {
        if let Some(open) = &mut self.open {
            open.put(record, &carried.values)?;
            disputes(&mut self.clashes, open.def, &carried.values)?;
        }
        carried.history.iter().try_for_each(|change| tell_change(&mut self.changes, record, change))
    }

    /// Waits until they are on disk.
    pub fn close(self) -> Result<(), ExportFault> {
        if let Some(open) = self.open {
            open.close()?;
        }
        [self.changes, self.clashes].into_iter().try_for_each(close)
    }
}

impl OfKind {
    fn put(&mut self, record: RecordRef, tree: &RecordTree) -> Result<(), ExportFault> {
        let own = shown(self.def.fields).map(|field| cell(&tree.root, field));
        self.records.write_record([record.to_string()].into_iter().chain(own))?;
        for (collection, sheet) in &mut self.items {
            for (item, node) in tree.items.get(collection.name).into_iter().flatten() {
                if node.value(LIFE) != Some("removed") {
                    let cells = shown(collection.fields).map(|field| cell(node, field));
                    sheet.write_record([record.to_string(), item.to_string()].into_iter().chain(cells))?;
                }
            }
        }
        Ok(())
    }

    fn close(self) -> Result<(), ExportFault> {
        self.items.into_iter().map(|(_, sheet)| sheet).chain([self.records]).try_for_each(close)
    }
}

/// A row for each field that a change changed.
fn tell_change(sheet: &mut Sheet, record: RecordRef, change: &HistoryRow) -> Result<(), ExportFault> {
    let (at, device) = (change.by.at.to_rfc3339(), change.by.device.to_string());
    for (path, before, after) in &change.fields {
        let (before, after) = (before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
        let (person, name) = (&change.person.person, &change.person.device);
        sheet.write_record([&record.to_string(), &at, &device, person, name, &path.to_string(), before, after])?;
    }
    Ok(())
}

fn sheet<'a>(folder: &Path, name: &str, heading: impl IntoIterator<Item = &'a str>) -> Result<Sheet, ExportFault> {
    let mut sheet = Writer::from_path(folder.join(format!("{name}.csv")))?;
    sheet.write_record(heading)?;
    Ok(sheet)
}

fn close(sheet: Sheet) -> Result<(), ExportFault> {
    let file = sheet.into_inner().map_err(|unwritten| io::Error::other(unwritten.to_string()))?;
    Ok(file.sync_all()?)
}

fn shown(fields: &'static [FieldDef]) -> impl Iterator<Item = &'static FieldDef> {
    fields.iter().filter(|field| field.name != LIFE)
}

fn names(fields: &'static [FieldDef]) -> impl Iterator<Item = &'static str> {
    shown(fields).map(|field| field.name)
}

fn cell(node: &Node, field: &FieldDef) -> String {
    let members = || node.sets.get(field.name).map(|set| set.iter().cloned().collect::<Vec<_>>().join(", "));
    let value = node.value(field.name).map(str::to_owned);
    value.or_else(|| node.texts.get(field.name).cloned()).or_else(members).unwrap_or_default()
}

fn disputes(sheet: &mut Sheet, def: &RecordDef, tree: &RecordTree) -> Result<(), ExportFault> {
    let mut place = |place: Place, node: &Node| -> Result<(), ExportFault> {
        for (field, candidates) in node.values.iter().filter(|(_, candidates)| candidates.len() > 1) {
            let path = FieldPath { place: place.clone(), field: field.clone() };
            if mera_schema::edit::asks(def, &path) {
                for Candidate { value, by } in candidates {
                    let (at, device) = (by.at.to_rfc3339(), by.device.to_string());
                    sheet.write_record([&tree.record.to_string(), &path.to_string(), value, &device, &at])?;
                }
            }
        }
        Ok(())
    };
    place(Place::Root, &tree.root)?;
    for (collection, items) in &tree.items {
        for (item, node) in items {
            place(Place::Item { collection: collection.clone(), item: *item }, node)?;
        }
    }
    Ok(())
}
