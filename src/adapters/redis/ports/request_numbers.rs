//! Request numbers, which partition 0 assigns.

use std::collections::HashSet;

use futures_util::future::try_join_all;

use domain::{Millis, Partition, UserId};
use ports::StoreError;

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{integer, pairs, scan_page},
        arguments::Args,
        encoding::{number, read_conversation},
        layout::COPY_LIFETIME,
        scripts::REQUEST,
    },
    store::{NumberedRequest, RedisStore},
};

/// Number of entries checked, or deleted, together.
const PAGE: usize = 500;

impl RedisStore {
    /// Runs the script for request numbers in partition 0. Any process may call it, not only the holder.
    pub(in crate::adapters::redis) async fn run_request_script(
        &self,
        action: &str,
        numbers: &[i64],
    ) -> Result<i64, StoreError> {
        let mut args = Args::from(action);
        for number in numbers {
            args.number(*number);
        }
        let base = self.keys.base(Partition::DESK);
        integer(self.connection.script(&REQUEST, Operation::Commit, base, args).await?)
    }

    /// Deletes entries of `requests` whose number the conversation already contained at the previous check. The time
    /// since that check exceeds the life of anything that may still read them: a call, or the copy for a snapshot.
    /// Returns how many entries were deleted.
    pub(super) async fn delete_stored_requests(&self, now: Millis) -> Result<i64, StoreError> {
        let mut before = self.stored_requests.lock().await;
        let early = before.as_ref().is_some_and(|(at, _)| now.since(*at) < COPY_LIFETIME);
        if early || !self.leases.holds(Partition::DESK) {
            return Ok(0);
        }
        let stored = self.find_stored_requests().await?;
        let old = before.as_ref().map(|(_, stored)| stored);
        let old = old.into_iter().flatten().filter(|one| stored.contains(*one));
        let old: Vec<&NumberedRequest> = old.collect();
        let mut deleted = 0_i64;
        for some in old.chunks(PAGE) {
            let mut args = Args::from("forget");
            for (user, entry) in some {
                args.number(user.0).text(entry.as_str());
            }
            let base = self.keys.base(Partition::DESK);
            let answer = self.connection.script(&REQUEST, Operation::Upkeep, base, args).await?;
            deleted = deleted.saturating_add(integer(answer)?);
        }
        *before = Some((now, stored));
        Ok(deleted)
    }

    /// Entries of `requests` whose number the user's conversation contains.
    async fn find_stored_requests(&self) -> Result<HashSet<NumberedRequest>, StoreError> {
        let (mut stored, mut cursor) = (HashSet::new(), "0".to_owned());
        loop {
            let mut args = Args::default();
            args.text(self.keys.in_partition(Partition::DESK, "requests")).text(cursor);
            args.text("COUNT").count(PAGE);
            let page = self.connection.command("HSCAN", Operation::Upkeep, args).await?;
            let (next, found) = scan_page(page)?;
            cursor = next;
            let found = pairs(found)?.into_iter();
            let known = found.map(|(user, entry)| self.stored_request(user, entry));
            stored.extend(try_join_all(known).await?.into_iter().flatten());
            if cursor == "0" {
                return Ok(stored);
            }
        }
    }

    /// The entry, if the user's conversation contains its number.
    async fn stored_request(
        &self,
        user: String,
        entry: String,
    ) -> Result<Option<NumberedRequest>, StoreError> {
        let user = UserId(number(&user)?);
        let nth: u32 = number(entry.split(' ').next().unwrap_or_default())?;
        let key = self.keys.in_partition(Partition::of(user), "conv");
        let found = self.connection.hash_field(Operation::Upkeep, key, user).await?;
        let Some(body) = found else { return Ok(None) };
        let request = read_conversation(user, &body)?.request;
        let stored = request.is_some_and(|one| one.nth == nth && one.number.is_some());
        Ok(stored.then_some((user, entry)))
    }
}
