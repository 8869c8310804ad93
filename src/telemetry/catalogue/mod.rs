//! The catalogue of metrics: the only way to the `metrics` facade.
//!
//! Invariant: `/metrics` shows exactly what the catalogue lists, because registering a metric puts
//! it on the list.

mod markdown;
mod operations;
mod service;

use std::{ops::Deref, sync::Arc, time::Duration};

pub(in crate::telemetry) use operations::ProcessMetrics;
pub use operations::{
    BUILD, BackupMetrics, HeartbeatMetrics, MachineMetrics, OwnerMetrics, ProgramMetrics, REVISION,
    RedisMetrics, ReplicaMetrics, VERSION,
};
pub use service::{
    BudgetMetrics, DeskMetrics, NewsletterMetrics, QueueMetrics, TelegramMetrics, TrackerMetrics,
    UpdateMetrics, WebhookMetrics, WelcomeMetrics,
};

use crate::telemetry::{
    logging::throttle::LogThrottle,
    registry::{
        families::{Family, Metric, Registrar},
        labels::StoreOperation,
    },
};

/// Buckets for our own work, from milliseconds to seconds.
const FAST: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets for handling one update: most take less than a millisecond, and each bucket counts once for every handler.
const HANDLING: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.025, 0.1, 1.0, 5.0];
/// Buckets for one operation of the store.
const STORE: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// Buckets for calls to Telegram.
const API: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// How long a message may take the desk: the bucket that alerts watch.
pub const DELIVERY_TARGET: Duration = Duration::from_secs(5);
/// Buckets for the delivery time of a message; [`DELIVERY_TARGET`] is one of them.
const END_TO_END: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0];
/// Buckets for the time for which limits hold a message back.
const HELD_BACK: &[f64] = &[1.0, 5.0, 15.0, 60.0, 300.0, 900.0];
/// Buckets for the age of an update when it reaches us.
const AGE: &[f64] = &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];
/// Buckets for the time that people take to answer.
const HUMAN: &[f64] = &[30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14_400.0, 86_400.0];

/// Every metric of the program. Cheap to clone.
///
/// A gauge named `…_timestamp_seconds` holds seconds since the epoch, 0 for "never" or "none".
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Handles>);

/// The current troubles, for log throttling. Each is independent of the others.
#[derive(Debug)]
pub(in crate::telemetry) struct LogThrottles {
    pub(in crate::telemetry) store: Family<LogThrottle, StoreOperation>,
    pub(in crate::telemetry) desk: LogThrottle,
    pub(in crate::telemetry) connection: LogThrottle,
    pub(in crate::telemetry) token: LogThrottle,
    pub(in crate::telemetry) conflict: LogThrottle,
    pub(in crate::telemetry) flood: LogThrottle,
    pub(in crate::telemetry) repeats: LogThrottle,
    pub(in crate::telemetry) sends: LogThrottle,
    pub(in crate::telemetry) backups: LogThrottle,
    pub(in crate::telemetry) disk: LogThrottle,
    pub(in crate::telemetry) pushes: LogThrottle,
    pub(in crate::telemetry) contention: LogThrottle,
    pub(in crate::telemetry) redis: LogThrottle,
    pub(in crate::telemetry) losses: LogThrottle,
    pub(in crate::telemetry) tracker: LogThrottle,
    pub(in crate::telemetry) stuck: LogThrottle,
    pub(in crate::telemetry) limit: LogThrottle,
    pub(in crate::telemetry) alerts: LogThrottle,
}

impl Default for LogThrottles {
    fn default() -> Self {
        Self {
            store: Family::defaults(),
            desk: LogThrottle::default(),
            connection: LogThrottle::default(),
            token: LogThrottle::default(),
            conflict: LogThrottle::default(),
            flood: LogThrottle::default(),
            repeats: LogThrottle::default(),
            sends: LogThrottle::default(),
            backups: LogThrottle::default(),
            disk: LogThrottle::default(),
            pushes: LogThrottle::default(),
            contention: LogThrottle::default(),
            redis: LogThrottle::default(),
            losses: LogThrottle::default(),
            tracker: LogThrottle::default(),
            stuck: LogThrottle::default(),
            limit: LogThrottle::default(),
            alerts: LogThrottle::default(),
        }
    }
}

/// The handles of all metrics, by area.
#[derive(Debug)]
pub struct Handles {
    /// Updates, from Telegram to the commit.
    pub updates: UpdateMetrics,
    /// The webhook.
    pub webhook: WebhookMetrics,
    /// The durable queues and their dead letters.
    pub queues: QueueMetrics,
    /// Calls to Telegram.
    pub telegram: TelegramMetrics,
    /// The group's rate limit, and who waits for it.
    pub budget: BudgetMetrics,
    /// Conversations.
    pub desk: DeskMetrics,
    /// The welcome and its questions.
    pub welcome: WelcomeMetrics,
    /// Newsletters.
    pub newsletters: NewsletterMetrics,
    /// Reports to the tracker.
    pub tracker: TrackerMetrics,
    /// Backups, which other processes make.
    pub backups: BackupMetrics,
    /// The store, the tasks and the process.
    pub program: ProgramMetrics,
    /// The heartbeat.
    pub heartbeat: HeartbeatMetrics,
    /// The machine's resources.
    pub machine: MachineMetrics,
    /// The Redis that holds the store.
    pub redis: RedisMetrics,
    /// The processes that share a store.
    pub replicas: ReplicaMetrics,
    /// Notices to the owner, and the watchdog.
    pub owner: OwnerMetrics,
    pub(in crate::telemetry) troubles: LogThrottles,
}

impl Metrics {
    /// Metrics without a recorder, for tests of single parts.
    pub fn nowhere() -> Self {
        Self::register(&mut Registrar::default())
    }

    pub(in crate::telemetry) fn register(registrar: &mut Registrar<'_>) -> Self {
        Self(Arc::new(Handles {
            updates: UpdateMetrics::register(registrar),
            webhook: WebhookMetrics::register(registrar),
            queues: QueueMetrics::register(registrar),
            telegram: TelegramMetrics::register(registrar),
            budget: BudgetMetrics::register(registrar),
            desk: DeskMetrics::register(registrar),
            welcome: WelcomeMetrics::register(registrar),
            newsletters: NewsletterMetrics::register(registrar),
            tracker: TrackerMetrics::register(registrar),
            backups: BackupMetrics::register(registrar),
            program: ProgramMetrics::register(registrar),
            heartbeat: HeartbeatMetrics::register(registrar),
            machine: MachineMetrics::register(registrar),
            redis: RedisMetrics::register(registrar),
            replicas: ReplicaMetrics::register(registrar),
            owner: OwnerMetrics::register(registrar),
            troubles: LogThrottles::default(),
        }))
    }
}

impl Deref for Metrics {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}

/// The list of all metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// All metrics, in the order of an update's way through the program.
    pub metrics: Vec<Metric>,
}

impl Catalogue {
    /// Lists every metric that the program exports.
    pub fn new() -> Self {
        let mut registrar = Registrar::default();
        let _handles_that_do_nothing = Metrics::register(&mut registrar);
        Self { metrics: registrar.metrics }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::new()
    }
}
