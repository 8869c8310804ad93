//! Reports to the tracker: one dispatch of a report's lane.
//!
//! Invariant: nothing else waits for a report. These calls have a concurrency limit of their own and can be cancelled
//! at any moment. A report that was cancelled or not taken is made again.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{
    engine::{Desk, analytics::pause},
    telemetry::{Reported, tracker},
};
use domain::{Channel, Millis, OutboxLane, Track, Waiting};
use ports::{DeadLetter, Origin, OutboxItem, TrackError, TrackTrouble};

use super::{
    Sender,
    dispatch::Ended,
    hints::Hints,
    lanes::{Lane, Lanes},
    outcome::{NextStep, Outcome},
};

/// Limit of concurrent calls to the tracker.
pub(super) const AT_ONCE: usize = 4;

/// Limit of loaded reports over all lanes; further reports are only counted.
pub(super) const LOADED_LIMIT: usize = 1_000;

/// Number of reports of a lane that are read together.
pub(super) const READ: usize = 4;

/// Time limit for trying a report, from its update.
const DAY: Duration = Duration::from_hours(24);

/// Time that a cancelled call still has to end.
const GRACE: Duration = Duration::from_secs(1);

/// Makes the report at the head of a lane. Returns its outcome, and whether the tracker has answered.
pub(super) async fn report(
    desk: &Desk,
    lane: OutboxLane,
    item: &OutboxItem,
    track: &Track,
    hints: Hints,
) -> (Outcome, bool) {
    let metrics = &desk.metrics;
    let expired = |took| {
        tracker::given_up(metrics, Reported::Expired, took);
        (given_up(desk, item, "the tracker has not taken it for a day"), false)
    };
    if hints.overdue {
        return expired(None);
    }
    let Some(there) = &desk.tracker else {
        // The tracker was switched off while the report waited.
        tracker::dropped(metrics);
        return (Outcome::default(), false);
    };
    let begun = Instant::now();
    let result = there.report(lane.user, track).await;
    let took = begun.elapsed();
    match result {
        Ok(()) => {
            tracker::taken(metrics, took);
            (Outcome::default(), true)
        }
        Err(error @ TrackError::Refused { .. }) => {
            tracker::given_up(metrics, Reported::Refused, Some(took));
            (given_up(desk, item, &error.to_string()), true)
        }
        Err(TrackError::NotNow { .. }) if item.queued.received < desk.now().before(DAY) => {
            expired(Some(took))
        }
        Err(error @ TrackError::NotNow { why, wait }) => {
            debug!(%error, attempt = hints.attempts, "the tracker did not take a report");
            tracker::postponed(metrics, outcome(why), took, &error);
            let attempts = hints.attempts.saturating_add(1);
            let next_step = NextStep::TrackerUnavailable(Hints { attempts, ..hints }, wait);
            (Outcome { next_step, ..Outcome::default() }, false)
        }
    }
}

/// Back-off of a lane whose report was not taken: others pass it.
pub(super) fn steps_aside(hints: Hints) -> Duration {
    pause(hints.attempts.saturating_sub(1))
}

/// Keeps a report as a dead letter. Operators get no notice, because none of their messages is affected.
pub(super) fn given_up(desk: &Desk, item: &OutboxItem, why: &str) -> Outcome {
    let reason = why.to_owned();
    let letter = DeadLetter { origin: Origin::Send(item.clone()), reason, at: desk.now() };
    tracker::dead_lettered(&desk.metrics, letter.id().0, item.queued.cause.0);
    Outcome { dead: vec![letter], ..Outcome::default() }
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

/// Runs a dispatch to its end. A report ends early if reports are cancelled; it is then made again.
pub(super) async fn unless_cut(
    lane: OutboxLane,
    hints: Hints,
    turn: impl Future<Output = Ended>,
    cut: CancellationToken,
) -> Ended {
    if lane.channel != Channel::Track {
        return turn.await;
    }
    let cut = async {
        cut.cancelled().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        ended = turn => ended,
        () = cut => {
            let (next_step, answered) = (NextStep::Retry(hints, None), Instant::now());
            Ended { lane, count: 1, hints, used: 0, answered, next_step, pending: None }
        }
    }
}

impl Sender {
    /// Cancels the calls to the tracker, so that nothing that waits for lanes to end waits for them.
    pub(super) fn cut_reports(&mut self) {
        std::mem::take(&mut self.cut).cancel();
    }

    /// Whether the head of a lane is a report that has been tried for a day.
    pub(super) fn is_overdue(&self, lane: OutboxLane, wall: Millis) -> bool {
        lane.channel == Channel::Track && self.lanes.front_is_older(lane, wall.before(DAY))
    }
}

impl Lanes {
    /// Whether the head of a lane is older than this.
    fn front_is_older(&self, lane: OutboxLane, than: Millis) -> bool {
        let oldest = self.known.get(&lane).and_then(Lane::oldest);
        oldest.is_some_and(|oldest| oldest < than)
    }

    /// The waiting reports.
    pub(super) fn reports(&self) -> Waiting {
        let mut waiting = Waiting::default();
        for (_, lane) in self.known.iter().filter(|(key, _)| key.channel == Channel::Track) {
            waiting.add(lane.waiting(), lane.oldest());
        }
        let rest = self.backlogs.waiting().filter(|(channel, _)| *channel == Channel::Track);
        for (_, rest) in rest {
            waiting.add(rest.count, rest.oldest);
        }
        waiting
    }
}
