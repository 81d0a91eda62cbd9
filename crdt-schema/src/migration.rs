//! Old documents, read as if they were new.
//!
//! A migration never writes: it completes the plain values of an older document while they are read,
//! so two devices that meet an old record cannot fight over who migrates it. The first ordinary edit
//! by a newer program writes the new fields and the new version number.

use crate::{Candidate, RecordKind, RecordTree};

/// Completes the values of a record that an older program wrote.
pub fn complete(tree: &mut RecordTree) {
    if tree.record.kind == RecordKind::Product && tree.schema < 2 {
        product_price_gets_a_currency(tree);
    }
}

/// Version 1 wrote `price` as a bare number of kroner; version 2 has `list_price` with its currency.
fn product_price_gets_a_currency(tree: &mut RecordTree) {
    if tree.root.values.contains_key("list_price") {
        return;
    }
    if let Some(prices) = tree.root.values.get("price") {
        let with_currency =
            prices.iter().map(|price| Candidate { value: format!("{} DKK", price.value), by: price.by }).collect();
        tree.root.values.insert("list_price".into(), with_currency);
    }
}
