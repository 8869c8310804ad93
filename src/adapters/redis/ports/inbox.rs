//! The inbox in Redis: each update is stored once, kept until it is decided, and known until `forget` deletes its
//! number.

use std::collections::{BTreeMap, HashSet};

use futures_util::future::join_all;

use domain::{InboxLane, Partition, PartitionSet, Seq, UpdateId, UserId};
use ports::{Arrival, Inbox, InboxItem, StoreError, Taken};

use crate::adapters::redis::{
    client::observer::Operation,
    commit::{
        commit_split::{self, single_partition, split_by_partition},
        commits::update_cache,
        idempotency::KeyedArrival,
        replies::Reply,
        write_script::Role,
    },
    script::{arguments::Args, encoding, layout},
    store::RedisStore,
};

#[ports::async_trait]
impl Inbox for RedisStore {
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        let _open = self.enter().await?;
        let arrivals: Vec<KeyedArrival> =
            batch.into_iter().map(|arrival| self.idempotency.arrival(arrival)).collect();
        match self.store_arrivals(&arrivals, offset).await {
            Ok(replies) => {
                self.idempotency.record_received(arrivals.iter().map(|keyed| &keyed.key));
                let mut cache = self.cache.lock();
                let taken = arrivals.into_iter().zip(replies).map(
                    |(KeyedArrival { arrival, .. }, reply)| {
                        if let Some(commit) = &arrival.commit {
                            let waits = matches!(reply, Reply::Waits(_) | Reply::Elsewhere);
                            let seen = if waits { &Reply::Stale } else { &reply };
                            update_cache(commit, seen, &mut cache);
                        }
                        reply.into_taken(arrival)
                    },
                );
                Ok(taken.collect())
            }
            Err(error) => {
                self.idempotency
                    .remember_failed_arrivals(arrivals, matches!(error, StoreError::Corrupt(_)));
                Err(error)
            }
        }
    }

    async fn undecided(
        &self,
        of: PartitionSet,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        let _open = self.enter().await?;
        let found = self.numbered_page(of, "inq", "in", after.map(|seq| seq.0), limit).await?;
        for (seq, _) in &found {
            self.leases.record_read(Partition::of_seq(Seq(*seq)), *seq);
        }
        let item = |(seq, body): (i64, String)| encoding::read_update(Seq(seq), &body);
        found.into_iter().map(item).collect()
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        let (first, second) = (seq.0.to_string(), attempts.to_string());
        // If another process holds the partition now, that process counts the attempts.
        self.small_change(Partition::of_seq(seq), "failed", first, second).await.map(drop)
    }
}

/// An arrival on its way to a partition.
struct SortedArrival {
    at: usize,
    held: bool,
    /// It is stored decided, together with its commit.
    decided: bool,
    /// The first of its ticks. Ticks rise in the order of the batch, across partitions.
    first_tick: i64,
}

/// Lanes and users with an undecided arrival in this batch: later arrivals must not overtake it.
#[derive(Default)]
struct Undecided {
    lanes: HashSet<InboxLane>,
    users: HashSet<UserId>,
}

impl RedisStore {
    /// Stores a batch: one script for each partition. The last script, after all others, stores the offset.
    async fn store_arrivals(
        &self,
        arrivals: &[KeyedArrival],
        offset: Option<UpdateId>,
    ) -> Result<Vec<Reply>, StoreError> {
        let mut sorted = self.sort_by_partition(arrivals).await?;
        if sorted.is_empty() && offset.is_some() {
            sorted.insert(Partition::DESK, Vec::new());
        }
        let commits = arrivals.iter().filter_map(|keyed| keyed.arrival.commit.as_ref());
        self.write_hints(commits).await?;

        let mut replies: Vec<Option<Reply>> = arrivals.iter().map(|_| None).collect();
        let last = sorted.pop_last();
        let first = sorted
            .into_iter()
            .map(|(partition, ones)| self.store_in_partition(partition, ones, arrivals, None));
        let mut done: Vec<_> = join_all(first).await.into_iter().collect::<Result<_, _>>()?;
        if let Some((partition, ones)) = last {
            done.push(self.store_in_partition(partition, ones, arrivals, offset).await?);
        }
        for (at, reply) in done.into_iter().flatten() {
            if let Some(place) = replies.get_mut(at) {
                *place = Some(reply);
            }
        }
        Ok(replies.into_iter().map(|reply| reply.unwrap_or(Reply::Known)).collect())
    }

