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
    mailing: Newsletter,
    round: SendOrRecall,
    partitions: PartitionSet,
    pass: Pass,
    way: Way,
    /// Conversations that were read and not examined yet.
    read: VecDeque<Arc<Conversation>>,
    /// Conversations for which it is queued next.
    chosen: Vec<Arc<Conversation>>,
    /// Users whose conversations changed in the meantime.
    again: Vec<UserId>,
    /// Users whose send is in the outbox.
    under_way: HashSet<UserId>,
    /// The progress in each partition.
    tallies: Vec<Progress>,
    /// Whether the progress has changed since it was last published.
    changed: bool,
}

/// The purpose of the current pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    OutcomeEvent,
    Queue,
    Done,
}

/// Where the pass continues.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    From(Option<PageEnd>),
    End,
}

impl Scan {
    pub(super) fn new(mailing: Newsletter, round: SendOrRecall, partitions: PartitionSet) -> Self {
        Self {
            mailing,
            round,
            partitions,
            pass: Pass::OutcomeEvent,
            way: Way::From(None),
            read: VecDeque::new(),
            chosen: Vec::new(),
            again: Vec::new(),
            under_way: HashSet::new(),
            tallies: Partition::all().map(|_| Progress::default()).collect(),
            changed: true,
        }
    }

    /// Updates the newsletter's state.
    pub(super) fn follow(&mut self, mailing: &Newsletter) {
        if self.mailing != *mailing {
            self.mailing = mailing.clone();
        }
    }

    /// Records the outcome for a user. If the send is not known here yet, the counting pass finds the outcome.
    pub(super) fn settled(&mut self, user: UserId, outcome: RecipientOutcome) {
        if self.under_way.remove(&user) {
            self.change(user, |tally| {
                tally.queued = tally.queued.saturating_sub(1);
                tally.count(outcome);
            });
        }
    }

    /// The progress in each partition, if it has changed since it was last published and the counting pass is over.
    pub(super) fn news(&self) -> Option<Vec<(Partition, PartitionProgress)>> {
        if self.pass == Pass::OutcomeEvent || !self.changed {
            return None;
        }
        let done = self.pass == Pass::Done;
        let place = |partition: Partition| {
            let tally =
                self.tallies.get(usize::from(partition.number())).copied().unwrap_or_default();
            (partition, PartitionProgress { done: done && tally.queued == 0, tally })
        };
        Some(self.partitions.iter().map(place).collect())
    }

    /// The progress was published.
    pub(super) fn was_shown(&mut self) {
        self.changed = false;
    }

    /// The sum over the partitions.
    pub(super) fn tally(&self) -> Progress {
        self.tallies.iter().fold(Progress::default(), |sum, tally| sum.and(*tally))
    }

    /// Advances a little. Returns whether it can continue at once.
    pub(super) async fn step(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        match self.pass {
            Pass::OutcomeEvent => {
                for _ in 0..PAGES {
                    if !self.count_page(writer).await? {
                        (self.pass, self.way) = (Pass::Queue, Way::From(None));
                        break;
                    }
                }
                Ok(true)
            }
            Pass::Queue if self.mailing.goes_on() => self.queue(writer).await,
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
            let stage = self.mailing.stage(self.round, &user.recipient(default));
            let is_new = stage != Stage::UnderWay || self.under_way.insert(user.user);
            self.change(user.user, |tally| match stage {
                Stage::Skipped => tally.skipped += 1,
                Stage::Pending => tally.pending += 1,
                Stage::UnderWay if is_new => tally.count(RecipientOutcome::Queued),
                Stage::Settled(outcome) => tally.count(outcome),
                Stage::Outside | Stage::UnderWay => {}
            });
        }
        Ok(true)
    }

    /// Reads the next page. Returns whether there was one.
    async fn read_page(&mut self, writer: &Writer) -> Result<bool, StoreError> {
        let Way::From(after) = self.way.clone() else { return Ok(false) };
        writer.desk.heartbeats.beat(Loop::Newsletter);
        let page = writer.desk.store.page(self.partitions, after, PAGE);
        let (page, next) = writer.desk.stored(StoreOperation::Read, page).await?;
        self.read.extend(page);
        self.way = next.map_or(Way::End, |next| Way::From(Some(next)));
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
            if self.mailing.stage(self.round, &user.recipient(default)) == Stage::Pending {
                self.chosen.push(user);
            }
        }
        let is_full = self.chosen.len() >= room;
        self.write(writer).await;
        let at_end = self.way == Way::End && self.read.is_empty() && self.again.is_empty();
        if at_end {
            self.pass = Pass::Done;
            self.changed = true;
            // Users who were counted as pending and no longer are will be skipped.
            self.tallies.iter_mut().for_each(|tally| tally.pending = 0);
        }
        Ok(!at_end && !is_full)
    }

    /// The next conversation to examine.
    async fn next(&mut self, writer: &Writer) -> Result<Option<Arc<Conversation>>, StoreError> {
        while let Some(user) = self.again.last() {
            let loaded = writer.desk.store.load(Subject::User(*user));
            let loaded = writer.desk.stored(StoreOperation::Load, loaded).await?;
            self.again.pop();
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
                Some(Committed::Done { .. }) => {
                    self.under_way.insert(user);
                    self.change(user, |tally| {
                        tally.pending = tally.pending.saturating_sub(1);
                        tally.count(RecipientOutcome::Queued);
                    });
                }
                Some(Committed::Stale) => self.again.push(user),
                // The conversation's new holder counts it.
                Some(Committed::Elsewhere) => {}
                None => self.change(user, |tally| {
                    tally.pending = tally.pending.saturating_sub(1);
                    tally.count(RecipientOutcome::Failed);
                }),
            }
        }
    }

    /// Builds the commit that marks the newsletter as queued, or as being recalled, for a user, with the send for it.
    fn commit(&self, user: &Conversation, writer: &Writer) -> Commit {
        let (now, newsletter) = (writer.desk.now(), self.mailing.id);
        let mut next = user.clone();
        let copies = || user.received(newsletter).map(|received| received.copies.clone());
        let (act, outcome) = match self.round {
            SendOrRecall::Out => {
                let (author, letter) = (self.mailing.author, self.mailing.letter.clone());
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
        if let Some(tally) = self.tallies.get_mut(usize::from(Partition::of(user).number())) {
            change(tally);
            self.changed = true;
        }
    }
}
