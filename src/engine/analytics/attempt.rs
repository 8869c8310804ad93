//! One attempt to make a report: call the tracker, interpret its answer, commit the outcome.
//!
//! Invariant: a call can be cancelled at any moment, and the report is then made again. A commit is not cancelled with
//! the call, because the tracker already has the report.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, debug, info_span};

use crate::{
    engine::{Desk, lanes::Hints},
    telemetry::{Reported, StoreOperation, tracker},
};
use domain::{Effect, OutboxLane, Track};
use ports::{Commit, Committed, DeadLetter, Origin, OutboxItem, TrackError, TrackTrouble};

/// Time limit for trying a report, from its update.
pub(super) const EXPIRES_AFTER: Duration = Duration::from_hours(24);

/// Time that a cancelled call still has to end.
const GRACE: Duration = Duration::from_secs(1);

/// Panics after which a report is given up.
const PANICS_LIMIT: u32 = 3;

/// Delay of a report at which the desk's own code has panicked.
const PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);

/// Delay after the store refused a commit because of its own contents.
const PAUSE_WHEN_CORRUPT: Duration = Duration::from_secs(30);

/// The report at the head of a lane.
#[derive(Debug)]
pub(super) struct Attempt {
    pub lane: OutboxLane,
    pub item: OutboxItem,
    /// Hints from earlier attempts.
    pub hints: Hints,
    /// Whether the tracker is unavailable and the report a day old: it is given up without a call.
    pub expired: bool,
}

/// How an attempt has ended. What it leaves to commit is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The report was accepted, refused or dropped. `answered`: the tracker has answered.
    Done { answered: bool },
    /// The tracker did not accept the report now. It may ask for a delay.
    NotNow(Hints, Option<Duration>),
    /// The attempt was cut short. The report is made again, after the pause if there is one.
    Retry(Hints, Option<Duration>),
}

/// The result of a call: how the attempt ends, and why the report is given up if it is.
type Outcome = (Ended, Option<String>);

impl Attempt {
    /// Makes the report, and commits the outcome. Cancels the call soon after `cancelled`.
    pub(super) async fn run(self, desk: &Desk, cancelled: CancellationToken) -> Ended {
        // The update's id joins this span and the span of the decision in the logs.
        let update = self.item.queued.cause.0;
        let span = info_span!("delivery", update.id = update, lane = self.lane.key());
        let cancelled = async {
            cancelled.cancelled().await;
            sleep(GRACE).await;
        };
        let (ended, reason) = tokio::select! {
            outcome = self.call_guarded(desk).instrument(span) => outcome,
            () = cancelled => (Ended::Retry(self.hints, None), None),
        };
        match ended {
            Ended::Done { .. } => self.commit(desk, reason).await,
            Ended::NotNow(..) | Ended::Retry(..) => {}
        }
        ended
    }

    /// Makes the report. A panic harms only this report.
    async fn call_guarded(&self, desk: &Desk) -> Outcome {
        let call = AssertUnwindSafe(self.call(desk)).catch_unwind();
        // The panic hook has already counted and logged a panic.
        if let Ok(outcome) = call.await {
            return outcome;
        }
        let panics = self.hints.panics + 1;
        if panics < PANICS_LIMIT {
            let hints = Hints { panics, ..self.hints };
            return (Ended::Retry(hints, Some(PAUSE_AFTER_PANIC)), None);
        }
        (Ended::Done { answered: false }, Some("repeated panics".to_owned()))
    }

    async fn call(&self, desk: &Desk) -> Outcome {
        let (metrics, hints) = (&desk.metrics, self.hints);
        let expired = |took| {
            tracker::given_up(metrics, Reported::Expired, took);
            let reason = "the tracker has not taken it for a day".to_owned();
            (Ended::Done { answered: false }, Some(reason))
        };
        if self.expired {
            return expired(None);
        }
        let (Some(service), Some(track)) = (&desk.tracker, self.track()) else {
            // The tracker was switched off while the report waited.
            tracker::dropped(metrics);
            return (Ended::Done { answered: false }, None);
        };
        let begun = Instant::now();
        let result = service.report(self.lane.user, track).await;
        let took = begun.elapsed();
        match result {
            Ok(()) => {
                tracker::taken(metrics, took);
                (Ended::Done { answered: true }, None)
            }
            Err(error @ TrackError::Refused { .. }) => {
                tracker::given_up(metrics, Reported::Refused, Some(took));
                (Ended::Done { answered: true }, Some(error.to_string()))
            }
            Err(TrackError::NotNow { .. })
                if self.item.queued.received < desk.now().before(EXPIRES_AFTER) =>
            {
                expired(Some(took))
            }
            Err(error @ TrackError::NotNow { why, wait }) => {
                debug!(%error, attempt = hints.attempts, "the tracker did not take a report");
                tracker::postponed(metrics, outcome(why), took, &error);
                let attempts = hints.attempts.saturating_add(1);
                (Ended::NotNow(Hints { attempts, ..hints }, wait), None)
            }
        }
    }

    fn track(&self) -> Option<&Track> {
        if let Effect::Track(track) = &self.item.queued.effect { Some(track) } else { None }
    }

    /// Removes the report from the outbox, however long that takes. A report that is given up becomes a dead letter.
    /// Operators get no notice, because none of their messages is affected.
    async fn commit(&self, desk: &Desk, reason: Option<String>) {
        let commit = if let Some(reason) = reason {
            let origin = Origin::Send(self.item.clone());
            let letter = DeadLetter { origin, reason, at: desk.now() };
            tracker::dead_lettered(&desk.metrics, letter.id().0, self.item.queued.cause.0);
            Commit { dead: vec![letter], ..Commit::default() }
        } else {
            Commit { sent: vec![self.item.seq], ..Commit::default() }
        };
        loop {
            let request = || desk.store.commit(vec![commit.clone()]);
            let outcomes = desk.until_written(StoreOperation::Commit, request).await;
            match outcomes.as_deref() {
                // If another process has the lane now, it makes the report again.
                Ok([Committed::Done(_) | Committed::Elsewhere]) => return,
                Ok(_) | Err(_) => sleep(PAUSE_WHEN_CORRUPT).await,
            }
        }
    }
}

fn outcome(why: TrackTrouble) -> Reported {
    match why {
        TrackTrouble::Busy => Reported::Busy,
        TrackTrouble::Denied => Reported::Denied,
        TrackTrouble::Server => Reported::ServerError,
        TrackTrouble::Malformed => Reported::Malformed,
        TrackTrouble::Timeout => Reported::Timeout,
        TrackTrouble::Network => Reported::Network,
    }
}
