//! The pages.

mod audit;
mod clashes;
mod device;
mod founding;
mod history;
mod import;
mod judging;
mod kept;
mod list;
mod locked;
mod members;
mod quote;
mod record;
mod recovery;
mod shut;
mod stock;
mod sync;
mod tasks;
mod threshold;

pub use audit::AuditView;
pub use clashes::Clashes;
pub use device::DevicePage;
use founding::Founding;
pub use history::HistoryPage;
pub use import::ImportPage;
pub use judging::JudgingView;
pub use list::ListPage;
use locked::Locked;
pub use members::MembersView;
pub use record::RecordPageView;
use recovery::Recovery;
use shut::Shut;
pub use stock::Stock;
pub use sync::SyncPage;
pub use tasks::Tasks;
pub use threshold::Threshold;
