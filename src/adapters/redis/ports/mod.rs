//! The ports that the engine works through, one file each, and the parts that are too long for their port's file.

mod inbox;
pub(super) mod ledger;
mod notebook;
mod scan;
pub(super) mod timers;
mod outbox;
mod dead;
mod cluster;
mod slots;
