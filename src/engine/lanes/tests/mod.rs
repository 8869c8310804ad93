//! Tests of lanes: late sends, reads from the store, and the time that limits delay sends.

mod groups;
mod hold;
mod properties;

use std::time::Duration;

use tokio::time::Instant;

use super::{
    destination::Destination,
    dispatch::Dispatch,
    lane::class_of,
    lane_set::{LANES_LIMIT, Lanes},
};
use crate::engine::{analytics, deliver::LANE_LIMITS};
use domain::{
    Channel, Class, Effect, GroupKey, Millis, OutboxLane, Partition, PartitionSet, Seq, UpdateId,
    UserId,
};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Queued, Reached};

/// The only group.
const FIRST: Destination = Destination::Group(GroupKey::FIRST);

fn item(seq: i64) -> OutboxItem {
    let queued = Queued {
        lane: Effect::CloseTopic.lane(UserId(1)),
        effect: Effect::CloseTopic,
        cause: UpdateId(0),
        received: Millis(0),
        not_before: None,
    };
    OutboxItem { seq: Seq(seq), queued }
}

/// Starts with sends of a lane in the store, and lets the lane be found.
fn start_with_stored(lanes: &mut Lanes, lane: OutboxLane, waiting: u64, now: Instant) {
    let (partition, channel) = (Partition::of(lane.user), lane.channel);
    let last = Seq(waiting.cast_signed());
    lanes.add_backlog(
        partition.into(),
        &[Backlog { partition, channel, waiting, oldest: Millis(0) }],
    );
    assert_eq!(lanes.begin_reading(channel, now), Some(Reached::default()));
    let heads = vec![LaneHead { lane, waiting, oldest: Millis(0), last }];
    let page = LanePage { heads, reached: Reached::everywhere(last), more: false };
    assert_eq!(lanes.add_page(channel, &page, now), []);
}

fn seqs(dispatch: Option<Dispatch>) -> Vec<i64> {
    match dispatch {
        Some(Dispatch::Send { batch, .. }) => batch.iter().map(|item| item.seq.0).collect(),
        other => panic!("expected a send: {other:?}"),
    }
}

/// Dispatches until nothing waits. Returns the sends in order.
fn send_all(lanes: &mut Lanes, now: Instant) -> Vec<i64> {
    let mut sent = Vec::new();
    let key = item(0).queued.lane;
    let class = item(0).queued.effect.class();
    while lanes.peek(class, Destination::usual(key)).is_some() {
        let batch = seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0)));
        lanes.done(key, batch.len(), now);
        sent.extend(batch);
    }
    sent
}

#[test]
fn late_sends_are_sorted_in_behind_the_sends_under_way() {
    let (mut lanes, now) =
        (Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) }, Instant::now());
    let key = item(0).queued.lane;
    let class = item(0).queued.effect.class();
    lanes.add(vec![item(4), item(6)], now);
    assert_eq!(seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0))), [4]);
    lanes.add(vec![item(3)], now);
    lanes.add(vec![item(5)], now);
    lanes.done(key, 1, now);
    assert_eq!(send_all(&mut lanes, now), [3, 5, 6]);
}

#[test]
fn a_send_read_before_its_announcement_is_sent_once_and_the_displaced_send_is_read() {
    let (mut lanes, now) =
        (Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) }, Instant::now());
    let key = item(0).queued.lane;
    let class = class_of(key.channel);
    start_with_stored(&mut lanes, key, 2, now);
    // 3 is committed but not announced yet. 4 is announced and counted.
    lanes.add(vec![item(4)], now);
    let Some(Dispatch::Load(_, None, 3)) =
        lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0))
    else {
        panic!("expected a load of three");
    };
    assert_eq!(
        lanes.add_loaded(key, 3, vec![item(1), item(2), item(3)], None, (now, Millis(0))),
        0
    );
    lanes.add(vec![item(3)], now);
    let sent: Vec<i64> = (0..3)
        .flat_map(|_| {
            let class = item(0).queued.effect.class();
            let batch = seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0)));
            lanes.done(key, batch.len(), now);
            batch
        })
        .collect();
    assert_eq!(sent, [1, 2, 3]);
    let dispatch = lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0));
    assert!(matches!(dispatch, Some(Dispatch::Load(_, _, 1))), "{dispatch:?}");
    assert_eq!(lanes.add_loaded(key, 1, vec![item(4)], None, (now, Millis(0))), 0);
    assert_eq!(send_all(&mut lanes, now), [4]);
}

