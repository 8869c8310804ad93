//! Pages of numbered records across partitions.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use domain::{Partition, PartitionSet};
use ports::StoreError;

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{list, maybe, text},
        arguments::Args,
        encoding::number,
    },
    store::RedisStore,
};

impl RedisStore {
    /// Reads one page across partitions: the numbers of a sorted set after `after`, in order, with their bodies from a
    /// hash. The page is empty only if nothing is left.
    pub(super) async fn numbered_page(
        &self,
        of: PartitionSet,
        index: &str,
        bodies: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        loop {
            let found = self.numbers(of, index, after, limit).await?;
            let none = found.is_empty();
            let page = self.bodies(found, bodies).await?;
            // If all of these were removed in between, others may wait behind them.
            if none || !page.is_empty() {
                return Ok(page);
            }
        }
    }

    async fn numbers(
        &self,
        of: PartitionSet,
        index: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, Partition)>, StoreError> {
        let after = after.map_or_else(|| "-inf".to_owned(), |number| format!("({number}"));
        let ids = of.iter().map(|partition| {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, index)).text(after.as_str()).text("+inf");
            args.text("LIMIT").text("0").count(limit);
            self.connection.command("ZRANGEBYSCORE", Operation::Read, args)
        });
        let mut found: Vec<(i64, Partition)> = Vec::new();
        for (partition, ids) in of.iter().zip(join_all(ids).await) {
            for id in list(ids?)? {
                found.push((number(&text(id)?)?, partition));
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        Ok(found)
    }

    async fn bodies(
        &self,
        found: Vec<(i64, Partition)>,
        bodies: &str,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let mut sorted: BTreeMap<Partition, Vec<i64>> = BTreeMap::new();
        for (id, partition) in found {
            sorted.entry(partition).or_default().push(id);
        }
        let read = sorted.into_iter().map(|(partition, ids)| async move {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, bodies));
            for id in &ids {
                args.number(*id);
            }
            let read = self.connection.command("HMGET", Operation::Read, args).await?;
            let read = list(read)?.into_iter().map(maybe).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(ids.into_iter().zip(read))
        });
        let mut page = Vec::new();
        for bodies in join_all(read).await {
            page.extend(bodies?.filter_map(|(id, body)| Some((id, body?))));
        }
        page.sort_unstable_by_key(|(id, _)| *id);
        Ok(page)
    }
}
