//! Goes through the rows and gathers drafts and refusals.

use super::cell::{KEY_JOINT, LookedUp, Reader};
use super::{Draft, Part, links};
use crate::profile::{BesideRule, FieldRule, From, ItemRule, Profile, Rows, SheetRule};
use crate::sheet::SheetRow;
use crate::{Refused, Sheet, Sheets};
use mera_schema::{Edit, FieldPath, Form, ItemId, ORDER, RecordDef, RecordId, RecordKind, RecordRef};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) struct Drafting<'a> {
    reader: Reader<'a>,
    known: &'a dyn Fn(RecordRef) -> bool,
    drafts: Vec<Draft>,
    places: HashMap<RecordRef, usize>,
    items: HashSet<ItemId>,
    /// Records of which a row was refused, and the first such row.
    lame: BTreeMap<RecordRef, (String, u64)>,
    refused: Vec<Refused>,
}

/// A field's rule and what it makes of the row.
type Value<'r> = (&'r FieldRule, Option<String>);

/// A row with the names of its cells.
struct Row<'a> {
    rule: &'a SheetRule,
    columns: &'a HashMap<&'a str, usize>,
    row: &'a SheetRow,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> String {
        self.columns.get(column).and_then(|place| self.row.cells.get(*place)).cloned().unwrap_or_default()
    }

    /// The key; nothing when a part of it is empty.
    fn key(&self, columns: &[String]) -> Option<String> {
        let cells: Vec<String> = columns.iter().map(|column| self.cell(column)).collect();
        (!cells.iter().any(String::is_empty)).then(|| cells.join(KEY_JOINT))
    }

    fn refused(&self, column: Option<&str>, code: &str, says: String) -> Refused {
        let (sheet, line, code) = (self.rule.name.clone(), self.row.line, code.to_owned());
        Refused { sheet, line, column: column.map(str::to_owned), code, says }
    }

    fn part(&self) -> Part {
        let (sheet, line) = (self.rule.name.clone(), self.row.line);
        Part { edits: Vec::new(), sheet, line, columns: Vec::new(), links: Vec::new() }
    }
}

