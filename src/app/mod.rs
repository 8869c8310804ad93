//! The composition root: the one place that knows every part.

mod signals;
mod dumps;
mod hex;
mod lifecycle;
mod clock;
mod settings;
mod stores;
mod start_error;
mod startup_checks;
mod owner;
mod ops;
mod build;

pub use build::App;
pub use dumps::leave_no_dumps;
pub use hex::hex;
pub use lifecycle::{Died, Lifecycle, Stopped};
pub use ops::{STOOD_STILL, is_sound};
pub use settings::{client, network, redis_options};
pub use signals::Signals;
pub use start_error::StartError;
pub use stores::{
    AnyRestoreTarget, AnySnapshot, IMPORT_FIRST, OLD_USERS, OpenError, Reading, StoreLocation,
    open_store, release,
};
