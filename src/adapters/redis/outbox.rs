//! The outbox in Redis: commits queue and remove sends; this module lists them by lane.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use domain::{Channel, OutboxLane, Partition, PartitionSet, Seq};
use ports::{Backlog, LaneHead, LanePage, Outbox, OutboxItem, Reached, StoreError};

use super::{
    RedisStore,
    arguments::{Args, list, maybe, pairs, text},
    encoding,
    errors::corrupt,
    observer::Operation,
    scripts::{LANES, NEXT},
};

/// Number of entries read together.
const PAGE: usize = 5_000;
/// Length of the lane's key, with which each entry of `outq` begins.
const LANE: usize = 16;

#[ports::async_trait]
impl Outbox for RedisStore {
    async fn backlog(&self, of: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        let _open = self.enter().await?;
        let mut backlog = Vec::new();
        for partition in of.iter() {
            for (channel, (waiting, first)) in self.places(partition).await? {
                let mut args = Args::default();
                args.text(self.keys.of(partition, "out")).number(first.0);
                let body = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
                if let (Some(body), Some(channel)) = (body, Channel::ALL.get(channel).copied()) {
                    let oldest = encoding::read_received(&body)?;
                    backlog.push(Backlog { partition, channel, waiting, oldest });
                }
            }
        }
        Ok(backlog)
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
        let read =
            of.iter().map(|partition| self.lanes_of(partition, channel, from.of(partition), limit));
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
    async fn lanes_of(
        &self,
        partition: Partition,
        channel: Channel,
        from: Seq,
        limit: usize,
    ) -> Result<PartitionLanes, StoreError> {
        let mut args = Args::default();
        args.count(channel as usize).number(from.0.max(0)).count(limit);
        let key = self.keys.base(partition);
        let answer = list(self.connection.script(&LANES, Operation::Read, key, args).await?)?;
        let mut answer = answer.into_iter();
        let mut field = || answer.next().ok_or_else(|| corrupt("an answer of a script is cut off"));
        let reached = Seq(encoding::number(&text(field()?)?)?);
        let more = text(field()?)? == "1";
        let mut heads = Vec::new();
        let mut fields = answer.map(text);
        while let Some(by) = fields.next().transpose()? {
            let mut field = || {
                fields.next().unwrap_or_else(|| Err(corrupt("an answer of a script is cut off")))
            };
            let lane = encoding::read_lane(&field()?)?;
            let (waiting, last) = (encoding::number(&field()?)?, Seq(encoding::number(&field()?)?));
            let oldest = encoding::read_received(&field()?)?;
            heads.push((Seq(encoding::number(&by)?), LaneHead { lane, waiting, oldest, last }));
        }
        Ok(PartitionLanes { heads, reached, more })
    }

    /// Number of sends in each channel of a partition, and the lowest number among them.
    async fn places(
        &self,
        partition: Partition,
    ) -> Result<BTreeMap<usize, (u64, Seq)>, StoreError> {
        let mut channels: BTreeMap<usize, (u64, Seq)> = BTreeMap::new();
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
                let (lane, seq) = place.ok_or_else(|| corrupt("an entry of a lane is cut off"))?;
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
