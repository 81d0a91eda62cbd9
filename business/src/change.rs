//! What a person may change in a record as it stands.

use crate::{Refusal, appointment};
use mera_schema::{AnyRecord, Edit, FieldPath, Money, Place, Quantity, Quote, RecordDef, RecordTree, Stage};
use rust_decimal::Decimal;

/// Checks edits against the table of fields and the rules of the trade. `tree` is the record as the person saw it.
pub fn allowed(tree: &RecordTree, edits: &[Edit]) -> Result<(), Refusal> {
    let def = RecordDef::of(tree.record.kind);
    let record = AnyRecord::read(tree);
    if matches!(record, AnyRecord::Addressee(_)) && !edits.is_empty() {
        return Err(Refusal::KeptAsItIs);
    }
    if let AnyRecord::Appointment(one) = &record {
        appointment::allowed(one, edits)?;
    }
    for edit in edits {
        edit.check(def)?;
        quantities(edit)?;
        if let AnyRecord::Quote(quote) = &record {
            open(quote, tree, edit)?;
            one_currency(quote, edit)?;
        }
    }
    Ok(())
}

/// A quote in the customer's hands is not changed behind his back. Colleagues' notes, and answers to what people
/// disagree about, are always taken.
fn open(quote: &Quote, tree: &RecordTree, edit: &Edit) -> Result<(), Refusal> {
    let Some(stage) = quote.stage.agreed().copied().filter(|stage| *stage != Stage::Draft) else { return Ok(()) };
    let free = match edit {
        Edit::Set { path, .. } => path.field == "outcome_reason" || is_disputed(tree, path),
        Edit::Write { path, .. } => *path == FieldPath::root("notes"),
        Edit::Include { .. } | Edit::Exclude { .. } | Edit::Add { .. } => false,
    };
    if free { Ok(()) } else { Err(Refusal::QuoteNotOpen { stage }) }
}

fn is_disputed(tree: &RecordTree, path: &FieldPath) -> bool {
    let node = tree.node(&path.place);
    node.and_then(|node| node.values.get(&path.field)).is_some_and(|candidates| candidates.len() > 1)
}

/// Every single value an edit writes, with the field's name.
fn values(edit: &Edit) -> Vec<(String, &str)> {
    match edit {
        Edit::Set { path, value: Some(value) } if path.place != Place::Root => vec![(path.to_string(), value)],
        Edit::Add { values, .. } => values.iter().map(|(name, value)| (name.clone(), value.as_str())).collect(),
        _ => Vec::new(),
    }
}

fn named(path: &str, field: &str) -> bool {
    path.rsplit('/').next() == Some(field)
}

fn quantities(edit: &Edit) -> Result<(), Refusal> {
    for (field, value) in values(edit) {
        let quantity = value.parse::<Quantity>().ok().filter(|_| named(&field, "quantity"));
        if quantity.is_some_and(|quantity| quantity.amount <= Decimal::ZERO) {
            return Err(Refusal::QuantityNotPositive { field });
        }
    }
    Ok(())
}

fn one_currency(quote: &Quote, edit: &Edit) -> Result<(), Refusal> {
    let Some(currency) = quote.currency.agreed().copied() else { return Ok(()) };
    for (field, value) in values(edit) {
        let price = value.parse::<Money>().ok().filter(|_| named(&field, "unit_price"));
        if let Some(price) = price.filter(|price| price.currency != currency) {
            return Err(Refusal::OtherCurrency { field, given: price.currency, quote: currency });
        }
    }
    Ok(())
}
