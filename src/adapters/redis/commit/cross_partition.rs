//! Commits that span partitions: written step by step, so that a failure between two steps loses nothing.
//!
//! The first step is the migration of the group, which is true whatever happens to the rest. Then each partition's part
//! is written: parts that can be refused first, parts that remove sends from their queue last. At the very end, the
//! decided update leaves the inbox. Each part is recorded in its partition, under the idempotency key of the call and
//! the number of the update. If the commit starts again, in this process or in one that decides the update again, no
//! part is written twice.

use std::collections::{BTreeMap, HashSet};

use domain::{GroupKey, Millis, Partition, Seq};
use ports::{GroupMove, GroupRegistry, InboxItem, OutboxItem, StoreError, TooManyGroups};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{integer, maybe, text},
        arguments::Args,
        encoding,
    },
    store::RedisStore,
};

use super::{
    commit_split::PartialCommit,
    idempotency::KeyedCommit,
    replies::{PartWritten, Reply},
    write_script::Role,
};

impl RedisStore {
    /// Writes a commit that spans partitions.
    pub(super) async fn write_parts(
        &self,
        one: &KeyedCommit,
        parts: BTreeMap<Partition, PartialCommit<'_>>,
    ) -> Result<Reply, StoreError> {
        let commit = &one.commit;
        if let Some(seq) = commit.decided
            && !one.repeated
            && !self.is_in_inbox(seq).await?
        {
            return Ok(Reply::Repeated);
        }
        if let Some(moved) = commit.group {
            self.migrate_group(moved).await?;
        }
        self.write_hints(std::iter::once(commit)).await?;

        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by_key(|(_, part)| (!part.is_guarded(), part.removes_sends()));
        let mut queued: Vec<Option<OutboxItem>> = commit.queued.iter().map(|_| None).collect();
        let mut all = PartWritten::default();
        let none = HashSet::new();
        for (partition, part) in parts {
            let mut args = Args::default();
            args.text("C").text(one.key.as_str());
            args.append(part.args(None, commit.decided, one.first_tick, commit.queued.len())?);
            let keys = vec![one.key.clone()];
            let replies =
                self.write(Role::Holder, partition, Operation::Commit, &none, args, keys).await?;
            // The lease was lost in the middle: the process that decides the update again finds the parts already
            // written.
            let Some(replies) = replies else { return Ok(Reply::Elsewhere) };
            match replies.into_iter().next() {
                Some(Reply::Stale) => return Ok(Reply::Stale),
                Some(Reply::Done(done)) => {
                    for (seq, (at, send)) in done.queued.into_iter().zip(part.queued) {
                        if let Some(place) = queued.get_mut(at) {
                            *place = Some(OutboxItem { seq, queued: send.clone() });
                        }
                    }
                    all.put_back.extend(done.put_back);
                    all.reopened.extend(done.reopened);
                }
                Some(Reply::Repeated) => all.partly_repeated = true,
                Some(Reply::Known | Reply::Waits(_) | Reply::Elsewhere) | None => {}
            }
        }
        if let Some(seq) = commit.decided {
            self.small_change(Partition::of_seq(seq), "decided", seq.0.to_string(), String::new())
                .await?;
        }
        // In the order of the commit. A send has no number here if an earlier process wrote its part.
        let sends = queued.into_iter().flatten();
        all.put_back = sends.chain(all.put_back).collect();
        Ok(Reply::Done(all))
    }

    /// Records that the group has migrated to another id: links of the old one are out of reach from now on.
    async fn migrate_group(&self, moved: GroupMove) -> Result<(), StoreError> {
        if moved.group != GroupKey::FIRST {
            let record = |groups: &mut GroupRegistry| {
                groups.record_move(moved.group, moved.to, moved.at);
                Ok(())
            };
            return self.change_groups(record).await.map(drop);
        }
        let (from, to) = (moved.from.0.to_string(), moved.to.0.to_string());
        let epoch = integer(self.small_change(Partition::DESK, "group", from, to).await?)?;
        if self.leases.advance_epoch(epoch) {
            self.cache.lock().forget_links();
        }
        Ok(())
    }

    /// Changes the groups besides the first. Returns what they are then.
    pub(in crate::adapters::redis) async fn change_groups(
        &self,
        change: impl Fn(&mut GroupRegistry) -> Result<(), TooManyGroups>,
    ) -> Result<GroupRegistry, StoreError> {
        let mut args = Args::default();
        args.text(self.keys.in_partition(Partition::DESK, "meta")).text("groups");
        let stored = self.connection.command("HGET", Operation::Read, args).await?;
        let mut before = maybe(stored)?.unwrap_or_default();
        loop {
            let mut groups = encoding::read_groups(&before)?;
            change(&mut groups).map_err(|too_many| StoreError::Full(too_many.to_string()))?;
            let after = encoding::groups(&groups);
            let acts = (before.clone(), after.clone());
            let now = text(self.small_change(Partition::DESK, "groups", acts.0, acts.1).await?)?;
            if now == after {
                self.lease_manager.learn_groups(groups.clone());
                return Ok(groups);
            }
            // Another process has changed them meanwhile.
            before = now;
        }
    }

    /// Hands an update over to the partition of the conversation that it is about, and removes it from this inbox.
    pub(super) async fn hand_over(
        &self,
        one: &KeyedCommit,
        seq: Seq,
        to: Partition,
    ) -> Result<Reply, StoreError> {
        let home = Partition::of_seq(seq);
        let key = self.keys.in_partition(home, "in");
        let body = self.connection.hash_field(Operation::Read, key, seq.0).await?;
        // It is gone: it was handed over before.
        let Some(body) = body else { return Ok(Reply::Elsewhere) };
        let InboxItem { update, received, .. } = encoding::read_update(seq, &body)?;
        let mut args = Args::default();
        args.text("A").text(one.key.as_str()).number(update.update.0);
        args.number(update.lane.key()).number(received.0).text(update.raw);
        args.number(one.first_tick).flag(false).flag(false);
        let (none, keys) = (HashSet::new(), vec![one.key.clone()]);
        // The markers let a snapshot detect that the update is in both inboxes, or in neither.
        self.add_marker(to, format!("h{seq}"), received).await?;
        self.write(Role::Guest, to, Operation::Commit, &none, args, keys).await?;
        self.add_marker(to, format!("d{seq}"), received).await?;
        self.small_change(home, "decided", seq.0.to_string(), String::new()).await?;
        Ok(Reply::Elsewhere)
    }

    /// Adds a marker to a partition, for snapshots that copy it.
    async fn add_marker(
        &self,
        at: Partition,
        marker: String,
        received: Millis,
    ) -> Result<(), StoreError> {
        let mut args = Args::default();
        args.text(self.keys.in_partition(at, "marks")).number(received.0).text(marker);
        self.connection.command("ZADD", Operation::Commit, args).await.map(drop)
    }

    /// Whether an update is still in the inbox.
    async fn is_in_inbox(&self, seq: Seq) -> Result<bool, StoreError> {
        let mut args = Args::default();
        args.text(self.keys.in_partition(Partition::of_seq(seq), "in")).number(seq.0);
        let found = self.connection.command("HEXISTS", Operation::Read, args).await?;
        Ok(maybe(found)?.as_deref() == Some("1"))
    }
}
