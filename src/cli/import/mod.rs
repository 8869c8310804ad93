//! `support-bot import`: imports the users of the old Python bot into the store of the settings.

mod command;
mod target;
mod old_users;
mod report;
mod store;

pub(super) use command::{Options, import};