impl<'a> Drafting<'a> {
    pub fn of(profile: &'a Profile, sheets: &Sheets, known: &'a dyn Fn(RecordRef) -> bool) -> Self {
        Self {
            reader: Reader { profile, looked_up: looked_up(profile, sheets) },
            known,
            drafts: Vec::new(),
            places: HashMap::new(),
            items: HashSet::new(),
            lame: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    pub fn sheet(&mut self, rule: &SheetRule, sheet: &Sheet) {
        let columns = sheet.heading.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        for bad in &sheet.refused {
            let (line, column) = (bad.line, bad.column.clone());
            let (code, says) = (bad.reason.code().to_owned(), bad.reason.to_string());
            self.refused.push(Refused { sheet: rule.name.clone(), line, column, code, says });
        }
        for row in &sheet.rows {
            let row = Row { rule, columns: &columns, row };
            match &rule.rows {
                Rows::Records { kind, repeats } => self.record(&row, *kind, *repeats),
                Rows::Items { kind, owner, into } => self.item_of_another_sheet(&row, *kind, owner, into),
            }
        }
    }

    fn record(&mut self, row: &Row<'_>, kind: RecordKind, repeats: bool) {
        let Some(record) = self.named(row, &row.rule.key, kind) else { return };
        let known = self.places.get(&record).and_then(|place| self.drafts[*place].parts.first());
        let first = known.map(|part| part.line);
        if let Some(first) = first.filter(|_| !repeats) {
            let says = format!("its key stands on line {first} already; a record stands in one row");
            self.refused.push(row.refused(row.rule.key.first().map(String::as_str), "row.key_twice", says));
            return;
        }
        let mut parts = Vec::new();
        if first.is_none() {
            parts.push(self.own_fields(row, kind, &row.rule.fields));
        }
        for item in &row.rule.items {
            let key = if item.key.is_empty() { Some(String::new()) } else { row.key(&item.key) };
            if let Some(key) = key {
                parts.extend(self.item(row, record, item, &key).transpose());
            }
        }
        self.put(row, record, parts);
        for beside in row.rule.beside.iter().filter(|_| first.is_none()) {
            self.beside(row, record, beside);
        }
    }

    /// A record of its own that stands in the row of another; none when all of its cells are empty. Its identity follows
    /// from the row's, so that every device names it alike.
    fn beside(&mut self, row: &Row<'_>, owner: RecordRef, rule: &BesideRule) {
        let Some(key) = row.key(&row.rule.key) else { return };
        let filled = rule.fields.iter().any(|field| match &field.from {
            From::Columns(columns) => columns.iter().any(|column| !row.cell(column).is_empty()),
            From::Value(_) => false,
        });
        if !filled {
            return;
        }
        let key = format!("{}{KEY_JOINT}{key}", owner.kind);
        let record = RecordRef::new(rule.kind, RecordId::derived(rule.kind, &self.reader.profile.name, &key));
        let part = self.own_fields(row, rule.kind, &rule.fields).map(|mut part| {
            let column = row.rule.key.first().cloned().unwrap_or_default();
            part.edits.push(Edit::set(rule.link, owner));
            part.links.push((owner, column));
            part
        });
        self.put(row, record, vec![part]);
    }

    fn item_of_another_sheet(&mut self, row: &Row<'_>, kind: RecordKind, owner: &str, into: &'static str) {
        let owner = [owner.to_owned()];
        let Some(record) = self.named(row, &owner, kind) else { return };
        if !self.places.contains_key(&record) && !(self.known)(record) {
            let says = format!("there is no {kind} {}", row.cell(&owner[0]));
            self.refused.push(row.refused(Some(&owner[0]), "row.unknown_owner", says));
            return;
        }
        let part = match row.key(&row.rule.key) {
            Some(key) => {
                let item = ItemRule { into, key: Vec::new(), fields: row.rule.fields.clone() };
                self.item(row, record, &item, &key).transpose()
            }
            None => Some(Err(vec![no_key(row, &row.rule.key)])),
        };
        self.put(row, record, part.into_iter().collect());
    }

    /// The record that a row's key names; a row without one is refused.
    fn named(&mut self, row: &Row<'_>, key: &[String], kind: RecordKind) -> Option<RecordRef> {
        let Some(key) = row.key(key) else {
            self.refused.push(no_key(row, key));
            return None;
        };
        Some(RecordRef::new(kind, RecordId::derived(kind, &self.reader.profile.name, &key)))
    }

    fn put(&mut self, row: &Row<'_>, record: RecordRef, parts: Vec<Result<Part, Vec<Refused>>>) {
        let place = *self.places.entry(record).or_insert_with(|| {
            self.drafts.push(Draft { record, parts: Vec::new() });
            self.drafts.len() - 1
        });
        for part in parts {
            match part {
                Ok(part) => self.drafts[place].parts.push(part),
                Err(faults) => {
                    // The place of the row is kept, so that a second row of the same key is told where the first is.
                    self.drafts[place].parts.push(row.part());
                    self.refused.extend(faults);
                    self.lame.entry(record).or_insert_with(|| (row.rule.name.clone(), row.row.line));
                }
            }
        }
    }

    fn own_fields(&self, row: &Row<'_>, kind: RecordKind, rules: &[FieldRule]) -> Result<Part, Vec<Refused>> {
        let (mut part, values) = self.values(row, rules)?;
        for (rule, value) in values {
            let path = FieldPath::root(rule.def.name);
            match (rule.def.form, value) {
                (Form::Prose, text) => part.edits.push(Edit::Write { path, text: text.unwrap_or_default() }),
                (Form::Members, Some(text)) => {
                    let members = text.split(rule.split.as_str()).map(str::trim).filter(|member| !member.is_empty());
                    part.edits.extend(members.map(|m| Edit::Include { path: path.clone(), member: m.to_owned() }));
                }
                (Form::Members, None) => {}
                (_, value) => part.edits.push(Edit::Set { path, value }),
            }
        }
        Self::fits(kind, part)
    }

    /// An item's part; nothing when all of its cells are empty.
    fn item(
        &mut self,
        row: &Row<'_>,
        owner: RecordRef,
        rule: &ItemRule,
        key: &str,
    ) -> Result<Option<Part>, Vec<Refused>> {
        let (mut part, values) = self.values(row, &rule.fields)?;
        let said =
            |(rule, value): &(&FieldRule, Option<String>)| value.is_some() && matches!(rule.from, From::Columns(_));
        if !values.iter().any(said) {
            return Ok(None);
        }
        let id = ItemId::derived(owner.id, &format!("{}{KEY_JOINT}{key}", rule.into));
        if !self.items.insert(id) {
            let says = format!("the {} has this one already; each has a key of its own", owner.kind);
            return Err(vec![row.refused(row.rule.key.first().map(String::as_str), "row.key_twice", says)]);
        }
        let in_order = self.places.get(&owner).map_or(0, |place| self.drafts[*place].parts.len());
        let values = values.into_iter().filter_map(|(rule, value)| Some((rule.def.name.to_owned(), value?)));
        let values = values.chain([(ORDER.to_owned(), format!("{:06}", in_order + 1))]).collect();
        part.edits.push(Edit::Add { collection: rule.into.to_owned(), item: id, values });
        Self::fits(owner.kind, part).map(Some)
    }

    /// The written values of a row's fields, and the part they belong to; every fault of the row when it has any.
    fn values<'r>(&self, row: &Row<'_>, rules: &'r [FieldRule]) -> Result<(Part, Vec<Value<'r>>), Vec<Refused>> {
        let (mut part, mut values, mut faults) = (row.part(), Vec::new(), Vec::new());
        for rule in rules {
            let column = match &rule.from {
                From::Columns(columns) => columns.first().cloned(),
                From::Value(_) => None,
            };
            if let Some(column) = &column {
                part.columns.push((rule.def.name, column.clone()));
            }
            match self.reader.value(rule, |column| row.cell(column)) {
                Ok(value) => {
                    if let (Form::Link, Some(Ok(to))) = (rule.def.form, value.as_deref().map(str::parse)) {
                        part.links.push((to, column.unwrap_or_default()));
                    }
                    values.push((rule, value));
                }
                Err(fault) => faults.push(row.refused(column.as_deref(), fault.code(), fault.to_string())),
            }
        }
        if faults.is_empty() { Ok((part, values)) } else { Err(faults) }
    }

    /// A part whose edits all fit the table of fields.
    fn fits(kind: RecordKind, part: Part) -> Result<Part, Vec<Refused>> {
        let def = RecordDef::of(kind);
        let refused = |fault: mera_schema::EditFault| {
            let field = match &fault {
                mera_schema::EditFault::NoSuchField(field)
                | mera_schema::EditFault::DoesNotFit { field, .. }
                | mera_schema::EditFault::TooLong { field, .. } => field.clone(),
            };
            part.refused(Some(&field), "row.does_not_fit", fault.to_string())
        };
        let faults: Vec<Refused> = part.edits.iter().filter_map(|edit| edit.check(def).err()).map(refused).collect();
        if faults.is_empty() { Ok(part) } else { Err(faults) }
    }

    /// Holds back what is not whole, and gives the rest.
    pub fn settle(self) -> (Vec<Draft>, Vec<Refused>) {
        let Self { known, drafts, lame, mut refused, .. } = self;
        let mut whole = Vec::new();
        for draft in drafts {
            match lame.get(&draft.record) {
                None => whole.push(draft),
                Some(row) => refused.extend(links::held_back(&draft, row)),
            }
        }
        let (whole, dangling) = links::resolved(whole, known);
        refused.extend(dangling);
        (whole, refused)
    }
}

fn no_key(row: &Row<'_>, key: &[String]) -> Refused {
    let empty = key.iter().find(|column| row.cell(column).is_empty());
    row.refused(empty.map(String::as_str), "row.no_key", "the cell that names the row is empty".into())
}

fn looked_up(profile: &Profile, sheets: &Sheets) -> LookedUp {
    let mut all = LookedUp::new();
    let fields = profile.sheets.iter().flat_map(SheetRule::all_fields);
    for lookup in fields.filter_map(|(_, field)| field.lookup.as_ref()) {
        let place = (lookup.sheet.to_lowercase(), lookup.key.clone(), lookup.take.clone());
        let Some(Ok(sheet)) = sheets.get(&lookup.sheet) else { continue };
        let at = |name: &str| sheet.heading.iter().position(|heading| heading == name);
        let (Some(key), Some(take)) = (at(&lookup.key), at(&lookup.take)) else { continue };
        let cells =
            sheet.rows.iter().filter_map(|row| Some((row.cells.get(key)?.clone(), row.cells.get(take)?.clone())));
        all.insert(place, cells.collect());
    }
    all
}
