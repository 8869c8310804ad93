//! The copy of the store that a snapshot is read from: each partition is copied at one moment, all within a short time.
//!
//! A commit that spans partitions is written step by step, so a copy made between two steps has only some of its parts.
//! The markers of the commit show this, and then everything is copied again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{GroupKey, PARTITIONS, Partition, Seq, UserId};
use ports::{GroupRegistry, StoreError};

use crate::adapters::redis::{
    client::{connection::Connection, observer::Operation},
    errors::corrupt,
    script::{
        answers::{Answer, integer, list, maybe, maybe_number, pairs, text},
        arguments::Args,
        encoding::{number, read_groups},
        layout::{COPY_LIFETIME, Keys, OTHER_GROUPS},
        scripts::COPY,
    },
};

/// Number of attempts to make a copy while no commit across partitions is in progress.
const COPY_ATTEMPTS: u32 = 40;
/// Delay before the next attempt.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// Number of names read together.
const NAMES_TOGETHER: usize = 1_000;

/// A copy of all partitions.
#[derive(Debug)]
pub(super) struct SnapshotCopy {
    connection: Arc<Connection>,
    keys: Keys,
    name: String,
    /// The epoch of the copied links.
    pub epoch: String,
    /// The keys of the copy.
    names: BTreeMap<Partition, Vec<String>>,
}

impl SnapshotCopy {
    /// Copies all partitions. Other commands wait no longer than the copying of one partition takes.
    pub(super) async fn make(connection: Arc<Connection>, keys: Keys) -> Result<Self, StoreError> {
        for _ in 0..COPY_ATTEMPTS {
            let name = format!("{:016x}", fastrand::u64(..));
            let (connection, keys) = (Arc::clone(&connection), keys.clone());
            let epoch = String::new();
            let mut copy = Self { connection, keys, name, epoch, names: BTreeMap::new() };
            let torn = match copy.copy_all().await {
                Ok(()) => copy.is_torn().await,
                Err(error) => Err(error),
            };
            if matches!(torn, Ok(false)) {
                return Ok(copy);
            }
            copy.remove().await?;
            torn?;
            tokio::time::sleep(RETRY_DELAY).await;
        }
        Err(StoreError::Busy(
            "a commit across partitions is not finished: if the bot is not running, start it once to finish the commit"
                .to_owned(),
        ))
    }

    /// Copies partition 0 first, so that the facts about the desk are not newer than the rest. Copies one partition
    /// after the other, so that Redis can serve other clients in between.
    async fn copy_all(&mut self) -> Result<(), StoreError> {
        for partition in Partition::all() {
            self.copy_partition(partition).await?;
            self.check_memory().await?;
        }
        Ok(())
    }

    async fn copy_partition(&mut self, partition: Partition) -> Result<(), StoreError> {
        let mut args = Args::default();
        args.text(self.name.as_str())
            .text(COPY_LIFETIME.as_millis().to_string())
            .text(self.epoch.as_str());
        let key = self.keys.base(partition);
        let answer = self.connection.script(&COPY, Operation::Upkeep, key, args).await?;
        let mut answer = Answer::of(answer)?;
        self.epoch = answer.text()?;
        let names = list(answer.field()?)?.into_iter().map(text).collect::<Result<_, _>>()?;
        self.names.insert(partition, names);
        Ok(())
    }

