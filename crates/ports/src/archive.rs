//! Everything a store holds, as records that any other store can take in: for backups, and for moving.

use std::{error::Error, future::Future};

use domain::{ChatId, Conversation, Link, Millis, PARTS, Seq, UpdateId};

use super::{DeadLetter, Imported, InboxItem, Origin, OutboxItem};

/// What is remembered of the desk itself, and must outlive a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The next update to ask Telegram for.
    pub offset: Option<UpdateId>,
    /// The operators' group, if it moved from the id in the settings.
    pub group: Option<ChatId>,
    /// The id in the settings when it moved.
    pub group_moved_from: Option<ChatId>,
    /// The number of the last request; zero if there was none.
    pub requests: i64,
    /// The import that was finished last, if any was.
    pub imported: Option<Imported>,
    /// No number from this one on was given to a queued item yet, in either queue.
    pub next: Seq,
    /// Whether each number names its part, as [`Seq::part`] reads it. Those of a store that was begun before
    /// numbers did so do not.
    pub named: bool,
}

impl Facts {
    /// The number of a queued item, so that it names its part. One that did not is changed, so that order stays, and
    /// lies above all that were given before.
    pub fn number(&self, seq: Seq, part: i64) -> Seq {
        if self.named { seq } else { Seq::of(self.next.0.saturating_add(seq.0), part) }
    }
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
    Conversation(Box<Conversation>),
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

impl Record {
    /// A conversation.
    pub fn of(conversation: Conversation) -> Self {
        Self::Conversation(Box::new(conversation))
    }

    /// The record as a store has it whose numbers name their parts; `facts` are those of the store it comes from.
    #[must_use]
    pub fn named(mut self, facts: &Facts) -> Self {
        match &mut self {
            Self::Facts(own) if !own.named => {
                own.next = Seq(own.next.0.saturating_mul(2 * PARTS));
                own.named = true;
            }
            Self::Update(item) => item.name(facts),
            Self::Send(item) => item.name(facts),
            Self::Dead(letter) => match &mut letter.origin {
                Origin::Update(item) => item.name(facts),
                Origin::Send(item) => item.name(facts),
            },
            Self::Facts(_) | Self::Conversation(_) | Self::Link(_) | Self::Known(_) => {}
        }
        self
    }
}

impl InboxItem {
    fn name(&mut self, facts: &Facts) {
        self.seq = facts.number(self.seq, self.update.lane.part());
    }
}

impl OutboxItem {
    fn name(&mut self, facts: &Facts) {
        self.seq = facts.number(self.seq, self.queued.lane.part());
    }
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

/// Everything that was held at one moment: about the one at which this was made. What is written to the store later is
/// not in it, and waits for nobody.
///
/// A store in several parts may have a moment for each. Then everything of a conversation is of one moment, with what
/// waits of it; an update that concerns several parts is in all of them or in none; and the offset is not later than any.
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

    /// All is durable when this returns, and no number of a record will be given again. Until then no desk takes the
    /// storage for a store: dropped before, or after an error, it is as empty as it was, or refused until it is filled
    /// anew.
    fn finish(self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Leaves the storage as empty as it was, as far as that can be done.
    fn abandon(self) -> impl Future<Output = ()> + Send;

    /// Takes in everything there is: what both [`Restore::add`] and [`Restore::finish`] promise.
    fn fill<S: Snapshot>(
        mut self,
        from: &mut S,
    ) -> impl Future<Output = Result<Tally, CopyError<S::Error, Self::Error>>> + Send {
        async move {
            match take_over(&mut self, from).await {
                Ok(tally) => {
                    self.finish().await.map_err(CopyError::Write)?;
                    Ok(tally)
                }
                Err(error) => {
                    self.abandon().await;
                    Err(error)
                }
            }
        }
    }
}

async fn take_over<R: Restore, S: Snapshot>(
    into: &mut R,
    from: &mut S,
) -> Result<Tally, CopyError<S::Error, R::Error>> {
    let mut tally = Tally::default();
    loop {
        let page = from.page().await.map_err(CopyError::Read)?;
        if page.is_empty() {
            return Ok(tally);
        }
        for record in &page {
            tally.count(record);
        }
        into.add(page).await.map_err(CopyError::Write)?;
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
