//! What several pages are made of.

mod clash;
mod field;
mod finder;
mod pill;

pub use clash::ClashCard;
pub use field::{FieldBox, plain_value};
pub use finder::{Finder, Picker};
pub use pill::{SyncPill, safe_where, state_of};
