//! What several pages are made of.

mod clash;
mod copied;
mod field;
mod finder;
mod pill;
mod relay;

pub use clash::ClashCard;
pub use copied::CopyBox;
pub use field::{FieldBox, plain_value};
pub use finder::{Finder, Picker};
pub use pill::{SyncPill, safe_where, state_of};
pub use relay::RelayBox;
