//! Sends: queued by commits, listed by lane, removed by commits.

use std::collections::BTreeMap;

use domain::{OutboxLane, Seq, Shards};
use ports::{LaneHead, Outbox, OutboxItem, StoreError};

use super::{
    RedisStore,
    errors::corrupt,
    layout::Partition,
    observer::Operation,
    records,
    scripts::NEXT,
    values::{Args, list, maybe, pairs, text},
};

/// So many places are read at once.
const PAGE: usize = 5_000;
/// What a place begins with: its lane.
const LANE: usize = 16;

impl Outbox for RedisStore {
    async fn lanes(&self, of: Shards) -> Result<Vec<LaneHead>, StoreError> {
        let _open = self.enter().await?;
        let mut heads = Vec::new();
        for partition in of.iter().map(Partition::from) {
            for (lane, (waiting, first)) in self.places(partition).await? {
                let mut args = Args::default();
                args.text(self.keys.of(partition, "out")).number(first.0);
                let body = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
                if let Some(body) = body {
                    let oldest = records::read_send(first, &body)?.queued.received;
                    heads.push(LaneHead { lane: records::read_lane(&lane)?, waiting, oldest });
                }
            }
        }
        Ok(heads)
    }

    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::default();
        args.text(records::lane(lane));
        args.text(after.map(|seq| seq.0.to_string()).unwrap_or_default()).count(limit);
        let key = self.keys.base(Partition::of_lane(lane));
        let found = pairs(self.connection.script(&NEXT, Operation::Read, key, args).await?)?;
        let item =
            |(seq, body): (String, String)| records::read_send(Seq(records::number(&seq)?), &body);
        found.into_iter().map(item).collect()
    }
}

impl RedisStore {
    /// How many sends wait in each lane of a partition, and the first of them.
    async fn places(
        &self,
        partition: Partition,
    ) -> Result<BTreeMap<String, (u64, Seq)>, StoreError> {
        let mut lanes: BTreeMap<String, (u64, Seq)> = BTreeMap::new();
        let mut from = "-".to_owned();
        loop {
            let mut args = Args::default();
            args.text(self.keys.of(partition, "outq")).text(from).text("+");
            args.text("LIMIT").text("0").count(PAGE);
            let page = list(self.connection.command("ZRANGEBYLEX", Operation::Read, args).await?)?;
            let full = page.len() == PAGE;
            let mut last = String::new();
            for place in page {
                last = text(place)?;
                let place = last.split_at_checked(LANE);
                let (lane, seq) = place.ok_or_else(|| corrupt("a place in a lane is cut off"))?;
                let first = (0, Seq(records::number(seq)?));
                lanes.entry(lane.to_owned()).or_insert(first).0 += 1;
            }
            if !full {
                return Ok(lanes);
            }
            from = format!("({last}");
        }
    }
}
