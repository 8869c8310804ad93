//! Everything a store holds, as records that any other store can take in: for backups, and for moving.

use std::{error::Error, future::Future};

use crate::domain::{ChatId, Conversation, Link, Millis, Seq, UpdateId};

use super::{DeadLetter, InboxItem, OutboxItem};

/// What is remembered of the desk itself, and must outlive a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The next update to ask Telegram for.
    pub offset: Option<UpdateId>,
    /// The operators' group, if it moved from the id in the settings.
    pub group: Option<ChatId>,
    /// The id in the settings when it moved.
    pub group_moved_from: Option<ChatId>,
    /// No number from this one on was given to a queued item yet, in either queue.
    pub next: Seq,
}

/// An update that was received, decided or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUpdate {
    /// Its number.
    pub update: UpdateId,
    /// When it was received.
    pub at: Millis,
}

/// One thing that a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// What is remembered of the desk itself: once, before all else.
    Facts(Facts),
    /// A conversation, with the revision that it is stored under.
    Conversation(Conversation),
    /// A pair of messages.
    Link(Link),
    /// An update received; those that wait, too.
    Known(KnownUpdate),
    /// An update that waits to be decided.
    Update(InboxItem),
    /// A send that waits to be done.
    Send(OutboxItem),
    /// Something given up on.
    Dead(DeadLetter),
}

/// How many records of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Conversations.
    pub conversations: u64,
    /// Pairs of messages.
    pub links: u64,
    /// Updates received lately.
    pub known: u64,
    /// Updates that wait to be decided.
    pub updates: u64,
    /// Sends that wait to be done.
    pub sends: u64,
    /// Dead letters.
    pub dead: u64,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, record: &Record) {
        match record {
            Record::Facts(_) => {}
            Record::Conversation(_) => self.conversations += 1,
            Record::Link(_) => self.links += 1,
            Record::Known(_) => self.known += 1,
            Record::Update(_) => self.updates += 1,
            Record::Send(_) => self.sends += 1,
            Record::Dead(_) => self.dead += 1,
        }
    }
}

/// Everything that was held at one moment: the one at which this was made. What is written to the store meanwhile is
/// not in it, and waits for nobody.
pub trait Snapshot: Send {
    /// Why it cannot be read.
    type Error: Error + Send + Sync + 'static;

    /// The next records, a bounded number of them; none when all were given. They come kind by kind, in the order of
    /// the variants of [`Record`]; what waits, and the dead, by rising numbers. After an error it is of no more use.
    fn page(&mut self) -> impl Future<Output = Result<Vec<Record>, Self::Error>> + Send;
}

/// An empty storage that takes records in, in the order in which a [`Snapshot`] gives them. Whoever makes one refuses
/// a storage that is not empty.
pub trait Restore: Send + Sized {
    /// Why it cannot take them.
    type Error: Error + Send + Sync + 'static;

    /// Takes records in, with the numbers and revisions that they have.
    fn add(&mut self, page: Vec<Record>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// All is durable when this returns, and no number of a record will be given again. Dropped before, or after an
    /// error, the storage is as empty as it was.
    fn finish(self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes in everything there is: what both [`Restore::add`] and [`Restore::finish`] promise.
    fn fill<S: Snapshot>(
        mut self,
        from: &mut S,
    ) -> impl Future<Output = Result<Tally, CopyError<S::Error, Self::Error>>> + Send {
        async move {
            let mut tally = Tally::default();
            loop {
                let page = from.page().await.map_err(CopyError::Read)?;
                if page.is_empty() {
                    break;
                }
                for record in &page {
                    tally.count(record);
                }
                self.add(page).await.map_err(CopyError::Write)?;
            }
            self.finish().await.map_err(CopyError::Write)?;
            Ok(tally)
        }
    }
}

/// Why records could not be copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError<R, W> {
    /// They cannot be read.
    #[error(transparent)]
    Read(R),
    /// They cannot be written.
    #[error(transparent)]
    Write(W),
}
