//! Sends what the outbox holds: most urgent first, within Telegram's limits.

mod context;
mod direct_calls;
mod dispatch;
mod outcome;
mod partitions;
mod pending_commit;
mod plan;
pub(in crate::engine) mod recent;
mod schedule;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Loop, StoreOperation};
use domain::{Channel, OutboxLane, PartitionSet};
use ports::{Backlog, LanePage, OutboxItem, SlotsGiven, StoreError};

use super::{
    Desk, QueuedReceiver,
    cluster::{Assigned, PartitionCommand, PartitionCommands},
    instrumentation,
    lanes::{BATCH_LIMIT, LaneLimits, Lanes, STORE_PAUSE, bucket},
    limits::{Bucket, Pacer, Permit},
};
pub use context::Sending;
pub use direct_calls::DirectCalls;
use direct_calls::{DirectCallQueue, Done};
use dispatch::Ended;
use outcome::NextStep;
pub(in crate::engine) use outcome::{Outcome, OutcomeEvent};
use pending_commit::{PendingCommit, Settled, settle, settle_alone};

/// The lanes of the sender. Reports to the tracker have a loop of their own.
pub(in crate::engine) const LANE_LIMITS: LaneLimits = LaneLimits {
    serves: |channel| channel != Channel::Track,
    loaded: 8_000,
    read: BATCH_LIMIT,
    strict: false,
};

/// Outcomes wait up to `GATHER` to share a commit. They do not wait once `GATHERED` of them have collected, or while
/// fewer than `CROWD` calls are under way.
const GATHER: Duration = Duration::from_millis(1);
const GATHERED: usize = 64;
const CROWD: usize = 8;

/// The task that decides which lane sends next. Calls run in tasks beside it, one at a time per lane.
#[derive(Debug)]
pub struct Sender {
    context: Arc<Sending>,
    desk: Arc<Desk>,
    queued: QueuedReceiver,
    lanes: Lanes,
    pacer: Pacer,
    calls: JoinSet<Event>,
    /// Dispatches that have ended and are not committed yet.
    unsettled: Vec<(Ended, PendingCommit)>,
    /// Deadline for committing them.
    settle_at: Option<Instant>,
    /// Whether a commit is in progress.
    settling: bool,
    /// Whether no new dispatch is started. Commits then wait for nothing.
    draining: bool,
    orders: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    direct_calls: DirectCallQueue,
    /// Partitions that are being revoked, with the channel that reports when nothing of them is under way.
    leaving: Vec<(PartitionSet, oneshot::Sender<()>)>,
}

/// A report from a task beside the sender.
#[derive(Debug)]
enum Event {
    /// A dispatch has ended.
    Ended(Box<Ended>, Permit),
    /// Dispatches were committed and have queued these sends. A dispatch that could not be committed with the others
    /// comes back.
    Settled(Vec<(Ended, Settled)>),
    /// A dispatch was committed alone.
    SettledAlone(Box<Ended>, Vec<OutboxItem>),
    /// Sends were read from the store; the number is how many were asked for.
    Loaded(OutboxLane, usize, Result<Vec<OutboxItem>, StoreError>),
    /// The store has answered a request for slots of shared limits.
    Slots(Result<Option<SlotsGiven>, StoreError>),
    /// A direct call has ended.
    DirectCall(Done),
    /// The backlog of newly assigned partitions was read.
    TakenUp(Assigned, Vec<Backlog>, oneshot::Sender<()>),
    /// Lanes of a channel were read from the store.
    Found(Channel, Result<LanePage, StoreError>),
}

impl Sender {
    /// Creates a sender. `queued` delivers sends that are already in the store, in the order of their commits.
    pub fn new(context: Arc<Sending>, queued: QueuedReceiver) -> Self {
        let desk = Arc::clone(&context.desk);
        let limits = desk.settings.pacing;
        let shared = desk.store.shares_limits();
        let pacer = if shared { Pacer::shared(limits) } else { Pacer::new(limits) };
        Self {
            context,
            desk,
            queued,
            lanes: Lanes::new(LANE_LIMITS),
            pacer,
            calls: JoinSet::new(),
            unsettled: Vec::new(),
            settle_at: None,
            settling: false,
            draining: false,
            orders: PartitionCommands::channel(),
            direct_calls: DirectCallQueue::default(),
            leaving: Vec::new(),
        }
    }

