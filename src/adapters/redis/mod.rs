//! The store in Redis: standalone, behind Sentinel, or as a cluster.
//!
//! Invariant: data that a call reports as stored is in Redis and, as far as the settings of Redis allow, on its disk. A
//! call that fails may have taken effect all the same. If it is repeated, it takes effect once and returns the first
//! answer.
//!
//! # Partitions
//!
//! All data of a conversation is in one of 16 partitions, `user % 16`. The keys of a partition share the hash tag
//! `{p}`, so a commit is one script on one slot of the cluster. A number is `tick * 16 + partition`, so it names its
//! partition. `layout` has the table of all keys. Hints, in slots of their own, map topics and messages of the group to
//! users.
//!
//! The inbox lane of a user is in the user's partition, and the desk's lane is in partition 0. A topic's lane is where
//! the topic's hint says, permanently: in the user's partition if the user was known when the hint was made, otherwise
//! in a partition chosen by the topic's id. So an update that arrives twice is looked up in the same partition.
//!
//! # Commits and arrivals across partitions
//!
//! `cross_partition` has the steps of a commit that spans partitions; `inbox` says how such an arrival is stored.

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
