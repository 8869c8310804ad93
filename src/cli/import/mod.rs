//! `support-bot import`: imports the users of the old Python bot into the store of the settings.

mod command;
mod target;
mod old;
mod progress;
mod report;
mod take;

pub(super) use command::{Import, import};
