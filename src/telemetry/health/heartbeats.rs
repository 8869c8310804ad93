//! Liveness: which loops turn.
//!
//! Invariant: a loop turns while its task is polled and it either goes round or waits for something that it is not
//! responsible for: a dependency, another loop that is watched, or the time of its next round. Reading this has no
//! side effects.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::telemetry::{
    catalogue::Metrics,
    registry::{label::Label, labels::Loop},
};

/// Interval between the beats of a loop that waits.
const PULSE: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// The loop whose task this is.
    static CURRENT: (Loop, Heartbeats);
}

/// The last turn of each loop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Heartbeats(Arc<Beats>);

#[derive(Debug)]
struct Beats {
    epoch: Instant,
    loops: Vec<Beat>,
}

#[derive(Debug, Default)]
struct Beat {
    /// Milliseconds from `Beats::epoch` to the last turn.
    last: AtomicU64,
    /// Maximum time between turns, in milliseconds; 0 if the loop is not watched.
    limit: AtomicU64,
}

/// A loop without a recent turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// The stale loop.
    pub task: Loop,
    /// Time since its last turn.
    pub age: Duration,
    /// Maximum time between turns.
    pub limit: Duration,
}

/// The last turn of a loop that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watched {
    pub(super) task: Loop,
    /// When its last turn was; differs from turn to turn.
    pub(super) last: Duration,
    pub(super) limit: Duration,
}

/// Waits for something that the loop is not responsible for, and lets the loop beat every second meanwhile: a wait is
/// no standstill, however long it lasts. The beats stop if the task is no longer polled. Outside of a loop this only
/// waits.
pub async fn waiting<F: Future>(future: F) -> F::Output {
    let Ok((task, heartbeats)) = CURRENT.try_with(Clone::clone) else { return future.await };
    let mut future = pin!(future);
    loop {
        heartbeats.beat(task);
        if let Ok(answer) = tokio::time::timeout(PULSE, &mut future).await {
            return answer;
        }
    }
}

impl Heartbeats {
    /// Creates the set of heartbeats. No loop is watched yet.
    pub fn new() -> Self {
        let loops = Loop::ALL.iter().map(|_| Beat::default()).collect();
        Self(Arc::new(Beats { epoch: Instant::now(), loops }))
    }

    /// Watches a loop: from now on it must complete a turn within every `limit`.
    pub fn watch(&self, task: Loop, limit: Duration) {
        self.beat(task);
        self.of(task).limit.store(millis(limit).max(1), Ordering::Relaxed);
    }

    /// Runs a future as this loop, so that [`waiting`] knows who waits.
    pub async fn run<F: Future>(&self, task: Loop, turning: F) -> F::Output {
        CURRENT.scope((task, self.clone()), turning).await
    }

    /// Records a turn of a loop.
    pub fn beat(&self, task: Loop) {
        self.of(task).last.store(millis(self.0.epoch.elapsed()), Ordering::Relaxed);
    }

    /// Stops watching a loop that has ended as it should.
    pub fn retire(&self, task: Loop) {
        self.of(task).limit.store(0, Ordering::Relaxed);
    }

    /// The watched loops that are over their limit.
    pub fn stale(&self) -> Vec<Stale> {
        self.stale_at(Instant::now())
    }

    fn stale_at(&self, now: Instant) -> Vec<Stale> {
        let now = now - self.0.epoch;
        let late = |Watched { task, last, limit }| {
            let age = now.saturating_sub(last);
            (age > limit).then_some(Stale { task, age, limit })
        };
        self.watched().filter_map(late).collect()
    }

    /// Publishes the last turns and the limits as metrics; both are 0 for a loop that is not watched. `now` is in
    /// seconds since 1970.
    pub fn publish(&self, metrics: &Metrics, now: f64) {
        let elapsed = self.0.epoch.elapsed();
        for task in Loop::ALL {
            let (last, limit) = self.watched().find(|watched| watched.task == *task).map_or(
                (0.0, 0.0),
                |Watched { last, limit, .. }| {
                    (now - elapsed.saturating_sub(last).as_secs_f64(), limit.as_secs_f64())
                },
            );
            metrics.program.heartbeat_timestamp.of(*task).set(last);
            metrics.program.heartbeat_limit.of(*task).set(limit);
        }
    }

    pub(super) fn watched(&self) -> impl Iterator<Item = Watched> {
        Loop::ALL.iter().copied().filter_map(move |task| {
            let beat = self.of(task);
            let limit = Duration::from_millis(beat.limit.load(Ordering::Relaxed));
            let last = Duration::from_millis(beat.last.load(Ordering::Relaxed));
            (!limit.is_zero()).then_some(Watched { task, last, limit })
        })
    }

    fn of(&self, task: Loop) -> &Beat {
        &self.0.loops[task.index()]
    }
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self::new()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::telemetry::Telemetry;

    const LIMIT: Duration = Duration::from_mins(1);

    fn last(heartbeats: &Heartbeats) -> Duration {
        heartbeats.watched().next().unwrap().last
    }

    #[test]
    fn a_loop_is_stale_only_after_its_limit_and_never_once_it_retired() {
        let heartbeats = Heartbeats::new();
        heartbeats.watch(Loop::Poll, LIMIT);
        let now = Instant::now();
        assert_eq!(heartbeats.stale_at(now + LIMIT / 2), []);
        assert_eq!(heartbeats.stale_at(now + LIMIT * 2)[0].task, Loop::Poll);
        heartbeats.retire(Loop::Poll);
        assert_eq!(heartbeats.stale_at(now + LIMIT * 2), []);
    }

    #[test]
    fn a_loop_that_is_not_watched_shows_neither_turn_nor_limit() {
        let telemetry = Telemetry::install().unwrap();
        let heartbeats = Heartbeats::new();
        let shown = |now| {
            heartbeats.publish(telemetry.metrics(), now);
            let page = telemetry.render();
            ["timestamp", "limit"].map(|figure| {
                let series =
                    format!("supportbot_task_heartbeat_{figure}_seconds{{task=\"poll\"}} ");
                let value = page.lines().find_map(|line| line.strip_prefix(&series)).unwrap();
                format!("{:.0}", value.parse::<f64>().unwrap())
            })
        };
        assert_eq!(shown(1000.0), ["0", "0"]);
        heartbeats.watch(Loop::Poll, LIMIT);
        assert_eq!(shown(1000.0), ["1000", "60"]);
        heartbeats.retire(Loop::Poll);
        assert_eq!(shown(2000.0), ["0", "0"]);
    }

    #[tokio::test]
    async fn a_loop_that_waits_for_others_turns_and_one_that_waits_by_itself_does_not() {
        let heartbeats = Heartbeats::new();
        heartbeats.watch(Loop::Poll, LIMIT);
        let begun = last(&heartbeats);
        let wait = PULSE * 2 + PULSE / 2;
        let by_itself = heartbeats.run(Loop::Poll, tokio::time::timeout(wait, pending::<()>()));
        assert!(by_itself.await.is_err() && last(&heartbeats) == begun);
        let for_others =
            heartbeats.run(Loop::Poll, tokio::time::timeout(wait, waiting(pending::<()>())));
        assert!(for_others.await.is_err() && last(&heartbeats) >= begun + wait + PULSE * 2);
    }

    #[tokio::test]
    async fn a_wait_ends_with_its_answer_in_and_outside_of_a_loop() {
        assert_eq!(waiting(async { 1 }).await, 1);
        assert_eq!(Heartbeats::new().run(Loop::Poll, waiting(async { 2 })).await, 2);
    }
}
