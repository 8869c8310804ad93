//! Decides which lane is dispatched next: the most urgent first, as far as rate limits and concurrency limits allow.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    engine::{
        instrumentation,
        lanes::{BATCH_LIMIT, Dispatch, Hints, ThrottledTimes, UNCERTAIN_LEASE_PAUSE, bucket},
        limits::{Bucket, Full, Permit},
    },
    telemetry::StoreOperation,
};
use domain::{Class, Effect, Millis, OutboxLane};
use ports::{OutboxItem, StoreError};

use super::{
    Sender, TaskResult,
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
        for class in Class::ALL {
            for group in [false, true] {
                let blocked = self.start_class(class, group, now, wall);
                wake = [wake, blocked, self.lanes.next_wake()].into_iter().flatten().min();
            }
        }
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

    fn start_class(
        &mut self,
        class: Class,
        group: bool,
        now: Instant,
        wall: Millis,
    ) -> Option<Instant> {
        self.lanes.throttled.stop((class, group), now);
        let concurrency = self.desk.settings.send_concurrency;
        let limit = if class == Class::Newsletter { (concurrency / 2).max(1) } else { concurrency };
        while self.lanes.running(class) < limit {
            let lane = self.lanes.peek(class, group)?;
            if !self.desk.store.holds(lane) {
                self.lanes.postpone((class, group), now + UNCERTAIN_LEASE_PAUSE, false, now);
                continue;
            }
            let bucket = if self.lanes.is_paid(class) { Bucket::Paid } else { bucket(lane) };
            let want = self.lanes.slots_wanted(class, group);
            let free = if class == Class::Newsletter {
                self.pacer.free_for_newsletter(bucket, want, now)
            } else {
                self.pacer.free(bucket, want, now)
            };
            let free = match free {
                Ok(free) => free,
                Err(Full::OneUser(at)) => {
                    self.lanes.postpone((class, group), at, true, now);
                    continue;
                }
                Err(Full::Shared(at)) => {
                    if self.pacer.is_limit(bucket, now) {
                        self.lanes.throttled.start((class, group), now);
                    }
                    return at;
                }
            };
            // Ready lanes share the free slots.
            let share = if group { free / self.lanes.ready(class, group).max(1) } else { free };
            match self.lanes.dispatch(class, group, share.clamp(1, BATCH_LIMIT), now, wall) {
                None => {}
                Some(Dispatch::Load(lane, after, count)) => {
                    let desk = Arc::clone(&self.desk);
                    self.tasks.spawn(async move {
                        let next = desk.store.next(lane, after, count);
                        let read = caught(desk.stored(StoreOperation::Next, next)).await;
                        TaskResult::Loaded(lane, count, read.and_then(Result::ok))
                    });
                }
                Some(Dispatch::Send { lane, batch, throttled, hints, ready_since }) => {
                    let slots = batch.iter().map(|item| item.queued.effect.size()).sum();
                    let permit = self.pacer.take(bucket, slots, now);
                    instrumentation::limiter_wait(&self.desk, bucket, ready_since, now);
                    if batch.iter().any(|item| matches!(item.queued.effect, Effect::Report(_))) {
                        let free_slots = self.pacer.free_slots(now);
                        self.desk.overview.outbox(self.lanes.by_class(now, wall), free_slots);
                    }
                    self.start_dispatch(lane, batch, throttled, hints, permit);
                }
            }
        }
        None
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
            let result = run_dispatch(&context, lane, batch, &throttled, hints).await;
            TaskResult::Dispatched(Box::new(result), permit)
        });
    }
}
