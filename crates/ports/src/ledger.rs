//! The ledger: conversations, links, and the commit, which is the only way to change them; the state of the desk as a
//! whole, the numbers of requests, and the deletion of what has expired.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    ChatId, Conversation, DeadId, GroupKey, Link, LinkKey, Millis, Partition, PartitionSet,
    Revision, Seq, Subject, UpdateId, UserId,
};

use super::{DeadLetter, GroupRegistry, InboxItem, OutboxItem, Queued, StoreError};

/// Everything that one step changes. Written whole or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// The decided update; its number stays known. If the update is no longer in the inbox, this commit was requested
    /// before: nothing is written, and the commit counts as done.
    pub decided: Option<Seq>,
    /// The conversation on which the decision is based, with its revision at that time; zero if it was not stored yet.
    /// If the stored revision differs, nothing of this commit is written.
    pub expects: Option<(UserId, Revision)>,
    /// The new conversation, stored under its revision plus one. Its own revision must be the stored one, too.
    pub conversation: Option<Conversation>,
    /// Sends to append to their lanes, in this order.
    pub queued: Vec<Queued>,
    /// Sends to remove from the outbox: they are done, or dead.
    pub sent: Vec<Seq>,
    /// New pairs of message ids. A pair that is known already gets the new content.
    pub links: Vec<Link>,
    /// Dead letters to keep for a person to inspect.
    pub dead: Vec<DeadLetter>,
    /// Dead letters to put back at the end of their lanes. Dead letters that no longer exist are skipped.
    pub retried: Vec<DeadId>,
    /// A new id of an operators' group. Links of the old id are deleted, unless the migration is known already.
    pub group: Option<GroupMove>,
}

/// A migration of an operators' group to another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupMove {
    /// The group.
    pub group: GroupKey,
    /// The id in the settings. The migration is void as soon as the settings name another id.
    pub from: ChatId,
    /// The new id.
    pub to: ChatId,
    /// When Telegram said so.
    pub at: Millis,
}

impl Commit {
    /// The revisions that must be stored for the commit to be valid; rarely more than one. That of the new
    /// conversation is the last.
    pub fn expectations(&self) -> impl Iterator<Item = (UserId, Revision)> + use<> {
        let own = self.conversation.as_ref().map(|next| (next.user, next.revision));
        let other = self.expects.filter(|expected| Some(*expected) != own);
        other.into_iter().chain(own)
    }

    /// The users whose conversations the commit is based on.
    pub fn users(&self) -> impl Iterator<Item = UserId> + use<> {
        self.expectations().map(|(user, _)| user)
    }
}

/// What a commit has added to the queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The queued sends, in order, followed by the sends put back from dead letters.
    pub queued: Vec<OutboxItem>,
    /// Dead updates that the commit put back into the inbox.
    pub reopened: Vec<InboxItem>,
}

/// The outcome of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The commit is written and durable.
    Done(Written),
    /// The conversation has changed since it was read: load it and decide again. Nothing was written.
    Stale,
    /// Another process is responsible: the partition was lost, or the update was handed to the partition of its
    /// conversation, which this process may hold as well. Nothing else was written.
    Elsewhere,
}

/// Stored state of the desk as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notebook {
    /// The next update to request from Telegram.
    pub offset: Option<UpdateId>,
    /// The first operators' group, if it has migrated away from the id in the settings.
    pub group: Option<ChatId>,
    /// The id in the settings at the time of the migration.
    pub group_moved_from: Option<ChatId>,
    /// Whether the previous run ended without closing the store.
    pub unclean: bool,
    /// The last import that finished, if any.
    pub imported: Option<Imported>,
}

/// A finished import of the old bot's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Number of the old bot's users that the desk knows after the import.
    pub users: i64,
    /// When the import finished.
    pub at: Millis,
}

/// Where a page of conversations ended. Valid only for the same store and the same set of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageEnd {
    /// The partition in which the page ended.
    pub partition: Partition,
    /// The position within the partition, in the store's own terms.
    pub at: i64,
}

/// Conversations, links, and the commit.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Reads the conversation that an event concerns, if one exists. A topic belongs to the conversation that
    /// has it now, or else to one that had it before ([`TopicState::former`](domain::TopicState::former)).
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError>;

    /// Reads the link of a message; `None` if it never had one, or the link was deleted. If a message has several
    /// links, the newest counts: a message that was copied again belongs to its newest copy.
    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError>;

    /// Writes commits in this order, each whole or not at all; all are durable when the call returns. After a stale
    /// commit, all later commits of the call for the same conversation are stale: they were based on it. Commits of
    /// concurrent calls share one sync.
    ///
    /// On an error, either none of them was written, or the store cannot know. A commit requested again afterwards gets
    /// the outcome of its first write, so that the caller learns of the sends that it queued.
    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError>;

    /// Lists conversations whose timer has expired by `now`, longest overdue first, at most `limit`. All of the
    /// partitions must be held by this process. The timer of a conversation is [`WelcomeProgress::due`](domain::WelcomeProgress::due).
    async fn due(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError>;

    /// Lists about `limit` conversations of these partitions after `after`, no matter which process holds them, and the
    /// start of the next page, `None` after the last. A page may be empty although more follow. A conversation that
    /// exists all the time is listed, in its state at that moment, and may be listed again if the store grows
    /// meanwhile. A conversation that cannot be read is skipped.
    async fn page(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError>;
}

/// Stored state of the desk as a whole.
#[async_trait]
pub trait DeskState: Send + Sync + 'static {
    /// Reads the state of the desk as a whole: the current state in a store that several processes share, otherwise the
    /// state at the start of this run.
    async fn notebook(&self) -> Result<Notebook, StoreError>;

    /// Gives each of these groups, as the settings name them, a number, unless it has one; durable when the call returns.
    /// The first group is never among them. Returns all groups that have a number. A store that has given one is refused
    /// by releases that know one group only.
    async fn register_groups(&self, configured: &[ChatId]) -> Result<GroupRegistry, StoreError>;

    /// Records a finished import in place of an earlier one; durable when the call returns.
    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError>;
}

/// The numbers of requests: one counter for all users.
#[async_trait]
pub trait RequestNumbers: Send + Sync + 'static {
    /// Returns the number of the user's `nth` request: one above the last number given to anybody, durable, and the
    /// same at each call. For an earlier `nth` than the one last asked for, returns the number of that last one.
    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError>;

    /// Raises the counter of request numbers to at least `last`. Returns the last number given.
    async fn requests_from(&self, last: i64) -> Result<i64, StoreError>;
}

/// Deletion of what has expired.
#[async_trait]
pub trait Retention: Send + Sync + 'static {
    /// Deletes links made, and updates received and decided, before these moments: in small steps, so that no other
    /// caller waits long. Returns the number of deleted rows; call again until it is zero.
    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError>;
}
