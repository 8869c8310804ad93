//! A world of lanes and limits, in which a call takes a twentieth of a second.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use crate::engine::{
    deliver::{
        LANE_LIMITS,
        group::{GroupSlots, Offered},
        turns::Turns,
    },
    lanes::{Dispatch, Hints, Lanes, Pressed},
    limits::{Bucket, Family, Pacer, PacingLimits, Permit},
};
use domain::{
    AlbumId, Body, Channel, Class, ContentKind, Edit, Effect, Fingerprint, GroupKey, MessageId,
    Millis, OutboxLane, PartitionSet, Relay, Seq, Side, Standing, Tell, Text, Transfer, UpdateId,
    UserId,
};
use ports::{OutboxItem, Queued};

const CALL: Duration = Duration::from_millis(50);

/// Calls that a group may have under way: more than its limit.
const MOST_IN_A_GROUP: usize = 30;

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
    pub(super) began: Duration,
    ended: Duration,
    /// The sends that it completed.
    pub(super) done: Vec<i64>,
    pub(super) group: GroupKey,
}

pub(super) struct World {
    pub(super) lanes: Lanes,
    pub(super) pacer: Pacer,
    turns: Turns,
    /// The groups that have conversations; the others are in the first.
    pub(super) homes: HashMap<UserId, GroupKey>,
    /// Calls in this group do not end for a minute.
    pub(super) silent: Option<GroupKey>,
    pub(super) start: Instant,
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
            turns: Turns::default(),
            homes: HashMap::new(),
            silent: None,
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

    /// A world with several groups, in which users write to the groups of their numbers.
    pub(super) fn with_groups(groups: u16, users: i64) -> Self {
        let mut world = Self::new();
        world.lanes = world.lanes.wait_by_group();
        let group = |user: i64| GroupKey::new(u16::try_from(user).unwrap() % groups).unwrap();
        world.homes.extend((0..users).map(|user| (UserId(user), group(user))));
        world
    }

    pub(super) fn home(&self, user: UserId) -> GroupKey {
        self.homes.get(&user).copied().unwrap_or_default()
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
                    self.lanes.learn_group(lane, self.home(lane.user));
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
        self.turns.begin(&self.lanes);
        loop {
            let mut slots = GroupSlots::new(&mut self.lanes, &mut self.pacer, &|_| true);
            match self.turns.offer(&mut slots, MOST_IN_A_GROUP, now, Millis(0)) {
                Offered::Start(dispatch, permit) => {
                    self.seq += 1;
                    let silent = self.silent.is_some() && permit.group() == self.silent;
                    let call = if silent { Duration::from_mins(1) } else { CALL };
                    self.running.insert((self.now + call, self.seq), (dispatch, permit));
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
        let group = permit.group().unwrap();
        // The plan finds that the conversation has moved.
        if group != self.home(lane.user) {
            self.pacer.ended(permit, 0, now);
            let hints = Hints { group: Some(self.home(lane.user)), ..hints };
            self.lanes.retry(lane, hints, None, now);
            return;
        }
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
            group,
            done: Vec::new(),
        };
        if let Some(wait) = throttled {
            match family {
                Some(family) => self.pacer.freeze_family(group, family, wait, now),
                None => self.pacer.freeze(Bucket::Group(group), wait, now),
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

    /// The most slots of a group in any minute.
    pub(super) fn fullest_minute(&self) -> usize {
        let groups: BTreeSet<GroupKey> = self.calls.iter().map(|call| call.group).collect();
        let most = |group| self.most(|call| call.group == group, Duration::from_mins(1));
        groups.into_iter().map(most).max().unwrap_or(0)
    }

    /// The most slots over all groups in any second.
    pub(super) fn fullest_second(&self) -> usize {
        self.most(|_| true, Duration::from_secs(1))
    }

    fn most(&self, counts: impl Fn(&Called) -> bool, length: Duration) -> usize {
        let calls: Vec<&Called> = self.calls.iter().filter(|call| counts(call)).collect();
        let seen = |from: Duration| {
            let touches = |call: &&&Called| call.ended >= from && call.began < from + length;
            calls.iter().filter(touches).map(|call| call.slots).sum()
        };
        calls.iter().map(|call| seen(call.ended)).max().unwrap_or(0)
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
