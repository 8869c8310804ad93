//! Measurements of one round: the load, the contenders and their Redis.

use std::time::Duration;

use crate::{contender::Contender, load::Measured, redis::Redis};

/// One contender in one round. Several processes count as one contender.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) measured: Measured,
    /// Processor time per message.
    pub(crate) cpu: Duration,
    /// Resident memory at the end, in bytes.
    pub(crate) resident: u64,
    /// Cost in Redis per message.
    pub(crate) redis: Option<OnRedis>,
}

/// Cost in Redis of one message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OnRedis {
    /// Processor time of the Redis server.
    pub(crate) cpu: Duration,
    /// Commands sent: writes, reads, and upkeep (leases, slots and the rest).
    pub(crate) commands: [f64; 3],
}

impl OnRedis {
    /// Commands that messages cause.
    pub(crate) fn for_messages(&self) -> f64 {
        let [writes, reads, _goes_by_time] = self.commands;
        writes + reads
    }
}

impl Figures {
    /// Runs a round and measures what the contenders, and their Redis if there is one, spend on it.
    pub(crate) async fn of(
        contenders: &[Contender],
        redis: Option<&Redis>,
        round: impl Future<Output = Measured>,
    ) -> Self {
        let asked = match redis {
            Some(_) => commands_sent(contenders).await,
            None => Default::default(),
        };
        let spent = || contenders.iter().map(Contender::cpu).sum::<Duration>();
        let spent_by_redis = || redis.map(Redis::cpu).unwrap_or_default();
        let before = (spent(), spent_by_redis());
        let measured = round.await;
        let messages = u32::try_from(measured.messages.max(1)).unwrap();
        let each = |now: Duration, before| now.saturating_sub(before) / messages;
        let (cpu, of_redis) = (each(spent(), before.0), each(spent_by_redis(), before.1));
        let resident = contenders.iter().map(Contender::resident).sum();
        let redis = match redis {
            Some(_) => {
                let now = commands_since(asked, contenders).await;
                let commands = now.map(|commands| commands / f64::from(messages));
                Some(OnRedis { cpu: of_redis, commands })
            }
            None => None,
        };
        Self { measured, cpu, resident, redis }
    }

    /// Combines all rounds into one.
    pub(crate) fn combined(rounds: Vec<Self>) -> Self {
        let mut measured = Measured::default();
        let (mut spent, mut resident, mut redis) = (Duration::ZERO, 0, None);
        for Self { measured: one, cpu, resident: memory, redis: took } in rounds {
            spent += cpu * u32::try_from(one.messages).unwrap();
            if let Some(took) = took {
                let all: &mut OnRedis = redis.get_or_insert_default();
                all.cpu += took.cpu * u32::try_from(one.messages).unwrap();
                for (all, took) in all.commands.iter_mut().zip(took.commands) {
                    *all += took * one.messages as f64;
                }
            }
            resident = resident.max(memory);
            measured.messages += one.messages;
            measured.took += one.took;
            measured.latencies.extend(one.latencies);
        }
        measured.latencies.sort_unstable();
        let messages = u32::try_from(measured.messages.max(1)).unwrap();
        if let Some(redis) = &mut redis {
            redis.cpu /= messages;
            redis.commands = redis.commands.map(|all| all / f64::from(messages));
        }
        Self { measured, cpu: spent / messages, resident, redis }
    }
}

/// Commands that the contenders have sent to Redis, by kind.
async fn commands_sent(contenders: &[Contender]) -> [f64; 3] {
    commands_since([0.0; 3], contenders).await
}

async fn commands_since(before: [f64; 3], contenders: &[Contender]) -> [f64; 3] {
    let mut all = before.map(|before| -before);
    for contender in contenders {
        for (all, one) in all.iter_mut().zip(contender.commands_sent().await) {
            *all += one;
        }
    }
    all
}
