//! Finds conversations: page by page, and those whose timer has expired.

use std::sync::Arc;

use futures_util::future::join_all;

use domain::{Conversation, Millis, PartitionSet, UserId};
use ports::{PageEnd, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{pairs, scan_page},
        arguments::Args,
        encoding::{number, read_conversation},
    },
    store::RedisStore,
};

impl RedisStore {
    /// One step of a scan of the conversations, one partition after the other.
    pub(super) async fn scan(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        let Some(from) = after.map_or_else(|| of.iter().next(), |end| Some(end.partition)) else {
            return Ok((Vec::new(), None));
        };
        let mut args = Args::default();
        args.text(self.keys.in_partition(from, "conv"));
        // A cursor is an unsigned 64-bit number.
        args.text(after.map_or(0, |end| end.at.cast_unsigned()).to_string());
        args.text("COUNT").count(limit);
        let scanned = self.connection.command("HSCAN", Operation::Read, args).await?;
        let (cursor, scanned) = scan_page(scanned)?;
        let cursor: u64 = number(&cursor)?;
        let mut page = Vec::new();
        for (user, body) in pairs(scanned)? {
            page.extend(read_conversation(UserId(number(&user)?), &body).ok());
        }
        let next = if cursor == 0 {
            let mut later = of.iter().filter(|partition| *partition > from);
            later.next().map(|partition| PageEnd { partition, at: 0 })
        } else {
            Some(PageEnd { partition: from, at: cursor.cast_signed() })
        };
        Ok((page, next))
    }

    /// Users in these partitions whose timer has expired.
    pub(super) async fn due_timers(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let parts = of.iter().map(|partition| {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, "due")).text("-inf").number(now.0);
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
}
