//! Tests of holds: how long a lane waits for its user, and whose time that is.

use std::time::Duration;

use tokio::time::Instant;

use super::super::{
    dispatch::Dispatch,
    hold::ReleasedHolds,
    lane_set::{LANES_LIMIT, Lanes},
};
use super::FIRST;
use crate::engine::deliver::LANE_LIMITS;
use domain::{
    AlbumId, Channel, Class, ContentKind, Effect, Fingerprint, MessageId, Millis, OutboxLane,
    PartitionSet, Relay, Seq, Side, Transfer, UpdateId, UserId,
};
use ports::{OutboxItem, Queued};

const USER: UserId = UserId(1);

/// Lanes on a clock that begins at zero.
struct Desk {
    lanes: Lanes,
    start: Instant,
    released: ReleasedHolds,
}

fn second(second: u64) -> Millis {
    Millis(0).plus(Duration::from_secs(second))
}

fn relay(message: i64, album: Option<&str>) -> Effect {
    Effect::Relay(Relay {
        album: album.map(|album| AlbumId(album.to_owned())),
        ..Relay::new(
            Side::User,
            MessageId(message),
            ContentKind::Text,
            Transfer::Copy,
            Fingerprint::default(),
        )
    })
}

fn send(seq: i64, effect: Effect, received: u64, until: Option<u64>) -> OutboxItem {
    let (lane, received, not_before) = (effect.lane(USER), second(received), until.map(second));
    let queued = Queued { lane, effect, cause: UpdateId(0), received, not_before };
    OutboxItem { seq: Seq(seq), queued }
}

/// A message that was received at this second and is held until that one.
fn held(seq: i64, received: u64, until: u64) -> OutboxItem {
    send(seq, relay(seq, None), received, Some(until))
}

fn plain(seq: i64, received: u64) -> OutboxItem {
    send(seq, relay(seq, None), received, None)
}

impl Desk {
    fn new() -> Self {
        let lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) };
        Self { lanes, start: Instant::now(), released: ReleasedHolds::default() }
    }

    fn at(&self, second: u64) -> Instant {
        self.start + Duration::from_secs(second)
    }

    /// These sends are announced.
    fn add(&mut self, at: u64, items: impl Into<Vec<OutboxItem>>) {
        let now = self.at(at);
        self.lanes.add(items.into(), now);
    }

    /// Sends all that may go at this second. Returns for each call the numbers of its sends, and how long each of them
    /// had waited through no doing of its user.
    fn sends(&mut self, at: u64) -> Vec<(Vec<i64>, Vec<u64>)> {
        let (now, wall) = (self.at(at), second(at));
        self.lanes.release_holds(&self.released, now, wall);
        self.lanes.wake(now);
        let mut calls = Vec::new();
        for class in Class::ALL {
            while let Some(key) = self.lanes.peek(class, FIRST) {
                let Some(dispatch) = self.lanes.dispatch(class, FIRST, 100, now, wall) else {
                    continue;
                };
                let Dispatch::Send { batch, throttled, .. } = dispatch else {
                    panic!("expected a send: {dispatch:?}");
                };
                let waits = batch.iter().zip(throttled.held()).map(|(item, held)| {
                    wall.since(item.queued.received).saturating_sub(held).as_secs()
                });
                calls.push((batch.iter().map(|item| item.seq.0).collect(), waits.collect()));
                self.lanes.done(key, batch.len(), now);
            }
        }
        calls
    }

    fn wakes(&self) -> Option<u64> {
        Some(self.lanes.next_wake()?.duration_since(self.start).as_secs())
    }
}

#[test]
fn a_hold_ends_a_minute_after_the_last_arrival_and_its_sends_go_together() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300)]);
    assert_eq!((desk.sends(0), desk.wakes()), (vec![], Some(60)));
    desk.add(40, [held(2, 40, 300)]);
    assert_eq!((desk.sends(60), desk.wakes()), (vec![], Some(100)));
    assert_eq!(desk.sends(99), []);
    assert_eq!(desk.sends(102), [(vec![1, 2], vec![2, 2])]);
    assert!(desk.lanes.is_empty());
}

#[test]
fn a_held_lane_leaves_its_queue_before_it_is_offered_a_slot() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300)]);
    let now = desk.at(1);
    assert!(desk.lanes.leaves_to_be_held((Class::Known, FIRST), now, second(1)));
    assert_eq!((desk.lanes.peek(Class::Known, FIRST), desk.wakes()), (None, Some(60)));
    desk.add(2, [send(2, relay(2, None), 2, None)]);
    assert_eq!(desk.lanes.peek(Class::Known, FIRST), None, "later sends wait behind it");
    assert_eq!(desk.sends(62).len(), 1);
}

#[test]
fn a_hold_ends_at_its_moment_although_the_user_goes_on() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300)]);
    for arrival in 1..=6_u64 {
        let at = arrival * 40;
        desk.add(at, [held(1 + arrival.cast_signed(), at, 300)]);
        assert_eq!(desk.sends(at), []);
    }
    // The next hold has begun.
    desk.add(280, [held(8, 280, 580), held(9, 281, 580)]);
    assert_eq!(desk.sends(299), []);
    assert_eq!(desk.sends(303), [(vec![1, 2, 3, 4, 5, 6, 7], vec![3; 7])]);
    assert_eq!(desk.wakes(), Some(340));
    assert_eq!(desk.sends(341), [(vec![8, 9], vec![1, 1])]);
}

