//! Renews the leases, and balances the partitions among the processes on this store.
//!
//! Each process regularly announces itself, renews its leases and counts the other processes. A process that holds more
//! than its fair share releases some partitions in order; a process that holds fewer takes partitions that nobody
//! holds. So a new process gets its share within seconds. The partitions of a process that died are taken when its
//! leases have expired, or at once by a process that knows for certain that the holder is dead.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use crate::adapters::cache::Cache;
use domain::{ChatId, Partition, PartitionSet};
use ports::{GroupMove, StoreError};

use crate::adapters::redis::{
    client::{
        connection::Connection,
        observer::{Happening, Operation},
    },
    commit::idempotency::IdempotencyKeys,
    errors::OpenError,
    script::{
        arguments::{Args, integer, list, maybe, maybe_integer, text},
        layout::Keys,
        scripts::{LEASE, REPLICAS},
    },
};

use super::leases::Leases;

/// Version of the layout that this release writes.
pub(in crate::adapters::redis) const FORMAT: i64 = 1;
/// Number of renewals within the length of a lease.
const RENEWALS: u32 = 8;

/// Takes, renews and releases the leases of this process.
#[derive(Debug, Clone)]
pub(in crate::adapters::redis) struct LeaseManager {
    pub connection: Arc<Connection>,
    pub keys: Keys,
    pub leases: Arc<Leases>,
    pub cache: Arc<Cache>,
    pub attempts: Arc<IdempotencyKeys>,
}

/// Result of an attempt to take a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Take {
    /// This process holds it now.
    Ours {
        /// Token of the previous holder, if it did not end in order; empty if it is not known.
        left_by: Option<String>,
        /// This process lost the partition a moment ago, and its data is gone.
        emptied: bool,
    },
    /// Another process holds it, for this many more milliseconds.
    Others(i64),
    /// A later release wrote its data, in this format.
    Newer(i64),
}

/// The processes on this store.
#[derive(Debug, Default, PartialEq, Eq)]
struct Membership {
    /// Number of processes.
    count: usize,
    /// Position of this process in the order of tokens.
    place: usize,
    group: Option<GroupMove>,
}

