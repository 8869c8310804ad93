//! Startup in order, and shutdown in two steps: first no new work, then no work at all.
//!
//! Invariant: every task of the program is spawned here, so the shutdown waits for it and no task dies unnoticed.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::telemetry::{Metrics, events, panics};

/// The tasks of the program and the two tokens that stop them; cheap to clone.
///
/// A task that takes work in ends when [`Lifecycle::intake`] is cancelled. A task that finishes work ends when none
/// is left after that, or when [`Lifecycle::work`] is cancelled.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    intake: CancellationToken,
    work: CancellationToken,
    tasks: TaskTracker,
    died: watch::Sender<Option<Died>>,
    metrics: Metrics,
}

/// A task that panicked or ended before it was asked to: the program cannot continue as promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the task {task:?} ended by itself")]
pub struct Died {
    /// The task's name.
    pub task: &'static str,
}

/// How a shutdown ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// All work in progress was finished.
    Drained,
    /// Time ran out; the rest resumes at the next start.
    TimedOut,
}

impl Lifecycle {
    /// Creates a lifecycle without tasks.
    pub fn new(metrics: &Metrics) -> Self {
        let intake = CancellationToken::new();
        let (died, _) = watch::channel(None);
        let (work, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self { intake, work, tasks, died, metrics: metrics.clone() }
    }

    /// Cancelled when no new work may be taken in.
    pub fn intake(&self) -> &CancellationToken {
        &self.intake
    }

    /// Cancelled when work in progress must be abandoned.
    pub fn work(&self) -> &CancellationToken {
        &self.work
    }

    /// Spawns a task that must run until it is asked to end.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let lifecycle = self.clone();
        self.track(name, async move {
            let ended = AssertUnwindSafe(task).catch_unwind().await;
            if ended.is_err() || !lifecycle.intake.is_cancelled() {
                lifecycle.report(name);
            }
        });
    }

    /// Spawns a task that may end when it is done; only a panic is a failure.
    pub fn spawn_brief<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let lifecycle = self.clone();
        self.track(name, async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                lifecycle.report(name);
            }
        });
    }

    /// Spawns a task that the desk can do without: its panic is counted and ends only this task.
    pub fn spawn_auxiliary<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.track(name, async move {
            let _counted = AssertUnwindSafe(task).catch_unwind().await;
        });
    }

    /// Waits for the first task that dies.
    pub async fn died(&self) -> Died {
        let mut died = self.died.subscribe();
        // `self` holds the sender, so the channel cannot close.
        match died.wait_for(Option::is_some).await.map(|died| *died) {
            Ok(Some(died)) => died,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// The first task that died, if any.
    pub fn dead(&self) -> Option<Died> {
        *self.died.borrow()
    }

    /// Stops taking in work, waits up to `grace` for work in progress, and abandons the rest.
    ///
    /// Tasks must end soon after their token is cancelled; this waits for all of them.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.intake.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_ok() {
            return Stopped::Drained;
        }
        self.work.cancel();
        self.tasks.wait().await;
        Stopped::TimedOut
    }

    /// Waits until a stop is requested or a task dies.
    pub async fn until_asked(&self, asked: impl Future<Output = ()>) -> Result<(), Died> {
        tokio::select! {
            () = asked => Ok(()),
            died = self.died() => Err(died),
        }
    }

    /// Like [`Lifecycle::stop`], but abandons the rest at once if asked again.
    pub async fn stop_unless_asked_again(
        &self,
        grace: Duration,
        again: impl Future<Output = ()>,
    ) -> Stopped {
        tokio::select! {
            stopped = self.stop(grace) => stopped,
            () = again => self.stop(Duration::ZERO).await,
        }
    }

    fn report(&self, task: &'static str) {
        events::task_died(task);
        self.died.send_if_modified(|died| {
            let first = died.is_none();
            if first {
                *died = Some(Died { task });
            }
            first
        });
    }

    fn track<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let task = panics::within(panics::task_named(name), self.metrics.clone(), task);
        let task = self.tasks.track_future(task);
        #[expect(clippy::disallowed_methods, reason = "the one place: tracked, named and watched")]
        let _watched_by_the_task_itself = tokio::spawn(task);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const GRACE: Duration = Duration::from_secs(20);
    const MOMENT: Duration = Duration::from_millis(50);

    fn lifecycle() -> Lifecycle {
        Lifecycle::new(&Metrics::nowhere())
    }

    #[tokio::test]
    async fn a_stop_waits_for_what_is_under_way() {
        let lifecycle = lifecycle();
        let intake = lifecycle.intake().clone();
        lifecycle.spawn("sender", async move {
            intake.cancelled().await;
            tokio::time::sleep(MOMENT).await;
        });
        assert_eq!(lifecycle.stop(GRACE).await, Stopped::Drained);
        assert!(!lifecycle.work().is_cancelled());
    }

    #[tokio::test]
    async fn a_stop_gives_up_on_what_takes_longer_than_its_grace() {
        let lifecycle = lifecycle();
        let work = lifecycle.work().clone();
        lifecycle.spawn("sender", async move { work.cancelled().await });
        assert_eq!(lifecycle.stop(MOMENT).await, Stopped::TimedOut);
    }

    #[tokio::test]
    async fn a_stop_that_is_asked_for_twice_ends_at_once() {
        let lifecycle = lifecycle();
        let work = lifecycle.work().clone();
        lifecycle.spawn("sender", async move { work.cancelled().await });
        let begun = Instant::now();
        let again = tokio::time::sleep(MOMENT);
        assert_eq!(lifecycle.stop_unless_asked_again(GRACE, again).await, Stopped::TimedOut);
        assert!(begun.elapsed() < GRACE);
    }

    #[tokio::test]
    async fn a_task_that_ends_by_itself_is_reported() {
        let lifecycle = lifecycle();
        lifecycle.spawn("poll", async {});
        assert_eq!(lifecycle.died().await, Died { task: "poll" });
    }

    #[tokio::test]
    async fn a_task_that_panics_is_reported_even_if_it_may_end() {
        let lifecycle = lifecycle();
        lifecycle.spawn_brief("poll", async { panic!("on purpose") });
        assert_eq!(lifecycle.died().await, Died { task: "poll" });
    }

    #[tokio::test]
    async fn a_task_that_the_desk_can_do_without_ends_alone() {
        let lifecycle = lifecycle();
        lifecycle.spawn_auxiliary("owner", async { panic!("on purpose") });
        assert_eq!(lifecycle.stop(GRACE).await, Stopped::Drained);
        assert_eq!(lifecycle.dead(), None);
    }

    #[tokio::test]
    async fn a_brief_task_may_end() {
        let lifecycle = lifecycle();
        lifecycle.spawn_brief("greeting", async {});
        assert_eq!(lifecycle.stop(GRACE).await, Stopped::Drained);
        assert_eq!(lifecycle.dead(), None);
    }
}
