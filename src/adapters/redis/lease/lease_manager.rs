//! Takes, renews and releases the leases of this process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use crate::adapters::cache::Cache;
use domain::{Partition, PartitionSet};
use ports::StoreError;

use crate::adapters::redis::{
    client::{
        connection::Connection,
        observer::{ClusterEvent, Operation},
    },
    errors::OpenError,
    script::{
        answers::{Answer, list, maybe, maybe_integer, text},
        arguments::Args,
        layout::{FORMAT, Keys},
        scripts::LEASE,
    },
};

use super::{leases::Leases, ticks::Ticks};

/// Number of renewals within the length of a lease.
pub(super) const RENEWALS: u32 = 8;

/// Takes, renews and releases the leases of this process.
#[derive(Debug, Clone)]
pub(in crate::adapters::redis) struct LeaseManager {
    pub connection: Arc<Connection>,
    pub keys: Keys,
    pub leases: Arc<Leases>,
    pub cache: Arc<Cache>,
    pub ticks: Arc<Ticks>,
}

/// Result of an attempt to take a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Acquisition {
    /// This process holds it now.
    Acquired {
        /// Token of the previous holder, if its end was unclean; empty if it is not known.
        unclean_holder: Option<String>,
        /// This process lost the partition a moment ago, and its data is gone.
        emptied: bool,
    },
    /// Another process holds it, for this many more milliseconds.
    HeldElsewhere(i64),
    /// A later release wrote its data, in this format.
    NewerFormat(i64),
}

impl LeaseManager {
    /// Takes every partition for this process alone. Waits for the leases of a killed process to expire; fails if a
    /// lease is renewed, because then its holder is alive.
    pub(in crate::adapters::redis) async fn acquire_all(&self) -> Result<PartitionSet, OpenError> {
        let started = Instant::now();
        let mut before: Option<(i64, Instant)> = None;
        let mut unclean = PartitionSet::NONE;
        for partition in Partition::all() {
            loop {
                let sent = Instant::now();
                let left = match self.acquire(partition).await? {
                    Acquisition::Acquired { unclean_holder, .. } => {
                        unclean = unclean_holder.map_or(unclean, |_| unclean.with(partition));
                        break;
                    }
                    Acquisition::NewerFormat(found) => {
                        self.release(self.leases.held(), true).await;
                        return Err(OpenError::Newer { found, known: FORMAT });
                    }
                    Acquisition::HeldElsewhere(left) => left,
                };
                // Without a renewal, the remaining time shrinks at least by the time between an answer and the next
                // request.
                let shrinks = |answered| millis(sent.saturating_duration_since(answered));
                let expected = before.map(|(left, answered)| left - shrinks(answered));
                let renewed = expected.is_some_and(|expected| {
                    left > expected + millis(self.leases.length) / i64::from(RENEWALS) / 2 + 20
                });
                if renewed || started.elapsed() > Duration::from_mins(1) {
                    self.release(self.leases.held(), false).await;
                    return Err(OpenError::Running);
                }
                before.get_or_insert((left, Instant::now()));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            before = None;
        }
        self.leases.serve(PartitionSet::ALL);
        Ok(unclean)
    }

    /// Fails if a later release wrote the store.
    pub(in crate::adapters::redis) async fn check_format(&self) -> Result<(), OpenError> {
        let mut args = Args::default();
        args.text(self.keys.in_partition(Partition::DESK, "meta")).text("format");
        let found = self.connection.command_raw("HGET", Operation::Read, args, 3).await;
        let found = found.map_err(|error| OpenError::of(self.connection.address(), &error))?;
        match maybe(found).ok().flatten().and_then(|format| format.parse().ok()) {
            Some(found) if found > FORMAT => Err(OpenError::Newer { found, known: FORMAT }),
            Some(_) | None => Ok(()),
        }
    }

    /// Renews the leases until the task ends.
    pub(in crate::adapters::redis) async fn keep_renewing(&self) {
        let mut tick = tokio::time::interval(self.leases.length / RENEWALS);
        loop {
            tick.tick().await;
            self.renew().await;
        }
    }

    pub(super) fn report_assigned(
        &self,
        taken: PartitionSet,
        unclean: bool,
        emptied: PartitionSet,
    ) {
        self.leases.report_assigned(taken, unclean, emptied);
        if !taken.is_empty() {
            self.connection.report(ClusterEvent::Assigned(taken.len()));
        }
    }

    /// Tries to take a partition.
    pub(super) async fn acquire(&self, partition: Partition) -> Result<Acquisition, OpenError> {
        let mut args = self.lease_args("take");
        args.number(FORMAT);
        self.acquire_with(partition, args).await
    }

    pub(super) async fn acquire_with(
        &self,
        partition: Partition,
        args: Args,
    ) -> Result<Acquisition, OpenError> {
        let sent = Instant::now();
        let failed = |error| OpenError::of(self.connection.address(), &error);
        let base = self.keys.base(partition);
        let answer = self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 3).await;
        let found = read_acquisition(answer.map_err(failed)?)
            .map_err(|error| OpenError::unusable(self.connection.address(), &error))?;
        let Found { tick, epoch, unclean_holder, blank } = match found {
            Ok(found) => found,
            Err(not_ours) => return Ok(not_ours),
        };
        self.ticks.rise_to(tick);
        self.leases.advance_epoch(epoch);
        self.leases.read_from_start(partition);
        // Entries cached before or while another process held the partition may be outdated.
        self.cache.lock().forget_conversations(|user| Partition::of(user) == partition);
        self.leases.extend(partition, sent);
        let unclean_holder = unclean_holder.filter(|token| *token != self.leases.token);
        let emptied = self.leases.was_just_lost(partition) && blank;
        Ok(Acquisition::Acquired { unclean_holder, emptied })
    }

