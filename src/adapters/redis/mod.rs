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

mod error_words;
mod errors;
mod script;
mod client;
mod lease;
mod commit;
mod options;
mod store;
mod ports;
mod archive;
mod open;

pub use archive::old_bot::{Entry, OldBot};
pub use archive::restore_target::RestoreTarget;
pub use archive::snapshot::RedisSnapshot;
pub use client::health::{Health, Risk};
pub use client::observer::{ClusterEvent, CommandObserver, CommandOutcome, Operation};
pub use errors::OpenError;
pub use options::Options;
pub use store::RedisStore;
