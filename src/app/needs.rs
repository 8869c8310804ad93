//! What goes on until a person looks after it, and what was given up: the owner is told of both.
//!
//! Invariant: nothing is asked for it; it looks at what those who work with a thing have found. Of several processes each
//! tells what it has met itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Need, Notice, NoticeKind},
    ports::Clock,
    telemetry::{Metrics, Readiness, owner},
};

use super::owner::{ToOwner, label};

/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// At first, so long nothing is taken to be over: it may not have been met yet.
const GRACE: Duration = Duration::from_mins(3);

/// Who looks.
#[derive(Debug)]
pub(super) struct Needs {
    metrics: Metrics,
    readiness: Readiness,
    clock: Arc<dyn Clock>,
    begun: Instant,
    /// What the owner knows of each, in the order of [`Need::ALL`].
    known: [Known; Need::ALL.len()],
}

/// What the owner knows of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// An earlier run may have told that it goes on.
    Unclear,
    /// It does not go on.
    Quiet,
    /// It was told to go on.
    Told,
}

impl Needs {
    /// Has seen nothing yet.
    pub(super) fn new(metrics: Metrics, readiness: Readiness, clock: Arc<dyn Clock>) -> Self {
        let known = [Known::Unclear; Need::ALL.len()];
        Self { metrics, readiness, clock, begun: Instant::now(), known }
    }

    /// Tells the owner until `intake` is cancelled.
    pub(super) async fn watch(mut self, to_owner: ToOwner, intake: CancellationToken) {
        let mut tick = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
            }
            let count = owner::given_up(&self.metrics);
            if count > 0 {
                to_owner.tell(Notice::GivenUp { count });
            }
            for notice in self.look() {
                to_owner.tell(notice);
            }
        }
    }

    fn look(&mut self) -> Vec<Notice> {
        let (now, wall) = (Instant::now(), self.clock.now());
        let settled = now - self.begun >= GRACE;
        let mut notices = Vec::new();
        for (need, known) in Need::ALL.into_iter().zip(&mut self.known) {
            let kind = label(NoticeKind::Need(need));
            let since = owner::since(&self.metrics, &self.readiness, kind);
            match (since.map(|since| now - since), *known) {
                (Some(age), Known::Unclear | Known::Quiet) if age >= need.patience() => {
                    *known = Known::Told;
                    notices.push(Notice::Begun { need, since: wall.before(age) });
                }
                (None, Known::Told) => {
                    *known = Known::Quiet;
                    notices.push(Notice::Over { need, at: wall });
                }
                (None, Known::Unclear) if settled => {
                    *known = Known::Quiet;
                    notices.push(Notice::Over { need, at: wall });
                }
                (Some(_), _) | (None, Known::Unclear | Known::Quiet) => {}
            }
        }
        notices
    }
}
