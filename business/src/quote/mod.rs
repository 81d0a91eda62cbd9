//! Quotes: what they cost, and how they are taken a step further.

mod figures;
mod line;
mod step;

pub use figures::{Figures, VatFigure, figures};
pub use line::offered;
pub use step::{Step, follows, step};

#[cfg(test)]
mod tests;
