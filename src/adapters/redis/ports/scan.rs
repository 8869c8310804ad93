//! Scans all conversations page by page, and shares the progress of such scans among processes.

use std::sync::Arc;

use domain::{Conversation, Partition, PartitionSet, UserId};
use ports::{PageEnd, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        arguments::{Args, integer, list, pairs, text},
        encoding::{number, read_conversation},
    },
    store::RedisStore,
};

/// Time in seconds after which shared progress expires without an update: 30 days.
const SHOWN: i64 = 30 * 24 * 3600;

impl RedisStore {
    /// One step of a scan of the conversations, one partition after the other.
    pub(in crate::adapters::redis) async fn scan(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        let Some(from) = after.map_or_else(|| of.iter().next(), |end| Some(end.partition)) else {
            return Ok((Vec::new(), None));
        };
        let mut args = Args::default();
        args.text(self.keys.of(from, "conv"));
        // A cursor is an unsigned 64-bit number.
        args.text(after.map_or(0, |end| end.at.cast_unsigned()).to_string());
        args.text("COUNT").count(limit);
        let scanned = self.connection.command("HSCAN", Operation::Read, args).await?;
        let mut scanned = list(scanned)?.into_iter();
        let cursor = scanned.next().map_or(Ok(0), |cursor| number::<u64>(&text(cursor)?))?;
        let mut page = Vec::new();
        for (user, body) in scanned.next().map_or(Ok(Vec::new()), pairs)? {
            page.extend(read_conversation(UserId(number(&user)?), &body).ok());
        }
        let next = if cursor == 0 {
            let mut behind = of.iter().filter(|partition| *partition > from);
            behind.next().map(|partition| PageEnd { partition, at: 0 })
        } else {
            Some(PageEnd { partition: from, at: cursor.cast_signed() })
        };
        Ok((page, next))
    }

    pub(super) async fn show_texts(
        &self,
        name: &str,
        texts: Vec<(Partition, String)>,
    ) -> Result<(), StoreError> {
        if texts.is_empty() {
            return Ok(());
        }
        let mut args = Args::default();
        args.text(self.keys.shown(name));
        for (partition, text) in texts {
            args.number(i64::from(partition.number())).text(text);
        }
        self.connection.command("HSET", Operation::Upkeep, args).await?;
        let mut args = Args::default();
        args.text(self.keys.shown(name)).number(SHOWN);
        self.connection.command("EXPIRE", Operation::Upkeep, args).await?;
        Ok(())
    }

    pub(super) async fn shown_texts(
        &self,
        name: &str,
    ) -> Result<Vec<(Partition, String)>, StoreError> {
        let mut args = Args::default();
        args.text(self.keys.shown(name));
        let fields = list(self.connection.command("HGETALL", Operation::Read, args).await?)?;
        let mut fields = fields.into_iter();
        let mut shown = Vec::new();
        while let (Some(partition), Some(what)) = (fields.next(), fields.next()) {
            let partition = Partition::of_number(integer(partition)?);
            shown.push((partition, text(what)?));
        }
        Ok(shown)
    }
}
