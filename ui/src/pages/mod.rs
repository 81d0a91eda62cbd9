//! The pages.

mod clashes;
mod founding;
mod history;
mod list;
mod quote;
mod record;
mod shut;
mod stock;
mod sync;
mod tasks;

pub use clashes::Clashes;
pub use founding::Founding;
pub use history::HistoryPage;
pub use list::ListPage;
pub use record::RecordPageView;
pub use shut::Shut;
pub use stock::Stock;
pub use sync::SyncPage;
pub use tasks::Tasks;
