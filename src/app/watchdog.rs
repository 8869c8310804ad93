//! The dead man's switch: while monitoring works, Alertmanager posts its watchdog alert here every 30 seconds; when
//! it stops, the desk itself tells the owner.
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
    config::Settings,
    http,
    telemetry::{Metrics, owner, timestamp},
};
use domain::{Millis, Notice};
use ports::{Clock, Store, StoreError};

use super::owner::ToOwner;

/// Monitoring counts as silent after this time without a post.
const SILENCE: Duration = Duration::from_mins(2);
/// The same for the first post after the start.
const GRACE: Duration = Duration::from_secs(150);
/// Interval between two checks.
const LOOK: Duration = Duration::from_secs(5);

/// Records the watchdog posts that this process receives; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct WatchdogReceiver {
    token: SecretString,
    /// Time of the last post in milliseconds since the epoch; 0 if there was none.
    last: Arc<AtomicI64>,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
}

impl WatchdogReceiver {
    /// Creates a recorder without posts; `None` if no watchdog is configured.
    pub(super) fn new(
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
    pub(super) fn door(&self) -> http::Watchdog {
        let ear = self.clone();
        http::Watchdog::new(self.token.clone(), move || ear.hears())
    }

    fn hears(&self) {
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
pub(super) async fn watch(
    ear: WatchdogReceiver,
    store: Arc<dyn Store>,
    to_owner: ToOwner,
    intake: CancellationToken,
) {
    let mut tick = tokio::time::interval(LOOK);
    let (mut passed_on, mut watch) = (None, None);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        let own = ear.last();
        let word = store.record_watchdog(own.filter(|_| own != passed_on)).await;
        if word.is_ok() {
            passed_on = own;
        }
        if store.leading().now_or_never().is_none() {
            watch = None;
            continue;
        }
        let (wall, now) = (ear.clock.now(), Instant::now());
        let notice = match &mut watch {
            None => {
                watch = Some(Watch::begin(word.ok().flatten(), wall, now));
                None
            }
            Some(watch) => watch.look(word, wall, now),
        };
        if let Some(notice) = notice {
            to_owner.tell(notice);
        }
    }
}

/// Tracks how long monitoring has been silent.
#[derive(Debug)]
struct Watch {
    /// The last known post. A different value means a new post.
    word: Option<Millis>,
    /// When it became known, or the wait began.
    since: Instant,
    /// The same in wall-clock time.
    since_wall: Millis,
    patience: Duration,
    ever_heard: bool,
    silent: bool,
}

impl Watch {
    /// Begins to wait now: the last known post may be old.
    fn begin(word: Option<Millis>, wall: Millis, now: Instant) -> Self {
        Self {
            word,
            since: now,
            since_wall: wall,
            patience: GRACE,
            ever_heard: false,
            silent: false,
        }
    }

    /// Evaluates the last post that any process has received.
    fn look(
        &mut self,
        word: Result<Option<Millis>, StoreError>,
        wall: Millis,
        now: Instant,
    ) -> Option<Notice> {
        match word {
            Ok(Some(word)) if self.word != Some(word) => {
                self.word = Some(word);
                (self.since, self.since_wall, self.patience) = (now, wall, SILENCE);
                if self.silent {
                    owner::monitoring_back();
                }
                // Also true for the first post: an earlier run may have told of a silence.
                let is_back = std::mem::take(&mut self.silent) || !self.ever_heard;
                self.ever_heard = true;
                is_back.then_some(Notice::MonitoringBack { at: wall })
            }
            Ok(_nothing_new) if !self.silent && now - self.since >= self.patience => {
                self.silent = true;
                owner::monitoring_silent();
                Some(Notice::MonitoringSilent { since: self.since_wall })
            }
            Ok(_nothing_new) => None,
            // Posts to other processes in the meantime are unknown.
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

    /// Evaluates a post, this many seconds after the beginning.
    fn look(watch: &mut Watch, begun: Instant, second: u64, word: Option<i64>) -> Option<Notice> {
        let after = Duration::from_secs(second);
        watch.look(Ok(word.map(Millis)), NOON.plus(after), begun + after)
    }

    fn at(second: u64) -> Millis {
        NOON.plus(Duration::from_secs(second))
    }

    #[test]
    fn a_silence_is_told_after_two_minutes_and_its_end_at_once() {
        let begun = Instant::now();
        let mut watch = Watch::begin(None, NOON, begun);
        let mut look = |second, word| look(&mut watch, begun, second, word);
        assert_eq!(
            look(30, Some(1)),
            Some(Notice::MonitoringBack { at: at(30) }),
            "it may end a silence"
        );
        assert_eq!(look(60, Some(2)), None);
        assert_eq!(look(179, Some(2)), None);
        assert_eq!(look(180, Some(2)), Some(Notice::MonitoringSilent { since: at(60) }));
        assert_eq!(look(400, None), None, "it is told once");
        assert_eq!(look(405, Some(3)), Some(Notice::MonitoringBack { at: at(405) }));
        assert_eq!(look(410, Some(4)), None);
    }

    #[test]
    fn monitoring_that_never_begins_is_silent_after_its_grace() {
        let begun = Instant::now();
        // What an earlier leader has heard is no sign of life.
        let mut watch = Watch::begin(Some(Millis(1)), NOON, begun);
        let mut look = |second, word| look(&mut watch, begun, second, word);
        assert_eq!(look(149, Some(1)), None);
        assert_eq!(look(150, Some(1)), Some(Notice::MonitoringSilent { since: NOON }));
    }

    #[test]
    fn while_the_store_does_not_answer_nobody_cries() {
        let begun = Instant::now();
        let mut watch = Watch::begin(None, NOON, begun);
        assert_eq!(
            look(&mut watch, begun, 10, Some(1)),
            Some(Notice::MonitoringBack { at: at(10) })
        );
        let failed = Err(StoreError::Closed);
        assert_eq!(watch.look(failed, at(200), begun + Duration::from_secs(200)), None);
        assert_eq!(look(&mut watch, begun, 319, Some(1)), None);
        assert_eq!(
            look(&mut watch, begun, 320, Some(1)),
            Some(Notice::MonitoringSilent { since: at(10) })
        );
    }
}
