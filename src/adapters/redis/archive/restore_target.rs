//! A Redis without a store, into which the records of another store are loaded.
//!
//! Invariant: until all records are there, each partition has a marker that prevents the bot from opening the store.
//! The next load deletes the records of an interrupted one.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures_util::future::try_join_all;
use tokio::task::JoinHandle;

use domain::{PARTITIONS, Partition};
use ports::{Facts, GroupRegistry, Record, Restore, StoreError};

use crate::adapters::redis::{
    client::{connection::Connection, observer::Operation},
    errors::{OpenError, corrupt},
    options::Options,
    script::{
        answers::{list, maybe, text},
        arguments::Args,
        encoding,
        layout::{FORMAT, FORMAT_OF_ONE, Keys},
        scripts::{CLAIM, FILL},
    },
};

use super::bulk_load::{Counts, PageLoad};

/// An empty store, reserved for this process.
#[derive(Debug)]
pub struct RestoreTarget {
    connection: Arc<Connection>,
    keys: Keys,
    token: String,
    facts: Option<Facts>,
    groups: GroupRegistry,
    /// The highest tick among the loaded records.
    tick: i64,
    counts: BTreeMap<Partition, Counts>,
    discarded_unfinished: bool,
    /// Renews the lock that excludes other processes.
    lock_renewal: JoinHandle<()>,
}

impl RestoreTarget {
    /// Reserves the store. Fails if a bot runs there or has stored anything. Deletes the records of an unfinished load.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let connection = options.connect().await?;
        let keys = Keys::new(&options.prefix);
        let token = format!("{:016x}", fastrand::u64(..));
        let lock_renewal = acquire_lock(&connection, &keys, options, &token).await?;
        let (facts, tick, counts) = (None, 0, BTreeMap::new());
        let mut target = Self {
            connection,
            keys,
            token,
            facts,
            groups: GroupRegistry::default(),
            tick,
            counts,
            discarded_unfinished: false,
            lock_renewal,
        };
        match target.reserve().await {
            Ok(()) => Ok(target),
            Err(refused) => {
                target.unlock().await;
                Err(refused)
            }
        }
    }

    /// Checks all partitions before it changes one. Takes partition 0 first, because the bot looks for its marker.
    async fn reserve(&mut self) -> Result<(), OpenError> {
        for check_only in [true, false] {
            for partition in Partition::all() {
                self.claim(partition, check_only).await?;
            }
        }
        if self.discarded_unfinished {
            let cleared = self.clear().await;
            cleared.map_err(|error| OpenError::unusable(self.connection.address(), &error))?;
        }
        Ok(())
    }

    async fn claim(&mut self, partition: Partition, check_only: bool) -> Result<(), OpenError> {
        let at = self.connection.address();
        let mut args = Args::default();
        args.text(self.token.as_str()).number(FORMAT).flag(check_only);
        let key = self.keys.base(partition);
        let answer = self.connection.script_raw(&CLAIM, Operation::Upkeep, key, args, 3).await;
        let answer = answer.map_err(|error| OpenError::of(at, &error))?;
        match text(answer).unwrap_or_default().as_str() {
            "running" => Err(OpenError::Running),
            "occupied" => Err(OpenError::Occupied(at.to_owned())),
            "newer" => Err(OpenError::Newer { found: FORMAT + 1, known: FORMAT }),
            // On the second pass, this load's own marker also reads "unfinished".
            word => {
                self.discarded_unfinished |= check_only && word == "unfinished";
                Ok(())
            }
        }
    }

    async fn fill_partition(&self, partition: Partition, what: Args) -> Result<(), StoreError> {
        let mut args = Args::default();
        args.text(self.token.as_str()).append(what);
        let key = self.keys.base(partition);
        self.connection.script(&FILL, Operation::Upkeep, key, args).await.map(drop)
    }

    /// Deletes all loaded records.
    async fn clear(&self) -> Result<(), StoreError> {
        for partition in Partition::all() {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, "hints"));
            let hints = list(self.connection.command("SMEMBERS", Operation::Upkeep, args).await?)?;
            for hint in hints {
                let mut args = Args::default();
                args.text(text(hint)?);
                self.connection.command("DEL", Operation::Upkeep, args).await?;
            }
            let mut args = Args::default();
            args.text("clear");
            self.fill_partition(partition, args).await?;
        }
        Ok(())
    }

    async fn write_hints(&self, load: PageLoad) -> Result<(), StoreError> {
        let write =
            |name: &'static str, args: Args| self.connection.command(name, Operation::Hint, args);
        let hints = load.hints.into_iter().map(|(key, fields)| {
            let mut args = Args::default();
            args.text(key);
            for (field, value) in fields {
                args.text(field).text(value);
            }
            write("HSET", args)
        });
        try_join_all(hints).await?;
        let former = load.former.into_iter().map(|(key, user)| {
            let mut args = Args::default();
            args.text(key).text("user").number(user.0);
            write("HSETNX", args)
        });
        try_join_all(former).await?;
        let fallbacks = load.fallback_partitions.into_iter().map(|(key, partition)| {
            let mut args = Args::default();
            args.text(key).text("lane").number(partition.into());
            write("HSETNX", args)
        });
        try_join_all(fallbacks).await.map(drop)
    }

    /// The last fields of a partition's `meta`; in partitions other than 0, with the sign that all records are there.
    fn final_fields(&self, partition: Partition, facts: &Facts) -> Args {
        let mut fields: Vec<(String, i64)> = vec![("tick".to_owned(), self.tick)];
        let counts = self.counts.get(&partition).copied().unwrap_or_default();
        let (dead, states) = (counts.len() - 2, counts.len() - 2);
        for (at, counted) in counts.into_iter().enumerate() {
            let name = if at < states { format!("s{at}") } else { format!("d{}", at - dead) };
            fields.push((name, counted));
        }
        let several = partition == Partition::DESK && !self.groups.0.is_empty();
        fields.push(("format".to_owned(), if several { FORMAT } else { FORMAT_OF_ONE }));
        if partition == Partition::DESK {
            let Facts { offset, group, group_moved_from, requests, imported, .. } = facts;
            if let Some(imported) = imported {
                fields.push(("imported".to_owned(), imported.users));
                fields.push(("imported_at".to_owned(), imported.at.0));
            }
            if *requests > 0 {
                fields.push(("requests".to_owned(), *requests));
            }
            let moved = [("group", group), ("from", group_moved_from)];
            fields.extend(
                moved
                    .into_iter()
                    .filter_map(|(name, chat)| chat.map(|chat| (name.to_owned(), chat.0))),
            );
            if let Some(offset) = offset {
                fields.push(("offset".to_owned(), offset.0));
                fields.push(("stamp".to_owned(), self.tick.max(1)));
            }
        }
        let mut args = Args::default();
        args.text("h").text("meta").count(fields.len() + usize::from(several));
        if several {
            args.text("groups").text(encoding::groups(&self.groups));
        }
        for (name, value) in fields {
            args.text(name).number(value);
        }
        if partition != Partition::DESK {
            args.text("whole");
        }
        args
    }

    async fn unlock(&self) {
        self.lock_renewal.abort();
        let mut args = Args::default();
        args.text(lock_key(&self.keys));
        // If this fails, the lock expires.
        drop(self.connection.command("DEL", Operation::Upkeep, args).await);
    }
}