    /// Fails if the copy could leave the bot without memory. In a cluster, checks only the node that answers.
    async fn check_memory(&self) -> Result<(), StoreError> {
        let info = self.connection.info("memory").await?;
        let (used, limit) = (info.number("used_memory"), info.number("maxmemory"));
        if limit > 0 && used > limit / 20 * 19 {
            return Err(StoreError::Full(
                "Redis has too little memory left for a copy of the store: raise maxmemory"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether a commit across partitions was in progress: the copy may contain only some of its parts.
    async fn is_torn(&self) -> Result<bool, StoreError> {
        let mut waiting: HashSet<i64> = HashSet::new();
        let mut ticks: HashMap<Partition, i64> = HashMap::new();
        for partition in Partition::all() {
            waiting.extend(self.ids(partition, "in").await?);
            let tick = self.meta(partition, &["tick"]).await?.first().copied().flatten();
            ticks.insert(partition, tick.unwrap_or(0));
        }
        // Whether an update arrived before its own partition was copied.
        let arrived_before = |seq: i64| {
            let home = ticks.get(&Partition::of_seq(Seq(seq))).copied().unwrap_or(0);
            seq.div_euclid(PARTITIONS) <= home
        };
        for partition in Partition::all() {
            let before = self.markers(self.key(partition, "marks")).await?;
            for marker in &before {
                let seq = update_of(marker)?;
                // An update that is being handed over is either complete here, or will arrive again.
                let arrived_between = !is_handover(marker) && !arrived_before(seq);
                if arrived_between || waiting.contains(&seq) {
                    return Ok(true);
                }
            }
            let now = self.markers(self.keys.in_partition(partition, "marks")).await?;
            for marker in now.difference(&before) {
                let seq = update_of(marker)?;
                // An update that arrived after its partition was copied is not in the copy, so it cannot tear it.
                if arrived_before(seq) && !waiting.contains(&seq) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn markers(&self, key: String) -> Result<HashSet<String>, StoreError> {
        let mut args = Args::default();
        args.text(key).text("0").text("-1");
        let markers = list(self.connection.command("ZRANGE", Operation::Read, args).await?)?;
        markers.into_iter().map(text).collect()
    }

    /// A key of the copy.
    fn key(&self, partition: Partition, name: &str) -> String {
        self.keys.in_partition(partition, &format!("copy:{}:{name}", self.name))
    }

    /// Numeric fields of a partition's `meta`.
    pub(super) async fn meta(
        &self,
        partition: Partition,
        fields: &[&str],
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let mut args = Args::default();
        args.text(self.key(partition, "meta"));
        for field in fields {
            args.text(*field);
        }
        let found = list(self.connection.command("HMGET", Operation::Read, args).await?)?;
        found.into_iter().map(maybe_number).collect()
    }

    /// The groups besides the first.
    pub(super) async fn groups(&self) -> Result<GroupRegistry, StoreError> {
        let mut args = Args::default();
        args.text(self.key(Partition::DESK, "meta")).text("groups");
        let groups = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
        read_groups(&groups.unwrap_or_default())
    }

    /// The index of the buckets with links of a group.
    pub(super) fn lold(&self, group: GroupKey) -> String {
        format!("lold:{}", self.era(group))
    }

    /// A bucket of links of a group.
    pub(super) fn links(&self, group: GroupKey, bucket: &str) -> String {
        format!("l:{}:{bucket}", self.era(group))
    }

    fn era(&self, group: GroupKey) -> &str {
        if group == GroupKey::FIRST { &self.epoch } else { OTHER_GROUPS }
    }

    /// The fields of a hash whose fields are numbers.
    pub(super) async fn ids(
        &self,
        partition: Partition,
        hash: &str,
    ) -> Result<Vec<i64>, StoreError> {
        let mut args = Args::default();
        args.text(self.key(partition, hash));
        let ids = list(self.connection.command("HKEYS", Operation::Read, args).await?)?;
        ids.into_iter().map(|id| number(&text(id)?)).collect()
    }

    /// The values of these fields of a hash.
    pub(super) async fn bodies(
        &self,
        partition: Partition,
        hash: &str,
        ids: &[i64],
    ) -> Result<Vec<String>, StoreError> {
        let mut args = Args::default();
        args.text(self.key(partition, hash));
        for id in ids {
            args.number(*id);
        }
        let bodies = list(self.connection.command("HMGET", Operation::Read, args).await?)?;
        bodies.into_iter().map(text).collect()
    }

    /// For these users, the latest numbered request (which of the user's requests it is) and its number, as of now.
    pub(super) async fn requests(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, (u32, i64)>, StoreError> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let mut args = Args::default();
        args.text(self.keys.in_partition(Partition::DESK, "requests"));
        for user in users {
            args.number(user.0);
        }
        let found = list(self.connection.command("HMGET", Operation::Read, args).await?)?;
        let mut assigned = HashMap::new();
        for (user, entry) in users.iter().zip(found) {
            let Some(entry) = maybe(entry)? else { continue };
            let parts = entry.split_once(' ').and_then(|(nth, number)| {
                Some((nth.parse::<u32>().ok()?, number.parse::<i64>().ok()?))
            });
            assigned.insert(*user, parts.ok_or_else(|| corrupt("a request number is cut off"))?);
        }
        Ok(assigned)
    }

    /// The buckets that an index lists.
    pub(super) async fn buckets(
        &self,
        partition: Partition,
        index: &str,
    ) -> Result<Vec<String>, StoreError> {
        let mut args = Args::default();
        args.text(self.key(partition, index)).text("0").text("-1");
        let found = list(self.connection.command("ZRANGE", Operation::Read, args).await?)?;
        found.into_iter().map(text).collect()
    }

    /// Fields and values of a small hash.
    pub(in crate::adapters::redis) async fn bucket(
        &self,
        partition: Partition,
        name: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut args = Args::default();
        args.text(self.key(partition, name));
        pairs(self.connection.command("HGETALL", Operation::Read, args).await?)
    }

    /// Fails unless all keys of the copy still exist.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        for names in self.names.values() {
            for some in names.chunks(NAMES_TOGETHER) {
                let args = some.iter().map(String::as_str).collect::<Args>();
                let there = self.connection.command("EXISTS", Operation::Read, args).await?;
                if integer(there)? != i64::try_from(some.len()).unwrap_or(i64::MAX) {
                    let why = "Redis deleted the copy while it was being read: start again";
                    return Err(StoreError::Io(why.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Deletes the copy. Keys that remain expire.
    pub(in crate::adapters::redis) async fn remove(&mut self) -> Result<(), StoreError> {
        for names in std::mem::take(&mut self.names).into_values() {
            for some in names.chunks(NAMES_TOGETHER) {
                let args = some.iter().map(String::as_str).collect::<Args>();
                self.connection.command("UNLINK", Operation::Upkeep, args).await?;
            }
        }
        Ok(())
    }
}

/// First letters of the markers of a handover.
const HANDOVER: [char; 2] = ['h', 'd'];

fn is_handover(marker: &str) -> bool {
    marker.starts_with(HANDOVER)
}

/// The number of the update that a marker names.
fn update_of(marker: &str) -> Result<i64, StoreError> {
    number(marker.trim_start_matches(HANDOVER))
}