#[test]
fn a_send_that_comes_after_the_end_of_its_hold_goes_at_once() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300), held(2, 0, 300)]);
    assert_eq!(desk.sends(0), []);
    assert_eq!(desk.sends(60).len(), 1);
    desk.add(60, [held(3, 60, 300)]);
    // The lane was empty and is gone from memory. A new lane counts from its first dispatch.
    assert_eq!((desk.sends(60), desk.wakes()), (vec![], Some(120)));

    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300), send(2, Effect::ReopenTopic, 0, Some(300))]);
    assert_eq!(desk.sends(0), []);
    let now = desk.at(60);
    desk.lanes.wake(now);
    let first = desk.lanes.dispatch(Class::Known, FIRST, 1, now, second(60));
    assert!(matches!(first, Some(Dispatch::Send { batch, .. }) if batch.len() == 1));
    desk.add(60, [held(3, 60, 300)]);
    desk.lanes.done(OutboxLane { user: USER, channel: Channel::Topic }, 1, now);
    assert_eq!(desk.sends(61), [(vec![2], vec![1]), (vec![3], vec![1])]);
}

#[test]
fn what_stands_before_and_behind_a_hold_keeps_its_order() {
    let mut desk = Desk::new();
    desk.add(0, [plain(1, 0), held(2, 0, 300), plain(3, 10)]);
    assert_eq!(desk.sends(5), [(vec![1], vec![5])], "no hold stands before it");
    assert_eq!(desk.sends(59), []);
    // What came during the hold waited for it, what comes later did not.
    desk.add(61, [plain(4, 61)]);
    assert_eq!(desk.sends(70), [(vec![2, 3, 4], vec![10, 10, 9])]);
}

#[test]
fn a_held_album_goes_whole_and_does_not_wait_for_more_pieces() {
    let mut desk = Desk::new();
    let piece = |seq, until| send(seq, relay(seq, Some("a")), 0, Some(until));
    desk.add(0, [piece(1, 300), piece(2, 300), piece(3, 599)]);
    assert_eq!(desk.sends(0), []);
    assert_eq!(desk.sends(60), [(vec![1, 2, 3], vec![0; 3])], "even if two holds share it");
    // An album that is not held collects its pieces as ever.
    desk.add(100, [send(4, relay(4, Some("b")), 100, Some(101))]);
    assert_eq!((desk.sends(100), desk.wakes()), (vec![], Some(101)));
    assert_eq!(desk.sends(101), [(vec![4], vec![1])]);
}

#[test]
fn an_operator_ends_what_is_held_now_and_not_what_is_held_later() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300), held(2, 10, 300)]);
    assert_eq!(desk.sends(10), []);
    desk.released.extend(Some((USER, second(300))));
    desk.released.extend(Some((UserId(2), second(300))));
    desk.add(20, [held(3, 20, 320)]);
    assert_eq!(desk.sends(24), [(vec![1, 2], vec![0, 0])]);
    assert_eq!(desk.sends(79), []);
    assert_eq!(desk.sends(80), [(vec![3], vec![0])]);
}

#[test]
fn only_lanes_to_topics_are_held_and_memory_stays_free_for_others() {
    let mut desk = Desk::new();
    let of = |user: u64, channel| {
        let lane = OutboxLane { user: UserId(user.cast_signed()), channel };
        let item = held(user.cast_signed(), 0, 300);
        OutboxItem { queued: Queued { lane, ..item.queued }, ..item }
    };
    desk.add(0, [of(1, Channel::Cosmetic), of(2, Channel::Stuck)]);
    assert_eq!(desk.sends(0).len(), 2);
    let many = LANES_LIMIT as u64;
    desk.add(0, (1..=many).map(|user| of(user, Channel::Topic)).collect::<Vec<_>>());
    assert_eq!(desk.sends(0).len() as u64, many / 2, "the others cannot be held");
}

#[test]
fn a_held_lane_counts_apart_and_is_never_the_oldest() {
    let mut desk = Desk::new();
    desk.add(0, [held(1, 0, 300), held(2, 0, 300)]);
    // Before its first dispatch, too: it may have to wait for a slot until then.
    for _ in 0..2 {
        let depth = desk.lanes.depth(desk.at(50), second(50));
        assert_eq!((depth.held_lanes, depth.held_sends, depth.oldest), (1, 2, None));
        assert_eq!((depth.ready, depth.delayed), (0, 2));
        let waiting = desk.lanes.by_class(desk.at(50), second(50))[Class::Known as usize];
        assert_eq!((waiting.count, waiting.oldest), (2, None));
        assert_eq!(desk.sends(50), []);
    }
    assert_eq!(desk.wakes(), Some(60));
    let now = desk.at(60);
    desk.lanes.wake(now);
    let depth = desk.lanes.depth(desk.at(75), second(75));
    assert_eq!((depth.held_lanes, depth.ready), (0, 2));
    assert_eq!(depth.oldest, Some(second(60)), "since the end of the hold");
    assert_eq!(desk.sends(75), [(vec![1, 2], vec![15, 15])]);
}

#[test]
fn after_a_restart_a_hold_counts_from_the_first_dispatch_and_ends_no_later_than_it_says() {
    for (at, first, then) in [(100, None, Some(160)), (270, None, Some(300)), (300, Some(0), None)]
    {
        let mut desk = Desk::new();
        let now = desk.at(at);
        let key = OutboxLane { user: USER, channel: Channel::Topic };
        super::start_with_stored(&mut desk.lanes, key, 1, now);
        let load = desk.lanes.dispatch(Class::Known, FIRST, 1, now, second(at));
        assert!(matches!(load, Some(Dispatch::Load(..))), "{load:?}");
        desk.lanes.add_loaded(key, 1, vec![held(1, 0, 300)], None, (now, Millis(0)));
        let waits = desk.sends(at).pop().map(|(_, waits)| waits[0]);
        assert_eq!((waits, desk.wakes()), (first, then), "at second {at}");
    }
}
