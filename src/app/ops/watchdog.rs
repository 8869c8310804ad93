//! The dead man's switch: while monitoring works, Alertmanager posts its watchdog alert here every 30 seconds; when
//! it stops, the desk itself tells the owner. Alertmanager also posts while it cannot deliver alerts; the incident
//! monitor tells the owner of that.
//!
//! Invariant: with several processes, the leader tells the owner, based on what any process has received, because
//! Alertmanager posts to only one of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    app::owner::Notices,
    config::Settings,
    http::{self, SelfReport},
    telemetry::{Metrics, owner, timestamp},
};
use domain::{Millis, Notice};
use ports::{Clock, Store, StoreError};

/// Monitoring counts as silent after this time without a post.
const SILENCE_LIMIT: Duration = Duration::from_mins(2);
/// The same for the first post after the start.
const FIRST_POST_LIMIT: Duration = Duration::from_secs(150);
/// Interval between two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Records the watchdog posts that this process receives; cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::app) struct WatchdogReceiver {
    token: SecretString,
    /// Time of the last post in milliseconds since the epoch; 0 if there was none.
    last: Arc<AtomicI64>,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
}

impl WatchdogReceiver {
    /// Creates a recorder without posts; `None` if no watchdog is configured.
    pub(in crate::app) fn new(
        settings: &Settings,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
    ) -> Option<Self> {
        let token = settings.watchdog.clone()?;
        metrics.owner.watchdog_expected.set(1.0);
        let (metrics, clock) = (metrics.clone(), Arc::clone(clock));
        Some(Self { token, last: Arc::default(), metrics, clock })
    }

    /// The HTTP endpoint for the posts.
    pub(in crate::app) fn endpoint(&self) -> http::Watchdog {
        let receiver = self.clone();
        http::Watchdog::new(self.token.clone(), move |report| match report {
            SelfReport::Alive => {
                receiver.record_post();
                owner::alertmanager_lives(&receiver.metrics);
            }
            SelfReport::Undelivered => owner::alerts_undelivered(&receiver.metrics),
            SelfReport::Delivered => owner::alerts_delivered(&receiver.metrics),
        })
    }

    fn record_post(&self) {
        let now = self.clock.now();
        self.last.store(now.0, Ordering::Relaxed);
        self.metrics.owner.watchdog_last_received_timestamp.set(timestamp(now.0));
    }

    fn last(&self) -> Option<Millis> {
        Some(self.last.load(Ordering::Relaxed)).filter(|last| *last > 0).map(Millis)
    }
}

/// Shares this process's posts with the others, and tells the owner of a silence while this process leads. Ends with
/// `intake`.
pub(in crate::app) async fn watch_for_silence(
    receiver: WatchdogReceiver,
    store: Arc<dyn Store>,
    notices: Notices,
    intake: CancellationToken,
) {
    let mut tick = tokio::time::interval(CHECK_INTERVAL);
    let (mut shared, mut detector) = (None, None);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        let own = receiver.last();
        let last_of_all = store.record_watchdog(own.filter(|_| own != shared)).await;
        if last_of_all.is_ok() {
            shared = own;
        }
        if store.leading().now_or_never().is_none() {
            detector = None;
            continue;
        }
        let now = Moment { monotonic: Instant::now(), wall: receiver.clock.now() };
        let notice = match &mut detector {
            None => {
                detector = Some(SilenceDetector::new(last_of_all.ok().flatten(), now));
                None
            }
            Some(detector) => detector.check(last_of_all, now),
        };
        if let Some(notice) = notice {
            notices.send(notice);
        }
    }
}

/// A moment, for measuring and for showing.
#[derive(Debug, Clone, Copy)]
struct Moment {
    monotonic: Instant,
    wall: Millis,
}

/// Tracks how long monitoring has been silent.
#[derive(Debug)]
struct SilenceDetector {
    /// The last known post. A different value means a new post.
    last: Option<Millis>,
    /// When that post became known, or the wait began.
    since: Moment,
    /// The longest time without a post that is not a silence yet.
    limit: Duration,
    ever_received: bool,
    is_silent: bool,
}

