//! Writes commits: grouped by partition, and each group is one script.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use futures_util::future::join_all;

use domain::{Partition, UserId};
use ports::{Commit, StoreError};

use crate::adapters::{
    cache::Entries,
    redis::{client::observer::Operation, script::arguments::Args, store::RedisStore},
};

use super::{
    commit_split::{self, PartialCommit, single_partition, split_by_partition},
    idempotency::KeyedCommit,
    replies::{PartWritten, Reply, stale_users},
    write_script::Role,
};

/// Updates the cache after a commit.
pub(in crate::adapters::redis) fn update_cache(
    commit: &Commit,
    reply: &Reply,
    cache: &mut Entries,
) {
    match reply {
        Reply::Stale | Reply::Elsewhere => {
            commit.users().for_each(|user| cache.outdated(user));
        }
        Reply::Known | Reply::Waits(_) => {}
        // An earlier attempt wrote it, perhaps without updating the cache.
        Reply::Repeated | Reply::Done(PartWritten { partly_repeated: true, .. }) => {
            commit.users().for_each(|user| cache.outdated(user));
        }
        Reply::Done(_) => {
            if let Some(next) = &commit.conversation {
                let mut next = next.clone();
                next.revision.0 = next.revision.0.saturating_add(1);
                cache.committed(Arc::new(next));
            }
            commit.links.iter().for_each(|link| cache.linked(*link));
        }
    }
}

impl RedisStore {
    /// Writes commits in their order. Commits within one partition share a script. A commit that spans several waits
    /// for all commits before it, and all commits behind it wait for it. A commit that follows a stale commit of the
    /// same conversation was decided on a state that was not written, so it is stale too.
    pub(in crate::adapters::redis) async fn write_commits(
        &self,
        commits: &[KeyedCommit],
    ) -> Result<Vec<Reply>, StoreError> {
        let mut replies: Vec<Option<Reply>> = commits.iter().map(|_| None).collect();
        let mut stale: HashSet<UserId> = HashSet::new();
        let mut waiting: BTreeMap<Partition, Vec<usize>> = BTreeMap::new();
        for (at, one) in commits.iter().enumerate() {
            let parts = split_by_partition(&one.commit);
            let home = one.commit.decided.map(Partition::of_seq);
            if let Some(partition) = single_partition(&one.commit, &parts, home) {
                waiting.entry(partition).or_default().push(at);
                continue;
            }
            self.write_groups(commits, &mut waiting, &mut stale, &mut replies).await?;
            let reply = if one.commit.users().any(|user| stale.contains(&user)) {
                Reply::Stale
            } else {
                self.write_spanning(one, parts).await?
            };
            stale.extend(stale_users(&one.commit, &reply));
            if let Some(place) = replies.get_mut(at) {
                *place = Some(reply);
            }
        }
        self.write_groups(commits, &mut waiting, &mut stale, &mut replies).await?;
        Ok(replies.into_iter().map(|reply| reply.unwrap_or(Reply::Repeated)).collect())
    }

    /// Deletes stored answers that are no longer needed, also in partitions where nothing is written any more.
    pub(in crate::adapters::redis) async fn delete_answers(&self) -> Result<(), StoreError> {
        let nothing = HashSet::new();
        for partition in self.leases.held().iter() {
            while self.idempotency.has_deletable(partition) {
                let (role, upkeep) = (Role::Holder, Operation::Upkeep);
                self.write(role, partition, upkeep, &nothing, Args::default(), Vec::new()).await?;
            }
        }
        Ok(())
    }

    /// Writes the waiting commits: one script for each partition, all in parallel.
    async fn write_groups(
        &self,
        commits: &[KeyedCommit],
        waiting: &mut BTreeMap<Partition, Vec<usize>>,
        stale: &mut HashSet<UserId>,
        into: &mut [Option<Reply>],
    ) -> Result<(), StoreError> {
        let waiting = std::mem::take(waiting);
        let grouped = waiting.values().flatten().filter_map(|at| commits.get(*at));
        self.write_hints(grouped.map(|one| &one.commit)).await?;
        let scripts = waiting.into_iter().map(|(partition, positions)| {
            let ones: Vec<&KeyedCommit> =
                positions.iter().filter_map(|at| commits.get(*at)).collect();
            let stale = &*stale;
            async move {
                let mut args = Args::default();
                for one in &ones {
                    args.append(within_one_partition(one, partition)?);
                }
                let keys = ones.iter().map(|one| one.key.clone()).collect();
                let replies = self
                    .write(Role::Holder, partition, Operation::Commit, stale, args, keys)
                    .await?;
                let lost = || positions.iter().map(|_| Reply::Elsewhere).collect();
                let replies = replies.unwrap_or_else(lost);
                Ok::<_, StoreError>((positions, replies))
            }
        });
        // Waits for all scripts, even if one fails: none may still be running when this call is repeated.
        let done: Vec<_> = join_all(scripts).await.into_iter().collect::<Result<_, _>>()?;
        for (positions, replies) in done {
            for (at, reply) in positions.into_iter().zip(replies) {
                if let (Some(one), Some(place)) = (commits.get(at), into.get_mut(at)) {
                    stale.extend(stale_users(&one.commit, &reply));
                    *place = Some(reply);
                }
            }
        }
        Ok(())
    }

    /// Writes a commit that spans partitions. Another process may hold some of them.
    async fn write_spanning(
        &self,
        one: &KeyedCommit,
        mut parts: BTreeMap<Partition, PartialCommit<'_>>,
    ) -> Result<Reply, StoreError> {
        if let Some(seq) = one.commit.decided {
            let home = Partition::of_seq(seq);
            if !self.leases.holds(home) {
                return Ok(Reply::Elsewhere);
            }
            // Even if this process holds both: earlier updates that another process handed over may wait there.
            if let Some(partition) = commit_split::handover_partition(&parts, home) {
                return self.hand_over(one, seq, partition).await;
            }
            // Skips dead letters in other processes' partitions; no button of this conversation names them.
            parts.retain(|partition, _| self.leases.holds(*partition));
        } else if parts.keys().any(|partition| !self.leases.holds(*partition)) {
            return Ok(Reply::Elsewhere);
        }
        self.write_parts(one, parts).await
    }
}

/// Script arguments of a commit that is entirely within one partition.
fn within_one_partition(one: &KeyedCommit, partition: Partition) -> Result<Args, StoreError> {
    let part = split_by_partition(&one.commit).remove(&partition).unwrap_or_default();
    let mut args = Args::from("C");
    args.text(one.key.as_str());
    args.append(part.args(one.commit.decided, None, one.first_tick, one.commit.queued.len())?);
    Ok(args)
}
