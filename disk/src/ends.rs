//! Rows in order, taken from either end.

use crate::{DiskFault, Row};
use std::collections::VecDeque;

/// An end of something in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    First,
    Last,
}

impl End {
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Last,
            Self::Last => Self::First,
        }
    }

    /// What is next at this end.
    pub fn take<I: DoubleEndedIterator>(self, from: &mut I) -> Option<I::Item> {
        match self {
            Self::First => from.next(),
            Self::Last => from.next_back(),
        }
    }

    pub fn pop<T>(self, from: &mut VecDeque<T>) -> Option<T> {
        match self {
            Self::First => from.pop_front(),
            Self::Last => from.pop_back(),
        }
    }
}

/// Something for each end.
#[derive(Debug, Default)]
pub struct Ends<T> {
    first: T,
    last: T,
}

impl<T> Ends<T> {
    pub fn at(&mut self, end: End) -> &mut T {
        match end {
            End::First => &mut self.first,
            End::Last => &mut self.last,
        }
    }
}

/// Where rows come from.
pub trait Source {
    /// The next row at an end.
    fn row_at(&mut self, end: End) -> Result<Option<Row>, DiskFault>;
}
