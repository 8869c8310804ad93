//! `support-bot import`: the users of the bot in Python, into the store that the settings choose.

mod command;
mod target;
mod old;
mod progress;
mod report;
mod take;

pub(super) use command::{Import, import};
