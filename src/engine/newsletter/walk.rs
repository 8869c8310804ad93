//! One newsletter's way through the conversations of this process.
//!
//! It goes through all of them twice: once to count who has it already, so that an interrupted one goes on; then to queue
//! it for whoever does not.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use crate::telemetry::{Loop, StoreOperation};
use domain::{
    Conversation, Effect, Mail, MailAct, Mailing, Outcome, Round, Shard, Shards, Stage, Subject,
    Tally, UpdateId, UserId,
};
use ports::{Commit, Committed, PageEnd, Queued, Store, StoreError};

use super::{Newsletters, board::Place};

/// So many conversations are read at once.
const PAGE: usize = 500;
/// So many pages are counted before others have their turn.
const PAGES: usize = 8;

#[derive(Debug)]
pub(super) struct Walk {
    mailing: Mailing,
    round: Round,
    shards: Shards,
    pass: Pass,
    way: Way,
    /// What was read and not looked at yet.
    read: VecDeque<Arc<Conversation>>,
    /// Those for whom it is to be queued next.
    chosen: Vec<Arc<Conversation>>,
    /// Those that changed while they were looked at.
    again: Vec<UserId>,
    /// Those for whom it is in the outbox.
    under_way: HashSet<UserId>,
    /// How far it is, by part.
    tallies: Vec<Tally>,
    /// Whether that changed since it was shown last.
    changed: bool,
}

/// What it goes through the conversations for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Count,
    Queue,
    Done,
}

/// Where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    From(Option<PageEnd>),
    End,
}

impl Walk {
    pub(super) fn new(mailing: Mailing, round: Round, shards: Shards) -> Self {
        Self {
            mailing,
            round,
            shards,
            pass: Pass::Count,
            way: Way::From(None),
            read: VecDeque::new(),
            chosen: Vec::new(),
            again: Vec::new(),
            under_way: HashSet::new(),
            tallies: Shard::all().map(|_| Tally::default()).collect(),
            changed: true,
        }
    }

    /// The newsletter as it is by now.
    pub(super) fn follow(&mut self, mailing: &Mailing) {
        if self.mailing != *mailing {
            self.mailing = mailing.clone();
        }
    }

    /// It is known what became of it for a user. Of whom it is not known here that it is under way, the count tells.
    pub(super) fn settled(&mut self, user: UserId, outcome: Outcome) {
        if self.under_way.remove(&user) {
            self.change(user, |tally| {
                tally.queued = tally.queued.saturating_sub(1);
                tally.count(outcome);
            });
        }
    }

    /// How far it is in each part, if that has changed since it was shown last and all were counted.
    pub(super) fn news(&self) -> Option<Vec<(Shard, Place)>> {
        if self.pass == Pass::Count || !self.changed {
            return None;
        }
        let done = self.pass == Pass::Done;
        let place = |shard: Shard| {
            let tally = self.tallies.get(usize::from(shard.number())).copied().unwrap_or_default();
            (shard, Place { done: done && tally.queued == 0, tally })
        };
        Some(self.shards.iter().map(place).collect())
    }

    /// Its news were shown.
    pub(super) fn was_shown(&mut self) {
        self.changed = false;
    }

    /// The sum of all its parts.
    pub(super) fn tally(&self) -> Tally {
        self.tallies.iter().fold(Tally::default(), |sum, tally| sum.and(*tally))
    }

    /// Goes on a little. Returns whether it can at once go on again.
    pub(super) async fn step<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<bool, StoreError> {
        match self.pass {
            Pass::Count => {
                for _ in 0..PAGES {
                    if !self.count_page(all).await? {
                        (self.pass, self.way) = (Pass::Queue, Way::From(None));
                        break;
                    }
                }
                Ok(true)
            }
            Pass::Queue if self.mailing.goes_on() => self.queue(all).await,
            Pass::Queue | Pass::Done => Ok(false),
        }
    }

    /// Counts some. Returns whether there are more.
    async fn count_page<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<bool, StoreError> {
        if !self.read_page(all).await? {
            return Ok(false);
        }
        let default = all.desk.settings.default_language;
        while let Some(user) = self.read.pop_front() {
            let stage = self.mailing.stage(self.round, &user, default);
            let is_new = stage != Stage::UnderWay || self.under_way.insert(user.user);
            self.change(user.user, |tally| match stage {
                Stage::Skipped => tally.skipped += 1,
                Stage::Pending => tally.pending += 1,
                Stage::UnderWay if is_new => tally.count(Outcome::Queued),
                Stage::Settled(outcome) => tally.count(outcome),
                Stage::Outside | Stage::UnderWay => {}
            });
        }
        Ok(true)
    }

