//! The loop that makes the reports to the tracker, in the order of each conversation.
//!
//! Invariant: nothing else waits for a report. The loop has lanes, a concurrency limit, a memory limit and a circuit
//! breaker of its own. It cancels its calls when a partition is revoked and at the stop.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        Desk, QueuedReceiver,
        cluster::{PartitionCommand, PartitionCommands},
        lanes::{Destination, Dispatch, LaneLimits, Lanes, STORE_PAUSE, UNCERTAIN_LEASE_PAUSE},
    },
    telemetry::{Loop, StoreOperation, figure, timestamp},
};
use domain::{Channel, Class, Millis, OutboxLane, PartitionSet};
use ports::{Backlog, LanePage, OutboxItem, StoreError};

use super::{
    attempt::{Attempt, EXPIRES_AFTER, Ended},
    circuit_breaker::{CircuitBreaker, pause},
};

/// The lanes of reports. They load few of them, because reports may wait for hours.
pub(in crate::engine) const LANE_LIMITS: LaneLimits = LaneLimits {
    serves: |channel| channel == Channel::Track,
    loaded: 1_000,
    read: 4,
    strict: true,
};

/// Limit of lanes that call the tracker, or are read, at once.
const CONCURRENCY: usize = 4;

/// The queue of ready lanes: reports are of one class, and do not go to a group.
const CLASS: Class = Class::Track;
const DESTINATION: Destination = Destination::Users;

/// The task that makes the reports. Calls run in tasks beside it, one at a time per lane.
#[derive(Debug)]
pub struct TrackerReports {
    desk: Arc<Desk>,
    queued: QueuedReceiver,
    lanes: Lanes,
    circuit_breaker: CircuitBreaker,
    calls: JoinSet<Event>,
    /// Cancels the calls under way.
    cancel: CancellationToken,
    orders: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    /// Partitions that are being revoked, with the channel that reports when nothing of them is under way.
    leaving: Vec<(PartitionSet, oneshot::Sender<()>)>,
}

/// A message from a task beside the loop.
#[derive(Debug)]
enum Event {
    /// An attempt has ended.
    Ended(OutboxLane, Ended),
    /// Reports of a lane were read from the store; the number is how many were asked for.
    Loaded(OutboxLane, usize, Result<Vec<OutboxItem>, StoreError>),
    /// The backlog of newly assigned partitions was read.
    Assigned(PartitionSet, Vec<Backlog>, oneshot::Sender<()>),
    /// Lanes were read from the store.
    Found(Result<LanePage, StoreError>),
}

impl TrackerReports {
    /// Creates the loop. `queued` delivers reports that are already in the store, in the order of their commits.
    pub fn new(desk: Arc<Desk>, queued: QueuedReceiver) -> Self {
        Self {
            desk,
            queued,
            lanes: Lanes::new(LANE_LIMITS),
            circuit_breaker: CircuitBreaker::default(),
            calls: JoinSet::new(),
            cancel: CancellationToken::new(),
            orders: PartitionCommands::channel(),
            leaving: Vec::new(),
        }
    }

    /// Loads the backlog of these partitions. Call this before anything is queued for them.
    pub async fn resume(&mut self, partitions: PartitionSet) -> Result<(), StoreError> {
        let backlog = self.desk.store.backlog(partitions).await?;
        self.assign(partitions, &backlog);
        Ok(())
    }

    /// A handle to send commands to this loop.
    pub fn orders(&self) -> PartitionCommands {
        self.orders.0.clone()
    }

