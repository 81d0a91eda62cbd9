//! What leaves the house on paper or wire, in the forms that others read.
//!
//! This room does no IO, reads no clock and makes no randomness: the same facts at the same moment are the same bytes.

pub mod icalendar;
