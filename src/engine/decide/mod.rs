//! Decides updates in batches: load, decide, and one commit for all.
//!
//! Invariant: an update is decided in the commit that holds everything it leads to. That commit also adds a new
//! update to the known ones, or removes a waiting update from the inbox. If a conversation is stale, it is loaded and
//! the update decided again. A poisoned update delays its own lane, and becomes a dead letter after some attempts.

mod arrivals;
mod context;
mod decision;
mod handlers;
mod meter;
mod partitions;
mod paused_lanes;
mod records;
mod timers;

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

use crate::telemetry::{
    DeadReason, Handler, Loop, Outcome, Processed, Queue, StoreOperation, events,
};
use domain::{Conversation, Millis, UserId};
use ports::{Commit, Committed, DeadLetter, InboxItem, Origin, OutboxItem, RawUpdate};

use super::{
    Desk, Ingest, QueuedSends,
    cluster::{PartitionCommand, PartitionCommands},
    intake::InboxCapacity,
};
pub(super) use arrivals::IncomingBatch;
pub use context::Deciding;
use decision::{Decided, Poison, decide_one};
use partitions::OwnedInbox;
use paused_lanes::PausedLanes;
pub use timers::Timers;

/// Updates per commit.
const BATCH: usize = 256;

/// Delay of a lane whose dead letter cannot be written.
const PAUSE_AFTER_UNWRITTEN_DEAD_LETTER: Duration = Duration::from_mins(1);

/// Attempts to decide an update before it becomes a dead letter.
const ATTEMPTS: u32 = 3;

/// The one task that decides updates.
#[derive(Debug)]
pub struct Worker {
    context: Arc<Deciding>,
    desk: Arc<Desk>,
    incoming: mpsc::UnboundedReceiver<IncomingBatch>,
    queued_sends: QueuedSends,
    capacity: Arc<InboxCapacity>,
    commands: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    owned: OwnedInbox,
    /// Batches that were received from `incoming` and are not stored yet.
    batches: VecDeque<IncomingBatch>,
    /// Stored updates that can be decided now.
    ready: VecDeque<InboxItem>,
    /// Stored updates of lanes whose head has failed.
    paused: PausedLanes,
    /// Until then updates are stored before they are decided.
    cautious_until: Instant,
}

impl Worker {
    /// Creates a worker that announces sends through `queued_sends`, and the [`Ingest`] through which updates reach it.
    pub fn new(context: Arc<Deciding>, queued_sends: QueuedSends) -> (Self, Ingest) {
        let desk = Arc::clone(&context.desk);
        let (batches, incoming) = mpsc::unbounded_channel();
        let capacity = Arc::new(InboxCapacity::new(desk.settings.inbox_limit));
        let decoder = Arc::clone(&context.decoder);
        let ingest = Ingest::new(Arc::clone(&desk), decoder, batches, Arc::clone(&capacity));
        let worker = Self {
            context,
            desk,
            incoming,
            queued_sends,
            capacity,
            commands: PartitionCommands::channel(),
            owned: OwnedInbox::default(),
            batches: VecDeque::new(),
            ready: VecDeque::new(),
            paused: PausedLanes::default(),
            cautious_until: Instant::now(),
        };
        (worker, ingest)
    }

    /// The handle that instructs this worker.
    pub fn commands(&self) -> PartitionCommands {
        self.commands.0.clone()
    }

    /// Decides until `intake` is cancelled and all updates received before are decided.
    pub async fn run(mut self, intake: CancellationToken, work: CancellationToken) {
        let mut figures = tokio::time::interval(Duration::from_secs(1));
        loop {
            self.desk.heartbeats.beat(Loop::Worker);
            self.resume_lanes();
            while let Ok(batch) = self.incoming.try_recv() {
                self.batches.push_back(batch);
            }
            while let Ok(command) = self.commands.1.try_recv() {
                tokio::select! {
                    () = self.handle_command(command) => {}
                    () = work.cancelled() => return,
                }
            }
            self.record_depth();
            if !self.batches.is_empty() || !self.ready.is_empty() {
                tokio::select! {
                    () = self.work() => {}
                    () = work.cancelled() => return,
                }
                continue;
            }
            if intake.is_cancelled() && self.incoming.is_empty() {
                self.record_depth();
                return;
            }
            let wake = self.paused.next_wake();
            tokio::select! {
                batch = self.incoming.recv() => match batch {
                    Some(batch) => self.batches.push_back(batch),
                    None => return,
                },
                Some(command) = self.commands.1.recv() => self.handle_command(command).await,
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                () = intake.cancelled() => {}
                _ = figures.tick() => self.record_depth(),
            }
        }
    }