#[test]
fn counted_sends_absent_from_the_store_are_reported_missing_once() {
    let (mut lanes, now) =
        (Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) }, Instant::now());
    let key = item(0).queued.lane;
    start_with_stored(&mut lanes, key, 3, now);
    let load = |lanes: &mut Lanes| match lanes.dispatch(
        class_of(key.channel),
        Destination::usual(key),
        1,
        now,
        Millis(0),
    ) {
        Some(Dispatch::Load(_, _, asked)) => asked,
        other => panic!("expected a load: {other:?}"),
    };
    let asked = load(&mut lanes);
    lanes.add(vec![item(9)], now);
    assert_eq!(lanes.add_loaded(key, asked, vec![item(1)], None, (now, Millis(0))), 2);
    assert_eq!(send_one(&mut lanes, now), 1);
    let asked = load(&mut lanes);
    assert_eq!(asked, 1);
    assert_eq!(lanes.add_loaded(key, asked, vec![item(9)], None, (now, Millis(0))), 0);
    assert_eq!(send_all(&mut lanes, now), [9]);
}

/// Dispatches once.
fn send_one(lanes: &mut Lanes, now: Instant) -> usize {
    let (key, class) = (item(0).queued.lane, item(0).queued.effect.class());
    let batch = seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0)));
    lanes.done(key, batch.len(), now);
    batch.len()
}

/// Dispatches once. Returns for how many seconds limits have delayed each send.
fn throttled_seconds(lanes: &mut Lanes, now: Instant) -> Vec<u64> {
    let (key, class) = (item(0).queued.lane, item(0).queued.effect.class());
    match lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0)) {
        Some(Dispatch::Send { batch, throttled, .. }) => {
            lanes.done(key, batch.len(), now);
            throttled.each().map(|wait| wait.as_secs()).collect()
        }
        other => panic!("expected a send: {other:?}"),
    }
}

#[test]
fn sends_behind_the_head_count_as_throttled_from_their_arrival() {
    let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) };
    let (key, class) = (item(0).queued.lane, item(0).queued.effect.class());
    let kind = (class, Destination::usual(key));
    let start = Instant::now();
    let at = |second| start + Duration::from_secs(second);
    lanes.add(vec![item(1)], at(0));
    lanes.throttled.start(kind, at(1));
    lanes.add(vec![item(2)], at(4));
    lanes.throttled.stop(kind, at(6));
    // From here on, no limit applies. It only waits to be dispatched.
    assert_eq!(throttled_seconds(&mut lanes, at(10)), [5]);
    assert_eq!(throttled_seconds(&mut lanes, at(11)), [2]);
    lanes.add(vec![item(3)], at(12));
    assert_eq!(throttled_seconds(&mut lanes, at(13)), [0], "the lane is new");
}

#[test]
fn only_waits_for_a_users_limit_count_as_throttled() {
    let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) };
    let (key, class) = (item(0).queued.lane, item(0).queued.effect.class());
    let kind = (class, Destination::usual(key));
    let start = Instant::now();
    let at = |second| start + Duration::from_secs(second);
    lanes.add(vec![item(1), item(2)], at(0));
    lanes.postpone(kind, at(3), true, at(1));
    lanes.wake(at(3));
    lanes.postpone(kind, at(9), false, at(3));
    lanes.wake(at(9));
    assert_eq!(throttled_seconds(&mut lanes, at(9)), [2]);
    assert_eq!(throttled_seconds(&mut lanes, at(9)), [2], "it waited behind the first");
}

#[test]
fn revoked_lanes_are_counted_except_cosmetic_and_finished_sends() {
    let (mut lanes, now) =
        (Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) }, Instant::now());
    let (key, class) = (item(0).queued.lane, item(0).queued.effect.class());
    let cosmetic = OutboxLane { channel: Channel::Cosmetic, ..key };
    start_with_stored(&mut lanes, cosmetic, 7, now);
    let other = OutboxLane { channel: Channel::User, ..key };
    start_with_stored(&mut lanes, other, 5, now);
    lanes.add(vec![item(1), item(2), item(3)], now);
    assert_eq!(seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0))), [1]);
    lanes.revoke(PartitionSet::ALL);
    lanes.done(key, 1, now);
    assert_eq!(lanes.released_backlog.lost(PartitionSet::ALL, PartitionSet::ALL), 5 + 2);
}

/// A report of a user to the tracker.
fn report(seq: i64, user: i64) -> OutboxItem {
    let effect = Effect::Track(domain::Track::Goal("g".to_owned()));
    let lane = effect.lane(UserId(user));
    OutboxItem { seq: Seq(seq), queued: Queued { lane, effect, ..item(seq).queued } }
}

