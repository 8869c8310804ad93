//! Sends what the outbox holds: most urgent first, within Telegram's limits.

mod budget;
mod commits;
mod context;
mod direct_calls;
mod dispatch;
mod group;
mod outcome;
mod partitions;
mod plan;
pub(in crate::engine) mod recent;
mod schedule;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod turns;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinError, JoinSet},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Loop, StoreOperation};
use domain::{Channel, Class, GroupKey, Learnt, OutboxLane, PartitionSet, Standing};
use ports::{LanePage, OutboxItem, SlotGrant, StoreError};

use super::{
    Desk, QueuedReceiver,
    cluster::{Assigned, PartitionCommand, PartitionCommands},
    instrumentation,
    lanes::{BATCH_LIMIT, Destination, KEPT, LaneLimits, Lanes, STORE_PAUSE, bucket},
    limits::{Family, Pacer, Permit, quarter},
};
use commits::{PAUSE_AFTER_REFUSED_COMMIT, commit_alone, commit_together};
pub use context::Sending;
pub use direct_calls::DirectCalls;
use direct_calls::{DirectCallQueue, DirectCallResult};
use dispatch::{DispatchResult, caught};
pub(in crate::engine) use outcome::{NextStep, Outcome, OutcomeEvent};
use partitions::Waiting;
use turns::Turns;

/// The lanes of the sender. Reports to the tracker have a loop of their own.
pub(in crate::engine) const LANE_LIMITS: LaneLimits = LaneLimits {
    serves: |channel| channel != Channel::Track,
    loaded: 8_000,
    read: BATCH_LIMIT,
    strict: false,
};

/// Calls until operators can read a new user: the topic, and the words.
const CALLS_FOR_A_NEW_USER: usize = 2;

/// Outcomes wait up to `COMMIT_DELAY` to share a commit. They do not wait once `COMMIT_BATCH` of them have collected, or
/// while fewer than `BUSY_TASKS` tasks are running.
const COMMIT_DELAY: Duration = Duration::from_millis(1);
const COMMIT_BATCH: usize = 64;
const BUSY_TASKS: usize = 8;

/// The task that decides which lane sends next. Calls run in tasks beside it, one at a time per lane.
#[derive(Debug)]
pub struct Sender {
    context: Arc<Sending>,
    desk: Arc<Desk>,
    queued: QueuedReceiver,
    lanes: Lanes,
    pacer: Pacer,
    turns: Turns,
    /// Calls, and requests to the store. A task catches its own panics, so its result always comes back.
    tasks: JoinSet<TaskResult>,
    /// Dispatches that have ended and are not committed yet.
    uncommitted: Vec<DispatchResult>,
    /// Deadline for committing them.
    commit_at: Option<Instant>,
    /// Whether a commit of several dispatches is in progress.
    committing: bool,
    /// Whether no new dispatch is started. Commits then wait for nothing.
    draining: bool,
    commands: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    direct_calls: DirectCallQueue,
    /// Partitions that are being revoked, with the channel that reports when nothing of them is under way.
    revoking: Vec<(PartitionSet, oneshot::Sender<()>)>,
}

/// The result of a task beside the sender.
#[derive(Debug)]
enum TaskResult {
    /// A dispatch has ended.
    Dispatched(Box<DispatchResult>, Permit),
    /// Dispatches were committed together and have queued these sends; `None` for one that must be committed alone.
    Committed(Vec<(DispatchResult, Option<Vec<OutboxItem>>)>),
    /// A dispatch was committed alone.
    CommittedAlone(Box<DispatchResult>, Vec<OutboxItem>),
    /// Sends were read from the store; the number is how many were asked for. `None` if the read failed.
    Loaded(OutboxLane, usize, Option<LoadedSends>),
    /// The store has answered a request for slots of shared limits.
    Slots(Result<Option<Vec<SlotGrant>>, StoreError>),
    /// A direct call has ended.
    DirectCall(DirectCallResult),
    /// The backlog of newly assigned partitions was read.
    BacklogRead(Assigned, Waiting, oneshot::Sender<()>),
    /// Spans of the first group's limit were recorded, or could not be.
    LimitRecorded,
    /// Lanes of a channel were read from the store. `None` if the read failed.
    LanesRead(Channel, Option<LanePage>),
}

/// What was read for a lane.
#[derive(Debug)]
struct LoadedSends {
    items: Vec<OutboxItem>,
    standing: Option<Standing>,
    /// The group that has the conversation, if it matters.
    group: Option<GroupKey>,
}

