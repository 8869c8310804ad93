//! The slots of Telegram's rate limits that all processes share.

use std::time::Duration;

use domain::{Limits, Partition, Room};
use ports::{SharedLimits, SlotsAsked, SlotsGiven, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::store_error,
    script::{
        answers::Answer,
        arguments::Args,
        scripts::{ROOM, SLOTS},
    },
    store::RedisStore,
};

/// Time limit for a call, with all waits of its connection. After it, the slots of a process that died during a call
/// are free again.
const CALL_LIMIT: Duration = Duration::from_secs(90);

impl RedisStore {
    /// Free slots of the shared limits.
    pub(super) async fn remaining_slots(&self, limits: SharedLimits) -> Result<Limits, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::default();
        args.count(limits.overall).count(limits.group);
        let base = self.keys.base(Partition::DESK);
        let answer = self.connection.script_raw(&ROOM, Operation::Upkeep, base, args, 1).await;
        let mut answer = Answer::of(answer.map_err(|error| store_error(&error))?)?;
        let mut room = |of: usize| {
            let left = answer.number_or_zero()?.unsigned_abs();
            let frozen = answer.number_or_zero()?.unsigned_abs();
            Ok::<_, StoreError>(match (frozen, of as u64) {
                (0, 0) => None,
                (0, of) => Some(Room::Left { left, of }),
                (frozen, _) => Some(Room::Frozen(Duration::from_millis(frozen))),
            })
        };
        Ok(Limits { overall: room(limits.overall)?, group: room(limits.group)? })
    }

    /// Takes slots, and reports the use of earlier ones. Never repeated: a lost answer wastes slots for a while, but
    /// the limit is never exceeded.
    pub(super) async fn take_slots(&self, asked: SlotsAsked) -> Result<SlotsGiven, StoreError> {
        let _open = self.enter().await?;
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let mut args = Args::from(self.leases.token.as_str());
        args.number(millis(CALL_LIMIT));
        let SlotsAsked { limits, want, up_to, used, unused, freeze_all, freeze_group } = asked;
        args.count(limits.overall).number(1000).count(want.overall).count(up_to.overall);
        args.count(used.overall).count(unused.overall).number(freeze_all.map_or(0, millis));
        args.count(limits.group).number(millis(limits.group_period)).count(want.group);
        args.count(up_to.group).count(used.group).count(unused.group);
        args.number(freeze_group.map_or(0, millis));
        let base = self.keys.base(Partition::DESK);
        let answer = self.connection.script_raw(&SLOTS, Operation::Slots, base, args, 1).await;
        let answer = answer.map_err(|error| store_error(&error))?;
        let mut answer = Answer::of(answer)?;
        let size = |number: i64| usize::try_from(number).unwrap_or(0);
        if answer.number_or_zero()? == 1 {
            let overall = size(answer.number_or_zero()?);
            let group = size(answer.number_or_zero()?);
            return Ok(SlotsGiven::Taken(ports::Slots { overall, group }));
        }
        Ok(SlotsGiven::Wait(Duration::from_millis(
            u64::try_from(answer.number_or_zero()?).unwrap_or(0),
        )))
    }
}
