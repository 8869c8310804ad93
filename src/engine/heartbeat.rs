//! A beat through all of the desk, whether or not there is traffic: the worker's loop, the store, the sender's loop, Telegram.
//!
//! Invariant: a beat holds nothing up, and is held up by nothing for ever. The loops answer between two turns, the store
//! writes one value, and the question to Telegram is no message, so that no limit counts it.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::telemetry::{Loop, Probe, StoreOperation, timestamp};
use ports::{Messenger, Store};

use super::{Desk, crew::Orders};

/// A beat is begun this often, and given up when the next is due.
const EVERY: Duration = Duration::from_secs(15);

/// Sends the beats.
#[derive(Debug)]
pub struct Heartbeat<S, M> {
    desk: Arc<Desk<S, M>>,
    worker: Orders,
    sender: Orders,
}

impl<S: Store, M: Messenger> Heartbeat<S, M> {
    /// Through these two loops.
    pub fn new(desk: Arc<Desk<S, M>>, worker: Orders, sender: Orders) -> Self {
        Self { desk, worker, sender }
    }

    /// Works until `intake` is cancelled.
    pub async fn run(self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
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
            let Self { desk, worker, sender } = self;
            tokio::join!(worker.answers(), sender.answers(), desk.messenger.reach())
        };
        let (store, others) = tokio::join!(self.probe(), timeout(EVERY, loops_and_telegram));
        if store && matches!(others, Ok((true, true, Ok(())))) {
            let heartbeat = &self.desk.metrics.heartbeat;
            heartbeat.duration.set(begun.elapsed().as_secs_f64());
            heartbeat.last_success_timestamp.set(timestamp(self.desk.now().0));
        } else {
            // What is wrong is said, and counted, by those who work with it.
            debug!(store, in_time = others.is_ok(), "a beat did not go through");
        }
    }

    /// Asks whether the store can be written now, and shows the answer at once.
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
