//! A snapshot of the store in Redis, read while the bot continues to write.
//!
//! Invariant: the snapshot is read from a copy that nobody changes. Memory holds no more than one page of records, and
//! the ids of the records of the present kind that are still to be read.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use futures_util::future::try_join_all;

use domain::{
    ChatId, Conversation, DeadId, GroupKey, MessageId, Millis, PARTITIONS, Partition, Seq,
    UpdateId, UserId,
};
use ports::{Facts, Imported, KnownUpdate, Record, Snapshot, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::{OpenError, corrupt},
    script::{
        answers::{list, maybe},
        arguments::Args,
        encoding::{self, number},
        layout::FORMAT,
    },
    store::RedisStore,
};

use super::snapshot_copy::SnapshotCopy;

/// Fields of `meta` in partition 0 that the facts of a snapshot are read from.
const DESK_FIELDS: [&str; 4] = ["group", "from", "imported", "imported_at"];
/// Number of records read together.
const PAGE: usize = 200;

/// The store as it was when the snapshot was made.
#[derive(Debug)]
pub struct RedisSnapshot {
    copy: SnapshotCopy,
    /// The kind that is being read.
    kind: Kind,
    remaining: Remaining,
    ready: VecDeque<Record>,
    /// Time of receipt of each update in the inbox.
    waiting: HashMap<UpdateId, Millis>,
    /// The last request number that belongs to the snapshot.
    requests: i64,
}

/// Kinds of records, in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Facts,
    Conversations,
    Links,
    Known,
    Updates,
    Sends,
    Dead,
    End,
}

/// The rest of a kind that is still to be read, in order.
#[derive(Debug)]
enum Remaining {
    Nothing,
    /// Fields of one hash of each partition.
    Ids(&'static str, VecDeque<(i64, Partition)>),
    /// Buckets, each with the partitions that have it.
    Buckets(VecDeque<(String, Vec<Partition>)>),
}

impl RedisStore {
    /// Makes a snapshot of the store while the bot continues to write. Until the snapshot is read, Redis needs memory
    /// for a second copy of the data.
    pub async fn snapshot(&self) -> Result<RedisSnapshot, OpenError> {
        self.check_readable().await?;
        self.begin_snapshot().await.map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &StoreError) -> OpenError {
        OpenError::unusable(self.connection.address(), error)
    }

    /// Fails unless there is a completely loaded store that this release can read.
    pub async fn check_readable(&self) -> Result<(), OpenError> {
        let failed = |error: StoreError| self.unusable(&error);
        let mut args = Args::default();
        args.text(self.keys.in_partition(Partition::DESK, "meta")).text("format").text("restoring");
        let meta = self.connection.command("HMGET", Operation::Read, args).await.map_err(failed)?;
        let mut meta = list(meta).map_err(failed)?.into_iter();
        let mut field = || meta.next().map_or(Ok(None), maybe).map_err(failed);
        let (format, restoring) = (field()?, field()?);
        if restoring.is_some() {
            return Err(OpenError::Unfinished);
        }
        match format.map_or(Ok(0), |format| number(&format)).map_err(failed)? {
            0 => Err(OpenError::Missing(self.connection.address().to_owned())),
            found if found > FORMAT => Err(OpenError::Newer { found, known: FORMAT }),
            _known => Ok(()),
        }
    }

    async fn begin_snapshot(&self) -> Result<RedisSnapshot, StoreError> {
        // Before the copy: all updates below the offset must be in the copy.
        let offset = self.stored_offset().await?;
        let copy = SnapshotCopy::make(Arc::clone(&self.connection), self.keys.clone()).await?;
        // After the copy: no conversation in the copy has a later number.
        let requests = self.run_request_script("from", &[0]).await?;
        let facts = Facts { requests, ..facts(&copy, offset).await? };
        let groups = copy.groups().await?.0.into_iter().map(Record::Group);
        let ready = std::iter::once(Record::Facts(facts)).chain(groups).collect();
        let (kind, remaining, waiting) = (Kind::Facts, Remaining::Nothing, HashMap::new());
        Ok(RedisSnapshot { copy, kind, remaining, ready, waiting, requests })
    }