    /// Reads the next page. Returns whether there was one.
    async fn read_page<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<bool, StoreError> {
        let Way::From(after) = self.way.clone() else { return Ok(false) };
        all.desk.heartbeats.beat(Loop::Newsletter);
        let page = all.desk.store.page(self.shards, after, PAGE);
        let (page, next) = all.desk.stored(StoreOperation::Read, page).await?;
        self.read.extend(page);
        self.way = next.map_or(Way::End, |next| Way::From(Some(next)));
        Ok(true)
    }

    /// Queues it for as many as there is room for.
    async fn queue<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<bool, StoreError> {
        let window = all.desk.settings.send_concurrency.saturating_mul(2).max(16);
        let room = window.saturating_sub(self.under_way.len());
        if room < window / 2 {
            return Ok(false);
        }
        let default = all.desk.settings.default_language;
        let mut pages = 0;
        // Where reading on fails, those that were chosen stay so.
        while self.chosen.len() < room {
            let Some(user) = self.next(all).await? else {
                pages += 1;
                if pages > PAGES || !self.read_page(all).await? {
                    break;
                }
                continue;
            };
            if self.mailing.stage(self.round, &user, default) == Stage::Pending {
                self.chosen.push(user);
            }
        }
        let is_full = self.chosen.len() >= room;
        self.write(all).await;
        let at_end = self.way == Way::End && self.read.is_empty() && self.again.is_empty();
        if at_end {
            self.pass = Pass::Done;
            self.changed = true;
            // Who was pending, and is not any more, has become one of those who are passed over.
            self.tallies.iter_mut().for_each(|tally| tally.pending = 0);
        }
        Ok(!at_end && !is_full)
    }

    /// The next of those that were read.
    async fn next<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<Option<Arc<Conversation>>, StoreError> {
        while let Some(user) = self.again.last() {
            let loaded = all.desk.store.load(Subject::User(*user));
            let loaded = all.desk.stored(StoreOperation::Load, loaded).await?;
            self.again.pop();
            if loaded.is_some() {
                return Ok(loaded);
            }
        }
        Ok(self.read.pop_front())
    }

    /// Queues it for those that were chosen.
    async fn write<S: Store, M: Send + Sync + 'static>(&mut self, all: &Newsletters<S, M>) {
        let batch = std::mem::take(&mut self.chosen);
        if batch.is_empty() {
            return;
        }
        let commits = batch.iter().map(|user| self.commit(user, all)).collect();
        let outcomes = all.write(commits).await;
        for (user, outcome) in batch.iter().map(|user| user.user).zip(outcomes) {
            match outcome {
                Some(Committed::Done { .. }) => {
                    self.under_way.insert(user);
                    self.change(user, |tally| {
                        tally.pending = tally.pending.saturating_sub(1);
                        tally.count(Outcome::Queued);
                    });
                }
                Some(Committed::Stale) => self.again.push(user),
                // Whoever takes care of it now counts it.
                Some(Committed::Elsewhere) => {}
                None => self.change(user, |tally| {
                    tally.pending = tally.pending.saturating_sub(1);
                    tally.count(Outcome::Failed);
                }),
            }
        }
    }

    /// The user is to receive it, or to lose it again, and the send that does so.
    fn commit<S: Store, M: Send + Sync + 'static>(
        &self,
        user: &Conversation,
        all: &Newsletters<S, M>,
    ) -> Commit {
        let (now, newsletter) = (all.desk.now(), self.mailing.id);
        let mut next = user.clone();
        let copies = || user.received(newsletter).map(|received| received.copies.clone());
        let (act, outcome) = match self.round {
            Round::Out => {
                let (author, letter) = (self.mailing.author, self.mailing.letter.clone());
                (MailAct::Deliver { author, letter }, Outcome::Queued)
            }
            Round::Back => (MailAct::Recall(copies().unwrap_or_default()), Outcome::Recalling),
        };
        next.receive(newsletter, outcome, None, now);
        let effect = Effect::Mail(Mail { newsletter, act });
        let lane = effect.lane(user.user);
        let queued = Queued { lane, effect, cause: UpdateId(0), received: now, not_before: None };
        Commit {
            expects: Some((user.user, user.revision)),
            conversation: Some(next),
            queued: vec![queued],
            ..Commit::default()
        }
    }

    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Tally)) {
        if let Some(tally) = self.tallies.get_mut(usize::from(Shard::of(user).number())) {
            change(tally);
            self.changed = true;
        }
    }
}
