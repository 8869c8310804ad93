//! A world of lanes and limits, in which a call takes a twentieth of a second.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use crate::engine::{
    deliver::{
        LANE_LIMITS,
        group::{GroupSlots, Offered},
    },
    lanes::{Dispatch, Hints, Lanes, Pressed, bucket},
    limits::{Family, Pacer, PacingLimits, Permit},
};
use domain::{
    AlbumId, Body, Channel, Class, ContentKind, Edit, Effect, Fingerprint, MessageId, Millis,
    OutboxLane, PartitionSet, Relay, Seq, Side, Standing, Tell, Text, Transfer, UpdateId, UserId,
};
use ports::{OutboxItem, Queued};

const CALL: Duration = Duration::from_millis(50);

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// A user writes.
    Write,
    /// A user sends a piece of an album.
    Piece,
    /// A user edits a message.
    EditOf(i64),
    /// An operator asks for something in the topic.
    Command,
    /// The desk has to tell something in the topic.
    Notice,
    /// The card must be refreshed.
    Look,
}

/// A call to the group.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub(super) class: Class,
    pub(super) slots: usize,
    began: Duration,
    ended: Duration,
    /// The sends that it completed.
    pub(super) done: Vec<i64>,
}

pub(super) struct World {
    pub(super) lanes: Lanes,
    pacer: Pacer,
    start: Instant,
    pub(super) now: Duration,
    seq: i64,
    pub(super) standings: HashMap<UserId, Standing>,
    /// Calls that a stranger's first message still needs before it is copied: the topic, the card.
    preparing: HashMap<UserId, u8>,
    /// When each send was queued.
    pub(super) queued: HashMap<i64, (Duration, OutboxLane)>,
    running: BTreeMap<(Duration, i64), (Dispatch, Permit)>,
    pub(super) calls: Vec<Called>,
    /// The next calls that Telegram throttles.
    pub(super) throttle: Vec<Duration>,
}

impl World {
    pub(super) fn new() -> Self {
        let limits = PacingLimits {
            overall_per_second: 30,
            private_per_second: 1,
            private_burst: 3,
            group: 20,
            group_period: Duration::from_mins(1),
        };
        let mut lanes = Lanes::new(LANE_LIMITS).wait_by_standing();
        lanes.add_partitions(PartitionSet::ALL);
        Self {
            lanes,
            pacer: Pacer::new(limits),
            start: Instant::now(),
            now: Duration::ZERO,
            seq: 0,
            standings: HashMap::new(),
            preparing: HashMap::new(),
            queued: HashMap::new(),
            running: BTreeMap::new(),
            calls: Vec::new(),
            throttle: Vec::new(),
        }
    }

    /// An operator tries something again.
    pub(super) fn press(&mut self, pressed: &Pressed) {
        self.lanes.press(pressed, self.start + self.now);
    }

    /// A user sends an album.
    pub(super) fn album(&mut self, user: i64, pieces: usize) -> Vec<i64> {
        let pieces: Vec<i64> = (0..pieces).map(|_| self.act(user, Act::Piece)).collect();
        self.now += Duration::from_secs(1);
        pieces
    }

    /// Queues what follows from an act. Users who were never named before are strangers without a topic.
    pub(super) fn act(&mut self, user: i64, act: Act) -> i64 {
        let user = UserId(user);
        self.seq += 1;
        let effect = match act {
            Act::Write => Effect::Relay(relay(self.seq)),
            Act::Piece => {
                Effect::Relay(Relay { album: Some(AlbumId("a".to_owned())), ..relay(self.seq) })
            }
            Act::EditOf(message) => Effect::Edit(edit(message)),
            Act::Command => Tell::topic(Text::SilentOn, None),
            Act::Notice => Tell::topic(Text::UserReturned, None),
            Act::Look => Effect::Pin { message: MessageId(self.seq) },
        };
        let standing = *self.standings.entry(user).or_insert(Standing::New);
        if standing == Standing::New {
            self.preparing.entry(user).or_insert(2);
        }
        let lane = effect.lane(user);
        let queued =
            Queued { lane, effect, cause: UpdateId(0), received: Millis(0), not_before: None };
        self.queued.insert(self.seq, (self.now, lane));
        let now = self.start + self.now;
        self.lanes.add(vec![OutboxItem { seq: Seq(self.seq), queued }], now);
        self.seq
    }

    /// Lets time pass, and everything happen that happens in it.
    pub(super) fn run_until(&mut self, end: Duration) {
        loop {
            let wake = self.dispatch();
            let ends = self.running.keys().next().map(|(at, _)| *at);
            let lanes = self.lanes.next_wake().map(|at| at.saturating_duration_since(self.start));
            let next = [wake, ends, lanes].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            while let Some(call) = self.running.first_entry() {
                if call.key().0 > self.now {
                    break;
                }
                let (dispatch, permit) = call.remove();
                self.end(dispatch, &permit);
            }
            self.lanes.wake(self.start + self.now);
        }
    }