    /// Takes in new updates, then decides some of the waiting ones.
    async fn work(&mut self) {
        self.take_in_all().await;
        let batch = self.next_batch();
        self.decide_all(batch).await;
    }

    /// Appends updates to those that wait to be decided.
    fn enqueue(&mut self, items: impl IntoIterator<Item = InboxItem>) {
        let before = self.ready.len();
        self.ready.extend(items);
        self.capacity.take(self.ready.len() - before);
    }

    /// Moves the updates of lanes whose wait is over to the front, in order.
    fn resume_lanes(&mut self) {
        for items in self.paused.release(Instant::now()) {
            for item in items.into_iter().rev() {
                self.ready.push_front(item);
            }
        }
    }

    fn next_batch(&mut self) -> Vec<InboxItem> {
        let mut batch = Vec::with_capacity(self.ready.len().min(BATCH));
        while batch.len() < BATCH {
            let Some(item) = self.ready.pop_front() else { break };
            batch.extend(self.paused.join(item));
        }
        batch
    }

    async fn decide_all(&mut self, mut batch: Vec<InboxItem>) {
        while !batch.is_empty() {
            let begun = Instant::now();
            let (items, mut decided) = self.decide_batch(batch).await;
            let commits = decided.iter_mut().map(|one| std::mem::take(&mut one.commit)).collect();
            let outcomes = self.commit(&items, commits).await;
            let (mut sends, mut stale, mut failed) = (Vec::new(), Vec::new(), Vec::new());
            let took = begun.elapsed();
            for ((item, decided), outcome) in items.into_iter().zip(decided).zip(outcomes) {
                match outcome {
                    Ok(Committed::Stale) => stale.push(item),
                    Ok(Committed::Elsewhere) => self.capacity.free(1),
                    Ok(Committed::Done(written)) => {
                        self.capacity.free(1);
                        self.record_decided(&decided, took);
                        sends.extend(written.queued);
                        self.enqueue(written.reopened);
                    }
                    Err(poison) => failed.push((item, poison)),
                }
            }
            self.announce(sends);
            for (item, poison) in failed {
                if let Some((item, dead)) = self.handle_poison(item, &poison).await {
                    self.commit_dead_letter(item, dead).await;
                }
            }
            // If the head of a lane has failed in the meantime, the rest of the lane waits behind it.
            batch = stale.into_iter().filter_map(|item| self.paused.join(item)).collect();
        }
    }

    /// Announces committed sends to the loops that perform them.
    fn announce(&self, sends: Vec<OutboxItem>) {
        if !sends.is_empty() {
            self.queued_sends.announce(sends);
        }
    }

    /// Commits a dead letter on its own. If even that fails, its lane keeps waiting: nothing is dropped.
    async fn commit_dead_letter(&mut self, item: InboxItem, mut dead: Decided) {
        let commits = [std::mem::take(&mut dead.commit)];
        let attempt = || {
            self.desk.heartbeats.beat(Loop::Worker);
            self.desk.store.commit(commits.to_vec())
        };
        // That this can be written does not show that what the desk is for can be.
        if self.desk.until_written(StoreOperation::Bury, attempt).await.is_ok() {
            self.capacity.free(1);
            self.record_decided(&dead, Duration::ZERO);
        } else {
            self.paused.pause(item, Instant::now() + PAUSE_AFTER_UNWRITTEN_DEAD_LETTER);
        }
    }

