//! The dead man's switch: as long as monitoring is well, Alertmanager posts its watchdog here every half a minute; when
//! it stops, the owner is told by the desk itself.
//!
//! Invariant: of several processes the one that leads tells, by what any of them has heard, since Alertmanager posts to
//! one of them only.

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
use ports::{Clock, Share, StoreError};

use super::owner::ToOwner;

/// Monitoring is silent when nothing was heard of it for so long.
const SILENCE: Duration = Duration::from_mins(2);
/// At first it has so long to begin.
const GRACE: Duration = Duration::from_secs(150);
/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(5);

/// What this process hears of monitoring; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Ear {
    token: SecretString,
    /// When, in milliseconds since the epoch; 0 for never.
    last: Arc<AtomicI64>,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
}

impl Ear {
    /// Has heard nothing yet; `None` if nothing is expected.
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

    /// Where it is posted to.
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

/// Passes on what this process hears, and tells the owner of a silence while this process leads. Ends with `intake`.
pub(super) async fn watch(
    ear: Ear,
    store: Arc<impl Share>,
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
        let word = store.heard(own.filter(|_| own != passed_on)).await;
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

/// How long monitoring has been silent.
#[derive(Debug)]
struct Watch {
    /// The last word of it; another one is news.
    word: Option<Millis>,
    /// When that came, or the wait for it began.
    since: Instant,
    /// The same by the clock on the wall.
    since_wall: Millis,
    patience: Duration,
    ever_heard: bool,
    silent: bool,
}

impl Watch {
    /// From now on. What was heard before may be of any age.
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

    /// Looks at the last word that any process has heard.
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
                // At first, too: an earlier run may have told of a silence.
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
            // What others have heard meanwhile is not known.
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

    /// Looks at a word, so many seconds after the beginning.
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
            "it may end one"
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
