//! Orders: what they cost.

mod figures;

pub use figures::{Figures, figures};