    /// Commits decisions together. If one of them cannot be written, commits them one by one, so that only that one
    /// fails. Later updates of the same lane, and decisions based on a failed one, count as stale.
    async fn commit(
        &self,
        items: &[InboxItem],
        commits: Vec<Commit>,
    ) -> Vec<Result<Committed, Poison>> {
        if let Ok(outcomes) = self.try_commit(&commits).await {
            return outcomes.into_iter().map(Ok).collect();
        }
        let mut outcomes = Vec::with_capacity(commits.len());
        let (mut lanes, mut users) = (HashSet::new(), HashSet::new());
        for (item, commit) in items.iter().zip(&commits) {
            let lane = item.update.lane;
            let user = commit.expects.map(|(user, _)| user);
            let outcome = if lanes.contains(&lane) || user.is_some_and(|user| users.contains(&user))
            {
                Ok(Committed::Stale)
            } else {
                let alone = self.try_commit(std::slice::from_ref(commit)).await;
                alone.and_then(|mut outcome| outcome.pop().ok_or(Poison::Panic))
            };
            if !matches!(outcome, Ok(Committed::Done(_))) {
                lanes.insert(lane);
                users.extend(user);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Retries a commit until it succeeds or proves impossible.
    async fn try_commit(&self, commits: &[Commit]) -> Result<Vec<Committed>, Poison> {
        let desk = &self.desk;
        let attempt = || {
            // The store may be gone for long; this loop is alive all the same.
            desk.heartbeats.beat(Loop::Worker);
            desk.store.commit(commits.to_vec())
        };
        desk.until_written(StoreOperation::Commit, attempt).await.map_err(Poison::Unreadable)
    }

    /// Decides updates in order: each sees the changes of those before it.
    async fn decide_batch(&mut self, batch: Vec<InboxItem>) -> (Vec<InboxItem>, Vec<Decided>) {
        let mut changed: HashMap<UserId, Conversation> = HashMap::new();
        let mut items = Vec::with_capacity(batch.len());
        let mut decided = Vec::with_capacity(batch.len());
        for item in batch {
            let Some(item) = self.paused.join(item) else { continue };
            match self.decide(&item.update, item.received, &mut changed).await {
                Ok(mut one) => {
                    one.commit.decided = Some(item.seq);
                    items.push(item);
                    decided.push(one);
                }
                Err(poison) => {
                    if let Some((item, dead)) = self.handle_poison(item, &poison).await {
                        items.push(item);
                        decided.push(dead);
                    }
                }
            }
        }
        (items, decided)
    }

    /// Decides one update.
    async fn decide(
        &self,
        update: &RawUpdate,
        received: Millis,
        changed: &mut HashMap<UserId, Conversation>,
    ) -> Result<Decided, Poison> {
        let span = debug_span!("update", update.id = update.update.0, lane = update.lane.key());
        decide_one(&self.context, update, received, changed).instrument(span).await
    }

    /// Counts a failed attempt. After the last one, returns a dead letter; otherwise pauses the lane.
    async fn handle_poison(
        &mut self,
        mut item: InboxItem,
        poison: &Poison,
    ) -> Option<(InboxItem, Decided)> {
        let metrics = &self.desk.metrics;
        let (why, outcome, attempts) = match poison {
            // Decoding is pure, so the remaining attempts would fail in the same way. All undecodable updates share a
            // lane; without pauses between attempts, a flood of them does not block it.
            Poison::Undecodable(why) => (why.clone(), Outcome::Error, ATTEMPTS),
            Poison::Unreadable(why) => (why.clone(), Outcome::Error, item.attempts + 1),
            Poison::Panic => ("deciding it panics".to_owned(), Outcome::Panic, item.attempts + 1),
        };
        let (update, received) = (item.update.update, item.received);
        for _ in item.attempts..attempts {
            let handler = Handler::Undecodable;
            events::update_handled(metrics, update.0, handler, outcome, Duration::ZERO);
        }
        item.attempts = attempts;
        if item.attempts < ATTEMPTS {
            metrics.queues.processed.of((Queue::Inbox, Processed::Retry)).increment(1);
            let (seq, attempts) = (item.seq, item.attempts);
            let remember = || {
                self.desk.heartbeats.beat(Loop::Worker);
                self.desk.store.failed(seq, attempts)
            };
            self.desk.until_stored(StoreOperation::Commit, remember).await;
            let until = Instant::now() + Duration::from_millis(100 << item.attempts);
            self.paused.pause(item, until);
            return None;
        }
        let reason = match poison {
            Poison::Undecodable(_) => DeadReason::Undecodable,
            Poison::Unreadable(_) => DeadReason::Error,
            Poison::Panic => DeadReason::Panic,
        };
        let letter =
            DeadLetter { origin: Origin::Update(item.clone()), reason: why, at: self.desk.now() };
        events::dead_lettered(metrics, Queue::Inbox, reason, letter.id().0, update.0);
        let commit = Commit { dead: vec![letter], ..Commit::default() };
        let dead = Decided {
            commit,
            update,
            received,
            handler: Handler::Undecodable,
            outcome: Outcome::Dead,
            facts: Vec::new(),
            happened: None,
            moved: None,
            released: None,
            pressed: None,
        };
        Some((item, dead))
    }
}
