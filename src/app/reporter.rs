//! How the desk is, found out for whoever looks after it and asks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    domain::{
        Channel, OutboxLane, Part, Shard, Shards, State, Status, Stored, UserId, Waiting, Work,
    },
    ports::{Answer, Clock, Reporter, Share as _, Store as _, StoreFigures},
    telemetry::{Probe, Readiness, VERSION},
};

use super::{clock::CommonClock, store::AnyStore};

/// So long the store may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Asks the parts of this process.
#[derive(Debug)]
pub(super) struct Asking {
    begun: Instant,
    clock: Arc<dyn Clock>,
    readiness: Readiness,
    store: Arc<AnyStore>,
    tracking: bool,
}

impl Reporter for Asking {
    fn status(&self, work: Work) -> Answer<'_, Status> {
        Box::pin(async move {
            let stored = self.stored().await;
            Status {
                at: self.clock.now(),
                version: VERSION,
                uptime: self.begun.elapsed(),
                in_redis: matches!(&*self.store, AnyStore::Redis(_)),
                troubles: self.troubles(),
                work,
                stored,
                parts: self.parts(),
                tracking: self.tracking,
            }
        })
    }
}

impl Asking {
    /// Of a process that has `begun` then.
    pub(super) fn new(
        begun: Instant,
        clock: &Arc<CommonClock>,
        readiness: &Readiness,
        store: &Arc<AnyStore>,
        tracking: bool,
    ) -> Self {
        let clock: Arc<dyn Clock> = Arc::<CommonClock>::clone(clock);
        Self { begun, clock, readiness: readiness.clone(), store: Arc::clone(store), tracking }
    }

    /// What does not work as the probes see it, since when.
    fn troubles(&self) -> Vec<(Part, Duration)> {
        let probes = self.readiness.probes();
        let failing = probes.iter().filter(|probe| probe.unready.is_some());
        failing
            .filter_map(|probe| {
                let part = match probe.probe {
                    Probe::Store => Part::Store,
                    Probe::Telegram => Part::Telegram,
                    Probe::Group => Part::Group,
                    Probe::Draining => return None,
                };
                Some((part, probe.since.elapsed()))
            })
            .collect()
    }

    async fn stored(&self) -> Option<Stored> {
        let figures = tokio::time::timeout(LIMIT, self.store.figures()).await;
        let StoreFigures { conversations, oldest_waiting, dead_updates, dead_sends, .. } =
            figures.ok()?.ok()?;
        let counted = State::ALL.into_iter().zip(conversations);
        let waiting = counted.filter(|(state, _)| *state == State::WaitingOperator);
        let count = waiting.map(|(_, count)| count).sum();
        let conversations = Waiting { count, oldest: oldest_waiting };
        Some(Stored { conversations, dead: dead_updates + dead_sends })
    }

    fn parts(&self) -> Shards {
        let lane = |part: &Shard| OutboxLane {
            user: UserId(i64::from(part.number())),
            channel: Channel::User,
        };
        Shard::all().filter(|part| self.store.holds(lane(part))).collect()
    }
}
