//! One newsletter's passes through the conversations of this process.
//!
//! There are two passes: the first counts the users who have it already, so that an interrupted newsletter can
//! continue; the second queues it for the others.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use crate::telemetry::{Loop, StoreOperation};
use domain::{
    Conversation, Effect, Newsletter, NewsletterCall, NewsletterSend, Partition, PartitionSet,
    Progress, RecipientOutcome, SendOrRecall, Stage, Subject, UpdateId, UserId,
};
use ports::{Commit, Committed, PageEnd, Queued, StoreError};

use super::{progress::PartitionProgress, writer::Writer};

/// Conversations per read.
const PAGE: usize = 500;
/// Pages counted before other work has its turn.
const PAGES: usize = 8;

#[derive(Debug)]
pub(super) struct Scan {
    newsletter: Newsletter,
    round: SendOrRecall,
    partitions: PartitionSet,
    pass: Pass,
    position: Position,
    /// Conversations that were read and not examined yet.
    read: VecDeque<Arc<Conversation>>,
    /// Conversations for which it is queued next.
    chosen: Vec<Arc<Conversation>>,
    /// Users whose conversations changed in the meantime.
    stale: Vec<UserId>,
    /// Users whose send is in the outbox.
    under_way: HashSet<UserId>,
    /// The progress in each partition.
    by_partition: Vec<Progress>,
    /// Whether the progress has changed since it was last published.
    changed: bool,
}

/// The purpose of the current pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Count,
    Queue,
    Done,
}

/// Where the pass continues.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Position {
    From(Option<PageEnd>),
    End,
}

impl Scan {
    pub(super) fn new(
        newsletter: Newsletter,
        round: SendOrRecall,
        partitions: PartitionSet,
    ) -> Self {
        Self {
            newsletter,
            round,
            partitions,
            pass: Pass::Count,
            position: Position::From(None),
            read: VecDeque::new(),
            chosen: Vec::new(),
            stale: Vec::new(),
            under_way: HashSet::new(),
            by_partition: Partition::all().map(|_| Progress::default()).collect(),
            changed: true,
        }
    }

    /// Updates the newsletter's state.
    pub(super) fn follow(&mut self, newsletter: &Newsletter) {
        if self.newsletter != *newsletter {
            self.newsletter = newsletter.clone();
        }
    }

    /// Records the outcome for a user. If the send is not known here yet, the counting pass finds the outcome.
    pub(super) fn settle(&mut self, user: UserId, outcome: RecipientOutcome) {
        if self.under_way.remove(&user) {
            self.change(user, |progress| {
                progress.queued = progress.queued.saturating_sub(1);
                progress.count(outcome);
            });
        }
    }

    /// The progress in each partition, if it has changed since it was last published and the counting pass is over.
    pub(super) fn unpublished(&self) -> Option<Vec<(Partition, PartitionProgress)>> {
        if self.pass == Pass::Count || !self.changed {
            return None;
        }
        let done = self.pass == Pass::Done;
        let progress_of = |partition: Partition| {
            let counts =
                self.by_partition.get(usize::from(partition.number())).copied().unwrap_or_default();
            (partition, PartitionProgress { done: done && counts.queued == 0, counts })
        };
        Some(self.partitions.iter().map(progress_of).collect())
    }

    /// The progress was published.
    pub(super) fn mark_published(&mut self) {
        self.changed = false;
    }

    /// The sum over the partitions.
    pub(super) fn progress(&self) -> Progress {
        self.by_partition.iter().fold(Progress::default(), |sum, progress| sum.and(*progress))
    }

    /// Advances a little. Returns whether it can continue at once.
    pub(super) async fn step(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        match self.pass {
            Pass::Count => {
                for _ in 0..PAGES {
                    if !self.count_page(writer).await? {
                        (self.pass, self.position) = (Pass::Queue, Position::From(None));
                        break;
                    }
                }
                Ok(true)
            }
            Pass::Queue if self.newsletter.goes_on() => self.queue(writer).await,
            Pass::Queue | Pass::Done => Ok(false),
        }
    }

    /// Counts one page. Returns whether there are more.
    async fn count_page(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        if !self.read_page(writer).await? {
            return Ok(false);
        }
        let default = writer.desk.settings.default_language;
        while let Some(user) = self.read.pop_front() {
            let stage = self.newsletter.stage(self.round, &user.recipient(default));
            let is_new = stage != Stage::UnderWay || self.under_way.insert(user.user);
            self.change(user.user, |progress| match stage {
                Stage::Skipped => progress.skipped += 1,
                Stage::Pending => progress.pending += 1,
                Stage::UnderWay if is_new => progress.count(RecipientOutcome::Queued),
                Stage::Settled(outcome) => progress.count(outcome),
                Stage::Outside | Stage::UnderWay => {}
            });
        }
        Ok(true)
    }

