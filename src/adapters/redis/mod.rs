//! The store over the network: Redis, alone, behind Sentinel, or as a cluster.
//!
//! Invariant: what a call reports as done is in Redis and, as far as its settings go, on its disk. A call that fails may
//! have been done all the same; asked for again, it is done once and gets the first answer.
//!
//! # Where everything lies
//!
//! Everything of a conversation is in one of 16 partitions, `user % 16`, whose keys share the hash tag `{p}`: a commit is
//! one script on one slot. A number is `tick * 16 + partition`, so it names its partition. ARCHITECTURE.md has the table
//! of all keys. Topics and messages of the group are resolved to users by hints in slots of their own.
//!
//! An inbox lane of a user is in the user's partition, the desk's in partition 0, a topic's where its hint says, for
//! good: in its user's partition if that was known when the hint was made, else in one chosen by the topic's id. So an
//! update handed over twice is looked for in the same place.
//!
//! # What spans partitions
//!
//! `across` has the steps of a commit that spans partitions, `inbox` says what becomes of such an arrival.

mod cross_partition;
mod replies;
mod idempotency;
mod restore_target;
mod connection;
mod snapshot_copy;
mod dead;
mod errors;
mod health;
mod hints;
mod inbox;
mod inherit;
mod layout;
mod leases;
mod lease_manager;
mod cluster;
mod ledger;
mod listener;
mod notebook;
mod observer;
mod old_bot;
mod open;
mod outbox;
mod scan;
mod commit_split;
mod encoding;
mod bulk_load;
mod scripts;
mod slots;
mod snapshot;
mod store;
mod timers;
mod arguments;

pub use errors::OpenError;
pub use health::{Health, Risk};
pub use observer::{CommandObserver, CommandOutcome, Happening, Operation};
pub use old_bot::{Entry, OldBot};
pub use open::Options;
pub use restore_target::RestoreTarget;
pub use snapshot::RedisSnapshot;
pub use store::RedisStore;