    async fn stored_offset(&self) -> Result<Option<UpdateId>, StoreError> {
        let mut last: Option<(i64, i64)> = None;
        for partition in Partition::all() {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, "meta")).text("stamp").text("offset");
            let found = list(self.connection.command("HMGET", Operation::Read, args).await?)?;
            let mut found = found.into_iter().map(maybe);
            let mut field = || found.next().unwrap_or(Ok(None));
            let (stamp, offset) = (field()?, field()?);
            let stamp = stamp.map_or(Ok(0), |stamp| number(&stamp))?;
            if let Some(offset) = offset
                && last.is_none_or(|(before, _)| stamp > before)
            {
                last = Some((stamp, number(&offset)?));
            }
        }
        Ok(last.map(|(_, offset)| UpdateId(offset)))
    }
}

#[ports::async_trait]
impl Snapshot for RedisSnapshot {
    type Error = StoreError;

    async fn page(&mut self) -> Result<Vec<Record>, StoreError> {
        while self.ready.is_empty() && self.kind != Kind::End {
            if !self.read().await? {
                self.kind = self.kind.next();
                self.remaining = self.list().await?;
            }
        }
        if self.ready.is_empty() {
            self.copy.check().await?;
            self.copy.remove().await?;
        }
        let page = PAGE.min(self.ready.len());
        Ok(self.ready.drain(..page).collect())
    }
}

impl Kind {
    fn next(self) -> Self {
        match self {
            Self::Facts => Self::Conversations,
            Self::Conversations => Self::Links,
            Self::Links => Self::Known,
            Self::Known => Self::Updates,
            Self::Updates => Self::Sends,
            Self::Sends => Self::Dead,
            Self::Dead | Self::End => Self::End,
        }
    }
}

impl RedisSnapshot {
    /// Lists the records of the present kind.
    async fn list(&mut self) -> Result<Remaining, StoreError> {
        let hash = match self.kind {
            Kind::Facts | Kind::End => return Ok(Remaining::Nothing),
            Kind::Conversations => "conv",
            Kind::Updates => "in",
            Kind::Sends => "out",
            Kind::Dead => "dead",
            Kind::Links => {
                let first = self.copy.lold(GroupKey::FIRST);
                return self.buckets(&[&first, &self.copy.lold(GroupKey::LAST)]).await;
            }
            Kind::Known => {
                self.read_waiting().await?;
                return self.buckets(&["kold"]).await;
            }
        };
        let mut ids = Vec::new();
        for partition in Partition::all() {
            let found = self.copy.ids(partition, hash).await?;
            ids.extend(found.into_iter().map(|id| (id, partition)));
        }
        ids.sort_unstable();
        Ok(Remaining::Ids(hash, ids.into()))
    }

    /// Lists the buckets of all partitions, in the order of the numbers in them.
    async fn buckets(&self, indexes: &[&str]) -> Result<Remaining, StoreError> {
        let mut buckets: BTreeMap<(i64, bool), (String, Vec<Partition>)> = BTreeMap::new();
        for partition in Partition::all() {
            for index in indexes {
                for bucket in self.copy.buckets(partition, index).await? {
                    // Numbers of up to three digits share the bucket with the empty name.
                    let first = number(&format!("{bucket}000"))?;
                    let entry = buckets.entry((first, !bucket.starts_with('-')));
                    entry.or_insert_with(|| (bucket, Vec::new())).1.push(partition);
                }
            }
        }
        Ok(Remaining::Buckets(buckets.into_values().collect()))
    }

    async fn read_waiting(&mut self) -> Result<(), StoreError> {
        for partition in Partition::all() {
            for ids in self.copy.ids(partition, "in").await?.chunks(PAGE) {
                let bodies = self.copy.bodies(partition, "in", ids).await?;
                for (id, body) in ids.iter().zip(bodies) {
                    let item = encoding::read_update(Seq(*id), &body)?;
                    self.waiting.insert(item.update.update, item.received);
                }
            }
        }
        Ok(())
    }