impl SilenceDetector {
    /// Begins to wait now: the last known post may be old.
    fn new(last: Option<Millis>, now: Moment) -> Self {
        Self { last, since: now, limit: FIRST_POST_LIMIT, ever_received: false, is_silent: false }
    }

    /// Evaluates the last post that any process has received.
    fn check(&mut self, last: Result<Option<Millis>, StoreError>, now: Moment) -> Option<Notice> {
        let waited = now.monotonic - self.since.monotonic;
        match last {
            Ok(Some(last)) if self.last != Some(last) => {
                self.last = Some(last);
                (self.since, self.limit) = (now, SILENCE_LIMIT);
                if self.is_silent {
                    owner::monitoring_back();
                }
                // Also true for the first post: an earlier run may have told of a silence.
                let is_back = std::mem::take(&mut self.is_silent) || !self.ever_received;
                self.ever_received = true;
                is_back.then_some(Notice::MonitoringBack { at: now.wall })
            }
            Ok(_nothing_new) if !self.is_silent && waited >= self.limit => {
                self.is_silent = true;
                owner::monitoring_silent();
                Some(Notice::MonitoringSilent { since: self.since.wall })
            }
            Ok(_nothing_new) => None,
            // Whether other processes have received posts in the meantime is unknown.
            Err(_counted_elsewhere) => {
                self.since = now;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_790_000_000_000);

    /// A detector that begins to wait at noon, and a clock.
    struct Watched {
        detector: SilenceDetector,
        begun: Instant,
    }

    impl Watched {
        fn new(last: Option<i64>) -> Self {
            let begun = Instant::now();
            let now = Moment { monotonic: begun, wall: NOON };
            Self { detector: SilenceDetector::new(last.map(Millis), now), begun }
        }

        /// Evaluates a post, this many seconds after noon.
        fn check(&mut self, second: u64, last: Option<i64>) -> Option<Notice> {
            let now = Moment { monotonic: self.begun + seconds(second), wall: at(second) };
            self.detector.check(Ok(last.map(Millis)), now)
        }

        /// The store fails, this many seconds after noon.
        fn fail(&mut self, second: u64) -> Option<Notice> {
            let now = Moment { monotonic: self.begun + seconds(second), wall: at(second) };
            self.detector.check(Err(StoreError::Closed), now)
        }
    }

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn at(second: u64) -> Millis {
        NOON.plus(seconds(second))
    }

    #[test]
    fn a_silence_is_reported_after_two_minutes_and_its_end_at_once() {
        let mut watched = Watched::new(None);
        assert_eq!(
            watched.check(30, Some(1)),
            Some(Notice::MonitoringBack { at: at(30) }),
            "it may end a silence"
        );
        assert_eq!(watched.check(60, Some(2)), None);
        assert_eq!(watched.check(179, Some(2)), None);
        assert_eq!(watched.check(180, Some(2)), Some(Notice::MonitoringSilent { since: at(60) }));
        assert_eq!(watched.check(400, None), None, "it is reported once");
        assert_eq!(watched.check(405, Some(3)), Some(Notice::MonitoringBack { at: at(405) }));
        assert_eq!(watched.check(410, Some(4)), None);
    }

    #[test]
    fn monitoring_that_never_begins_is_silent_after_the_limit_of_the_first_post() {
        // What an earlier leader has received is no sign of life.
        let mut watched = Watched::new(Some(1));
        assert_eq!(watched.check(149, Some(1)), None);
        assert_eq!(watched.check(150, Some(1)), Some(Notice::MonitoringSilent { since: NOON }));
    }

    #[test]
    fn a_silence_is_counted_from_the_last_failure_of_the_store() {
        let mut watched = Watched::new(None);
        assert_eq!(watched.check(10, Some(1)), Some(Notice::MonitoringBack { at: at(10) }));
        assert_eq!(watched.fail(200), None);
        assert_eq!(watched.check(319, Some(1)), None);
        assert_eq!(
            watched.check(320, Some(1)),
            Some(Notice::MonitoringSilent { since: at(200) }),
            "whether it was silent before is unknown"
        );
    }
}
