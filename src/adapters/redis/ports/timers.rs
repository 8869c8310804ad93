//! Timers of conversations, and request numbers.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};

use domain::{Millis, Partition, PartitionSet, UserId};
use ports::StoreError;

use crate::adapters::redis::{
    archive::snapshot_copy::LIFE,
    client::{connection::TRIES, observer::Operation},
    errors::{corrupt, store_error},
    script::{
        arguments::{Args, integer, list, maybe, pairs, text},
        encoding::{number, read_conversation},
        scripts::REQUEST,
    },
    store::RedisStore,
};

/// A user, and the user's entry in `requests`.
pub(in crate::adapters::redis) type Numbered = (UserId, String);

/// Number of entries checked, or deleted, together.
const PAGE: usize = 500;

impl RedisStore {
    /// Users in these partitions whose timer has expired.
    pub(super) async fn run_out(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let parts = of.iter().map(|partition| {
            let mut args = Args::default();
            args.text(self.keys.of(partition, "due")).text("-inf").number(now.0);
            args.text("WITHSCORES").text("LIMIT").text("0").count(limit);
            self.connection.command("ZRANGEBYSCORE", Operation::Read, args)
        });
        let mut found: Vec<(i64, UserId)> = Vec::new();
        for part in join_all(parts).await {
            for (user, due) in pairs(part?)? {
                found.push((number(&due)?, UserId(number(&user)?)));
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, user)| user).collect())
    }

    /// Runs the script for request numbers in partition 0. Any process may call it, not only the holder.
    pub(in crate::adapters::redis) async fn ask_for_request(
        &self,
        what: &str,
        numbers: &[i64],
    ) -> Result<i64, StoreError> {
        let mut args = Args::from(what);
        for number in numbers {
            args.number(*number);
        }
        let base = self.keys.base(Partition::DESK);
        let asked = self.connection.script_raw(&REQUEST, Operation::Commit, base, args, TRIES);
        integer(asked.await.map_err(|error| store_error(&error))?)
    }

    /// Deletes entries of `requests` whose number the conversation already contained at the previous check. The time
    /// since that check exceeds the life of anything that may still read them: a call, or the copy for a snapshot.
    /// Returns how many entries were deleted.
    pub(super) async fn forget_requests(&self, now: Millis) -> Result<i64, StoreError> {
        let mut before = self.learnt.lock().await;
        let early = before.as_ref().is_some_and(|(at, _)| now.since(*at) < LIFE);
        if early || !self.leases.holds(Partition::DESK) {
            return Ok(0);
        }
        let learnt = self.learnt_requests().await?;
        let old = before.as_ref().map(|(_, learnt)| learnt);
        let old = old.into_iter().flatten().filter(|one| learnt.contains(*one));
        let old: Vec<&Numbered> = old.collect();
        let mut gone = 0_i64;
        for some in old.chunks(PAGE) {
            let mut args = Args::from("forget");
            for (user, entry) in some {
                args.number(user.0).text(entry.as_str());
            }
            let base = self.keys.base(Partition::DESK);
            let forgotten = self.connection.script(&REQUEST, Operation::Upkeep, base, args).await?;
            gone = gone.saturating_add(integer(forgotten)?);
        }
        *before = Some((now, learnt));
        Ok(gone)
    }

    /// Entries of `requests` whose number the user's conversation contains.
    async fn learnt_requests(&self) -> Result<HashSet<Numbered>, StoreError> {
        let (mut learnt, mut cursor) = (HashSet::new(), "0".to_owned());
        loop {
            let mut args = Args::default();
            args.text(self.keys.of(Partition::DESK, "requests")).text(cursor);
            args.text("COUNT").count(PAGE);
            let answer = list(self.connection.command("HSCAN", Operation::Upkeep, args).await?)?;
            let mut answer = answer.into_iter();
            let mut field =
                || answer.next().ok_or_else(|| corrupt("an answer of Redis is cut off"));
            cursor = text(field()?)?;
            let found = pairs(field()?)?.into_iter();
            let known = found.map(|(user, entry)| self.known_request(user, entry));
            learnt.extend(try_join_all(known).await?.into_iter().flatten());
            if cursor == "0" {
                return Ok(learnt);
            }
        }
    }

    /// The entry, if the user's conversation contains its number.
    async fn known_request(
        &self,
        user: String,
        entry: String,
    ) -> Result<Option<Numbered>, StoreError> {
        let user = UserId(number(&user)?);
        let nth: u32 = number(entry.split(' ').next().unwrap_or_default())?;
        let mut args = Args::default();
        args.text(self.keys.of(Partition::of(user), "conv")).number(user.0);
        let stored = self.connection.command("HGET", Operation::Upkeep, args).await?;
        let Some(body) = maybe(stored)? else { return Ok(None) };
        let request = read_conversation(user, &body)?.request;
        let learnt = request.is_some_and(|one| one.nth == nth && one.number.is_some());
        Ok(learnt.then_some((user, entry)))
    }
}
