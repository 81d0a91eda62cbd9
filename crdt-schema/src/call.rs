//! How far a telephone call is.

use crate::{Call, CallState};

impl Call {
    /// The furthest of what has happened, so that steps which two people took apart never undo each other.
    pub fn state(&self) -> CallState {
        match self {
            Self { closed, .. } if closed.provisional().is_some() => CallState::Closed,
            Self { called_back, .. } if called_back.provisional().is_some() => CallState::CalledBack,
            Self { seen, .. } if seen.provisional().is_some() => CallState::Seen,
            _ => CallState::New,
        }
    }
}
