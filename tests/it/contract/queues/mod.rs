//! Promises about the queues: inbox, outbox and dead letters.

pub(super) mod dead_letters;
pub(super) mod inbox;
pub(super) mod intake;
pub(super) mod outbox;
