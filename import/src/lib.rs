//! Foreign files become records.
//!
//! [`Sheets`] reads files of CSV and Excel, a [`Profile`] says which column is which field, and [`plan()`] makes of both
//! the [`Draft`]s of records and the rows that are refused, with line, column and reason. This room reads bytes that it
//! is given: it opens no file and writes no record.

mod figure;
mod plan;
mod profile;
mod refused;
pub mod sheet;

pub use plan::{Draft, Part, Plan, PlanFault, SheetRead, plan};
pub use profile::{Profile, ProfileFault};
pub use refused::Refused;
pub use sheet::{Sheet, SheetFault, Sheets};