    /// Reads a page of the present kind; `false` if nothing is left of it.
    async fn read(&mut self) -> Result<bool, StoreError> {
        match &mut self.remaining {
            Remaining::Nothing => Ok(false),
            Remaining::Ids(hash, ids) => {
                let (hash, page) = (*hash, PAGE.min(ids.len()));
                let page: Vec<_> = ids.drain(..page).collect();
                self.read_ids(hash, &page).await?;
                Ok(!page.is_empty())
            }
            Remaining::Buckets(buckets) => match buckets.pop_front() {
                Some((bucket, partitions)) => {
                    self.read_bucket(&bucket, &partitions).await?;
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    async fn read_ids(
        &mut self,
        hash: &'static str,
        page: &[(i64, Partition)],
    ) -> Result<(), StoreError> {
        let mut sorted: BTreeMap<Partition, Vec<i64>> = BTreeMap::new();
        for (id, partition) in page {
            sorted.entry(*partition).or_default().push(*id);
        }
        let copy = &self.copy;
        let read = sorted.iter().map(|(partition, ids)| copy.bodies(*partition, hash, ids));
        let bodies = try_join_all(read).await?;
        let ids = sorted.into_values().flatten();
        let mut found: Vec<(i64, String)> = ids.zip(bodies.into_iter().flatten()).collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        if hash == "conv" {
            return self.read_conversations(found).await;
        }
        for (id, body) in found {
            self.ready.push_back(match hash {
                "in" => Record::Update(encoding::read_update(Seq(id), &body)?),
                "out" => Record::Send(encoding::read_send(Seq(id), &body)?),
                _ => Record::Dead(encoding::read_letter(DeadId(id), &body)?),
            });
        }
        Ok(())
    }

    /// Reads conversations. Each gets the request number assigned to it, even if it does not contain the number yet.
    async fn read_conversations(&mut self, bodies: Vec<(i64, String)>) -> Result<(), StoreError> {
        let mut found = Vec::with_capacity(bodies.len());
        for (id, body) in bodies {
            let conversation = encoding::read_conversation(UserId(id), &body)?;
            found.push(Arc::unwrap_or_clone(conversation));
        }
        let open = |one: &Conversation| one.request.is_some_and(|request| request.number.is_none());
        let unnumbered: Vec<UserId> =
            found.iter().filter(|one| open(one)).map(|one| one.user).collect();
        let mut assigned = self.copy.requests(&unnumbered).await?;
        for conversation in &mut found {
            let number = assigned.remove(&conversation.user);
            if let Some((nth, number)) = number.filter(|(_, number)| *number <= self.requests) {
                conversation.set_request_number(nth, number);
            }
        }
        self.ready.extend(found.into_iter().map(Record::of));
        Ok(())
    }

    async fn read_bucket(
        &mut self,
        bucket: &str,
        partitions: &[Partition],
    ) -> Result<(), StoreError> {
        let links = self.kind == Kind::Links;
        let name = if links {
            let some = MessageId(number(&format!("{bucket}999"))?);
            self.copy.links(some.group(), bucket)
        } else {
            format!("k:{bucket}")
        };
        let read = partitions.iter().map(|partition| self.copy.bucket(*partition, &name));
        let fields = try_join_all(read).await?.into_iter().flatten();
        if links {
            let mut found = Vec::new();
            for (field, bodies) in fields {
                let staff = MessageId(number(&format!("{bucket}{field}"))?);
                for body in bodies.split(';') {
                    found.push(encoding::read_link(staff, body)?);
                }
            }
            found.sort_unstable_by_key(|link| (link.staff_message, link.user_message));
            self.ready.extend(found.into_iter().map(Record::Link));
            return Ok(());
        }
        // A restore makes its known updates known in each partition.
        let mut known: BTreeMap<UpdateId, Millis> = BTreeMap::new();
        for (field, received) in fields {
            let update = UpdateId(number(&format!("{bucket}{field}"))?);
            let at = match (received.as_str(), self.waiting.get(&update)) {
                (_, Some(received)) => *received,
                ("w", None) => return Err(corrupt("a waiting update is not in the inbox")),
                (received, None) => Millis(number(received)?),
            };
            known.entry(update).or_insert(at);
        }
        let known = known.into_iter().map(|(update, at)| KnownUpdate { update, at });
        self.ready.extend(known.map(Record::Known));
        Ok(())
    }
}

async fn facts(copy: &SnapshotCopy, offset: Option<UpdateId>) -> Result<Facts, StoreError> {
    let mut tick = 0;
    for partition in Partition::all() {
        let found = copy.meta(partition, &["tick"]).await?;
        tick = tick.max(found.first().copied().flatten().unwrap_or(0));
    }
    let desk = copy.meta(Partition::DESK, &DESK_FIELDS).await?;
    let &[group, from, imported, at] = desk.as_slice() else {
        return Err(corrupt("the facts about the desk are cut off"));
    };
    Ok(Facts {
        offset,
        group: group.map(ChatId),
        group_moved_from: from.map(ChatId),
        requests: 0,
        imported: imported.zip(at).map(|(users, at)| Imported { users, at: Millis(at) }),
        next: Seq(tick.saturating_add(1).saturating_mul(PARTITIONS)),
        named: true,
    })
}
