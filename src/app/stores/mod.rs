//! The store that the settings choose, and access to whole stores.

mod store;
mod archive;
mod old_users;

pub use archive::{AnyRestoreTarget, AnySnapshot, StoreLocation, release};
pub(in crate::app) use old_users::old_users_wait;
pub use old_users::{IMPORT_FIRST, OLD_USERS};
pub(in crate::app) use store::Joined;
pub use store::{OpenError, Reading, open_store};
