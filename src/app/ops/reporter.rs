//! Answers the status questions of the owner and the administrators.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use url::Url;

use crate::{
    adapters::{
        alertmanager::Alertmanager,
        backup,
        telegram::{Client, inspect},
    },
    app::{clock::SharedClock, settings},
    config::Settings,
    telemetry::{Probe, Readiness, VERSION},
};
use domain::{
    Alerts, Backups, Channel, ChatId, Finding, Limits, OutboxLane, Part, Partition, PartitionSet,
    State, Status, Stored, UserId, Waiting, Work,
};
use ports::{Clock, Reporter, SharedLimits, Store, StoreFigures};

/// How long the store may take to answer.
const STORE_LIMIT: Duration = Duration::from_secs(2);
/// How long Telegram may take to answer all questions of `doctor`.
const DOCTOR_LIMIT: Duration = Duration::from_secs(20);

/// Collects the status of this process.
#[derive(Debug)]
pub(in crate::app) struct StatusReporter {
    begun: Instant,
    clock: Arc<dyn Clock>,
    readiness: Readiness,
    store: Arc<dyn Store>,
    in_redis: bool,
    /// The folder of the backups' status file.
    folder: PathBuf,
    limits: SharedLimits,
    tracking: bool,
    alertmanager: Option<Alertmanager>,
    doctor: DoctorTargets,
}

#[ports::async_trait]
impl Reporter for StatusReporter {
    async fn status(&self, work: Work) -> Status {
        let (stored, limits, backups, alerts) =
            tokio::join!(self.stored(), self.limits(work.limits), self.backups(), self.alerts());
        Status {
            at: self.clock.now(),
            version: VERSION,
            uptime: self.begun.elapsed(),
            in_redis: self.in_redis,
            troubles: self.failing_parts(),
            work,
            limits,
            backups,
            alerts,
            stored,
            parts: self.partitions(),
            tracking: self.tracking,
        }
    }

    async fn doctor(&self) -> Vec<Finding> {
        self.examine().await
    }
}

/// What `doctor` checks at Telegram.
#[derive(Debug)]
struct DoctorTargets {
    client: Client,
    /// The operators' group.
    group: ChatId,
    /// The owner, whom the bot must be able to write to.
    owner: UserId,
    /// The URL that updates are pushed to, if any.
    webhook: Option<Url>,
}

impl StatusReporter {
    /// Checks Telegram and the store. Settings and texts were checked when the desk started.
    async fn examine(&self) -> Vec<Finding> {
        let DoctorTargets { client, group, owner, webhook } = &self.doctor;
        let inspection =
            inspect(client, Some(*group), Some(*owner), webhook.as_ref(), &*self.clock);
        let mut findings = match tokio::time::timeout(DOCTOR_LIMIT, inspection).await {
            Ok(inspected) => inspected.findings,
            Err(_late) => vec![Finding::Slow],
        };
        let probed = tokio::time::timeout(STORE_LIMIT, self.store.probe()).await;
        findings.push(match probed {
            Ok(Ok(())) => Finding::StoreWell,
            Ok(Err(error)) => Finding::StoreFails { why: error.to_string() },
            Err(_late) => Finding::StoreSilent,
        });
        findings
    }

    /// Creates a reporter for a process that started at `begun`.
    pub(in crate::app) fn new(
        begun: Instant,
        clock: &Arc<SharedClock>,
        readiness: &Readiness,
        store: &Arc<dyn Store>,
        settings: &Settings,
        (client, group): (&Client, ChatId),
    ) -> Self {
        let doctor = DoctorTargets {
            client: client.clone(),
            group,
            owner: settings::roles(settings).owner,
            webhook: settings.webhook.as_ref().map(|webhook| webhook.url.clone()),
        };
        Self {
            begun,
            clock: Arc::<SharedClock>::clone(clock),
            readiness: readiness.clone(),
            store: Arc::clone(store),
            in_redis: settings.store.redis.is_some(),
            folder: settings.store.folder.clone(),
            limits: settings::engine(settings).pacing.shared(),
            tracking: settings.tgtrack.is_some(),
            alertmanager: settings.alertmanager.as_ref().and_then(|url| {
                let network = settings::network(settings).ok()?;
                Some(Alertmanager::new(url, &network))
            }),
            doctor,
        }
    }

    /// The limits of this process, or those shared with other processes.
    async fn limits(&self, own: Limits) -> Limits {
        if !self.store.shares_limits() {
            return own;
        }
        let remaining = tokio::time::timeout(STORE_LIMIT, self.store.remaining(self.limits)).await;
        remaining.ok().and_then(Result::ok).unwrap_or_default()
    }

    async fn backups(&self) -> Backups {
        let text = tokio::fs::read(backup::Status::file(&self.folder)).await;
        let status = backup::Status::parse(&text.unwrap_or_default());
        Backups { last: status.last.map(|good| good.at()), failing: status.failing }
    }

    async fn alerts(&self) -> Alerts {
        let Some(alertmanager) = &self.alertmanager else { return Alerts::Unasked };
        alertmanager.firing().await.map_or(Alerts::Unknown, Alerts::Firing)
    }

    /// The parts that the probes see failing, and for how long.
    fn failing_parts(&self) -> Vec<(Part, Duration)> {
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
        let figures = tokio::time::timeout(STORE_LIMIT, self.store.figures()).await;
        let StoreFigures { conversations, oldest_waiting, dead_updates, dead_sends, .. } =
            figures.ok()?.ok()?;
        let counted = State::ALL.into_iter().zip(conversations);
        let waiting = counted.filter(|(state, _)| *state == State::WaitingOperator);
        let count = waiting.map(|(_, count)| count).sum();
        let conversations = Waiting { count, oldest: oldest_waiting };
        Some(Stored { conversations, dead: dead_updates + dead_sends })
    }

    /// The partitions that this process works on.
    fn partitions(&self) -> PartitionSet {
        let lane = |partition: &Partition| OutboxLane {
            user: UserId(i64::from(partition.number())),
            channel: Channel::User,
        };
        Partition::all().filter(|partition| self.store.holds(lane(partition))).collect()
    }
}
