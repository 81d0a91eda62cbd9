//! The pages.

mod clashes;
mod founding;
mod history;
mod import;
mod list;
mod locked;
mod quote;
mod record;
mod shut;
mod stock;
mod sync;
mod tasks;
mod threshold;

pub use clashes::Clashes;
use founding::Founding;
pub use history::HistoryPage;
pub use import::ImportPage;
pub use list::ListPage;
use locked::Locked;
pub use record::RecordPageView;
use shut::Shut;
pub use stock::Stock;
pub use sync::SyncPage;
pub use tasks::Tasks;
pub use threshold::Threshold;
