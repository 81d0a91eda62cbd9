//! What nothing could do better than: each figure is told beside what does only that which cannot be left out, measured in the same run.

mod bare;
mod machine;
mod sqlite;

pub use bare::Bare;
pub use machine::{calls, commit, commits, fan_out, round_trip};
pub use sqlite::Sqlite;
