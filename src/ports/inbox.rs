//! Updates that Telegram handed over and that are not decided yet.

use std::future::Future;

use crate::domain::{InboxLane, Millis, Seq, UpdateId};

use super::StoreError;

/// An update as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// Telegram's number of it; of what has none, a negative hash of the text.
    pub update: UpdateId,
    /// Where it waits.
    pub lane: InboxLane,
    /// The JSON text, untouched.
    pub raw: String,
}

/// An update waiting to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// Its place in its lane.
    pub seq: Seq,
    /// The update.
    pub update: RawUpdate,
    /// When it was received.
    pub received: Millis,
    /// How often deciding it has failed.
    pub attempts: u32,
}

/// The outcome of receiving a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// What was new, in the order of the batch.
    pub items: Vec<InboxItem>,
    /// How many were known already.
    pub duplicates: usize,
}

/// Is told what is new in a batch while the batch is still being written.
pub type Early = Box<dyn FnOnce(Vec<InboxItem>) + Send>;

/// Keeps updates from the moment they are received until they are decided.
pub trait Inbox: Send + Sync + 'static {
    /// Adds the batch, in its order, and remembers `offset` as the next to ask Telegram for, in one
    /// durable step. Updates already known, decided or not, are left out, for at least 48 hours.
    fn receive(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send {
        self.take_in(batch, offset, now, Box::new(drop))
    }

    /// As [`Inbox::receive`], and tells `early` what is new before it is durable, so that deciding need not wait for
    /// the disk. Batches are told in the order they are received in. If the call fails, what `early` was told is
    /// void: a commit that decides it writes nothing, because the update is not in the inbox. What the answer holds
    /// and `early` was not told was written at a second attempt.
    fn take_in(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
        early: Early,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send;

    /// The undecided updates after `after`, oldest first, at most `limit`.
    fn undecided(
        &self,
        after: Option<Seq>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<InboxItem>, StoreError>> + Send;

    /// Remembers that deciding an update has failed once more.
    fn failed(
        &self,
        seq: Seq,
        attempts: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
