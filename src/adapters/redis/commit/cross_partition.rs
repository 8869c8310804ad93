//! Commits that span partitions: written step by step, so that a failure between two steps loses nothing.
//!
//! The first step is the migration of the group, which is true whatever happens to the rest. Then each partition's part
//! is written: parts that can be refused first, parts that remove sends from their queue last. At the very end, the
//! decided update leaves the inbox. Each part is recorded in its partition, under the idempotency key of the call and
//! the number of the update. If the commit starts again, in this process or in one that decides the update again, no
//! part is written twice.

use std::collections::{BTreeMap, HashSet};

use domain::{Millis, Partition, Seq};
use ports::{GroupMove, InboxItem, OutboxItem, StoreError};

use crate::adapters::redis::{
    client::{connection::TRIES, observer::Operation},
    errors::store_error,
    ports::ledger::By,
    script::{
        arguments::{Args, integer, maybe},
        encoding,
        scripts::NOTE,
    },
    store::RedisStore,
};

use super::{
    commit_split::PartialCommit,
    idempotency::Asked,
    replies::{Answer, Done},
};

impl RedisStore {
    /// Writes a commit that spans partitions.
    pub(in crate::adapters::redis) async fn write_across(
        &self,
        one: &Asked,
        parts: BTreeMap<Partition, PartialCommit<'_>>,
    ) -> Result<Answer, StoreError> {
        let commit = &one.commit;
        if let Some(seq) = commit.decided
            && !one.again
            && !self.waits(seq).await?
        {
            return Ok(Answer::Repeated);
        }
        if let Some(moved) = commit.group {
            self.move_group(moved).await?;
        }
        self.hint(std::iter::once(commit)).await?;

        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by_key(|(_, part)| (!part.is_guarded(), part.finishes()));
        let mut queued: Vec<Option<OutboxItem>> = commit.queued.iter().map(|_| None).collect();
        let mut all = Done::default();
        let none = HashSet::new();
        for (partition, part) in parts {
            let mut args = Args::default();
            args.text("C").text(one.attempt.as_str());
            args.append(part.args(None, commit.decided, one.first, commit.queued.len())?);
            let names = vec![one.attempt.clone()];
            let answers =
                self.write(By::Holder, partition, Operation::Commit, &none, args, names).await?;
            // The lease was lost in the middle: the process that decides the update again finds the parts already
            // written.
            let Some(answers) = answers else { return Ok(Answer::Elsewhere) };
            match answers.into_iter().next() {
                Some(Answer::Stale) => return Ok(Answer::Stale),
                Some(Answer::Done(done)) => {
                    for (seq, (at, send)) in done.queued.into_iter().zip(part.queued) {
                        if let Some(place) = queued.get_mut(at) {
                            *place = Some(OutboxItem { seq, queued: send.clone() });
                        }
                    }
                    all.put_back.extend(done.put_back);
                    all.reopened.extend(done.reopened);
                }
                Some(Answer::Repeated) => all.partly = true,
                Some(Answer::Known | Answer::Waits(_) | Answer::Elsewhere) | None => {}
            }
        }
        if let Some(seq) = commit.decided {
            self.note(Partition::of_seq(seq), "decided", seq.0.to_string(), String::new()).await?;
        }
        // In the order of the commit. A send has no number here if an earlier process wrote its part.
        let sends = queued.into_iter().flatten();
        all.put_back = sends.chain(all.put_back).collect();
        Ok(Answer::Done(all))
    }

    /// Records that the group has migrated to another id: links of the old one are out of reach from now on.
    async fn move_group(&self, moved: GroupMove) -> Result<(), StoreError> {
        let (from, to) = (moved.from.0.to_string(), moved.to.0.to_string());
        let epoch = integer(self.note(Partition::DESK, "group", from, to).await?)?;
        if self.leases.change_epoch(epoch) {
            self.cache.lock().forget_links();
        }
        Ok(())
    }

    /// Makes a small change in a partition, as its holder.
    pub(in crate::adapters::redis) async fn note(
        &self,
        partition: Partition,
        act: &'static str,
        first: String,
        second: String,
    ) -> Result<fred::types::Value, StoreError> {
        let mut args = self.signed();
        args.text(act).text(first).text(second);
        let base = self.keys.base(partition);
        let noted = self.connection.script_raw(&NOTE, Operation::Commit, base, args, TRIES).await;
        noted.map_err(|error| self.fenced(partition, &error).unwrap_or_else(|| store_error(&error)))
    }

    /// Hands an update over to the partition of the conversation that it is about, and removes it from this inbox.
    pub(in crate::adapters::redis) async fn hand_on(
        &self,
        one: &Asked,
        seq: Seq,
        to: Partition,
    ) -> Result<Answer, StoreError> {
        let home = Partition::of_seq(seq);
        let mut args = Args::default();
        args.text(self.keys.of(home, "in")).number(seq.0);
        let body = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
        // It is gone: it was handed over before.
        let Some(body) = body else { return Ok(Answer::Elsewhere) };
        let InboxItem { update, received, .. } = encoding::read_update(seq, &body)?;
        let mut args = Args::default();
        args.text("A").text(one.attempt.as_str()).number(update.update.0);
        args.number(update.lane.key()).number(received.0).text(update.raw);
        args.number(one.first).flag(false).flag(false);
        let (none, names) = (HashSet::new(), vec![one.attempt.clone()]);
        // The marks let a snapshot detect that the update is in both inboxes, or in neither.
        self.mark(to, format!("h{seq}"), received).await?;
        self.write(By::Guest, to, Operation::Commit, &none, args, names).await?;
        self.mark(to, format!("d{seq}"), received).await?;
        self.note(home, "decided", seq.0.to_string(), String::new()).await?;
        Ok(Answer::Elsewhere)
    }

    /// Adds a marker to a partition, for snapshots that copy it.
    async fn mark(&self, at: Partition, mark: String, received: Millis) -> Result<(), StoreError> {
        let mut args = Args::default();
        args.text(self.keys.of(at, "marks")).number(received.0).text(mark);
        self.connection.command("ZADD", Operation::Commit, args).await.map(drop)
    }

    /// Whether an update is still in the inbox.
    async fn waits(&self, seq: Seq) -> Result<bool, StoreError> {
        let mut args = Args::default();
        args.text(self.keys.of(Partition::of_seq(seq), "in")).number(seq.0);
        let found = self.connection.command("HEXISTS", Operation::Read, args).await?;
        Ok(maybe(found)?.as_deref() == Some("1"))
    }
}
