//! The content of a store as records that any other store can load: for backups, and for migration between stores.

use std::error::Error;

use async_trait::async_trait;
use domain::{ChatId, Conversation, Link, Millis, PARTITIONS, Partition, Seq, UpdateId};

use super::{DeadLetter, GroupRow, Imported, InboxItem, Origin, OutboxItem};

/// State of the desk as a whole, which must survive a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The next update to request from Telegram.
    pub offset: Option<UpdateId>,
    /// The operators' group, if it has migrated away from the id in the settings.
    pub group: Option<ChatId>,
    /// The id in the settings at the time of the migration.
    pub group_moved_from: Option<ChatId>,
    /// The number of the last request; zero if there was none.
    pub requests: i64,
    /// The last import that finished, if any.
    pub imported: Option<Imported>,
    /// Upper bound of the numbers given to queued items, in both queues: every number given so far is below it.
    pub next: Seq,
    /// Whether every number encodes its partition ([`domain::Partition::of_seq`] decodes it). In a store created before
    /// numbers encoded it, they do not.
    pub named: bool,
}

impl Facts {
    /// Returns the number of a queued item in the form that encodes its partition. A number of the old form is replaced
    /// by one above all numbers given before; the replacements keep their order.
    pub fn number(&self, seq: Seq, partition: Partition) -> Seq {
        if self.named { seq } else { Seq::of(self.next.0.saturating_add(seq.0), partition) }
    }
}

/// A received update, decided or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUpdate {
    /// Telegram's number of the update.
    pub update: UpdateId,
    /// When the update was received.
    pub at: Millis,
}

/// One item of a store's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// State of the desk as a whole: exactly one record, the first.
    Facts(Facts),
    /// An operators' group besides the first.
    Group(GroupRow),
    /// A conversation, with the revision under which it is stored.
    Conversation(Box<Conversation>),
    /// A pair of message ids.
    Link(Link),
    /// A received update; waiting updates have this record, too.
    Known(KnownUpdate),
    /// An update that waits to be decided.
    Update(InboxItem),
    /// A send that waits for its call.
    Send(OutboxItem),
    /// An update or a send that was given up.
    Dead(DeadLetter),
}

impl Record {
    /// Wraps a conversation.
    pub fn of(conversation: Conversation) -> Self {
        Self::Conversation(Box::new(conversation))
    }

    /// Converts the record to numbers that encode their partition. `facts` belong to the store that the record comes
    /// from.
    #[must_use]
    pub fn named(mut self, facts: &Facts) -> Self {
        match &mut self {
            Self::Facts(own) if !own.named => {
                own.next = Seq(own.next.0.saturating_mul(2 * PARTITIONS));
                own.named = true;
            }
            Self::Update(item) => item.name(facts),
            Self::Send(item) => item.name(facts),
            Self::Dead(letter) => match &mut letter.origin {
                Origin::Update(item) => item.name(facts),
                Origin::Send(item) => item.name(facts),
            },
            Self::Facts(_)
            | Self::Group(_)
            | Self::Conversation(_)
            | Self::Link(_)
            | Self::Known(_) => {}
        }
        self
    }
}

impl InboxItem {
    fn name(&mut self, facts: &Facts) {
        self.seq = facts.number(self.seq, self.update.lane.partition());
    }
}

impl OutboxItem {
    fn name(&mut self, facts: &Facts) {
        self.seq = facts.number(self.seq, self.queued.lane.partition());
    }
}

/// Number of records of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Stored conversations.
    pub conversations: u64,
    /// Pairs of message ids.
    pub links: u64,
    /// Updates received recently.
    pub known: u64,
    /// Updates that wait to be decided.
    pub updates: u64,
    /// Sends that wait for their call.
    pub sends: u64,
    /// Dead letters of both queues.
    pub dead: u64,
}

impl RecordCounts {
    /// Adds `record` to the count of its kind.
    pub fn count(&mut self, record: &Record) {
        match record {
            Record::Facts(_) | Record::Group(_) => {}
            Record::Conversation(_) => self.conversations += 1,
            Record::Link(_) => self.links += 1,
            Record::Known(_) => self.known += 1,
            Record::Update(_) => self.updates += 1,
            Record::Send(_) => self.sends += 1,
            Record::Dead(_) => self.dead += 1,
        }
    }
}

/// The content of a store at one moment: approximately the moment at which the snapshot was made. Later writes are not
/// part of it, and it does not block them.
///
/// In a partitioned store, each partition may have its own moment. Then all data of one conversation, its queued items
/// included, is of the same moment; an update that concerns several partitions is in all of them or in none; and the
/// offset is not later than any of the moments.
#[async_trait]
pub trait Snapshot: Send {
    /// Why the snapshot cannot be read.
    type Error: Error + Send + Sync + 'static;

    /// Returns the next records, a bounded number of them, or an empty list at the end. Records come kind by kind, in
    /// the order of the variants of [`Record`]; queued items and dead letters come in ascending order of their numbers.
    /// After an error the snapshot must not be used any more.
    async fn page(&mut self) -> Result<Vec<Record>, Self::Error>;
}

/// An empty storage that loads records in the order in which a [`Snapshot`] returns them. Constructors refuse a storage
/// that is not empty.
#[async_trait]
pub trait Restore: Send {
    /// Why the records cannot be written.
    type Error: Error + Send + Sync + 'static;

    /// Stores records under the numbers and revisions that they have.
    async fn add(&mut self, page: Vec<Record>) -> Result<(), Self::Error>;

    /// Makes everything durable before it returns. Numbers of the loaded records are never given again. Until then no
    /// desk accepts the storage as its store: if the restore is dropped earlier, or fails, the storage is either as
    /// empty as before, or refused until a new restore completes.
    async fn finish(self: Box<Self>) -> Result<(), Self::Error>;

    /// Whether the storage held an unfinished restore, which was removed.
    fn discarded_unfinished(&self) -> bool {
        false
    }

    /// Returns the storage to its empty state, as far as possible.
    async fn abandon(self: Box<Self>);
}

/// Loads the whole snapshot into an empty storage, with the guarantees of [`Restore::add`] and [`Restore::finish`].
pub async fn copy<R, W>(
    from: &mut dyn Snapshot<Error = R>,
    mut into: Box<dyn Restore<Error = W>>,
) -> Result<RecordCounts, CopyError<R, W>>
where
    R: Error + Send + Sync + 'static,
    W: Error + Send + Sync + 'static,
{
    match copy_pages(from, &mut *into).await {
        Ok(counts) => {
            into.finish().await.map_err(CopyError::Write)?;
            Ok(counts)
        }
        Err(error) => {
            into.abandon().await;
            Err(error)
        }
    }
}

async fn copy_pages<R, W>(
    from: &mut dyn Snapshot<Error = R>,
    into: &mut dyn Restore<Error = W>,
) -> Result<RecordCounts, CopyError<R, W>>
where
    R: Error + Send + Sync + 'static,
    W: Error + Send + Sync + 'static,
{
    let mut counts = RecordCounts::default();
    loop {
        let page = from.page().await.map_err(CopyError::Read)?;
        if page.is_empty() {
            return Ok(counts);
        }
        for record in &page {
            counts.count(record);
        }
        into.add(page).await.map_err(CopyError::Write)?;
    }
}

/// Why records could not be copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError<R, W> {
    /// The source cannot be read.
    #[error(transparent)]
    Read(R),
    /// The destination cannot be written.
    #[error(transparent)]
    Write(W),
}
