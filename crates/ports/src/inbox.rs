//! Updates that Telegram handed over and that are not decided yet.

use std::future::Future;

use domain::{InboxLane, Millis, Seq, Shards, UpdateId};

use super::{Commit, OutboxItem, StoreError};

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

/// An update that has just come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The update.
    pub update: RawUpdate,
    /// When it was received.
    pub received: Millis,
    /// What it leads to, if that is decided already; `decided` is empty in it, the update has no number yet.
    pub commit: Option<Commit>,
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was known, decided or not: nothing was written.
    Known,
    /// It waits to be decided: it came undecided, or what it led to is stale.
    Waits(InboxItem),
    /// It is decided, and what it leads to is written.
    Decided {
        /// The sends queued by it, in order, then those put back.
        queued: Vec<OutboxItem>,
        /// Dead updates put back into the inbox by it.
        reopened: Vec<InboxItem>,
    },
    /// It is stored, for whoever holds its part of the conversations, which may be this process: that one is told by
    /// [`super::Shift::Arrived`].
    Elsewhere,
}

/// The outcome of receiving a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// What was new, in the order of the batch.
    pub items: Vec<InboxItem>,
    /// How many were known already.
    pub duplicates: usize,
}

/// Keeps updates from the moment they are received until they are decided.
pub trait Inbox: Send + Sync + 'static {
    /// Takes a batch in, in its order, and remembers `offset` as the next to ask Telegram for, in one durable step; also
    /// one that is below the last: 0 asks for all that is pending.
    /// An update already known, decided or not, is left out, for at least 48 hours. One that comes with its commit
    /// is decided by this very step and never waits; after one that waits, all later ones of the batch that are of
    /// the same lane or conversation wait as well, so that none overtakes it. What belongs to a part of the
    /// conversations that another process holds is stored there, undecided. On an error nothing was written, or the
    /// store cannot know: an update handed over again is then answered for as it was taken in, so that what it has
    /// queued is heard of.
    fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> impl Future<Output = Result<Vec<Taken>, StoreError>> + Send;

    /// As [`Inbox::take_in`], with nothing decided yet.
    fn receive(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send {
        let arrival = |update| Arrival { update, received: now, commit: None };
        let batch = batch.into_iter().map(arrival).collect();
        async move {
            let mut received = Received::default();
            for taken in self.take_in(batch, offset).await? {
                match taken {
                    Taken::Waits(item) => received.items.push(item),
                    Taken::Known | Taken::Decided { .. } | Taken::Elsewhere => {
                        received.duplicates += 1;
                    }
                }
            }
            Ok(received)
        }
    }

    /// The undecided updates of these parts after `after`, oldest first, at most `limit`. Of each part the numbers rise; those
    /// of one say nothing of another's, so while more comes, who reads on does so in one part at a time.
    fn undecided(
        &self,
        of: Shards,
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
