//! Writes commits: split by partition, under idempotency keys, with the hints that they make true.

pub(super) mod commit_split;
pub(super) mod idempotency;
mod received_keys;
pub(super) mod replies;
pub(super) mod topic_hints;
pub(super) mod write_script;
mod hints;
mod cross_partition;
pub(super) mod commits;
