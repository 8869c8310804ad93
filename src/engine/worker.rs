//! Decides updates, in batches: load, decide, one commit for all.
//!
//! Invariant: an update leaves the inbox in the commit that holds everything it leads to. A stale
//! conversation is loaded and decided again; a poisoned update holds up its own lane only, and is a dead letter
//! after a few attempts.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, debug_span};

use crate::{
    domain::{Conversation, Fact, InboxLane, UserId},
    ports::{Commit, Committed, DeadLetter, InboxItem, Origin, OutboxItem, Store, StoreError},
    telemetry::{
        DeadReason, Handler, Loop, Outcome, Processed, Queue, QueueState, StoreOperation, events,
        figure, timestamp,
    },
};

use super::{
    Desk, Ingest,
    decision::{Decided, Poison, decide_one},
    places::Places,
};

/// So many updates are decided in one commit.
const BATCH: usize = 256;

/// So long a lane waits whose dead letter cannot be written.
const REST_OF_THE_UNBURIED: Duration = Duration::from_mins(1);

/// So often deciding an update is tried.
const ATTEMPTS: u32 = 3;

/// The one task that decides.
#[derive(Debug)]
pub struct Worker<S, M> {
    desk: Arc<Desk<S, M>>,
    received: mpsc::UnboundedReceiver<Vec<InboxItem>>,
    sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    places: Arc<Places>,
    ready: VecDeque<InboxItem>,
    held: HashMap<InboxLane, Held>,
}

/// A lane whose head has failed: it waits, and what came after it waits behind it.
#[derive(Debug)]
struct Held {
    until: Instant,
    items: VecDeque<InboxItem>,
}