    /// Makes reports until `intake` is cancelled, then cancels the calls under way and waits until the outcomes of the
    /// others are committed. Reports whose calls were cancelled are made again at the next start.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut figures = tokio::time::interval(Duration::from_secs(1));
        while !intake.is_cancelled() {
            self.desk.heartbeats.beat(Loop::Tracker);
            let wake = [self.start_attempts(), self.read_lanes()].into_iter().flatten().min();
            let far = || Instant::now() + Duration::from_hours(1);
            tokio::select! {
                biased;
                () = intake.cancelled() => break,
                _ = figures.tick() => self.figures(),
                Some(event) = self.calls.join_next() => self.finished(event),
                Some(items) = self.queued.recv() => self.lanes.add(items, Instant::now()),
                Some(order) = self.orders.1.recv() => self.handle_command(order),
                () = sleep_until(wake.unwrap_or_else(far)) => {}
            }
        }
        self.cancel_calls();
        while let Some(event) = self.calls.join_next().await {
            self.finished(event);
        }
        self.figures();
    }

    /// Starts every attempt that may start now. Returns when to look again.
    fn start_attempts(&mut self) -> Option<Instant> {
        let (now, wall) = (Instant::now(), self.desk.now());
        self.lanes.wake(now);
        let mut paused = None;
        while self.lanes.running(CLASS) < CONCURRENCY {
            let Some(lane) = self.lanes.peek(CLASS, DESTINATION) else { break };
            if !self.desk.store.holds(lane) {
                self.lanes.postpone((CLASS, DESTINATION), now + UNCERTAIN_LEASE_PAUSE, false, now);
                continue;
            }
            let paused_until = self.circuit_breaker.free(now).err();
            let expired = paused_until.is_some() && self.is_expired(lane, wall);
            if paused_until.is_some() && !expired {
                paused = paused_until;
                break;
            }
            match self.lanes.dispatch(CLASS, DESTINATION, 1, now, wall) {
                None => {}
                Some(Dispatch::Load(lane, after, limit)) => {
                    let desk = Arc::clone(&self.desk);
                    self.calls.spawn(async move {
                        let next = desk.store.next(lane, after, limit);
                        let read = desk.stored(StoreOperation::Next, next).await;
                        Event::Loaded(lane, limit, read)
                    });
                }
                Some(Dispatch::Send { lane, batch, hints, .. }) => {
                    for item in batch {
                        self.start(Attempt { lane, item, hints, expired });
                    }
                }
            }
        }
        [paused, self.lanes.next_wake()].into_iter().flatten().min()
    }

    /// Whether the report at the head of a lane has been tried for a day.
    fn is_expired(&self, lane: OutboxLane, wall: Millis) -> bool {
        self.lanes.oldest(lane).is_some_and(|oldest| oldest < wall.before(EXPIRES_AFTER))
    }

    fn start(&mut self, attempt: Attempt) {
        let (desk, cancelled) = (Arc::clone(&self.desk), self.cancel.clone());
        self.calls.spawn(async move {
            let lane = attempt.lane;
            Event::Ended(lane, attempt.run(&desk, cancelled).await)
        });
    }

    /// Cancels the calls under way, so that nothing that waits for lanes to end waits for the tracker.
    fn cancel_calls(&mut self) {
        std::mem::take(&mut self.cancel).cancel();
    }

    /// Reads lanes from the store if there is room for some. Returns when to look again.
    fn read_lanes(&mut self) -> Option<Instant> {
        let (partitions, page) = (self.lanes.partitions, self.lanes.page_size());
        if let Some(from) = self.lanes.begin_reading(Channel::Track, Instant::now()) {
            let desk = Arc::clone(&self.desk);
            self.calls.spawn(async move {
                let lanes = desk.store.lanes(partitions, Channel::Track, from, page);
                Event::Found(desk.stored(StoreOperation::Next, lanes).await)
            });
        }
        self.lanes.next_reading()
    }

    fn finished(&mut self, event: Result<Event, JoinError>) {
        let now = Instant::now();
        match event {
            Ok(Event::Ended(lane, ended)) => self.ended(lane, ended, now),
            // Reports that the store has lost do not count as lost messages.
            Ok(Event::Loaded(lane, asked, Ok(items))) => {
                let _missing =
                    self.lanes.add_loaded(lane, asked, items, None, (now, self.desk.now()));
            }
            Ok(Event::Loaded(lane, _asked, Err(_counted))) => {
                self.lanes.load_failed(lane, now + STORE_PAUSE);
            }
            Ok(Event::Found(Ok(page))) => {
                let _missing = self.lanes.add_page(Channel::Track, &page, now);
            }
            Ok(Event::Found(Err(_counted))) => {
                self.lanes.reading_failed(Channel::Track, now + STORE_PAUSE);
            }
            Ok(Event::Assigned(partitions, backlog, done)) => {
                self.assign(partitions, &backlog);
                let _gone = done.send(());
            }
            // An attempt catches its own panics.
            Err(_panicked_or_cancelled) => {}
        }
        self.confirm_revocations();
        if self.lanes.is_empty() {
            self.figures();
        }
    }

    fn ended(&mut self, lane: OutboxLane, ended: Ended, now: Instant) {
        match ended {
            Ended::Done { answered } => {
                if answered {
                    self.circuit_breaker.answered();
                }
                self.lanes.done(lane, 1, now);
            }
            // Reports of other lanes pass the one that was not accepted.
            Ended::NotNow(hints, wait) => {
                self.circuit_breaker.failed(wait.unwrap_or_default(), now);
                let at = now + pause(hints.attempts.saturating_sub(1));
                self.lanes.retry(lane, hints, Some(at), now);
            }
            Ended::Retry(hints, pause) => {
                self.lanes.retry(lane, hints, pause.map(|pause| now + pause), now);
            }
        }
    }

    fn handle_command(&mut self, order: PartitionCommand) {
        match order {
            PartitionCommand::Assign(assigned, done) => {
                let desk = Arc::clone(&self.desk);
                self.calls.spawn(async move {
                    let read = || desk.store.backlog(assigned.partitions);
                    let backlog = desk.until_stored(StoreOperation::Next, read).await;
                    Event::Assigned(assigned.partitions, backlog, done)
                });
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.lanes.revoke(partitions);
                self.cancel_calls();
                self.leaving.push((partitions, done));
                self.confirm_revocations();
            }
            PartitionCommand::Ping(done) => {
                let _gone = done.send(());
            }
            PartitionCommand::Poll(_) => {}
        }
    }

    /// Reports the revoked partitions in which nothing is under way any more.
    fn confirm_revocations(&mut self) {
        let ended = |(partitions, _): &mut (PartitionSet, _)| !self.lanes.running_in(*partitions);
        for (_, done) in self.leaving.extract_if(.., ended) {
            let _gone = done.send(());
        }
    }

    fn assign(&mut self, partitions: PartitionSet, backlog: &[Backlog]) {
        self.lanes.add_partitions(partitions);
        self.lanes.add_backlog(partitions, backlog);
    }

    fn figures(&self) {
        let waiting = self.lanes.total();
        self.desk.overview.reports(waiting);
        let metrics = &self.desk.metrics.tracker;
        metrics.waiting.set(figure(waiting.count));
        metrics.oldest_timestamp.set(waiting.oldest.map_or(0.0, |oldest| timestamp(oldest.0)));
    }
}