    async fn store_in_partition(
        &self,
        partition: Partition,
        ones: Vec<SortedArrival>,
        arrivals: &[KeyedArrival],
        offset: Option<UpdateId>,
    ) -> Result<Vec<(usize, Reply)>, StoreError> {
        let serves = self.leases.serves(partition);
        let mut replies = self.store_as(serves, partition, &ones, arrivals, offset).await?;
        if replies.is_none() {
            // The lease was lost a moment ago: stores the updates for the new holder.
            replies = self.store_as(false, partition, &ones, arrivals, offset).await?;
        }
        let replies = replies.unwrap_or_default();
        if serves && replies.iter().any(|reply| matches!(reply, Reply::Elsewhere)) {
            self.leases.report_inbox_update(partition);
        }
        Ok(ones.into_iter().map(|one| one.at).zip(replies).collect())
    }

    /// Stores arrivals as the holder of a partition, which decides them, or as a guest. `None` if another process holds
    /// it.
    async fn store_as(
        &self,
        holder: bool,
        partition: Partition,
        ones: &[SortedArrival],
        arrivals: &[KeyedArrival],
        offset: Option<UpdateId>,
    ) -> Result<Option<Vec<Reply>>, StoreError> {
        let (mut args, mut keys) = (Args::default(), Vec::with_capacity(ones.len()));
        for one in ones {
            let Some(KeyedArrival { arrival, key, .. }) = arrivals.get(one.at) else { continue };
            keys.push(key.clone());
            let commit = arrival.commit.as_ref().filter(|_| holder && one.decided);
            let Arrival { update, received, .. } = arrival;
            args.text("A").text(key.as_str()).number(update.update.0).number(update.lane.key());
            args.number(received.0).text(update.raw.as_str()).number(one.first_tick).flag(one.held);
            args.flag(commit.is_some());
            if let Some(commit) = commit {
                let part = split_by_partition(commit).remove(&partition).unwrap_or_default();
                args.append(part.args(None, None, one.first_tick + 1, commit.queued.len())?);
            }
        }
        if let Some(offset) = offset {
            args.text("O").number(offset.0);
        }
        if args.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let role = if holder { Role::Holder } else { Role::Guest };
        self.write(role, partition, Operation::Receive, &HashSet::new(), args, keys).await
    }

    /// Groups arrivals by partition. An arrival whose commit spans partitions is stored undecided and is decided later,
    /// step by step. So are all arrivals behind it in its lane or about the same conversation.
    async fn sort_by_partition(
        &self,
        arrivals: &[KeyedArrival],
    ) -> Result<BTreeMap<Partition, Vec<SortedArrival>>, StoreError> {
        let mut sorted: BTreeMap<Partition, Vec<SortedArrival>> = BTreeMap::new();
        let mut undecided = Undecided::default();
        for (at, KeyedArrival { arrival, without_commit, .. }) in arrivals.iter().enumerate() {
            let lane = arrival.update.lane;
            let partition = match (layout::partition_of_lane(lane), lane) {
                (Some(partition), _) => partition,
                (None, InboxLane::Topic(topic)) => self.topic_hint(topic).await?.partition,
                (None, InboxLane::User(_) | InboxLane::Desk) => Partition::DESK,
            };
            let (mut held, mut decided) = (false, false);
            if let Some(commit) = &arrival.commit {
                held = undecided.lanes.contains(&lane)
                    || commit.users().any(|user| undecided.users.contains(&user));
                decided = !held
                    && !without_commit
                    && single_partition(commit, &split_by_partition(commit), Some(partition))
                        .is_some();
                if !decided {
                    undecided.lanes.insert(lane);
                    undecided.users.extend(commit.users());
                }
            }
            let ticks = arrival.commit.as_ref().map_or(0, commit_split::tick_count);
            let first_tick = self.ticks.reserve(1 + ticks);
            sorted.entry(partition).or_default().push(SortedArrival {
                at,
                held,
                decided,
                first_tick,
            });
        }
        Ok(sorted)
    }
}
