//! Telegram's limits. A chat that was refused stays refused until the bot has waited.

use std::collections::{HashMap, VecDeque};

use super::{
    clock::{Millis, millis},
    options::{Bucket, Limits, Window},
};

/// How many calls were answered `429`, by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttled {
    /// A limit was exceeded.
    pub by_limits: u64,
    /// A fault said so.
    pub by_faults: u64,
    /// The bot called again before `retry_after` had passed.
    pub while_waiting: u64,
}

/// The chat whose limit a call counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Private(i64),
    Group(i64),
}

#[derive(Debug, Default)]
struct Usage {
    /// For buckets: when the next message is due at the long-run pace.
    due: Millis,
    /// For windows: when each message went.
    sent: VecDeque<Millis>,
    refused_until: Millis,
}

#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    peers: HashMap<i64, Usage>,
    overall: Usage,
    pub(crate) throttled: Throttled,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            peers: HashMap::new(),
            overall: Usage::default(),
            throttled: Throttled::default(),
        }
    }

    pub(crate) fn set(&mut self, limits: Limits) {
        *self = Self { throttled: self.throttled, ..Self::new(limits) };
    }

    /// Counts `cost` messages, or answers for how many seconds the bot must wait.
    pub(crate) fn admit(
        &mut self,
        peer: Peer,
        cost: usize,
        paid: bool,
        now: Millis,
    ) -> Result<(), u64> {
        let (Peer::Private(id) | Peer::Group(id)) = peer;
        let frozen = self.peers.get(&id).map_or(0, |usage| usage.refused_until);
        let frozen = frozen.max(self.overall.refused_until);
        if frozen > now {
            self.throttled.while_waiting += 1;
            return Err((frozen - now).div_ceil(1000));
        }
        if self.limits == Limits::off() {
            return Ok(());
        }
        let usage = self.peers.entry(id).or_default();
        let ready = match peer {
            Peer::Private(_) => {
                self.limits.private.map_or(now, |bucket| usage.ready_for_bucket(bucket, cost, now))
            }
            Peer::Group(_) => {
                self.limits.group.map_or(now, |w| usage.ready_for_window(w, cost, now))
            }
        };
        if ready > now {
            return Err(Self::refuse(usage, &mut self.throttled, ready, now));
        }
        // What is paid for is not counted: the limit of a thousand a second is beyond what tests send.
        if let Some(window) = self.limits.overall.filter(|_| !paid) {
            let ready = self.overall.ready_for_window(window, cost, now);
            if ready > now {
                return Err(Self::refuse(&mut self.overall, &mut self.throttled, ready, now));
            }
            self.overall.sent.extend(std::iter::repeat_n(now, cost));
        }
        match peer {
            Peer::Private(_) => {
                if let Some(bucket) = self.limits.private {
                    let step = millis(bucket.every) * cost as u64;
                    usage.due = usage.due.max(now) + step;
                }
            }
            Peer::Group(_) => {
                if self.limits.group.is_some() {
                    usage.sent.extend(std::iter::repeat_n(now, cost));
                }
            }
        }
        Ok(())
    }

    /// Refuses a peer's calls for a while.
    pub(crate) fn freeze(&mut self, chat: i64, until: Millis) {
        let usage = self.peers.entry(chat).or_default();
        usage.refused_until = usage.refused_until.max(until);
    }

    fn refuse(usage: &mut Usage, throttled: &mut Throttled, ready: Millis, now: Millis) -> u64 {
        let wait = (ready - now).div_ceil(1000).max(1);
        usage.refused_until = now + wait * 1000;
        throttled.by_limits += 1;
        wait
    }
}

impl Usage {
    fn ready_for_bucket(&self, bucket: Bucket, cost: usize, now: Millis) -> Millis {
        let every = millis(bucket.every);
        let ahead = every * (u64::from(bucket.burst)).saturating_sub(cost as u64);
        self.due.saturating_sub(ahead).max(now)
    }

    fn ready_for_window(&mut self, window: Window, cost: usize, now: Millis) -> Millis {
        let per = millis(window.per);
        while self.sent.front().is_some_and(|at| at + per <= now) {
            self.sent.pop_front();
        }
        let room = window.count.saturating_sub(cost.min(window.count));
        if self.sent.len() <= room {
            return now;
        }
        let leaves = self.sent.len() - room - 1;
        self.sent.get(leaves).map_or(now, |at| at + per)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_admits_twenty_a_minute() {
        let mut limiter = Limiter::new(Limits { overall: None, ..Limits::telegram() });
        for _ in 0..20 {
            assert_eq!(limiter.admit(Peer::Group(-1), 1, false, 5_000), Ok(()));
        }
        assert_eq!(limiter.admit(Peer::Group(-1), 1, false, 6_000), Err(59));
        assert_eq!(limiter.admit(Peer::Group(-1), 1, false, 64_999), Err(1));
        assert_eq!(limiter.admit(Peer::Group(-2), 1, false, 6_000), Ok(()));
        assert_eq!(limiter.admit(Peer::Group(-1), 20, false, 65_000), Ok(()));
        assert_eq!(limiter.admit(Peer::Group(-1), 1, false, 65_000), Err(60));
        let wanted = Throttled { by_limits: 2, by_faults: 0, while_waiting: 1 };
        assert_eq!(limiter.throttled, wanted);
    }

    #[test]
    fn a_private_chat_admits_a_burst_and_then_one_a_second() {
        let mut limiter = Limiter::new(Limits { overall: None, ..Limits::telegram() });
        for _ in 0..5 {
            assert_eq!(limiter.admit(Peer::Private(1), 1, false, 10_000), Ok(()));
        }
        assert_eq!(limiter.admit(Peer::Private(1), 1, false, 10_000), Err(1));
        assert_eq!(limiter.admit(Peer::Private(1), 1, false, 11_000), Ok(()));
        assert_eq!(limiter.admit(Peer::Private(1), 1, false, 11_000), Err(1));
    }

    #[test]
    fn all_chats_together_admit_thirty_a_second() {
        let mut limiter = Limiter::new(Limits::telegram());
        for chat in 0..30 {
            assert_eq!(limiter.admit(Peer::Private(chat), 1, false, 10_000), Ok(()));
        }
        assert_eq!(limiter.admit(Peer::Private(99), 1, false, 10_500), Err(1));
        assert_eq!(limiter.admit(Peer::Private(99), 1, false, 11_500), Ok(()));
    }

    #[test]
    fn a_batch_larger_than_the_window_passes_when_the_window_is_empty() {
        let mut limiter = Limiter::new(Limits { overall: None, ..Limits::telegram() });
        assert_eq!(limiter.admit(Peer::Group(-1), 100, false, 1_000), Ok(()));
        assert_eq!(limiter.admit(Peer::Group(-1), 1, false, 1_000), Err(60));
    }
}