    /// Renews all leases held.
    pub(super) async fn renew(&self) {
        let renewals = self.leases.held().iter().map(|partition| async move {
            let (sent, args) = (Instant::now(), self.lease_args("renew"));
            let base = self.keys.base(partition);
            let answer = self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 1).await;
            // A lease that cannot be renewed expires.
            let Ok(answer) = answer.map(list) else { return };
            let mut answer = answer.unwrap_or_default().into_iter().map(maybe_integer);
            match answer.next() {
                Some(Ok(Some(1))) => {
                    if self.leases.holds(partition) {
                        self.leases.extend(partition, sent);
                    }
                    let foreign = answer.next().and_then(Result::ok).flatten().unwrap_or(0);
                    if foreign > self.leases.last_read(partition) {
                        self.leases.report_inbox_update(partition);
                    }
                }
                Some(Ok(_)) => self.record_loss(partition),
                Some(Err(_)) | None => {}
            }
        });
        join_all(renewals).await;
    }

    /// Records that another process has taken a partition.
    pub(in crate::adapters::redis) fn record_loss(&self, partition: Partition) {
        if self.leases.record_loss(partition) {
            self.connection.report(ClusterEvent::Lost);
        }
    }

    /// Releases partitions. `unclean` tells their next holder that this process did not end in order.
    pub(in crate::adapters::redis) async fn release(
        &self,
        partitions: PartitionSet,
        unclean: bool,
    ) {
        // Otherwise a renewal that arrives after the release would count as a lost lease.
        self.leases.stop_holding(partitions);
        let releases = partitions.iter().map(|partition| async move {
            let mut args = self.lease_args("leave");
            args.flag(unclean).text(self.keys.channel());
            let base = self.keys.base(partition);
            // A lease that cannot be released expires.
            let _released =
                self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 1).await;
        });
        join_all(releases).await;
        self.leases.record_release(partitions);
    }

    pub(super) fn lease_args(&self, action: &str) -> Args {
        let mut args = Args::default();
        args.text(action).text(self.leases.token.as_str()).number(millis(self.leases.length));
        args
    }
}

/// State of a partition that was just taken.
struct Found {
    tick: i64,
    epoch: i64,
    unclean_holder: Option<String>,
    /// Its `meta` has no format: it was never taken, or its data is gone.
    blank: bool,
}

fn read_acquisition(answer: fred::types::Value) -> Result<Result<Found, Acquisition>, StoreError> {
    let mut fields = Answer::of(answer)?;
    match fields.optional_number()? {
        Some(0) => return Ok(Err(Acquisition::HeldElsewhere(fields.number_or_zero()?))),
        Some(2) => return Ok(Err(Acquisition::NewerFormat(fields.number_or_zero()?))),
        _ => {}
    }
    let tick = fields.number_or_zero()?;
    let (_group, _from) = (fields.next(), fields.next());
    let epoch = fields.number_or_zero()?;
    let open = fields.optional_number()? == Some(1);
    let owner = fields.next().map(text).transpose()?.unwrap_or_default();
    let unclean_holder = open.then_some(owner);
    let blank = fields.optional_number()? == Some(1);
    Ok(Ok(Found { tick, epoch, unclean_holder, blank }))
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