impl Sender {
    /// Creates a sender. `queued` delivers sends that are already in the store, in the order of their commits.
    pub fn new(context: Arc<Sending>, queued: QueuedReceiver) -> Self {
        let desk = Arc::clone(&context.desk);
        let limits = desk.settings.pacing;
        let shared = desk.store.shares_limits();
        let lanes = Lanes::new(LANE_LIMITS).held_for(desk.settings.hold_times.pause);
        // A limit below four has no quarter that could be shared by rule.
        let shared_by_rule = quarter(limits.group as usize) > 0;
        let lanes = if shared_by_rule { lanes.wait_by_standing() } else { lanes };
        let several = desk.groups().iter().nth(1).is_some();
        let lanes = if several { lanes.wait_by_group() } else { lanes };
        let pacer = if shared { Pacer::shared(limits) } else { Pacer::new(limits) };
        Self {
            context,
            desk,
            queued,
            lanes,
            pacer,
            turns: Turns::default(),
            tasks: JoinSet::new(),
            uncommitted: Vec::new(),
            commit_at: None,
            committing: false,
            draining: false,
            commands: PartitionCommands::channel(),
            direct_calls: DirectCallQueue::default(),
            revoking: Vec::new(),
        }
    }

    /// Sends until `intake` is cancelled, then waits for the calls under way. Dropping the future cancels them; they
    /// are made again at the next start.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut figures = tokio::time::interval(Duration::from_secs(1));
        while !intake.is_cancelled() {
            self.desk.heartbeats.beat(Loop::Sender);
            let dispatch_at = self.start_dispatches();
            let slots_at = self.request_slots();
            let commit_at = self.commit_at.filter(|_| !self.committing);
            let read_at = self.read_lanes();
            let wake = [dispatch_at, slots_at, commit_at, read_at].into_iter().flatten().min();
            tokio::select! {
                biased;
                () = intake.cancelled() => break,
                _ = figures.tick() => self.record_depth(),
                Some(result) = self.tasks.join_next() => self.on_results(result),
                Some(items) = self.queued.recv() => {
                    instrumentation::queued(&self.desk.metrics, &items);
                    let now = Instant::now();
                    self.lanes.add(items, now);
                    self.lanes.press(&self.desk.pressed, now);
                }
                Some(command) = self.commands.1.recv() => self.handle_command(command),
                Some(direct_call) = self.direct_calls.next.recv() => self.direct_calls.add(direct_call),
                () = sleep_until(wake.unwrap_or_else(far_future)), if wake.is_some() => self.start_commit(),
            }
        }
        self.draining = true;
        self.lanes.limit_histories.mark(&[], Instant::now(), self.desk.now());
        self.start_commit();
        while let Some(result) = self.tasks.join_next().await {
            self.on_results(result);
        }
        self.record_figures();
        if let Some(recorded) = self.limit_to_record() {
            recorded.await;
        }
        if let Some(asked) = self.pacer.quota().and_then(|quota| quota.final_report(Instant::now()))
        {
            // If this is lost, the slots become free again after a while.
            let _counted =
                self.desk.stored(StoreOperation::Slots, self.desk.store.slots(asked)).await;
        }
    }

    /// Records what waits, and what the group's limit costs.
    fn record_depth(&mut self) {
        self.record_figures();
        if let Some(recorded) = self.limit_to_record() {
            self.tasks.spawn(async move {
                let _done = caught(recorded).await;
                TaskResult::LimitRecorded
            });
        }
    }

    fn record_figures(&mut self) {
        let limit = self.desk.settings.pacing.group as usize;
        let new_users = |group| self.lanes.ready(Class::Opening, Destination::Group(group));
        let is_rushed = |group| new_users(group) * CALLS_FOR_A_NEW_USER > limit;
        let rush = limit > 0 && self.lanes.ready_groups(GroupKey::FIRST).any(is_rushed);
        self.desk.rush.store(rush, Ordering::Relaxed);
        instrumentation::outbox(&self.desk, self.lanes.depth(Instant::now(), self.desk.now()));
        self.record_budget(Instant::now());
    }

    /// Records in the store what the group's limit has cost since the last call; `None` if it has cost nothing. What is
    /// not recorded counts as the desk's own after a restart.
    fn limit_to_record(&mut self) -> Option<impl Future<Output = ()> + Send + 'static> {
        let (desk, wall) = (Arc::clone(&self.desk), self.desk.now());
        let spans = self.lanes.limit_histories.take_unrecorded(Instant::now(), wall);
        (!spans.is_empty()).then_some(async move {
            let recorded = desk.store.record_limited(spans, wall.before(KEPT));
            let _counted = desk.stored(StoreOperation::Slots, recorded).await;
        })
    }

    /// Handles every result that is available now, so that one commit covers them all.
    fn on_results(&mut self, first: Result<TaskResult, JoinError>) {
        let mut next = Some(first);
        while let Some(result) = next {
            // No task is aborted, and each catches its own panics.
            if let Ok(result) = result {
                self.on_result(result, Instant::now());
            }
            next = self.tasks.try_join_next();
        }
        self.start_commit();
        self.confirm_revocations();
    }

    fn on_result(&mut self, result: TaskResult, now: Instant) {
        match result {
            TaskResult::Dispatched(result, permit) => self.on_dispatched(*result, &permit, now),
            TaskResult::Committed(results) => {
                self.committing = false;
                for (result, queued) in results {
                    match queued {
                        Some(queued) => self.advance_lane(&result, queued, now),
                        None => self.start_commit_alone(result),
                    }
                }
            }
            TaskResult::CommittedAlone(result, queued) => self.advance_lane(&result, queued, now),
            TaskResult::Slots(answer) => {
                if let Some(quota) = self.pacer.quota() {
                    quota.answered(answer, now);
                }
            }
            TaskResult::DirectCall(result) => result.release(&mut self.pacer, now),
            TaskResult::BacklogRead(assigned, waiting, done) => {
                self.on_assigned(assigned, waiting);
                let _gone = done.send(());
            }
            TaskResult::LimitRecorded => {}
            TaskResult::LanesRead(channel, Some(page)) => self.on_lanes(channel, &page, now),
            TaskResult::LanesRead(channel, None) => {
                self.lanes.reading_failed(channel, now + STORE_PAUSE);
            }
            TaskResult::Loaded(lane, asked, Some(loaded)) => {
                self.on_loaded(lane, asked, loaded, now);
            }
            TaskResult::Loaded(lane, _asked, None) => {
                self.lanes.load_failed(lane, now + STORE_PAUSE);
            }
        }
    }

    fn on_dispatched(&mut self, result: DispatchResult, permit: &Permit, now: Instant) {
        self.pacer.ended(permit, result.used, result.answered);
        if result.has_changes() {
            self.uncommitted.push(result);
            self.commit_at.get_or_insert(now + COMMIT_DELAY);
        } else {
            self.advance_lane(&result, Vec::new(), now);
        }
    }

    /// Commits the outcomes that have collected. Outcomes that arrive meanwhile go into the next commit. While many
    /// tasks are running, the commit waits a moment for more outcomes.
    fn start_commit(&mut self) {
        let Some(at) = self.commit_at.filter(|_| !self.committing) else { return };
        let enough = self.draining
            || self.uncommitted.len() >= COMMIT_BATCH
            || self.tasks.len() < BUSY_TASKS;
        if !enough && Instant::now() < at {
            return;
        }
        self.commit_at = None;
        self.committing = true;
        let desk = Arc::clone(&self.desk);
        let results = std::mem::take(&mut self.uncommitted);
        self.tasks.spawn(async move {
            // After a panic, each is committed alone: then only the lane of the one that panics waits.
            let queued = caught(commit_together(&desk, &results)).await;
            let queued = queued.unwrap_or_else(|| vec![None; results.len()]);
            TaskResult::Committed(results.into_iter().zip(queued).collect())
        });
    }

    /// Commits one dispatch, however long that takes. Only its own lane waits.
    fn start_commit_alone(&mut self, mut result: DispatchResult) {
        let desk = Arc::clone(&self.desk);
        self.tasks.spawn(async move {
            loop {
                if let Some(queued) = caught(commit_alone(&desk, &mut result)).await {
                    break TaskResult::CommittedAlone(Box::new(result), queued);
                }
                sleep(PAUSE_AFTER_REFUSED_COMMIT).await;
            }
        });
    }

    /// Moves the lane on after a dispatch has been committed.
    fn advance_lane(&mut self, result: &DispatchResult, queued: Vec<OutboxItem>, now: Instant) {
        let (lane, count, hints) = (result.lane, result.batch.len(), result.hints);
        let place = result.counted.map_or(Destination::Users, Destination::Group);
        if let Some(conversation) = result.conversation.as_deref().filter(|_| lane.user.0 != 0) {
            let standing = match (self.desk.standing(conversation), &result.outcome.learnt) {
                (Standing::New, Some(Learnt::TopicOpened { .. })) => Standing::Stranger,
                (standing, _) => standing,
            };
            self.lanes.set_group(lane.user, conversation.topic.group, now);
            // Another lane's call may have begun before the topic was open.
            if standing != Standing::New || lane.channel == Channel::Topic {
                self.lanes.set_standing(lane.user, standing, now);
            }
        }
        match result.outcome.next_step {
            NextStep::Done | NextStep::MoveTo(_) => self.lanes.done(lane, count, now),
            NextStep::Retry(hints, pause) => {
                self.lanes.retry(lane, hints, pause.map(|pause| now + pause), now);
            }
            NextStep::Throttled(wait) => {
                let family = result.counted.zip(result.family);
                match family {
                    Some((group, family)) => self.pacer.freeze_family(group, family, wait, now),
                    None => self.pacer.freeze(bucket(lane, place), wait, now),
                }
                if lane.channel == Channel::Newsletter {
                    self.pacer.pause_newsletters(wait, now);
                }
                // The lane must wait itself: others cannot tell from its sends which method it calls next.
                self.lanes.retry(lane, hints, family.map(|_| now + wait), now);
            }
            NextStep::CosmeticThrottled(wait) => {
                let home = result.conversation.as_deref().map(|one| one.topic.group);
                let group = result.counted.or(home).unwrap_or_default();
                self.pacer.freeze_family(group, Family::Looks, wait, now);
                self.lanes.done(lane, count, now);
            }
            NextStep::PauseBucket(wait) => {
                self.pacer.pause(bucket(lane, place), wait, now);
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

fn far_future() -> Instant {
    Instant::now() + Duration::from_hours(1)
}