impl LeaseManager {
    /// Takes every partition for this process alone. Waits for the leases of a killed process to expire; fails if a
    /// lease is renewed, because then its holder is alive.
    pub(in crate::adapters::redis) async fn take_all(&self) -> Result<PartitionSet, OpenError> {
        let begun = Instant::now();
        let mut before: Option<(i64, Instant)> = None;
        let mut unclean = PartitionSet::NONE;
        for partition in Partition::all() {
            loop {
                let asked = Instant::now();
                let left = match self.take(partition).await? {
                    Take::Ours { left_by, .. } => {
                        unclean = left_by.map_or(unclean, |_| unclean.with(partition));
                        break;
                    }
                    Take::Newer(found) => {
                        self.release(self.leases.held(), true).await;
                        return Err(OpenError::Newer { found, known: FORMAT });
                    }
                    Take::Others(left) => left,
                };
                // Without a renewal, the remaining time shrinks at least by the time between an answer and the next
                // request.
                let shrinks = |heard| millis(asked.saturating_duration_since(heard));
                let expected = before.map(|(left, heard)| left - shrinks(heard));
                let renewed = expected.is_some_and(|expected| {
                    left > expected + millis(self.leases.length) / i64::from(RENEWALS) / 2 + 20
                });
                if renewed || begun.elapsed() > Duration::from_mins(1) {
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
    pub(in crate::adapters::redis) async fn look(&self) -> Result<(), OpenError> {
        let mut args = Args::default();
        args.text(self.keys.of(Partition::DESK, "meta")).text("format");
        let found = self.connection.command_raw("HGET", Operation::Read, args, 3).await;
        let found = found.map_err(|error| OpenError::of(self.connection.at(), &error))?;
        match maybe(found).ok().flatten().and_then(|format| format.parse().ok()) {
            Some(found) if found > FORMAT => Err(OpenError::Newer { found, known: FORMAT }),
            Some(_) | None => Ok(()),
        }
    }

    /// Renews the leases until the task ends.
    pub(in crate::adapters::redis) async fn keep(&self) {
        let mut tick = tokio::time::interval(self.leases.length / RENEWALS);
        loop {
            tick.tick().await;
            self.renew().await;
        }
    }

    /// Renews the leases and balances the partitions with other processes, until the task ends.
    pub(in crate::adapters::redis) async fn share(&self) {
        let mut tick = tokio::time::interval(self.leases.length / RENEWALS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut group, mut inherits) = (None, !self.leases.dead.is_empty());
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.leases.nudge.notified() => {}
            }
            self.renew().await;
            if inherits {
                inherits = self.inherit().await.is_err();
            }
            // While Redis does not answer, the number of processes is unknown.
            let Ok(meeting) = self.meet("stay").await else { continue };
            if let Some(moved) = meeting.group.filter(|moved| group.replace(*moved) != Some(*moved))
            {
                self.leases.group_moved(moved);
            }
            self.balance(&meeting).await;
        }
    }

    /// Takes partitions that nobody holds, or requests the revocation of those above the fair share.
    async fn balance(&self, meeting: &Membership) {
        let fair = fair_share(meeting.count, meeting.place);
        let mine = self.leases.held().without(self.leases.ending());
        if mine.len() > fair {
            // Partition 0, and with it the leader, moves last.
            self.leases.leave(mine.iter().rev().take(mine.len() - fair).collect());
            return;
        }
        let (mut taken, mut gone, mut unclean) = (PartitionSet::NONE, PartitionSet::NONE, false);
        let first = meeting.place * Partition::all().count() / meeting.count.max(1);
        let all: Vec<Partition> = Partition::all().collect();
        for partition in all.iter().cycle().skip(first).take(all.len()).copied() {
            if mine.len() + taken.len() >= fair {
                break;
            }
            if mine.contains(partition) || self.leases.ending().contains(partition) {
                continue;
            }
            if let Ok(Take::Ours { left_by, emptied }) = self.take(partition).await {
                taken = taken.with(partition);
                gone = if emptied { gone.with(partition) } else { gone };
                if let Some(token) = left_by {
                    unclean |= self.mark_dead(&token).await;
                }
            }
        }
        self.took(taken, unclean, gone);
        let held = self.leases.held().len();
        self.connection.happened(Happening::Shared { processes: meeting.count, held });
    }

    pub(in crate::adapters::redis) fn took(
        &self,
        taken: PartitionSet,
        unclean: bool,
        gone: PartitionSet,
    ) {
        self.leases.taken(taken, unclean, gone);
        if !taken.is_empty() {
            self.connection.happened(Happening::Taken(taken.len()));
        }
    }

    /// Tries to take a partition.
    async fn take(&self, partition: Partition) -> Result<Take, OpenError> {
        let mut args = self.args("take");
        args.number(FORMAT);
        self.take_by(partition, args).await
    }

    pub(super) async fn take_by(
        &self,
        partition: Partition,
        args: Args,
    ) -> Result<Take, OpenError> {
        let asked = Instant::now();
        let failed = |error| OpenError::of(self.connection.at(), &error);
        let base = self.keys.base(partition);
        let answer = self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 3).await;
        let found = read_take(answer.map_err(failed)?).map_err(|error| OpenError::Unusable {
            at: self.connection.at().to_owned(),
            why: error.to_string(),
        })?;
        let Found { tick, epoch, left_by, blank } = match found {
            Ok(found) => found,
            Err(not_ours) => return Ok(not_ours),
        };
        self.attempts.rise_to(tick);
        self.leases.change_epoch(epoch);
        self.leases.unread(partition);
        // Entries cached before or while another process held the partition may be outdated.
        self.cache.lock().forget_conversations(|user| Partition::of(user) == partition);
        self.leases.extend(partition, asked);
        let left_by = left_by.filter(|token| *token != self.leases.token);
        let emptied = self.leases.was_just_lost(partition) && blank;
        Ok(Take::Ours { left_by, emptied })
    }

    /// Renews all leases held.
    async fn renew(&self) {
        let renewals = self.leases.held().iter().map(|partition| async move {
            let (asked, args) = (Instant::now(), self.args("renew"));
            let base = self.keys.base(partition);
            let answer = self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 1).await;
            // A lease that cannot be renewed expires.
            let Ok(answer) = answer.map(list) else { return };
            let mut answer = answer.unwrap_or_default().into_iter().map(maybe_integer);
            match answer.next() {
                Some(Ok(Some(1))) => {
                    if self.leases.holds(partition) {
                        self.leases.extend(partition, asked);
                    }
                    let foreign = answer.next().and_then(Result::ok).flatten().unwrap_or(0);
                    if foreign > self.leases.read(partition) {
                        self.leases.arrived(partition);
                    }
                }
                Some(Ok(_)) => self.lost(partition),
                Some(Err(_)) | None => {}
            }
        });
        join_all(renewals).await;
    }

