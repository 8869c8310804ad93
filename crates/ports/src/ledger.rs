//! What the desk knows, and the one way in which it changes.

use std::{future::Future, sync::Arc};

use domain::{
    ChatId, Conversation, DeadId, Link, LinkKey, Millis, Revision, Seq, Shard, Shards, Subject,
    UpdateId, UserId,
};

use super::{DeadLetter, OutboxItem, Queued, StoreError};

/// Everything that one step changes. Written whole or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// The decided update; its number stays known. If it is not in the inbox any more, this commit was
    /// asked for twice: nothing is written, and it counts as done.
    pub decided: Option<Seq>,
    /// The conversation that this was decided on, with the revision it had; zero for one not stored
    /// yet. If the stored one differs, nothing of this commit is written.
    pub expects: Option<(UserId, Revision)>,
    /// The conversation from now on, stored under its revision plus one. Its own revision is expected
    /// too.
    pub conversation: Option<Conversation>,
    /// Added to their lanes, in this order.
    pub queued: Vec<Queued>,
    /// Sends that are done, or dead.
    pub sent: Vec<Seq>,
    /// Pairs of messages learnt; a pair known already gets the new contents.
    pub links: Vec<Link>,
    /// Kept for a person to look at.
    pub dead: Vec<DeadLetter>,
    /// Dead letters put back at the end of their lanes; those that are gone are passed over.
    pub retried: Vec<DeadId>,
    /// The operators' group has another id from now on; links of the old one are forgotten, unless
    /// this is known already.
    pub group: Option<GroupMove>,
}

/// The operators' group got another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupMove {
    /// The id in the settings: the move counts only as long as they name it.
    pub from: ChatId,
    /// The id from now on.
    pub to: ChatId,
}

/// The outcome of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// Written and durable.
    Done {
        /// The sends queued by it, in order, then those put back.
        queued: Vec<OutboxItem>,
        /// Dead updates put back into the inbox by it.
        reopened: Vec<super::InboxItem>,
    },
    /// The conversation changed meanwhile: load and decide again. Nothing was written.
    Stale,
    /// Another process takes care of it: the part it belongs to was lost, or the update was handed on to
    /// where its conversation lies, which may be here as well. Nothing else was written.
    Elsewhere,
}

/// What is remembered of the desk itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notebook {
    /// The next update to ask Telegram for.
    pub offset: Option<UpdateId>,
    /// The operators' group, if it moved from the id in the settings.
    pub group: Option<ChatId>,
    /// The id in the settings when it moved.
    pub group_moved_from: Option<ChatId>,
    /// Whether the last run ended without closing the store.
    pub unclean: bool,
    /// The import that was finished last, if any was.
    pub imported: Option<Imported>,
}

/// An import of the users of the old bot that went through to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// How many users of the old bot the desk knows since then.
    pub users: i64,
    /// When it ended.
    pub at: Millis,
}

/// Where a page of conversations has ended: of one store and one set of parts only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageEnd {
    /// In this part.
    pub shard: Shard,
    /// There, as the store knows it.
    pub at: i64,
}

/// Conversations, links, and the commit.
pub trait Ledger: Send + Sync + 'static {
    /// The conversation that an event is about; `None` if there is none. A topic is that of the conversation that has it
    /// now; if none has, of one that had it before ([`Conversation::former`]).
    fn load(
        &self,
        subject: Subject,
    ) -> impl Future<Output = Result<Option<Arc<Conversation>>, StoreError>> + Send;

    /// The pair that a message belongs to, of several the one made last (what was copied anew belongs
    /// to its newest copy); `None` if there is none, or it was forgotten.
    fn link(&self, key: LinkKey) -> impl Future<Output = Result<Option<Link>, StoreError>> + Send;

    /// Writes commits, in this order, each whole or not at all, all durable when it returns. After a stale
    /// commit all later ones of the call for the same conversation are stale: they were decided upon it.
    /// Commits of concurrent calls share one sync. On an error none of them was written, or the store cannot
    /// know: a commit asked for again is then answered for as it was written, so that what it has queued is heard of.
    fn commit(
        &self,
        commits: Vec<Commit>,
    ) -> impl Future<Output = Result<Vec<Committed>, StoreError>> + Send;

    /// What is remembered of the desk itself: as of now in a store that several processes share, else as of the start of
    /// this run.
    fn notebook(&self) -> impl Future<Output = Result<Notebook, StoreError>> + Send;

    /// Those of the conversations in these parts, which this process takes care of, whose timer has run out at this moment: those
    /// that wait longest first, at most `limit`. The timer of a conversation is its own [`Conversation::due`].
    fn due(
        &self,
        of: Shards,
        now: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<UserId>, StoreError>> + Send;

    /// Some of the conversations in these parts behind `after`, about `limit`, whoever takes care of them; and where the next
    /// begin, `None` behind the last. A page may be empty although more follow. Each that is there all the time is
    /// listed, as it is at that moment, and may be listed again if a store grows meanwhile; what cannot be read is left out.
    fn page(
        &self,
        of: Shards,
        after: Option<PageEnd>,
        limit: usize,
    ) -> impl Future<Output = Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError>> + Send;

    /// The number of a user's request, of theirs the `nth`: one above the last that was given, durable, and the same
    /// each time that it is asked for. Of an earlier request than the one last asked for, that one's.
    fn request(
        &self,
        user: UserId,
        nth: u32,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Numbers of requests go on above this one, unless they are beyond it already. Returns the last that was given.
    fn requests_from(&self, last: i64) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Remembers that an import went through to its end, in the place of an earlier one; durable when it returns.
    fn remember_import(
        &self,
        imported: Imported,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets links made, and updates received and decided, before these moments: in small steps, so
    /// that nobody waits for it. Returns how many rows went; call again while that is not zero.
    fn forget(
        &self,
        links: Millis,
        updates: Millis,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}
