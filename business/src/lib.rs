//! What the company decides: pure functions over records. Time comes in as an argument, edits come out.
//!
//! [`change::allowed`] guards every edit a person makes, [`quote::step`] takes a quote further, [`quote::figures`]
//! and [`order::figures`] compute what they cost, [`erasure::decide`] tells what is erased and
//! [`retention`] what is kept, [`call::step`] takes a telephone call further, [`appointment::step`] an appointment, [`report::begun`] begins a report of it,
//! [`calendar`] tells moments and days, [`phone`] compares numbers, [`same::merge`] makes one of two, and
//! [`facts::facts`] tells what a record contributes to the views.

pub mod appointment;
pub mod calendar;
pub mod call;
pub mod change;
pub mod erasure;
pub mod facts;
mod line;
pub mod order;
pub mod phone;
pub mod quote;
pub mod rank;
mod refusal;
pub mod report;
pub mod retention;
pub mod same;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod trial;

pub use refusal::Refusal;
