//! Decides which lane is dispatched next: the most urgent first, as far as rate limits and concurrency limits allow.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    engine::{
        lanes::{
            BATCH_LIMIT, Destination, Dispatch, Hints, ThrottledTimes, UNCERTAIN_LEASE_PAUSE,
            bucket,
        },
        limits::{Bucket, Full, Permit},
    },
    telemetry::StoreOperation,
};
use domain::{Channel, Class, Effect, Millis, OutboxLane, Seq, Subject};
use ports::{OutboxItem, StoreError};

use super::{
    LoadedSends, Sender, TaskResult, budget,
    dispatch::{caught, run_dispatch},
};

impl Sender {
    /// Starts every dispatch that may start now. Returns when to look again.
    pub(super) fn start_dispatches(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let wall = self.desk.now();
        self.lanes.release_holds(&self.desk.released_holds, now, wall);
        self.lanes.wake(now);
        let direct_call =
            self.direct_calls.start(&self.context, &mut self.pacer, &mut self.tasks, now);
        let mut wake = [direct_call, self.lanes.next_wake()].into_iter().flatten().min();
        let mut earlier = |at: Option<Instant>| wake = [wake, at].into_iter().flatten().min();
        for class in [Class::Button, Class::ToUser] {
            earlier(self.start_class(class, now, wall));
        }
        earlier(self.start_groups(now, wall));
        for class in [Class::Notice, Class::Cosmetic, Class::Newsletter] {
            earlier(self.start_class(class, now, wall));
        }
        earlier(self.lanes.next_wake());
        wake
    }

    /// Requests slots of the limits that other processes share. Returns when a report to the store is due.
    pub(super) fn request_slots(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let quota = self.pacer.quota()?;
        if let Some(asked) = quota.next_request(now) {
            let desk = Arc::clone(&self.desk);
            self.tasks.spawn(async move {
                let slots = desk.store.slots(asked);
                let answer = caught(desk.stored(StoreOperation::Slots, slots)).await;
                let panicked = || Err(StoreError::Io("a panic".to_owned()));
                TaskResult::Slots(answer.unwrap_or_else(panicked))
            });
        }
        self.pacer.quota()?.due()
    }

    /// Starts the dispatches of a class to users. Returns when to look again.
    fn start_class(&mut self, class: Class, now: Instant, wall: Millis) -> Option<Instant> {
        let kind = (class, Destination::Users);
        self.lanes.throttled.stop(kind, now);
        let concurrency = self.desk.settings.send_concurrency;
        let limit = if class == Class::Newsletter { (concurrency / 2).max(1) } else { concurrency };
        while self.lanes.running(class) < limit {
            let lane = self.lanes.peek(class, Destination::Users)?;
            if !self.desk.store.holds(lane) {
                self.lanes.postpone(kind, now + UNCERTAIN_LEASE_PAUSE, false, now);
                continue;
            }
            let bucket = if self.lanes.is_paid(class) {
                Bucket::Paid
            } else {
                bucket(lane, Destination::Users)
            };
            let want = self.lanes.slots_wanted(class, Destination::Users);
            let free = if class == Class::Newsletter {
                self.pacer.free_for_newsletter(bucket, want, now)
            } else {
                self.pacer.free(bucket, want, now)
            };
            let free = match free {
                Ok(free) => free,
                Err(Full::OneUser(at)) => {
                    self.lanes.postpone(kind, at, true, now);
                    continue;
                }
                Err(Full::Shared(at)) => {
                    if self.pacer.is_limit(bucket, now) {
                        self.lanes.throttled.start(kind, now);
                    }
                    return at;
                }
            };
            let slots = free.clamp(1, BATCH_LIMIT);
            if let Some(dispatch) = self.lanes.dispatch(class, Destination::Users, slots, now, wall)
            {
                let permit = self.pacer.take(bucket, dispatch.slots(), now);
                self.start(dispatch, permit);
            }
        }
        None
    }

    /// Starts what a lane does next.
    pub(super) fn start(&mut self, dispatch: Dispatch, permit: Permit) {
        match dispatch {
            Dispatch::Load(lane, after, count) => {
                self.pacer.ended(&permit, 0, Instant::now());
                self.start_load(lane, after, count);
            }
            Dispatch::Send { lane, batch, throttled, hints } => {
                if batch.iter().any(|item| matches!(item.queued.effect, Effect::Report(_))) {
                    let free_slots = self.pacer.free_slots(Instant::now());
                    let (now, wall) = (Instant::now(), self.desk.now());
                    self.desk.overview.outbox(self.lanes.by_class(now, wall), free_slots);
                }
                self.start_dispatch(lane, batch, throttled, hints, permit);
            }
        }
    }

    /// Reads sends of a lane, and, if it matters, how well the operators know the user and which group has the
    /// conversation.
    fn start_load(&mut self, lane: OutboxLane, after: Option<Seq>, count: usize) {
        let desk = Arc::clone(&self.desk);
        let needs_standing = self.lanes.by_standing && lane.channel == Channel::Topic;
        let needs_group = self.lanes.by_group
            && matches!(lane.channel, Channel::Topic | Channel::Cosmetic | Channel::Stuck);
        self.tasks.spawn(async move {
            let read = async {
                let items = match count {
                    0 => Vec::new(),
                    count => desk.store.next(lane, after, count).await?,
                };
                let conversation = if needs_standing || needs_group {
                    desk.store.load(Subject::User(lane.user)).await?
                } else {
                    None
                };
                let group = conversation.as_deref().map(|one| one.topic.group).unwrap_or_default();
                let standing = conversation.map(|conversation| desk.standing(&conversation));
                Ok(LoadedSends { items, standing, group: needs_group.then_some(group) })
            };
            let read = caught(desk.stored(StoreOperation::Next, read)).await;
            TaskResult::Loaded(lane, count, read.and_then(Result::ok))
        });
    }

    /// Starts a dispatch.
    fn start_dispatch(
        &mut self,
        lane: OutboxLane,
        batch: Vec<OutboxItem>,
        throttled: ThrottledTimes,
        hints: Hints,
        permit: Permit,
    ) {
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let counted = permit.group();
            let result = run_dispatch(&context, lane, batch, &throttled, hints, counted).await;
            budget::dispatched(&context.desk, &permit, &throttled, &result);
            TaskResult::Dispatched(Box::new(result), permit)
        });
    }
}