#[test]
fn a_strict_limit_includes_lane_heads_and_loaded_sends_go_first() {
    let limits = analytics::LANE_LIMITS;
    let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(limits) };
    let (now, many) = (Instant::now(), 2 * i64::try_from(limits.loaded).unwrap());
    lanes.add((1..=many).map(|number| report(number, number)).collect(), now);
    assert_eq!(*lanes.loaded.of(Channel::Track), limits.loaded);
    assert_eq!(lanes.total().count, many.unsigned_abs());
    // In order: first the loaded reports, then those that must be read.
    for number in 1..=limits.loaded {
        let sent = seqs(lanes.dispatch(Class::Track, Destination::Users, 1, now, Millis(0)));
        assert_eq!(sent, [i64::try_from(number).unwrap()]);
        assert_eq!(lanes.running(Class::Track), 1);
        let key = report(0, sent[0]).queued.lane;
        lanes.done(key, 1, now);
    }
    let next = lanes.peek(Class::Track, Destination::Users).unwrap();
    let dispatch = lanes.dispatch(Class::Track, Destination::Users, 1, now, Millis(0));
    assert!(
        matches!(dispatch, Some(Dispatch::Load(lane, None, 1)) if lane == next),
        "{dispatch:?}"
    );
    lanes.add_loaded(next, 1, vec![report(next.user.0, next.user.0)], None, (now, Millis(0)));
    assert_eq!(lanes.peek(Class::Track, Destination::Users), Some(next), "loaded reports go first");
    assert_eq!(lanes.running(Class::Track), 0);
}

#[test]
fn lanes_ignore_the_sends_of_other_loops() {
    let now = Instant::now();
    let loops = [
        (LANE_LIMITS, Channel::Track, Channel::Topic),
        (analytics::LANE_LIMITS, Channel::Topic, Channel::Track),
    ];
    for (limits, other, own) in loops {
        let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(limits) };
        lanes.add(vec![item(1), report(2, 1)], now);
        let keys: Vec<Channel> = lanes.known.keys().map(|key| key.channel).collect();
        assert_eq!(keys, [own]);
        let (partition, waiting) = (Partition::of(UserId(1)), 7);
        let backlog =
            [own, other].map(|channel| Backlog { partition, channel, waiting, oldest: Millis(0) });
        lanes.add_backlog(partition.into(), &backlog);
        assert_eq!(lanes.total().count, 1 + 7);
        assert_eq!(lanes.begin_reading(other, now), None);
    }
}

#[test]
fn the_limit_of_lanes_in_memory_is_per_channel() {
    let (mut lanes, now) =
        (Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) }, Instant::now());
    let of = |seq: i64, user, channel| {
        let lane = OutboxLane { user: UserId(user), channel };
        OutboxItem { seq: Seq(seq), queued: Queued { lane, ..item(seq).queued } }
    };
    let many = i64::try_from(LANES_LIMIT).unwrap() * 50;
    lanes.add((1..=many).map(|user| of(user, user, Channel::Topic)).collect(), now);
    assert_eq!(lanes.known.len(), LANES_LIMIT);
    assert_eq!(lanes.depth(now, Millis(0)).ready, many.unsigned_abs());
    assert_eq!(lanes.begin_reading(Channel::Topic, now), None, "there is no room");
    // A user who gets an answer has a lane in memory at once.
    lanes.add(vec![of(many + 1, many, Channel::User)], now);
    assert!(lanes.known.contains_key(&of(0, many, Channel::User).queued.lane));
    lanes.revoke(PartitionSet::ALL);
    assert_eq!(
        lanes.released_backlog.lost(PartitionSet::ALL, PartitionSet::ALL),
        many.unsigned_abs() + 1
    );
}

#[test]
fn a_busy_lane_gives_way_to_lanes_in_the_store() {
    let mut lanes = Lanes { partitions: PartitionSet::ALL, capacity: 1, ..Lanes::new(LANE_LIMITS) };
    let (now, class) = (Instant::now(), item(0).queued.effect.class());
    let key = item(0).queued.lane;
    let other = OutboxLane { user: UserId(2), ..key };
    lanes.add((1..=100).map(item).collect(), now);
    let waits = OutboxItem { seq: Seq(101), queued: Queued { lane: other, ..item(0).queued } };
    lanes.add(vec![waits], now);
    assert_eq!(lanes.begin_reading(key.channel, now), None, "there is no room");
    let mut dispatches = 0;
    while lanes.known.contains_key(&key) {
        let batch = seqs(lanes.dispatch(class, Destination::usual(key), 1, now, Millis(0)));
        lanes.done(key, batch.len(), now);
        dispatches += 1;
    }
    assert!(dispatches < 100, "the lane never gives way");
    assert_eq!(lanes.depth(now, Millis(0)).ready, 101 - dispatches);
    assert!(lanes.begin_reading(key.channel, now).is_some());
}

#[test]
fn refreshes_of_a_topic_are_one_call_and_take_one_slot() {
    let (mut lanes, now) = (Lanes::new(LANE_LIMITS), Instant::now());
    lanes.add_partitions(PartitionSet::ALL);
    let lane = Effect::Refresh.lane(UserId(1));
    let refresh = |seq| {
        let queued = Queued { lane, effect: Effect::Refresh, ..item(seq).queued };
        OutboxItem { seq: Seq(seq), queued }
    };
    lanes.add((1..=50).map(refresh).collect(), now);
    let dispatch = lanes.dispatch(Class::Cosmetic, FIRST, 1, now, Millis(0)).unwrap();
    assert_eq!((dispatch.slots(), seqs(Some(dispatch)).len()), (1, 50));
}
