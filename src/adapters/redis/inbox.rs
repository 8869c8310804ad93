//! The inbox in Redis: each update is stored once, kept until it is decided, and known until `forget` deletes its
//! number.

use std::collections::{BTreeMap, HashSet};

use futures_util::future::join_all;

use domain::{InboxLane, Partition, PartitionSet, Seq, UpdateId, UserId};
use ports::{Arrival, Inbox, InboxItem, StoreError, Taken};

use super::{
    RedisStore,
    arguments::Args,
    commit_split::{self, parts, whole},
    encoding,
    idempotency::Named,
    layout,
    ledger::{self, By},
    observer::Operation,
    replies::Answer,
};

#[ports::async_trait]
impl Inbox for RedisStore {
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        let _open = self.enter().await?;
        let arrivals: Vec<Named> =
            batch.into_iter().map(|arrival| self.attempts.arrival(arrival)).collect();
        match self.take_all(&arrivals, offset).await {
            Ok(answers) => {
                self.attempts.heard(arrivals.iter().map(|named| &named.name));
                let mut cache = self.cache.lock();
                let taken =
                    arrivals.into_iter().zip(answers).map(|(Named { arrival, .. }, answer)| {
                        if let Some(commit) = &arrival.commit {
                            let waits = matches!(answer, Answer::Waits(_) | Answer::Elsewhere);
                            let seen = if waits { &Answer::Stale } else { &answer };
                            ledger::publish(commit, seen, &mut cache);
                        }
                        answer.taken(arrival)
                    });
                Ok(taken.collect())
            }
            Err(error) => {
                self.attempts.unsure_of(arrivals, matches!(error, StoreError::Corrupt(_)));
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
        let found = self.page(of, "inq", "in", after.map(|seq| seq.0), limit).await?;
        for (seq, _) in &found {
            self.leases.was_read(Partition::of_seq(Seq(*seq)), *seq);
        }
        let item = |(seq, body): (i64, String)| encoding::read_update(Seq(seq), &body);
        found.into_iter().map(item).collect()
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        let (first, second) = (seq.0.to_string(), attempts.to_string());
        // If another process holds the partition now, that process counts the attempts.
        self.note(Partition::of_seq(seq), "failed", first, second).await.map(drop)
    }
}

/// An arrival on its way to a partition.
struct Sorted {
    at: usize,
    held: bool,
    /// It is stored decided, together with its commit.
    decided: bool,
    /// The first of its ticks. Ticks rise in the order of the batch, across partitions.
    first: i64,
}

/// Lanes and users that already have an undecided arrival in this batch: later arrivals must not overtake it.
#[derive(Default)]
struct ArrivalOrder {
    lanes: HashSet<InboxLane>,
    users: HashSet<UserId>,
}

impl RedisStore {
    /// Stores a batch: one script for each partition. The last script, after all others, stores the offset.
    async fn take_all(
        &self,
        arrivals: &[Named],
        offset: Option<UpdateId>,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut sorted = self.sort(arrivals).await?;
        if sorted.is_empty() && offset.is_some() {
            sorted.insert(Partition::DESK, Vec::new());
        }
        let commits = arrivals.iter().filter_map(|named| named.arrival.commit.as_ref());
        self.hint(commits).await?;

        let mut answers: Vec<Option<Answer>> = arrivals.iter().map(|_| None).collect();
        let last = sorted.pop_last();
        let first = sorted
            .into_iter()
            .map(|(partition, ones)| self.take_some(partition, ones, arrivals, None));
        let mut done: Vec<_> = join_all(first).await.into_iter().collect::<Result<_, _>>()?;
        if let Some((partition, ones)) = last {
            done.push(self.take_some(partition, ones, arrivals, offset).await?);
        }
        for (at, answer) in done.into_iter().flatten() {
            if let Some(place) = answers.get_mut(at) {
                *place = Some(answer);
            }
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Answer::Known)).collect())
    }

    async fn take_some(
        &self,
        partition: Partition,
        ones: Vec<Sorted>,
        arrivals: &[Named],
        offset: Option<UpdateId>,
    ) -> Result<Vec<(usize, Answer)>, StoreError> {
        let serves = self.leases.serves(partition);
        let mut answers = self.take_as(serves, partition, &ones, arrivals, offset).await?;
        if answers.is_none() {
            // The lease was lost a moment ago: stores the updates for the new holder.
            answers = self.take_as(false, partition, &ones, arrivals, offset).await?;
        }
        let answers = answers.unwrap_or_default();
        if serves && answers.iter().any(|answer| matches!(answer, Answer::Elsewhere)) {
            self.leases.arrived(partition);
        }
        Ok(ones.into_iter().map(|one| one.at).zip(answers).collect())
    }

    /// Stores arrivals as the holder of a partition, which decides them, or as a guest. `None` if another process holds
    /// it.
    async fn take_as(
        &self,
        holder: bool,
        partition: Partition,
        ones: &[Sorted],
        arrivals: &[Named],
        offset: Option<UpdateId>,
    ) -> Result<Option<Vec<Answer>>, StoreError> {
        let (mut args, mut names) = (Args::default(), Vec::with_capacity(ones.len()));
        for one in ones {
            let Some(Named { arrival, name, .. }) = arrivals.get(one.at) else { continue };
            names.push(name.clone());
            let commit = arrival.commit.as_ref().filter(|_| holder && one.decided);
            let Arrival { update, received, .. } = arrival;
            args.text("A").text(name.as_str()).number(update.update.0).number(update.lane.key());
            args.number(received.0).text(update.raw.as_str()).number(one.first).flag(one.held);
            args.flag(commit.is_some());
            if let Some(commit) = commit {
                let part = parts(commit).remove(&partition).unwrap_or_default();
                args.append(part.args(None, None, one.first + 1, commit.queued.len())?);
            }
        }
        if let Some(offset) = offset {
            args.text("O").number(offset.0);
        }
        if args.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let by = if holder { By::Holder } else { By::Guest };
        self.write(by, partition, Operation::Receive, &HashSet::new(), args, names).await
    }

    /// Groups arrivals by partition. An arrival whose commit spans partitions is stored undecided and is decided later,
    /// step by step. So are all arrivals behind it in its lane or about the same conversation.
    async fn sort(
        &self,
        arrivals: &[Named],
    ) -> Result<BTreeMap<Partition, Vec<Sorted>>, StoreError> {
        let mut sorted: BTreeMap<Partition, Vec<Sorted>> = BTreeMap::new();
        let mut behind = ArrivalOrder::default();
        for (at, Named { arrival, plain, .. }) in arrivals.iter().enumerate() {
            let lane = arrival.update.lane;
            let partition = match (layout::of_inbox(lane), lane) {
                (Some(partition), _) => partition,
                (None, InboxLane::Topic(topic)) => self.place_of(topic).await?.partition,
                (None, InboxLane::User(_) | InboxLane::Desk) => Partition::DESK,
            };
            let (mut held, mut decided) = (false, false);
            if let Some(commit) = &arrival.commit {
                held = behind.lanes.contains(&lane)
                    || commit_split::users(commit).any(|user| behind.users.contains(&user));
                decided =
                    !held && !plain && whole(commit, &parts(commit), Some(partition)).is_some();
                if !decided {
                    behind.lanes.insert(lane);
                    behind.users.extend(commit_split::users(commit));
                }
            }
            let numbers = arrival.commit.as_ref().map_or(0, commit_split::numbers);
            let first = self.attempts.reserve(1 + numbers);
            sorted.entry(partition).or_default().push(Sorted { at, held, decided, first });
        }
        Ok(sorted)
    }
}