    fn dispatch(&mut self) -> Option<Duration> {
        let now = self.start + self.now;
        while let Some(dispatch) = self.lanes.dispatch_without_call(now, Millis(0)) {
            match dispatch {
                Dispatch::Load(lane, ..) => {
                    let standing = self.standings.get(&lane.user).copied();
                    self.lanes.add_loaded(lane, 0, Vec::new(), standing, (now, Millis(0)));
                }
                Dispatch::Send { lane, batch, .. } => {
                    for item in &batch {
                        self.queued.remove(&item.seq.0);
                    }
                    self.lanes.done(lane, batch.len(), now);
                }
            }
        }
        loop {
            let mut slots =
                GroupSlots { lanes: &mut self.lanes, pacer: &mut self.pacer, holds: &|_| true };
            match slots.offer(now, Millis(0)) {
                Offered::Start(dispatch, permit) => {
                    self.seq += 1;
                    self.running.insert((self.now + CALL, self.seq), (dispatch, permit));
                }
                Offered::Wait(at) => {
                    return at.map(|at| at.saturating_duration_since(self.start));
                }
            }
        }
    }

    fn end(&mut self, dispatch: Dispatch, permit: &Permit) {
        let now = self.start + self.now;
        let Dispatch::Send { lane, batch, hints, .. } = dispatch else {
            panic!("nothing is stored")
        };
        self.pacer.ended(permit, batch.len(), now);
        let family = match batch.first().map(|item| &item.queued.effect) {
            Some(Effect::Edit(_)) => Some(Family::Edits),
            Some(Effect::Pin { .. }) => Some(Family::Looks),
            _ if self.preparing.get(&lane.user) == Some(&2) => Some(Family::Openings),
            _ => None,
        };
        let throttled = self.throttle.pop();
        let preparing = self
            .preparing
            .get_mut(&lane.user)
            .filter(|left| **left > 0 && lane.channel == Channel::Topic);
        let mut called = Called {
            class: permit.class().unwrap(),
            slots: batch.len(),
            began: self.now.saturating_sub(CALL),
            ended: self.now,
            done: Vec::new(),
        };
        if let Some(wait) = throttled {
            match family {
                Some(family) => self.pacer.freeze_family(family, wait, now),
                None => self.pacer.freeze(bucket(lane), wait, now),
            }
            self.lanes.retry(lane, hints, None, now);
        } else if let Some(left) = preparing {
            *left -= 1;
            if *left == 1 {
                self.standings.insert(lane.user, Standing::Stranger);
                self.lanes.set_standing(lane.user, Standing::Stranger, now);
            }
            let hints = Hints { introduced: *left == 0, ..hints };
            called.slots = 1;
            self.lanes.retry(lane, hints, None, now);
        } else {
            called.done = batch.iter().map(|item| item.seq.0).collect();
            self.lanes.done(lane, batch.len(), now);
        }
        self.calls.push(called);
    }

    /// How long each of these sends waited for its call to begin.
    pub(super) fn waits(&self, sends: &[i64]) -> Vec<Duration> {
        let began: HashMap<i64, Duration> = self
            .calls
            .iter()
            .flat_map(|call| call.done.iter().map(|seq| (*seq, call.began)))
            .collect();
        sends.iter().map(|seq| began[seq].saturating_sub(self.queued[seq].0)).collect()
    }

    /// Whether a token bucket that holds a minute's slots, and gets them back evenly, is ever overdrawn. Telegram does not
    /// say how it counts.
    pub(super) fn overdraws_a_token_bucket(&self) -> bool {
        const SLOT: Duration = Duration::from_secs(3);
        let (mut level, mut before) = (SLOT * 20, Duration::ZERO);
        self.calls.iter().any(|call| {
            level = (level + call.ended.saturating_sub(before)).min(SLOT * 20);
            before = call.ended;
            let cost = SLOT * u32::try_from(call.slots).unwrap();
            let overdrawn = cost > level;
            level = level.saturating_sub(cost);
            overdrawn
        })
    }

    /// The most slots in any minute.
    pub(super) fn fullest_minute(&self) -> usize {
        let minute = Duration::from_mins(1);
        let seen = |from: Duration| {
            let touches = |call: &&Called| call.ended >= from && call.began < from + minute;
            self.calls.iter().filter(touches).map(|call| call.slots).sum()
        };
        self.calls.iter().map(|call| seen(call.ended)).max().unwrap_or(0)
    }
}

fn relay(message: i64) -> Relay {
    Relay::new(
        Side::User,
        MessageId(message),
        ContentKind::Text,
        Transfer::Copy,
        Fingerprint::default(),
    )
}

fn edit(message: i64) -> Edit {
    Edit {
        from: Side::User,
        message: MessageId(message),
        kind: ContentKind::Text,
        transfer: Transfer::Copy,
        body: Body { text: String::new(), entities: None, preview: None, media: None },
        fingerprint: Fingerprint::default(),
        links: Vec::new(),
        former: None,
    }
}

/// The given part of these times is no longer than this.
pub(super) fn percentile(mut times: Vec<Duration>, part: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * part / 100).min(times.len() - 1)]
}