    /// Records that another process has taken a partition.
    pub(in crate::adapters::redis) fn lost(&self, partition: Partition) {
        if self.leases.lost(partition) {
            self.connection.happened(Happening::Lost);
        }
    }

    /// Releases partitions. `unclean` tells their next holder that this process did not end in order.
    pub(in crate::adapters::redis) async fn release(
        &self,
        partitions: PartitionSet,
        unclean: bool,
    ) {
        // Otherwise a renewal that arrives after the release would count as a lost lease.
        self.leases.let_go(partitions);
        let gone = partitions.iter().map(|partition| async move {
            let mut args = self.args("leave");
            args.flag(unclean).text(self.keys.channel());
            let base = self.keys.base(partition);
            // A lease that cannot be released expires.
            let _left = self.connection.script_raw(&LEASE, Operation::Upkeep, base, args, 1).await;
        });
        join_all(gone).await;
        self.leases.ended(partitions);
    }

    /// Announces that this process is present or leaves, and counts the processes.
    async fn meet(&self, act: &str) -> Result<Membership, StoreError> {
        let mut args = Args::default();
        args.text(act).text(self.leases.token.as_str()).number(millis(self.leases.length));
        for token in &self.leases.dead {
            args.text(token.as_str());
        }
        let base = self.keys.base(Partition::DESK);
        let asked = Instant::now();
        let answer = self.connection.script(&REPLICAS, Operation::Upkeep, base, args).await?;
        let mut answer = list(answer)?.into_iter();
        let time = answer.next().map_or(Ok(0), integer)?;
        self.connection.happened(Happening::Time { at: time, asked });
        let mut number = || answer.next().map_or(Ok(None), maybe_integer);
        let (to, from, epoch) = (number()?, number()?, number()?);
        if self.leases.change_epoch(epoch.unwrap_or(0)) {
            self.cache.lock().forget_links();
        }
        let group = to.zip(from).map(|(to, from)| GroupMove { from: ChatId(from), to: ChatId(to) });
        let mut tokens = answer.map(text).collect::<Result<Vec<_>, _>>()?;
        tokens.sort_unstable();
        let place = tokens.iter().position(|token| *token == self.leases.token).unwrap_or(0);
        Ok(Membership { count: tokens.len().max(1), place, group })
    }

    /// Leaves the store in order, so that other processes take over at once.
    pub(in crate::adapters::redis) async fn go(&self, unclean: bool) {
        let _counted_no_more = self.meet("leave").await;
        self.release(self.leases.held(), unclean).await;
    }

    pub(in crate::adapters::redis) fn args(&self, act: &str) -> Args {
        let mut args = Args::default();
        args.text(act).text(self.leases.token.as_str()).number(millis(self.leases.length));
        args
    }
}

/// State of a partition that was just taken.
struct Found {
    tick: i64,
    epoch: i64,
    left_by: Option<String>,
    /// Its `meta` has no format: it was never taken, or its data is gone.
    blank: bool,
}

fn read_take(answer: fred::types::Value) -> Result<Result<Found, Take>, StoreError> {
    let mut fields = list(answer)?.into_iter();
    let mut number = || fields.next().map_or(Ok(None), maybe_integer);
    match number()? {
        Some(0) => return Ok(Err(Take::Others(number()?.unwrap_or(0)))),
        Some(2) => return Ok(Err(Take::Newer(number()?.unwrap_or(0)))),
        _ => {}
    }
    let (tick, _group, _from, epoch) = (number()?, number()?, number()?, number()?);
    let open = number()? == Some(1);
    let owner = fields.next().map(text).transpose()?.unwrap_or_default();
    let left_by = open.then_some(owner);
    let blank = fields.next().map_or(Ok(None), maybe_integer)? == Some(1);
    Ok(Ok(Found { tick: tick.unwrap_or(0), epoch: epoch.unwrap_or(0), left_by, blank }))
}

/// Number of partitions for the process at `place` among `processes`.
fn fair_share(processes: usize, place: usize) -> usize {
    let (all, processes) = (Partition::all().count(), processes.max(1));
    all / processes + usize::from(place < all % processes)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_make_a_whole() {
        for processes in 1..=20 {
            let shares: Vec<usize> =
                (0..processes).map(|place| fair_share(processes, place)).collect();
            assert_eq!(shares.iter().sum::<usize>(), 16, "{shares:?}");
            let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
            assert!(most - least <= 1, "{shares:?}");
        }
    }
}
