//! Several replicas on one Redis.

mod handover;
mod kills;
mod newsletter;
mod watchdog;
