//! The composition root: the one place that knows every part.

mod archive;
mod backups;
mod clock;
mod crashes;
mod dumps;
mod startup_checks;
mod identity;
mod intake;
mod lifecycle;
mod host_metrics;
mod incident_monitor;
mod observer;
mod old_users;
mod owner;
mod redis;
mod reporter;
mod run_marker;
mod secret;
mod settings;
mod signals;
mod soundness;
mod start;
mod start_error;
mod store;
mod ops;
mod watchdog;

pub use archive::{AnyRestoreTarget, AnySnapshot, StoreLocation, release};
pub use dumps::leave_no_dumps;
pub use lifecycle::{Died, Lifecycle, Stopped};
pub use old_users::{IMPORT_FIRST, OLD_USERS};
pub use settings::{client, speaks};
pub use signals::Signals;
pub use soundness::is_sound;
pub use start::App;
pub use start_error::StartError;
pub use store::{OpenError, Reading, open_store};