impl<S: Store, M: Send + Sync + 'static> Worker<S, M> {
    /// A worker that hands what must be sent to `sender`, and the door that updates reach it by.
    pub fn new(
        desk: Arc<Desk<S, M>>,
        sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    ) -> (Self, Ingest<S, M>) {
        let (door, received) = mpsc::unbounded_channel();
        let places = Arc::new(Places::new(desk.settings.inbox_limit));
        let ingest = Ingest::new(Arc::clone(&desk), door, Arc::clone(&places));
        (
            Self { desk, received, sender, places, ready: VecDeque::new(), held: HashMap::new() },
            ingest,
        )
    }

    /// Takes up what an earlier run has left. Call before anything is received.
    pub async fn resume(&mut self) -> Result<usize, StoreError> {
        let mut after = None;
        loop {
            let items = self.desk.store.undecided(after, 1000).await?;
            let Some(last) = items.last() else { return Ok(self.ready.len()) };
            after = Some(last.seq);
            self.places.take(items.len());
            self.ready.extend(items);
        }
    }

    /// Decides until `intake` is cancelled and what was received before is decided.
    pub async fn run(mut self, intake: CancellationToken, work: CancellationToken) {
        let mut figures = tokio::time::interval(Duration::from_secs(1));
        loop {
            self.desk.heartbeats.beat(Loop::Worker);
            self.release();
            while let Ok(items) = self.received.try_recv() {
                self.ready.extend(items);
            }
            self.figures();
            let batch = self.batch();
            if !batch.is_empty() {
                tokio::select! {
                    () = self.decide_all(batch) => {}
                    () = work.cancelled() => return,
                }
                continue;
            }
            if intake.is_cancelled() && self.received.is_empty() {
                self.figures();
                return;
            }
            let wake = self.held.values().map(|held| held.until).min();
            tokio::select! {
                received = self.received.recv() => match received {
                    Some(items) => self.ready.extend(items),
                    None => return,
                },
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                () = intake.cancelled() => {}
                _ = figures.tick() => self.figures(),
            }
        }
    }

    /// Lanes whose pause is over go on, in their order.
    fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let now = Instant::now();
        let due: Vec<InboxLane> =
            self.held.iter().filter(|(_, held)| held.until <= now).map(|(lane, _)| *lane).collect();
        for lane in due {
            if let Some(held) = self.held.remove(&lane) {
                for item in held.items.into_iter().rev() {
                    self.ready.push_front(item);
                }
            }
        }
    }

    fn batch(&mut self) -> Vec<InboxItem> {
        let mut batch = Vec::with_capacity(self.ready.len().min(BATCH));
        while batch.len() < BATCH {
            let Some(item) = self.ready.pop_front() else { break };
            match self.held.get_mut(&item.update.lane) {
                Some(held) => held.items.push_back(item),
                None => batch.push(item),
            }
        }
        batch
    }

    async fn decide_all(&mut self, mut batch: Vec<InboxItem>) {
        while !batch.is_empty() {
            let begun = Instant::now();
            let decided = self.decide_batch(batch).await;
            let outcomes = self.commit(&decided).await;
            batch = Vec::new();
            let mut queued = Vec::new();
            let took = begun.elapsed();
            for (decided, outcome) in decided.into_iter().zip(outcomes) {
                match outcome {
                    Ok(Committed::Stale) => batch.push(decided.item),
                    Ok(Committed::Done { queued: more, reopened }) => {
                        self.committed(&decided, took);
                        queued.extend(more);
                        self.places.take(reopened.len());
                        self.ready.extend(reopened);
                    }
                    // A dead letter that cannot be written either is tried for good: nothing is dropped.
                    Err(poison) => {
                        if let Some(dead) = self.poisoned(decided.item, &poison).await {
                            self.bury(dead).await;
                        }
                    }
                }
            }
            if !queued.is_empty() {
                // The sender ends only with the program; what it does not take is in the store.
                let _ = self.sender.send(queued);
            }
        }
    }

    /// Commits a dead letter alone. One that cannot even be written keeps its lane waiting: nothing is dropped.
    async fn bury(&mut self, dead: Decided) {
        if self.try_commit(std::slice::from_ref(&dead.commit)).await.is_ok() {
            self.committed(&dead, Duration::ZERO);
        } else {
            let until = Instant::now() + REST_OF_THE_UNBURIED;
            self.held
                .insert(dead.item.update.lane, Held { until, items: VecDeque::from([dead.item]) });
        }
    }

    /// Commits what was decided, together; if something in it cannot be written, one by one, so that only that fails.
    async fn commit(&self, decided: &[Decided]) -> Vec<Result<Committed, Poison>> {
        let commits: Vec<Commit> = decided.iter().map(|decided| decided.commit.clone()).collect();
        if let Ok(outcomes) = self.try_commit(&commits).await {
            return outcomes.into_iter().map(Ok).collect();
        }
        let mut outcomes = Vec::with_capacity(commits.len());
        for commit in &commits {
            let alone = self.try_commit(std::slice::from_ref(commit)).await;
            outcomes.push(alone.and_then(|mut outcome| outcome.pop().ok_or(Poison::Panic)));
        }
        outcomes
    }

    /// Commits until it works, or turns out to be impossible.
    async fn try_commit(&self, commits: &[Commit]) -> Result<Vec<Committed>, Poison> {
        let desk = &self.desk;
        let attempt = || async {
            // The store may be gone for long; this loop is alive all the same.
            desk.heartbeats.beat(Loop::Worker);
            match desk.store.commit(commits.to_vec()).await {
                Err(StoreError::Corrupt(why)) => Ok(Err(Poison::Unreadable(why))),
                answer => answer.map(Ok),
            }
        };
        desk.until_stored(StoreOperation::Commit, attempt).await
    }

    /// Decides one after the other: what one changes, the next one sees.
    async fn decide_batch(&mut self, batch: Vec<InboxItem>) -> Vec<Decided> {
        let desk = Arc::clone(&self.desk);
        let mut changed: HashMap<UserId, Conversation> = HashMap::new();
        let mut decided = Vec::with_capacity(batch.len());
        let mut poisoned: HashSet<InboxLane> = HashSet::new();
        for item in batch {
            let lane = item.update.lane;
            if poisoned.contains(&lane) {
                self.hold(item);
                continue;
            }
            let span = debug_span!("update", update.id = item.update.update.0, lane = lane.key());
            match decide_one(&desk, &item, &mut changed).instrument(span).await {
                Ok(one) => decided.push(Decided { item, ..one }),
                Err(poison) => match self.poisoned(item, &poison).await {
                    Some(dead) => decided.push(dead),
                    None => {
                        poisoned.insert(lane);
                    }
                },
            }
        }
        decided
    }

    /// Puts an update behind the failed head of its lane.
    fn hold(&mut self, item: InboxItem) {
        if let Some(held) = self.held.get_mut(&item.update.lane) {
            held.items.push_back(item);
        } else {
            self.ready.push_front(item);
        }
    }

    /// Counts a failed attempt. The last one makes a dead letter; others hold the lane for a while.
    async fn poisoned(&mut self, mut item: InboxItem, poison: &Poison) -> Option<Decided> {
        let metrics = &self.desk.metrics;
        let (why, outcome, attempts) = match poison {
            // Decoding is pure: the attempts that are left end like this one, and need no pause between
            // them, in which a flood of such updates would hold up the lane that all of them share.
            Poison::Undecodable(why) => (why.clone(), Outcome::Error, ATTEMPTS),
            Poison::Unreadable(why) => (why.clone(), Outcome::Error, item.attempts + 1),
            Poison::Panic => ("deciding it panics".to_owned(), Outcome::Panic, item.attempts + 1),
        };
        for _ in item.attempts..attempts {
            events::update_handled(
                metrics,
                item.update.update.0,
                Handler::Undecodable,
                outcome,
                Duration::ZERO,
            );
        }
        item.attempts = attempts;
        if item.attempts < ATTEMPTS {
            metrics.queues.processed.of((Queue::Inbox, Processed::Retry)).increment(1);
            let (seq, attempts) = (item.seq, item.attempts);
            self.desk
                .until_stored(StoreOperation::Commit, || self.desk.store.failed(seq, attempts))
                .await;
            let until = Instant::now() + Duration::from_millis(100 << item.attempts);
            self.held.insert(item.update.lane, Held { until, items: VecDeque::from([item]) });
            return None;
        }
        let reason = match poison {
            Poison::Undecodable(_) => DeadReason::Undecodable,
            Poison::Unreadable(_) => DeadReason::Error,
            Poison::Panic => DeadReason::Panic,
        };
        let letter =
            DeadLetter { origin: Origin::Update(item.clone()), reason: why, at: self.desk.now() };
        events::dead_lettered(metrics, Queue::Inbox, reason, letter.id().0, item.update.update.0);
        let commit = Commit { dead: vec![letter], ..Commit::default() };
        let (handler, facts, outcome) = (Handler::Undecodable, Vec::new(), Outcome::Dead);
        Some(Decided { item, handler, commit, facts, outcome, happened: None })
    }

    fn committed(&self, decided: &Decided, took: Duration) {
        let metrics = &self.desk.metrics;
        self.places.free(1);
        if let Some(group) = decided.commit.group {
            self.desk.group_moved(group);
        }
        for fact in &decided.facts {
            match fact {
                Fact::Opened => metrics.desk.opened.increment(1),
                Fact::Answered { after } => metrics.desk.first_response.record(*after),
            }
        }
        let now = self.desk.now();
        metrics.queues.wait.of(Queue::Inbox).record(now.since(decided.item.received));
        if let Some(happened) = decided.happened {
            metrics.updates.age.record(now.since(happened));
        }
        if decided.outcome != Outcome::Dead {
            metrics.queues.processed.of((Queue::Inbox, Processed::Ok)).increment(1);
        }
        events::update_handled(
            metrics,
            decided.item.update.update.0,
            decided.handler,
            decided.outcome,
            took,
        );
    }

    fn figures(&self) {
        let held: usize = self.held.values().map(|held| held.items.len()).sum();
        let queues = &self.desk.metrics.queues;
        let set =
            |state, count: usize| queues.depth.of((Queue::Inbox, state)).set(figure(count as u64));
        set(QueueState::Ready, self.places.taken().saturating_sub(held));
        set(QueueState::Delayed, held);
        let heads =
            self.held.values().filter_map(|held| held.items.front()).chain(self.ready.front());
        let oldest = heads.map(|item| item.received).min();
        queues.oldest_timestamp.of(Queue::Inbox).set(oldest.map_or(0.0, |at| timestamp(at.0)));
    }
}
