//! Tests of lanes to several groups: where they wait, and that no group fills the memory.

use std::time::Duration;

use tokio::time::Instant;

use super::super::{destination::Destination, dispatch::Dispatch, hints::Hints, lane_set::Lanes};
use crate::engine::deliver::LANE_LIMITS;
use domain::{
    Audience, Channel, Class, Effect, GroupKey, Millis, OutboxLane, Partition, PartitionSet, Seq,
    Tell, Text, TopicId, UpdateId, UserId,
};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Queued, Reached};

fn group(number: u16) -> GroupKey {
    GroupKey::new(number).unwrap()
}

fn item(seq: i64, user: i64, effect: Effect) -> OutboxItem {
    let (lane, cause, received) = (effect.lane(UserId(user)), UpdateId(0), Millis(seq));
    let queued = Queued { lane, effect, cause, received, not_before: None };
    OutboxItem { seq: Seq(seq), queued }
}

fn lanes() -> Lanes {
    let lanes = Lanes::new(LANE_LIMITS).wait_by_group();
    Lanes { partitions: PartitionSet::ALL, ..lanes }
}

/// Reads what must be known of a lane before it waits in a group.
fn learn(lanes: &mut Lanes, group: impl Fn(UserId) -> GroupKey, now: Instant) {
    while let Some(dispatch) = lanes.dispatch_without_call(now, Millis(0)) {
        let Dispatch::Load(lane, _, count) = dispatch else { panic!("{dispatch:?}") };
        lanes.learn_group(lane, group(lane.user));
        let send = item(lane.user.0, lane.user.0, Effect::CloseTopic);
        lanes.add_loaded(lane, count, vec![send; count.min(1)], None, (now, Millis(0)));
    }
}

#[test]
fn a_lane_waits_in_the_group_that_has_the_conversation_now() {
    let (mut lanes, now) = (lanes(), Instant::now());
    let ready = |lanes: &Lanes| -> Vec<u16> {
        lanes.ready_groups(GroupKey::FIRST).map(GroupKey::number).collect()
    };
    lanes.add(vec![item(1, 1, Effect::CloseTopic)], now);
    assert_eq!(ready(&lanes), Vec::<u16>::new(), "it must first be known which");
    learn(&mut lanes, |_| group(3), now);
    assert_eq!(ready(&lanes), [3]);
    lanes.set_group(UserId(1), group(2), now);
    assert_eq!(ready(&lanes), [2], "it has moved");
    let dispatch = lanes.dispatch(Class::Urgent, Destination::Group(group(2)), 1, now, Millis(0));
    assert_eq!(lanes.running_in_group(group(2)), 1);
    let Some(Dispatch::Send { lane, .. }) = dispatch else { panic!("{dispatch:?}") };
    // The plan finds that the call goes elsewhere.
    lanes.retry(lane, Hints { group: Some(group(5)), ..Hints::default() }, None, now);
    assert_eq!((ready(&lanes), lanes.running_in_group(group(2))), (vec![5], 0));
    lanes.dispatch(Class::Urgent, Destination::Group(group(5)), 1, now, Millis(0)).unwrap();
    lanes.add(vec![item(2, 1, Effect::CloseTopic)], now);
    lanes.done(lane, 1, now);
    assert_eq!(ready(&lanes), [2], "the next send goes to the conversation's group again");
}

#[test]
fn a_text_for_a_former_topic_waits_in_the_group_of_that_topic() {
    let (mut lanes, now) = (lanes(), Instant::now());
    let former = Audience::Former(TopicId::in_group(group(4), 7).into());
    let (reply_to, buttons) = (None, Vec::new());
    let tell = Tell { audience: former, text: Text::Help, reply_to, buttons, pin: false };
    lanes.add(vec![item(1, 1, Effect::Tell(tell))], now);
    assert_eq!(lanes.ready_groups(GroupKey::FIRST).collect::<Vec<_>>(), [group(4)]);
}

/// A store with one send of each of these users.
struct Stored(Vec<i64>);

impl Stored {
    fn page(&self, from: Reached, limit: usize) -> LanePage {
        let later = |user: &&i64| Seq(**user) > from.of(Partition::of(UserId(**user)));
        let found: Vec<i64> = self.0.iter().filter(later).take(limit).copied().collect();
        let head = |user: &i64| LaneHead {
            lane: OutboxLane { user: UserId(*user), channel: Channel::Topic },
            waiting: 1,
            oldest: Millis(*user),
            last: Seq(*user),
        };
        let more = found.len() == limit;
        let reached = found.last().map_or(from, |last| Reached::everywhere(Seq(*last)));
        LanePage { heads: found.iter().map(head).collect(), reached, more }
    }
}

#[test]
fn a_group_whose_lanes_wait_leaves_memory_to_others_and_gets_it_back() {
    const A: u16 = 1;
    const B: u16 = 2;
    let (mut lanes, start) = (lanes(), Instant::now());
    lanes.capacity = 16;
    // Sixty of a group that is paused, and behind them three of another.
    let mut stored = Stored((1..=63).collect());
    let home = |user: UserId| group(if user.0 <= 60 { A } else { B });
    let backlog = Partition::all().map(|partition| {
        let ours = |user: &&i64| Partition::of(UserId(**user)) == partition;
        let waiting = stored.0.iter().filter(ours).count() as u64;
        Backlog { partition, channel: Channel::Topic, waiting, oldest: Millis(0) }
    });
    lanes.add_backlog(PartitionSet::ALL, &backlog.collect::<Vec<_>>());
    let mut now = start;
    let mut pages = 0;
    let mut pass = |lanes: &mut Lanes, stored: &Stored, seconds: u64| {
        let end = now + Duration::from_secs(seconds);
        while now < end {
            if let Some(from) = lanes.begin_reading(Channel::Topic, now) {
                pages += 1;
                let page = stored.page(from, lanes.page_size());
                assert_eq!(lanes.add_page(Channel::Topic, &page, now), [], "nothing is lost");
                assert!(lanes.known.len() <= lanes.capacity);
            }
            learn(lanes, home, now);
            now += Duration::from_millis(100);
        }
        (now, std::mem::take(&mut pages))
    };
    let ready =
        |lanes: &Lanes, number| lanes.ready(Class::Urgent, Destination::Group(group(number)));
    let (_, pages) = pass(&mut lanes, &stored, 60);
    assert_eq!(ready(&lanes, B), 3, "the other group is found");
    assert!(ready(&lanes, A) >= 1 && pages < 150, "{pages} pages in a minute");
    assert_eq!(lanes.total().count, 63);
    // The paused group works again: those who have waited longest go first.
    let mut done = Vec::new();
    while !stored.0.is_empty() {
        let (now, _) = pass(&mut lanes, &stored, 2);
        for number in [A, B] {
            let place = Destination::Group(group(number));
            let Some(dispatch) = lanes.dispatch(Class::Urgent, place, 1, now, Millis(0)) else {
                continue;
            };
            let Dispatch::Send { lane, .. } = dispatch else { panic!("{dispatch:?}") };
            stored.0.retain(|user| *user != lane.user.0);
            lanes.done(lane, 1, now);
            done.push(lane.user.0);
        }
        assert!(now < start + Duration::from_mins(20), "forgotten: {:?}", stored.0);
    }
    pass(&mut lanes, &stored, 3);
    assert!(lanes.is_empty() && lanes.backlogs.are_closed());
    let first: Vec<i64> = done.iter().copied().filter(|user| *user <= 60).take(4).collect();
    assert_eq!(first, [1, 2, 3, 4]);
}