    /// Reads the next page. Returns whether there was one.
    async fn read_page(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        let Position::From(after) = self.position.clone() else { return Ok(false) };
        writer.desk.heartbeats.beat(Loop::Newsletter);
        let page = writer.desk.store.page(self.partitions, after, PAGE);
        let (page, next) = writer.desk.stored(StoreOperation::Read, page).await?;
        self.read.extend(page);
        self.position = next.map_or(Position::End, |next| Position::From(Some(next)));
        Ok(true)
    }

    /// Queues it for as many users as there is room for.
    async fn queue(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        let window = writer.desk.settings.send_concurrency.saturating_mul(2).max(16);
        let room = window.saturating_sub(self.under_way.len());
        if room < window / 2 {
            return Ok(false);
        }
        let default = writer.desk.settings.default_language;
        let mut pages = 0;
        // If reading fails, the chosen conversations stay chosen.
        while self.chosen.len() < room {
            let Some(user) = self.next(writer).await? else {
                pages += 1;
                if pages > PAGES || !self.read_page(writer).await? {
                    break;
                }
                continue;
            };
            if self.newsletter.stage(self.round, &user.recipient(default)) == Stage::Pending {
                self.chosen.push(user);
            }
        }
        let is_full = self.chosen.len() >= room;
        self.write(writer).await;
        let at_end =
            self.position == Position::End && self.read.is_empty() && self.stale.is_empty();
        if at_end {
            self.pass = Pass::Done;
            self.changed = true;
            // Users who were counted as pending and no longer are will be skipped.
            self.by_partition.iter_mut().for_each(|progress| progress.pending = 0);
        }
        Ok(!at_end && !is_full)
    }

    /// The next conversation to examine.
    async fn next(&mut self, writer: &Writer) -> Result<Option<Arc<Conversation>>, StoreError> {
        while let Some(user) = self.stale.last() {
            let loaded = writer.desk.store.load(Subject::User(*user));
            let loaded = writer.desk.stored(StoreOperation::Load, loaded).await?;
            self.stale.pop();
            if loaded.is_some() {
                return Ok(loaded);
            }
        }
        Ok(self.read.pop_front())
    }

    /// Queues it for the chosen conversations.
    async fn write(&mut self, writer: &Writer) {
        let batch = std::mem::take(&mut self.chosen);
        if batch.is_empty() {
            return;
        }
        let commits = batch.iter().map(|user| self.commit(user, writer)).collect();
        let outcomes = writer.write(commits).await;
        for (user, outcome) in batch.iter().map(|user| user.user).zip(outcomes) {
            match outcome {
                Some(Committed::Done(_)) => {
                    self.under_way.insert(user);
                    self.change(user, |progress| {
                        progress.pending = progress.pending.saturating_sub(1);
                        progress.count(RecipientOutcome::Queued);
                    });
                }
                Some(Committed::Stale) => self.stale.push(user),
                // The conversation's new holder counts it.
                Some(Committed::Elsewhere) => {}
                None => self.change(user, |progress| {
                    progress.pending = progress.pending.saturating_sub(1);
                    progress.count(RecipientOutcome::Failed);
                }),
            }
        }
    }

    /// Builds the commit that marks the newsletter as queued, or as being recalled, for a user, with the send for it.
    fn commit(&self, user: &Conversation, writer: &Writer) -> Commit {
        let (now, newsletter) = (writer.desk.now(), self.newsletter.id);
        let mut next = user.clone();
        let copies = || user.received(newsletter).map(|received| received.copies.clone());
        let (act, outcome) = match self.round {
            SendOrRecall::Out => {
                let (author, letter) = (self.newsletter.author, self.newsletter.letter.clone());
                (NewsletterCall::Deliver { author, letter }, RecipientOutcome::Queued)
            }
            SendOrRecall::Back => {
                (NewsletterCall::Recall(copies().unwrap_or_default()), RecipientOutcome::Recalling)
            }
        };
        next.receive(newsletter, outcome, None, now);
        let effect = Effect::Newsletter(NewsletterSend { newsletter, act });
        let lane = effect.lane(user.user);
        let queued = Queued { lane, effect, cause: UpdateId(0), received: now, not_before: None };
        Commit {
            expects: Some((user.user, user.revision)),
            conversation: Some(next),
            queued: vec![queued],
            ..Commit::default()
        }
    }

    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = self.by_partition.get_mut(usize::from(Partition::of(user).number()))
        {
            change(progress);
            self.changed = true;
        }
    }
}
