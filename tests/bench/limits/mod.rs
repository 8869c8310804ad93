//! The group's minute: what the desk makes of the 20 messages a minute that Telegram lets a bot put into a group.

mod backlog;
mod desk;
mod flood;
mod log;
mod measured;
mod run;
mod strangers;

pub(crate) use run::print;
