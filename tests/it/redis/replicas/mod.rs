//! Several replicas on one Redis.

mod kills;
mod newsletter;
mod watchdog;
