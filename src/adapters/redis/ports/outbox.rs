//! The outbox in Redis: commits queue and remove sends; this module lists them by lane.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use domain::{Channel, OutboxLane, Partition, PartitionSet, Seq};
use ports::{Backlog, LaneHead, LanePage, Outbox, OutboxItem, Reached, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::corrupt,
    script::{
        answers::{Answer, list, pairs, text},
        arguments::Args,
        encoding,
        scripts::{LANES, NEXT},
    },
    store::RedisStore,
};

/// Number of entries read together.
const PAGE: usize = 5_000;
/// Each entry of the sorted set `outq` begins with the key of its lane, which has this length.
const LANE_KEY_LENGTH: usize = 16;

#[ports::async_trait]
impl Outbox for RedisStore {
    async fn backlog(&self, of: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        let _open = self.enter().await?;
        let read = of.iter().map(|partition| self.partition_backlog(partition));
        Ok(try_join_all(read).await?.into_iter().flatten().collect())
    }

    async fn lanes(
        &self,
        of: PartitionSet,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> Result<LanePage, StoreError> {
        let _open = self.enter().await?;
        let limit = limit.div_ceil(of.len().max(1));
        let read = of
            .iter()
            .map(|partition| self.lane_page(partition, channel, from.of(partition), limit));
        let (mut heads, mut reached, mut more) = (Vec::new(), from, false);
        for (partition, part) in of.iter().zip(try_join_all(read).await?) {
            heads.extend(part.heads);
            reached.set(partition, part.reached);
            more |= part.more;
        }
        heads.sort_by_key(|(by, _)| *by);
        let heads = heads.into_iter().map(|(_, head)| head).collect();
        Ok(LanePage { heads, reached, more })
    }

    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::default();
        args.text(encoding::lane(lane));
        args.text(after.map(|seq| seq.0.to_string()).unwrap_or_default()).count(limit);
        let key = self.keys.base(lane.partition());
        let found = pairs(self.connection.script(&NEXT, Operation::Read, key, args).await?)?;
        let item = |(seq, body): (String, String)| {
            encoding::read_send(Seq(encoding::number(&seq)?), &body)
        };
        found.into_iter().map(item).collect()
    }
}

/// One page of the lanes of a partition, each with the number of the send by which it was found.
struct PartitionLanes {
    heads: Vec<(Seq, LaneHead)>,
    reached: Seq,
    more: bool,
}

impl RedisStore {
    /// What waits in a partition, by channel.
    async fn partition_backlog(&self, partition: Partition) -> Result<Vec<Backlog>, StoreError> {
        'read: loop {
            let mut backlog = Vec::new();
            for (channel, (waiting, first)) in self.channel_counts(partition).await? {
                let key = self.keys.in_partition(partition, "out");
                let Some(body) = self.connection.hash_field(Operation::Read, key, first.0).await?
                else {
                    // That send was done in between. Others may wait behind it.
                    continue 'read;
                };
                if let Some(channel) = Channel::ALL.get(channel).copied() {
                    let oldest = encoding::read_received(&body)?;
                    backlog.push(Backlog { partition, channel, waiting, oldest });
                }
            }
            return Ok(backlog);
        }
    }

    /// Reads lanes of a channel that have sends after the number `from`.
    async fn lane_page(
        &self,
        partition: Partition,
        channel: Channel,
        from: Seq,
        limit: usize,
    ) -> Result<PartitionLanes, StoreError> {
        let mut args = Args::default();
        args.count(channel as usize).number(from.0.max(0)).count(limit);
        let key = self.keys.base(partition);
        let answer = self.connection.script(&LANES, Operation::Read, key, args).await?;
        let mut answer = Answer::of(answer)?;
        let reached = Seq(answer.number()?);
        let more = answer.text()? == "1";
        let mut heads = Vec::new();
        while !answer.is_at_end() {
            let by = Seq(answer.number()?);
            let lane = encoding::read_lane(&answer.text()?)?;
            let (waiting, last) = (answer.number()?, Seq(answer.number()?));
            let oldest = encoding::read_received(&answer.text()?)?;
            heads.push((by, LaneHead { lane, waiting, oldest, last }));
        }
        Ok(PartitionLanes { heads, reached, more })
    }

    /// Number of sends in each channel of a partition, and the lowest number among them.
    async fn channel_counts(
        &self,
        partition: Partition,
    ) -> Result<BTreeMap<usize, (u64, Seq)>, StoreError> {
        let mut channels: BTreeMap<usize, (u64, Seq)> = BTreeMap::new();
        let mut from = "-".to_owned();
        loop {
            let mut args = Args::default();
            args.text(self.keys.in_partition(partition, "outq")).text(from).text("+");
            args.text("LIMIT").text("0").count(PAGE);
            let page = list(self.connection.command("ZRANGEBYLEX", Operation::Read, args).await?)?;
            let full = page.len() == PAGE;
            let mut last = String::new();
            for entry in page {
                last = text(entry)?;
                let split = last.split_at_checked(LANE_KEY_LENGTH);
                let (lane, seq) = split.ok_or_else(|| corrupt("an entry of a lane is cut off"))?;
                let (lane, seq) = (encoding::read_lane(lane)?, Seq(encoding::number(seq)?));
                let (count, first) = channels.entry(lane.channel as usize).or_insert((0, seq));
                *count += 1;
                *first = seq.min(*first);
            }
            if !full {
                return Ok(channels);
            }
            from = format!("({last}");
        }
    }
}
