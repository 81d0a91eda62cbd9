//! A block from a spreadsheet, laid over a grid: cells that exist are changed in one go, rows beyond the last are added.

use super::Pasted;
use crate::carrier;
use crate::desk::{Desk, Toast};
use crate::parts::draft::written_as;
use crate::parts::plain_value;
use mera_device_api::{Answer, Done, NewItem, Refused, Reply, Request};
use mera_schema::{Edit, FieldDef, FieldPath, Form, Heads, ItemId, RecordDef, RecordRef};
use serde_json::Value;
use std::collections::BTreeMap;
use wasm_bindgen_futures::spawn_local;
use yew::UseStateHandle;

/// The grid as the person saw it.
pub struct Sheet {
    pub record: RecordRef,
    pub seen: Heads,
    pub collection: &'static str,
    pub columns: Vec<&'static str>,
    pub items: Vec<(ItemId, Value)>,
    /// Of bare prices.
    pub currency: String,
}

/// A cell of the block: where it belongs, and what was in it.
struct Cell {
    name: &'static str,
    text: String,
    written: Option<String>,
}

/// Lays the block from a cell on, or behind the last row. What the device refuses is said in its cell, and the rest stands.
pub fn lay(
    desk: Desk,
    sheet: Sheet,
    at: Option<(usize, usize)>,
    block: Vec<Vec<String>>,
    told: UseStateHandle<BTreeMap<String, Pasted>>,
) {
    let (first, column) = at.unwrap_or((sheet.items.len(), 0));
    spawn_local(async move {
        let mut refusals = BTreeMap::new();
        let (mut changes, mut rows) = (Vec::new(), Vec::new());
        for (place, texts) in block.iter().enumerate() {
            let item = sheet.items.get(first + place);
            let cells = sheet.cells(&desk, item, column, texts);
            match item {
                Some((id, _)) => changes.extend(cells.into_iter().map(|cell| (*id, cell))),
                None => rows.push(cells),
            }
        }
        sheet.change(&desk, sheet.seen.clone(), changes, &mut refusals).await;
        // Each row is added behind the one before, so that they keep their order.
        let mut seen = sheet.seen.clone();
        for cells in rows {
            match sheet.add(&desk, seen, cells, &mut refusals).await {
                Ok(heads) => seen = heads,
                Err(refused) => {
                    desk.refuse(&refused);
                    break;
                }
            }
        }
        let refused = refusals.len() as u64;
        if refused > 0 {
            desk.toast.emit(Toast { text: desk.words.count("pasted-refused", refused), bad: true });
        }
        told.set(refusals);
    });
}

impl Sheet {
    fn cells(&self, desk: &Desk, item: Option<&(ItemId, Value)>, column: usize, texts: &[String]) -> Vec<Cell> {
        let names = self.columns.iter().skip(column);
        let cell = |(name, text): (&&'static str, &String)| {
            let def = self.definition(name)?;
            let standing = item.map(|(_, item)| plain_value(&item[*name])).unwrap_or_default();
            let unit = standing.split_once(' ').map(|(_, unit)| unit.to_owned());
            let bare = if def.form == Form::Money { self.currency.clone() } else { "pcs".into() };
            let written = written_as(&def, text, &unit.unwrap_or(bare), desk);
            Some(Cell { name, text: text.clone(), written })
        };
        names.zip(texts).filter_map(cell).collect()
    }

    fn definition(&self, name: &str) -> Option<FieldDef> {
        RecordDef::of(self.record.kind).field(Some(self.collection), name).copied()
    }

    fn edit(&self, id: ItemId, cell: &Cell) -> Edit {
        Edit::Set { path: FieldPath::item(self.collection, id, cell.name), value: cell.written.clone() }
    }

    /// All at once; one by one when something among them is refused.
    async fn change(
        &self,
        desk: &Desk,
        seen: Heads,
        cells: Vec<(ItemId, Cell)>,
        refusals: &mut BTreeMap<String, Pasted>,
    ) {
        let edits: Vec<Edit> = cells.iter().map(|(id, cell)| self.edit(*id, cell)).collect();
        let request = |edits| Request::Change { record: self.record, seen: seen.clone(), edits };
        if edits.is_empty() || matches!(carrier::ask(&request(edits)).await, Answer::Ok(_)) {
            return;
        }
        for (id, cell) in cells {
            if let Answer::Refused(refused) = carrier::ask(&request(vec![self.edit(id, &cell)])).await {
                let path = FieldPath::item(self.collection, id, cell.name).to_string();
                let form = self.definition(cell.name).map_or(Form::Word, |def| def.form);
                let refused = desk.words.refusal_at(form, &refused);
                refusals.insert(path, Pasted { text: cell.text, refused });
            }
        }
    }

    /// The whole row; an empty one, filled cell by cell, when something in it is refused.
    async fn add(
        &self,
        desk: &Desk,
        seen: Heads,
        cells: Vec<Cell>,
        refusals: &mut BTreeMap<String, Pasted>,
    ) -> Result<Heads, Refused> {
        let values = cells.iter().filter_map(|cell| Some((cell.name.to_owned(), cell.written.clone()?))).collect();
        if let Ok((_, heads)) = self.new_item(seen.clone(), values).await {
            return Ok(heads);
        }
        let (id, heads) = self.new_item(seen, Vec::new()).await?;
        let given = cells.into_iter().filter(|cell| cell.written.is_some()).map(|cell| (id, cell)).collect();
        self.change(desk, heads.clone(), given, refusals).await;
        Ok(heads)
    }

    async fn new_item(&self, seen: Heads, values: Vec<(String, String)>) -> Result<(ItemId, Heads), Refused> {
        let item = NewItem { collection: self.collection.to_owned(), values };
        let reply = match carrier::ask(&Request::AddItem { record: self.record, seen, item }).await {
            Answer::Ok(reply) => reply,
            Answer::Refused(refused) => return Err(refused),
        };
        match reply {
            Reply::Done(Done { item: Some(id), heads, .. }) => Ok((id, heads)),
            _ => Err(Refused::new("carrier.other_version", "the device added nothing")),
        }
    }
}
