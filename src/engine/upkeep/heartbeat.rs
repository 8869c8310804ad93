//! The heartbeat: a periodic round trip through the worker's loop, the store, the sender's loop and Telegram, with or
//! without traffic.
//!
//! Invariant: a heartbeat blocks nothing, and nothing blocks it forever. The loops answer between two rounds, the
//! store writes one value, and the request to Telegram is not a message, so no rate limit counts it.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{
    engine::{Desk, PartitionedLoops, cluster::PartitionCommands},
    telemetry::{Loop, Probe, StoreOperation, timestamp, waiting},
};
use ports::Messenger;

/// Interval between heartbeats, and the time limit of each.
const INTERVAL: Duration = Duration::from_secs(15);

/// Sends the heartbeats.
#[derive(Debug)]
pub struct Heartbeat {
    desk: Arc<Desk>,
    messenger: Arc<dyn Messenger>,
    worker: PartitionCommands,
    sender: PartitionCommands,
}

impl Heartbeat {
    /// Creates a heartbeat through the worker and the sender.
    pub fn new(
        desk: Arc<Desk>,
        messenger: Arc<dyn Messenger>,
        PartitionedLoops { worker, sender, .. }: &PartitionedLoops,
    ) -> Self {
        Self { desk, messenger, worker: worker.clone(), sender: sender.clone() }
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = waiting(tick.tick()) => {}
            }
            self.desk.heartbeats.beat(Loop::Heartbeat);
            tokio::select! {
                () = intake.cancelled() => return,
                () = self.beat() => {}
            }
        }
    }

    async fn beat(&self) {
        let begun = Instant::now();
        let loops_and_telegram = async {
            let Self { messenger, worker, sender, .. } = self;
            tokio::join!(worker.answers(), sender.answers(), messenger.reach())
        };
        let others = waiting(timeout(INTERVAL, loops_and_telegram));
        let (store, others) = tokio::join!(self.probe(), others);
        if store && matches!(others, Ok((true, true, Ok(())))) {
            let heartbeat = &self.desk.metrics.heartbeat;
            heartbeat.duration.set(begun.elapsed().as_secs_f64());
            heartbeat.last_success_timestamp.set(timestamp(self.desk.now().0));
        } else {
            // The component that fails logs and counts the cause.
            debug!(store, in_time = others.is_ok(), "a heartbeat failed");
        }
    }

    /// Checks whether the store accepts writes, and publishes the answer at once.
    async fn probe(&self) -> bool {
        let answer = self.desk.stored(StoreOperation::Probe, self.desk.store.probe()).await;
        match &answer {
            Ok(()) => self.desk.readiness.store_answered(),
            Err(error) => {
                self.desk.readiness.unready(Probe::Store, &error.to_string());
                false
            }
        }
    }
}
