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
    config::Settings,
    telemetry::{Probe, Readiness, VERSION},
};
use domain::{
    Alerts, Backups, Channel, ChatId, Finding, Limits, OutboxLane, Part, Partition, PartitionSet,
    State, Status, Stored, UserId, Waiting, Work,
};
use ports::{Clock, Reporter, SharedLimits, Store, StoreFigures};

use super::{clock::CommonClock, settings};

/// How long the store may take to answer.
const LIMIT: Duration = Duration::from_secs(2);
/// How long Telegram may take to answer all questions of `doctor`.
const DOCTOR_LIMIT: Duration = Duration::from_secs(20);

/// Asks the parts of this process.
#[derive(Debug)]
pub(super) struct StatusReporter {
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
    examined: Examined,
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
            troubles: self.troubles(),
            work,
            limits,
            backups,
            alerts,
            stored,
            parts: self.parts(),
            tracking: self.tracking,
        }
    }

    async fn doctor(&self) -> Vec<Finding> {
        self.examine().await
    }
}

/// What is checked at Telegram.
#[derive(Debug)]
struct Examined {
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
        let Examined { client, group, owner, webhook } = &self.examined;
        let asked = inspect(client, *group, Some(*owner), webhook.as_ref(), &*self.clock);
        let mut findings = match tokio::time::timeout(DOCTOR_LIMIT, asked).await {
            Ok(inspected) => inspected.findings,
            Err(_late) => vec![Finding::Slow],
        };
        let probed = tokio::time::timeout(LIMIT, self.store.probe()).await;
        findings.push(match probed {
            Ok(Ok(())) => Finding::StoreWell,
            Ok(Err(error)) => Finding::StoreFails { why: error.to_string() },
            Err(_late) => Finding::StoreSilent,
        });
        findings
    }

    /// Creates a reporter for a process that started at `begun`.
    pub(super) fn new(
        begun: Instant,
        clock: &Arc<CommonClock>,
        readiness: &Readiness,
        store: &Arc<dyn Store>,
        settings: &Settings,
        (client, group): (&Client, ChatId),
    ) -> Self {
        let examined = Examined {
            client: client.clone(),
            group,
            owner: settings::roles(settings).owner,
            webhook: settings.webhook.as_ref().map(|webhook| webhook.url.clone()),
        };
        Self {
            begun,
            clock: Arc::<CommonClock>::clone(clock),
            readiness: readiness.clone(),
            store: Arc::clone(store),
            in_redis: settings.store.redis.is_some(),
            folder: settings.store.folder.clone(),
            limits: settings::desk(settings).pacing.shared(),
            tracking: settings.tgtrack.is_some(),
            alertmanager: settings.alertmanager.as_ref().map(Alertmanager::new),
            examined,
        }
    }

    /// The limits of this process, or those shared with other processes.
    async fn limits(&self, own: Limits) -> Limits {
        if !self.store.shares_limits() {
            return own;
        }
        let left = tokio::time::timeout(LIMIT, self.store.remaining(self.limits)).await;
        left.ok().and_then(Result::ok).unwrap_or_default()
    }

    async fn backups(&self) -> Backups {
        let noted = tokio::fs::read(backup::Status::file(&self.folder)).await;
        let status = backup::Status::parse(&noted.unwrap_or_default());
        Backups { last: status.last.map(|good| good.at()), failing: status.failing }
    }

    async fn alerts(&self) -> Alerts {
        let Some(there) = &self.alertmanager else { return Alerts::Unasked };
        there.firing().await.map_or(Alerts::Unknown, Alerts::Firing)
    }

    /// The parts that the probes see failing, and for how long.
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

    fn parts(&self) -> PartitionSet {
        let lane = |part: &Partition| OutboxLane {
            user: UserId(i64::from(part.number())),
            channel: Channel::User,
        };
        Partition::all().filter(|part| self.store.holds(lane(part))).collect()
    }
}
