//! A Redis without a store, into which the records of another store are loaded.
//!
//! Invariant: until all records are there, each partition has a marker that prevents the bot from opening the store.
//! The next load deletes the records of an interrupted one.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures_util::future::try_join_all;
use tokio::task::JoinHandle;

use domain::{PARTITIONS, Partition};
use ports::{Facts, Record, Restore, StoreError};

use super::{
    OpenError, Options,
    arguments::{Args, list, maybe, text},
    bulk_load::{Counts, Page},
    connection::Connection,
    errors::corrupt,
    layout::Keys,
    lease_manager::FORMAT,
    observer::{Observers, Operation},
    open::check_version,
    scripts::{CLAIM, FILL},
};

/// An empty store, reserved for this process.
#[derive(Debug)]
pub struct RestoreTarget {
    connection: Arc<Connection>,
    keys: Keys,
    token: String,
    facts: Option<Facts>,
    /// The highest tick among the loaded records.
    tick: i64,
    counts: BTreeMap<Partition, Counts>,
    begun_anew: bool,
    /// Renews the lock that excludes other processes.
    keeper: JoinHandle<()>,
}

/// Fails if a bulk load into this Redis was not finished.
pub(super) async fn refuse_unfinished(
    connection: &Connection,
    keys: &Keys,
) -> Result<(), OpenError> {
    let mut args = Args::default();
    args.text(keys.of(Partition::DESK, "meta")).text("restoring");
    let mark = connection.command_raw("HGET", Operation::Upkeep, args, 1).await;
    let mark = mark.map_err(|error| OpenError::of(connection.at(), &error))?;
    if maybe(mark).is_ok_and(|mark| mark.is_none()) { Ok(()) } else { Err(OpenError::Unfinished) }
}

impl RestoreTarget {
    /// Reserves the store. Fails if a bot runs there or has stored anything. Deletes the records of an unfinished load.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let observers = Observers(options.observer.clone());
        let connection = Connection::open(&options.url, options.command_limit, observers).await?;
        let connection = Arc::new(connection);
        check_version(&connection).await?;
        let keys = Keys::new(&options.prefix);
        let token = format!("{:016x}", fastrand::u64(..));
        let keeper = keep_others_out(&connection, &keys, options, &token).await?;
        let (facts, tick, counts) = (None, 0, BTreeMap::new());
        let mut blank =
            Self { connection, keys, token, facts, tick, counts, begun_anew: false, keeper };
        match blank.take().await {
            Ok(()) => Ok(blank),
            Err(refused) => {
                blank.unlock().await;
                Err(refused)
            }
        }
    }

    /// Checks all partitions before it changes one. Takes partition 0 first, because the bot looks for its marker.
    async fn take(&mut self) -> Result<(), OpenError> {
        for only_look in [true, false] {
            for partition in Partition::all() {
                self.claim(partition, only_look).await?;
            }
        }
        if self.begun_anew {
            let at = || self.connection.at().to_owned();
            let failed =
                |error: StoreError| OpenError::Unusable { at: at(), why: error.to_string() };
            self.clear().await.map_err(failed)?;
        }
        Ok(())
    }

    async fn claim(&mut self, partition: Partition, only_look: bool) -> Result<(), OpenError> {
        let at = self.connection.at();
        let mut args = Args::default();
        args.text(self.token.as_str()).number(FORMAT).flag(only_look);
        let key = self.keys.base(partition);
        let answer = self.connection.script_raw(&CLAIM, Operation::Upkeep, key, args, 3).await;
        let answer = answer.map_err(|error| OpenError::of(at, &error))?;
        match text(answer).unwrap_or_default().as_str() {
            "running" => Err(OpenError::Running),
            "occupied" => Err(OpenError::Occupied(at.to_owned())),
            "newer" => Err(OpenError::Newer { found: FORMAT + 1, known: FORMAT }),
            // On the second pass, this load's own marker also reads "unfinished".
            word => {
                self.begun_anew |= only_look && word == "unfinished";
                Ok(())
            }
        }
    }

    async fn fill_in(&self, partition: Partition, what: Args) -> Result<(), StoreError> {
        let mut args = Args::default();
        args.text(self.token.as_str()).append(what);
        let key = self.keys.base(partition);
        self.connection.script(&FILL, Operation::Upkeep, key, args).await.map(drop)
    }

    /// Deletes all loaded records.
    async fn clear(&self) -> Result<(), StoreError> {
        for partition in Partition::all() {
            let mut args = Args::default();
            args.text(self.keys.of(partition, "hints"));
            let hints = list(self.connection.command("SMEMBERS", Operation::Upkeep, args).await?)?;
            for hint in hints {
                let mut args = Args::default();
                args.text(text(hint)?);
                self.connection.command("DEL", Operation::Upkeep, args).await?;
            }
            let mut args = Args::default();
            args.text("clear");
            self.fill_in(partition, args).await?;
        }
        Ok(())
    }

    async fn hint(&self, page: Page) -> Result<(), StoreError> {
        let write =
            |name: &'static str, args: Args| self.connection.command(name, Operation::Hint, args);
        let hints = page.hints.into_iter().map(|(key, fields)| {
            let mut args = Args::default();
            args.text(key);
            for (field, value) in fields {
                args.text(field).text(value);
            }
            write("HSET", args)
        });
        try_join_all(hints).await?;
        let former = page.former.into_iter().map(|(key, user)| {
            let mut args = Args::default();
            args.text(key).text("user").number(user.0);
            write("HSETNX", args)
        });
        try_join_all(former).await?;
        let guesses = page.guesses.into_iter().map(|(key, partition)| {
            let mut args = Args::default();
            args.text(key).text("lane").number(partition.into());
            write("HSETNX", args)
        });
        try_join_all(guesses).await.map(drop)
    }

    /// The last fields of a partition's `meta`; in partitions other than 0, with the sign that all records are there.
    fn last(&self, partition: Partition, facts: &Facts) -> Args {
        let mut fields: Vec<(String, i64)> = vec![("tick".to_owned(), self.tick)];
        let counts = self.counts.get(&partition).copied().unwrap_or_default();
        let (dead, states) = (counts.len() - 2, counts.len() - 2);
        for (at, counted) in counts.into_iter().enumerate() {
            let name = if at < states { format!("s{at}") } else { format!("d{}", at - dead) };
            fields.push((name, counted));
        }
        fields.push(("format".to_owned(), FORMAT));
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
        args.text("h").text("meta").count(fields.len());
        for (name, value) in fields {
            args.text(name).number(value);
        }
        if partition != Partition::DESK {
            args.text("whole");
        }
        args
    }

    async fn unlock(&self) {
        self.keeper.abort();
        let mut args = Args::default();
        args.text(lock(&self.keys));
        // If this fails, the lock expires.
        drop(self.connection.command("DEL", Operation::Upkeep, args).await);
    }
}

