//! Time as a company lives in it: zones, what comes again, and days on which nobody works.

mod holiday;
mod recurrence;
mod zone;

pub use holiday::Holiday;
pub use recurrence::{Recurrence, RecurrenceFault};
pub use zone::{HOME, moments, zone_of};
