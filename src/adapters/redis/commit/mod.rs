//! Writes commits: split by partition, under idempotency keys, with the hints that they make true.

pub(super) mod commit_split;
pub(super) mod idempotency;
pub(super) mod replies;
pub(super) mod hints;
mod cross_partition;
