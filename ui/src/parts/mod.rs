//! What several pages are made of.

mod changes;
mod choices;
mod clash;
mod confirm;
mod copied;
mod draft;
mod erase;
mod exporting;
mod field;
mod finder;
mod grid;
mod keys;
mod members;
mod new_passphrase;
mod passphrase;
mod pill;
mod qr;
mod relay;
mod saved;
mod search;
mod seen;
mod strength;
mod text_box;
mod told_of;
mod twice;

pub use changes::{change_of, worth_telling};
pub use clash::{ClashCard, heading as clash_heading};
pub use confirm::Confirm;
pub use copied::{CodeBox, CopyBox};
pub use erase::EraseButton;
pub use exporting::use_exporting;
pub use field::plain_value;
pub use finder::{FIND, Finder, Picker};
pub use grid::{Grid, field_box, items_of};
pub use keys::{KeySheet, listen};
pub use members::MembersBox;
pub use new_passphrase::{NewPassphrase, Said};
pub use passphrase::PassphraseBox;
pub use pill::{SyncPill, safe_where, state_of};
pub use qr::QrPicture;
pub use relay::RelayBox;
pub use saved::{Saved, Saving};
pub use search::{Among, Offer, SearchBox};
pub use seen::Seen;
pub use text_box::TextBox;
pub use told_of::{CallsCount, NotifyButton, news_of};
pub use twice::{Twice, stands_elsewhere};

use mera_device_api::RecordPage;
use serde_json::Value;

/// What a record is called, from its fields.
pub fn title_of(fields: &Value) -> String {
    let names = ["number", "subject", "name", "title"].map(|name| plain_value(&fields[name]));
    names.into_iter().filter(|name| !name.is_empty()).take(2).collect::<Vec<_>>().join(" · ")
}

/// A record's fields as the contract gives them.
pub fn fields_of(page: &RecordPage) -> Value {
    match serde_json::to_value(&page.record) {
        // Under its kind, which is the only name there.
        Ok(Value::Object(by_kind)) => by_kind.into_iter().next().map(|(_, fields)| fields).unwrap_or_default(),
        _ => Value::Null,
    }
}
