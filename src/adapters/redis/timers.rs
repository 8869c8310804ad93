//! Timers of conversations, and numbers of requests.

use futures_util::future::join_all;

use crate::{
    domain::{Millis, Shards, UserId},
    ports::StoreError,
};

use super::{
    RedisStore,
    connection::TRIES,
    errors::store_error,
    layout::Partition,
    observer::Operation,
    records::number,
    scripts::REQUEST,
    values::{Args, integer, pairs},
};

impl RedisStore {
    /// Those in these partitions whose timer has run out.
    pub(super) async fn run_out(
        &self,
        of: Shards,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let parts = of.iter().map(Partition::from).map(|partition| {
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

    /// Asks the first partition about numbers of requests. Whoever needs one asks, and need not hold it.
    pub(super) async fn ask_for_request(
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
}
