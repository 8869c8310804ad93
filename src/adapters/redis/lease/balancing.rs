//! Balances the partitions among the processes on this store.
//!
//! Each process regularly announces itself, renews its leases and counts the other processes. A process that holds more
//! than its fair share releases some partitions in order; a process that holds fewer takes partitions that nobody
//! holds. So a new process gets its share within seconds. The partitions of a process that died are taken when its
//! leases have expired, or at once by a process that knows for certain that the holder is dead.

use std::time::Instant;

use domain::{ChatId, GroupKey, Millis, Partition, PartitionSet};
use ports::{GroupMove, GroupRegistry, GroupRow, StoreError};

use crate::adapters::redis::{
    client::observer::{ClusterEvent, Operation},
    script::{
        answers::{Answer, text},
        arguments::Args,
        encoding,
        scripts::REPLICAS,
    },
};

use super::lease_manager::{Acquisition, LeaseManager, RENEWALS, millis};

/// The processes on this store.
#[derive(Debug, Default, PartialEq, Eq)]
struct Membership {
    /// Number of processes.
    count: usize,
    /// Position of this process in the order of tokens.
    rank: usize,
    group: Option<GroupMove>,
}

impl LeaseManager {
    /// Renews the leases and balances the partitions with other processes, until the task ends.
    pub(in crate::adapters::redis) async fn keep_balancing(&self) {
        let mut tick = tokio::time::interval(self.leases.length / RENEWALS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut group, mut taking_over) = (None, !self.leases.dead.is_empty());
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.leases.partition_released.notified() => {}
            }
            self.connection.report(ClusterEvent::Turned);
            self.renew().await;
            if taking_over {
                taking_over = self.take_over_dead().await.is_err();
            }
            self.connection.report(ClusterEvent::Turned);
            // While Redis does not answer, the number of processes is unknown.
            let Ok(membership) = self.announce("stay").await else { continue };
            if let Some(migration) =
                membership.group.filter(|migration| group.replace(*migration) != Some(*migration))
            {
                self.leases.report_group_migration(migration);
            }
            self.balance(&membership).await;
        }
    }

    /// Takes partitions that nobody holds, or requests the revocation of those above the fair share.
    async fn balance(&self, membership: &Membership) {
        let fair = fair_share(membership.count, membership.rank);
        let mine = self.leases.held().without(self.leases.releasing());
        if mine.len() > fair {
            // Partition 0, and with it the leader, moves last.
            self.leases.request_revocation(mine.iter().rev().take(mine.len() - fair).collect());
            return;
        }
        let (mut taken, mut lost_data, mut unclean) =
            (PartitionSet::NONE, PartitionSet::NONE, false);
        let first = membership.rank * Partition::all().count() / membership.count.max(1);
        let all: Vec<Partition> = Partition::all().collect();
        for partition in all.iter().cycle().skip(first).take(all.len()).copied() {
            if mine.len() + taken.len() >= fair {
                break;
            }
            if mine.contains(partition) || self.leases.releasing().contains(partition) {
                continue;
            }
            self.connection.report(ClusterEvent::Turned);
            if let Ok(Acquisition::Acquired { unclean_holder, emptied }) =
                self.acquire(partition).await
            {
                taken = taken.with(partition);
                lost_data = if emptied { lost_data.with(partition) } else { lost_data };
                if let Some(token) = unclean_holder {
                    unclean |= self.mark_dead(&token).await;
                }
            }
        }
        self.report_assigned(taken, unclean, lost_data);
        let held = self.leases.held().len();
        self.connection.report(ClusterEvent::Balanced { processes: membership.count, held });
    }

    /// Announces that this process is present or leaves, and counts the processes.
    async fn announce(&self, action: &str) -> Result<Membership, StoreError> {
        let mut args = Args::default();
        args.text(action).text(self.leases.token.as_str()).number(millis(self.leases.length));
        for token in &self.leases.dead {
            args.text(token.as_str());
        }
        let base = self.keys.base(Partition::DESK);
        let sent = Instant::now();
        let answer = self.connection.script(&REPLICAS, Operation::Upkeep, base, args).await?;
        let mut answer = Answer::of(answer)?;
        let time = answer.number_or_zero()?;
        self.connection.report(ClusterEvent::ServerTime { at: time, sent });
        let (to, from) = (answer.optional_number()?, answer.optional_number()?);
        if self.leases.advance_epoch(answer.number_or_zero()?) {
            self.cache.lock().forget_links();
        }
        let group = to.zip(from).map(|(to, from)| GroupMove {
            group: GroupKey::FIRST,
            from: ChatId(from),
            to: ChatId(to),
            at: Millis(0),
        });
        let groups = encoding::read_groups(&answer.text()?)?;
        self.learn_groups(groups);
        let mut tokens = answer.map(text).collect::<Result<Vec<_>, _>>()?;
        tokens.sort_unstable();
        let rank = tokens.iter().position(|token| *token == self.leases.token).unwrap_or(0);
        Ok(Membership { count: tokens.len().max(1), rank, group })
    }

    /// Adopts the groups besides the first, and reports those that have moved.
    pub(in crate::adapters::redis) fn learn_groups(&self, groups: GroupRegistry) {
        let moved = self.leases.learn_groups(groups);
        if moved.is_empty() {
            return;
        }
        self.cache.lock().forget_links();
        for GroupRow { group, configured, chat, since } in moved {
            let (from, to, at) = (configured, chat, since);
            self.leases.report_group_migration(GroupMove { group, from, to, at });
        }
    }

    /// Leaves the store in order, so that other processes take over at once.
    pub(in crate::adapters::redis) async fn leave(&self, unclean: bool) {
        let _membership = self.announce("leave").await;
        self.release(self.leases.held(), unclean).await;
    }
}

/// Number of partitions for the process at `rank` among `processes`.
fn fair_share(processes: usize, rank: usize) -> usize {
    let (all, processes) = (Partition::all().count(), processes.max(1));
    all / processes + usize::from(rank < all % processes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fair_shares_are_even_and_cover_all_partitions() {
        for processes in 1..=20 {
            let shares: Vec<usize> =
                (0..processes).map(|rank| fair_share(processes, rank)).collect();
            assert_eq!(shares.iter().sum::<usize>(), 16, "{shares:?}");
            let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
            assert!(most - least <= 1, "{shares:?}");
        }
    }
}