#[ports::async_trait]
impl Restore for RestoreTarget {
    type Error = StoreError;

    async fn add(&mut self, page: Vec<Record>) -> Result<(), StoreError> {
        let mut puts = Page::default();
        for record in page {
            if let Record::Facts(facts) = &record {
                self.facts = Some(*facts);
            }
            let facts =
                self.facts.as_ref().ok_or_else(|| corrupt("the facts do not come first"))?;
            let record = record.named(facts);
            let number = match &record {
                Record::Facts(facts) => Some(facts.next.0.saturating_sub(1)),
                Record::Update(item) => Some(item.seq.0),
                Record::Send(item) => Some(item.seq.0),
                Record::Dead(letter) => Some(letter.seq().0),
                Record::Conversation(_) | Record::Link(_) | Record::Known(_) => None,
            };
            self.tick = self.tick.max(number.unwrap_or(0).div_euclid(PARTITIONS));
            puts.add(&record, &self.keys, &mut self.counts)?;
        }
        // Notes the hints in the partitions first, so that an interrupted load can delete them.
        let partitions = std::mem::take(&mut puts.partitions).into_iter();
        let filled = partitions.map(|(partition, puts)| self.fill_in(partition, puts.args()));
        try_join_all(filled).await?;
        self.hint(puts).await
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let facts = self.facts.ok_or_else(|| corrupt("the snapshot has no facts"))?;
        // While partition 0 has its marker, everything can still be deleted. So no other partition loses its marker
        // before partition 0 does.
        for partition in Partition::all() {
            self.fill_in(partition, self.last(partition, &facts)).await?;
        }
        for partition in Partition::all() {
            let mut end = Args::default();
            end.text("end");
            self.fill_in(partition, end).await?;
        }
        self.unlock().await;
        Ok(())
    }

    fn begun_anew(&self) -> bool {
        self.begun_anew
    }

    async fn abandon(self: Box<Self>) {
        let mut leave = Args::default();
        leave.text("leave");
        if self.clear().await.is_ok() {
            for partition in Partition::all() {
                // The next load deletes any records that cannot be deleted now.
                drop(self.fill_in(partition, leave.clone()).await);
            }
        }
        self.unlock().await;
    }
}

impl Drop for RestoreTarget {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

fn lock(keys: &Keys) -> String {
    keys.of(Partition::DESK, "filler")
}

/// Takes the lock that lets only one process load data. Waits for the lock of a killed process to expire.
async fn keep_others_out(
    connection: &Arc<Connection>,
    keys: &Keys,
    options: &Options,
    token: &str,
) -> Result<JoinHandle<()>, OpenError> {
    let key = lock(keys);
    let length = options.lease;
    let set = |how: &'static str| {
        let mut args = Args::default();
        args.text(key.as_str()).text(token).text("PX").text(length.as_millis().to_string());
        args.text(how);
        args
    };
    let begun = Instant::now();
    loop {
        let mine = connection.command_raw("SET", Operation::Upkeep, set("NX"), 1).await;
        let mine = mine.map_err(|error| OpenError::of(connection.at(), &error))?;
        if maybe(mine).is_ok_and(|answer| answer.is_some()) {
            break;
        }
        if begun.elapsed() > length * 2 {
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
    let keeper = tokio::spawn(async move {
        loop {
            tick.tick().await;
            // A lost lock needs no handling here: if another process has taken the store, the next write fails.
            drop(connection.command("SET", Operation::Upkeep, renew.clone()).await);
        }
    });
    Ok(keeper)
}
