//! The slots of Telegram's rate limits that all processes share.

use std::time::Duration;

use domain::{Class, Limits, Millis, Partition, Room, Span};
use ports::{
    GroupTerms, LimitHistory, SharedLimits, SlotGrant, SlotRequest, SlotsAsked, StoreError,
};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::store_error,
    script::{
        answers::{Answer, pairs},
        arguments::Args,
        encoding::number,
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
    pub(super) async fn take_slots(&self, asked: SlotsAsked) -> Result<Vec<SlotGrant>, StoreError> {
        let _open = self.enter().await?;
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let mut args = Args::from(self.leases.token.as_str());
        args.number(millis(CALL_LIMIT));
        let SlotsAsked { limits, requests, used, unused, freeze_all, freeze_group } = asked;
        args.count(limits.overall).number(1000).number(freeze_all.map_or(0, millis));
        args.count(limits.group).number(millis(limits.group_period));
        args.number(freeze_group.map_or(0, millis));
        for slots in [used, unused] {
            args.count(slots.elsewhere);
            args.text(counts(slots.group));
        }
        args.count(requests.len());
        for SlotRequest { want, up_to, reserved, group } in &requests {
            args.count(*want).count(*up_to).count(*reserved);
            let Some(GroupTerms { class, leave, paced_below, yields, caps }) = group else {
                args.text("-");
                continue;
            };
            args.text(letter(*class)).count(*leave).count(*paced_below);
            args.flag(*yields);
            for cap in caps {
                let (classes, most) = cap.unwrap_or_default();
                args.text(classes.iter().map(letter).collect::<String>()).count(most);
            }
        }
        let base = self.keys.base(Partition::DESK);
        let answer = self.connection.script_raw(&SLOTS, Operation::Slots, base, args, 1).await;
        let mut answer = Answer::of(answer.map_err(|error| store_error(&error))?)?;
        let mut grants = Vec::with_capacity(requests.len());
        for _ in &requests {
            let number = answer.number_or_zero()?;
            let size = number.unsigned_abs();
            grants.push(if number > 0 {
                SlotGrant::Taken(usize::try_from(size).unwrap_or(usize::MAX))
            } else {
                SlotGrant::Wait(Duration::from_millis(size))
            });
        }
        Ok(grants)
    }
}

#[ports::async_trait]
impl LimitHistory for RedisStore {
    async fn record_limited(&self, spans: Vec<Span>, forget: Millis) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        let key = self.keys.limited();
        if !spans.is_empty() {
            let mut args = Args::from(key.as_str());
            for Span { from, to } in spans {
                args.number(to.0).number(from.0);
            }
            self.connection.command("ZADD", Operation::Upkeep, args).await?;
        }
        let mut args = Args::from(key.as_str());
        args.text("-inf").text(format!("({}", forget.0));
        self.connection.command("ZREMRANGEBYSCORE", Operation::Upkeep, args).await?;
        Ok(())
    }

    async fn limited(&self) -> Result<Vec<Span>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::from(self.keys.limited().as_str());
        args.number(0).number(-1).text("WITHSCORES");
        let spans = pairs(self.connection.command("ZRANGE", Operation::Read, args).await?)?;
        let span = |(from, to): (String, String)| {
            Ok(Span { from: Millis(number(&from)?), to: Millis(number(&to)?) })
        };
        spans.into_iter().map(span).collect()
    }
}

/// The letter of a class in the names of slots.
fn letter(class: Class) -> char {
    match class {
        Class::Button => 'b',
        Class::ToUser => 'u',
        Class::Urgent => 'r',
        Class::Known => 'k',
        Class::Opening => 'o',
        Class::Stranger => 's',
        Class::Notice => 'n',
        Class::Cosmetic => 'c',
        Class::Track => 't',
        Class::Newsletter => 'l',
    }
}

/// The slots of each class: `k3s1`.
fn counts(group: [usize; Class::ALL.len()]) -> String {
    let used = Class::ALL.into_iter().zip(group).filter(|(_, count)| *count > 0);
    used.fold(String::new(), |text, (class, count)| text + &format!("{}{count}", letter(class)))
}
