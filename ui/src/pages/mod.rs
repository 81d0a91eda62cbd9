//! The pages.

mod clashes;
mod history;
mod list;
mod quote;
mod record;
mod stock;
mod sync;
mod tasks;

pub use clashes::Clashes;
pub use history::HistoryPage;
pub use list::ListPage;
pub use record::RecordPageView;
pub use stock::Stock;
pub use sync::SyncPage;
pub use tasks::Tasks;