#[ports::async_trait]
impl Restore for RestoreTarget {
    type Error = StoreError;

    async fn add(&mut self, page: Vec<Record>) -> Result<(), StoreError> {
        let mut load = PageLoad::default();
        for record in page {
            if let Record::Facts(facts) = &record {
                self.facts = Some(*facts);
            }
            if let Record::Group(row) = &record {
                self.groups.0.push(*row);
            }
            let facts =
                self.facts.as_ref().ok_or_else(|| corrupt("the facts do not come first"))?;
            let record = record.named(facts);
            let number = match &record {
                Record::Facts(facts) => Some(facts.next.0.saturating_sub(1)),
                Record::Update(item) => Some(item.seq.0),
                Record::Send(item) => Some(item.seq.0),
                Record::Dead(letter) => Some(letter.seq().0),
                Record::Group(_) | Record::Conversation(_) | Record::Link(_) | Record::Known(_) => {
                    None
                }
            };
            self.tick = self.tick.max(number.unwrap_or(0).div_euclid(PARTITIONS));
            load.add(&record, &self.keys, &mut self.counts)?;
        }
        // Notes the hints in the partitions first, so that an interrupted load can delete them.
        let partitions = std::mem::take(&mut load.partitions).into_iter();
        let filled =
            partitions.map(|(partition, load)| self.fill_partition(partition, load.args()));
        try_join_all(filled).await?;
        self.write_hints(load).await
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let facts = self.facts.ok_or_else(|| corrupt("the snapshot has no facts"))?;
        // While partition 0 has its marker, everything can still be deleted. So no other partition loses its marker
        // before partition 0 does.
        for partition in Partition::all() {
            self.fill_partition(partition, self.final_fields(partition, &facts)).await?;
        }
        for partition in Partition::all() {
            let mut end = Args::default();
            end.text("end");
            self.fill_partition(partition, end).await?;
        }
        self.unlock().await;
        Ok(())
    }

    fn discarded_unfinished(&self) -> bool {
        self.discarded_unfinished
    }

    async fn abandon(self: Box<Self>) {
        let mut leave = Args::default();
        leave.text("leave");
        if self.clear().await.is_ok() {
            for partition in Partition::all() {
                // The next load deletes any records that cannot be deleted now.
                drop(self.fill_partition(partition, leave.clone()).await);
            }
        }
        self.unlock().await;
    }
}

impl Drop for RestoreTarget {
    fn drop(&mut self) {
        self.lock_renewal.abort();
    }
}

fn lock_key(keys: &Keys) -> String {
    keys.in_partition(Partition::DESK, "filler")
}

/// Takes the lock that lets only one process load data. Waits for the lock of a killed process to expire.
async fn acquire_lock(
    connection: &Arc<Connection>,
    keys: &Keys,
    options: &Options,
    token: &str,
) -> Result<JoinHandle<()>, OpenError> {
    let key = lock_key(keys);
    let length = options.lease;
    let set = |how: &'static str| {
        let mut args = Args::default();
        args.text(key.as_str()).text(token).text("PX").text(length.as_millis().to_string());
        args.text(how);
        args
    };
    let started = Instant::now();
    loop {
        let acquired = connection.command_raw("SET", Operation::Upkeep, set("NX"), 1).await;
        let acquired = acquired.map_err(|error| OpenError::of(connection.address(), &error))?;
        if maybe(acquired).is_ok_and(|answer| answer.is_some()) {
            break;
        }
        if started.elapsed() > length * 2 {
            return Err(OpenError::Filling);
        }
        tokio::time::sleep(length / 20).await;
    }
    let (connection, renew) = (Arc::clone(connection), set("XX"));
    let mut tick = tokio::time::interval(length / 3);
    #[expect(
        clippy::disallowed_methods,
        reason = "it ends with the load, which waits for nothing else"
    )]
    let lock_renewal = tokio::spawn(async move {
        loop {
            tick.tick().await;
            // A lost lock needs no handling here: if another process has taken the store, the next write fails.
            drop(connection.command("SET", Operation::Upkeep, renew.clone()).await);
        }
    });
    Ok(lock_renewal)
}