    /// Sends until `intake` is cancelled, then waits for the calls under way. Dropping the future cancels them; they
    /// are made again at the next start.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut figures = tokio::time::interval(Duration::from_secs(1));
        while !intake.is_cancelled() {
            self.desk.heartbeats.beat(Loop::Sender);
            let dispatches = self.start_dispatches();
            let report = self.ask_for_slots();
            let settle = self.settle_at.filter(|_| !self.settling);
            let lanes = self.read_lanes();
            let wake = [dispatches, report, settle, lanes].into_iter().flatten().min();
            tokio::select! {
                biased;
                () = intake.cancelled() => break,
                _ = figures.tick() => self.figures(),
                Some(event) = self.calls.join_next() => self.finished_all(event),
                Some(items) = self.queued.recv() => {
                    instrumentation::queued(&self.desk.metrics, &items);
                    self.lanes.add(items, Instant::now());
                }
                Some(order) = self.orders.1.recv() => self.handle_command(order),
                Some(direct_call) = self.direct_calls.next.recv() => self.direct_calls.add(direct_call),
                () = sleep_until(wake.unwrap_or_else(far)), if wake.is_some() => self.settle(),
            }
        }
        self.draining = true;
        self.settle();
        while let Some(event) = self.calls.join_next().await {
            self.finished_all(event);
        }
        self.figures();
        if let Some(asked) = self.pacer.quota().and_then(|quota| quota.final_report(Instant::now()))
        {
            // If this is lost, the slots become free again after a while.
            let _counted =
                self.desk.stored(StoreOperation::Slots, self.desk.store.slots(asked)).await;
        }
    }

    fn figures(&self) {
        instrumentation::outbox(&self.desk, self.lanes.depth());
    }

    /// Handles every event that is available now, so that one commit covers them all.
    fn finished_all(&mut self, first: Result<Event, tokio::task::JoinError>) {
        self.finished(first);
        while let Some(event) = self.calls.try_join_next() {
            self.finished(event);
        }
        self.settle();
        self.confirm_revocations();
    }

    fn finished(&mut self, event: Result<Event, tokio::task::JoinError>) {
        let now = Instant::now();
        match event {
            Ok(Event::Ended(ended, permit)) => self.ended(*ended, &permit, now),
            Ok(Event::Settled(dispatches)) => {
                self.settling = false;
                for (ended, queued) in dispatches {
                    match queued {
                        Ok(queued) => self.finish_dispatch(&ended, queued, now),
                        Err(pending) => self.settle_alone(ended, pending),
                    }
                }
            }
            Ok(Event::SettledAlone(ended, queued)) => self.finish_dispatch(&ended, queued, now),
            Ok(Event::Slots(answer)) => {
                if let Some(quota) = self.pacer.quota() {
                    quota.answered(&answer, now);
                }
            }
            Ok(Event::DirectCall(done)) => done.settle(&mut self.pacer, now),
            Ok(Event::TakenUp(taken, backlog, done)) => {
                self.on_assigned(taken, &backlog);
                let _gone = done.send(());
            }
            Ok(Event::Found(channel, page)) => self.found(channel, page, now),
            Ok(Event::Loaded(lane, asked, Ok(items))) => self.loaded(lane, asked, items, now),
            Ok(Event::Loaded(lane, _asked, Err(_counted))) => {
                self.lanes.load_failed(lane, now + STORE_PAUSE);
            }
            // A dispatch catches its own panics. A panic elsewhere must not keep the other outcomes from being
            // committed.
            Err(_panicked_or_cancelled) => self.settling = false,
        }
    }

    fn ended(&mut self, mut ended: Ended, permit: &Permit, now: Instant) {
        self.pacer.ended(permit, ended.used, ended.answered);
        match ended.pending.take() {
            Some(pending) => {
                self.unsettled.push((ended, pending));
                self.settle_at.get_or_insert(now + GATHER);
            }
            None => self.finish_dispatch(&ended, Vec::new(), now),
        }
    }

    /// Commits the outcomes that have collected. Outcomes that arrive meanwhile go into the next commit. While many
    /// calls are under way, the commit waits a moment for more outcomes.
    fn settle(&mut self) {
        let Some(at) = self.settle_at.filter(|_| !self.settling) else { return };
        let enough = self.draining || self.unsettled.len() >= GATHERED || self.calls.len() < CROWD;
        if !enough && Instant::now() < at {
            return;
        }
        self.settle_at = None;
        self.settling = true;
        let desk = Arc::clone(&self.desk);
        let (ended, commits_pending): (Vec<Ended>, Vec<PendingCommit>) =
            self.unsettled.drain(..).unzip();
        self.calls.spawn(async move {
            let queued = settle(&desk, commits_pending).await;
            Event::Settled(ended.into_iter().zip(queued).collect())
        });
    }

    /// Commits one dispatch, however long that takes. Only its own lane waits.
    fn settle_alone(&mut self, ended: Ended, pending: Box<PendingCommit>) {
        let desk = Arc::clone(&self.desk);
        self.calls.spawn(async move {
            let queued = settle_alone(&desk, pending).await;
            Event::SettledAlone(Box::new(ended), queued)
        });
    }

    /// Moves the lane on after a dispatch has been committed.
    fn finish_dispatch(&mut self, ended: &Ended, queued: Vec<OutboxItem>, now: Instant) {
        let Ended { lane, count, hints, next_step, .. } = *ended;
        match next_step {
            NextStep::Done | NextStep::MoveTo(_) => self.lanes.done(lane, count, now),
            NextStep::Retry(hints, pause) => {
                self.lanes.retry(lane, hints, pause.map(|pause| now + pause), now);
            }
            NextStep::Throttled(wait) => {
                self.pacer.freeze(bucket(lane), wait, now);
                if lane.channel == Channel::Newsletter {
                    self.pacer.pause_newsletters(wait, now);
                }
                self.lanes.retry(lane, hints, None, now);
            }
            NextStep::CosmeticThrottled(wait) => {
                self.pacer.freeze(Bucket::Cosmetic, wait, now);
                self.lanes.done(lane, count, now);
            }
            NextStep::PauseBucket(wait) => {
                self.pacer.pause(bucket(lane), wait, now);
                self.lanes.retry(lane, hints, None, now);
            }
            NextStep::PauseAll(wait) => {
                self.pacer.pause_all(wait, now);
                self.lanes.retry(lane, hints, None, now);
            }
        }
        if !queued.is_empty() {
            instrumentation::queued(&self.desk.metrics, &queued);
            self.lanes.add(queued, now);
        }
    }
}

fn far() -> Instant {
    Instant::now() + Duration::from_hours(1)
}
