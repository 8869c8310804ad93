//! Several groups: each has its own minute, and they share the limit over all chats.

use std::{collections::HashSet, time::Duration};

use proptest::prelude::*;

use crate::engine::limits::{Bucket, Family};
use domain::{GroupKey, Standing, UserId};

use super::world::{Act, Called, World};

fn group(number: u16) -> GroupKey {
    GroupKey::new(number).unwrap()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

/// A world with these groups, each with the same number of known users, all of whom write at once.
fn busy(groups: u16, users_each: u16, messages: usize) -> World {
    let users = i64::from(groups * users_each);
    let mut world = World::with_groups(groups, users);
    world.standings.extend((0..users).map(|user| (UserId(user), Standing::Known)));
    for _ in 0..messages {
        for user in 0..users {
            world.act(user, Act::Write);
        }
    }
    world
}

/// The slots that calls in a group have taken.
fn used(world: &World, group: GroupKey) -> usize {
    world.calls.iter().filter(|call| call.group == group).map(|call| call.slots).sum()
}

/// The moments and slots of a group's calls.
fn calls(world: &World, group: GroupKey) -> Vec<(Duration, usize)> {
    let of = |call: &&Called| call.group == group;
    world.calls.iter().filter(of).map(|call| (call.began, call.slots)).collect()
}

#[test]
fn ten_groups_have_ten_times_the_limit() {
    let mut world = busy(10, 40, 6);
    world.run_until(minutes(6));
    for number in 0..10 {
        let used = used(&world, group(number));
        assert!(used >= 20 * 6 * 95 / 100, "group {number}: {used} of {}", 20 * 6);
    }
    assert!(world.fullest_minute() <= 20, "{}", world.fullest_minute());
    assert!(world.fullest_second() <= 30, "{}", world.fullest_second());
}

#[test]
fn groups_share_the_limit_over_all_chats_in_turn() {
    // Each has fewer slots in a minute than its own limit.
    let groups = 100;
    let mut world = busy(groups, 20, 1);
    world.run_until(minutes(1));
    assert!(world.fullest_second() <= 30);
    let all: usize = (0..groups).map(|number| used(&world, group(number))).sum();
    assert!(all >= 30 * 60 * 93 / 100, "{all}");
    let mut turns: Vec<(Duration, GroupKey)> =
        world.calls.iter().map(|call| (call.began, call.group)).collect();
    turns.sort_by_key(|(began, _)| *began);
    for (nth, round) in turns.chunks_exact(usize::from(groups)).enumerate() {
        let served: HashSet<GroupKey> = round.iter().map(|(_, group)| *group).collect();
        assert_eq!(served.len(), round.len(), "each has one turn in round {nth}");
    }
}

#[test]
fn a_group_that_is_paused_frozen_or_silent_costs_the_others_nothing() {
    let run = |harm: &dyn Fn(&mut World)| {
        let mut world = busy(4, 20, 5);
        harm(&mut world);
        world.run_until(minutes(5));
        (1..4).map(|number| calls(&world, group(number))).collect::<Vec<_>>()
    };
    let untouched = run(&|_| {});
    let first = Bucket::Group(GroupKey::FIRST);
    let paused = run(&|world| world.pacer.pause(first, minutes(10), world.start));
    let frozen = run(&|world| world.pacer.freeze(first, minutes(10), world.start));
    let looks = run(&|world| {
        let first = GroupKey::FIRST;
        world.pacer.freeze_family(first, Family::Openings, minutes(10), world.start);
    });
    let silent = run(&|world| world.silent = Some(GroupKey::FIRST));
    for (name, other) in
        [("paused", paused), ("frozen", frozen), ("looks", looks), ("silent", silent)]
    {
        let sum = |calls: &Vec<Vec<(Duration, usize)>>| -> Vec<usize> {
            calls.iter().map(|calls| calls.iter().map(|(_, slots)| slots).sum()).collect()
        };
        for (other, untouched) in sum(&other).into_iter().zip(sum(&untouched)) {
            assert!(other + 1 >= untouched, "{name}: {other}, and {untouched} without that");
        }
    }
}

#[test]
fn a_throttled_group_waits_alone() {
    let mut world = World::with_groups(2, 2);
    world.standings.extend((0..2).map(|user| (UserId(user), Standing::Known)));
    world.throttle = vec![Duration::from_secs(40)];
    let refused = world.act(0, Act::Write);
    world.run_until(Duration::from_secs(1));
    let other = world.act(1, Act::Write);
    world.run_until(minutes(2));
    let waits = world.waits(&[refused, other]);
    assert!(waits[0] >= Duration::from_secs(40) && waits[1] < Duration::from_secs(1), "{waits:?}");
}

#[test]
fn an_album_gets_its_slots_while_many_groups_use_the_limit_over_all_chats() {
    let mut world = busy(120, 4, 16);
    let user = 120 * 4;
    world.homes.insert(UserId(user), group(7));
    world.standings.insert(UserId(user), Standing::Known);
    world.run_until(minutes(1));
    let album: Vec<i64> = (0..10).map(|_| world.act(user, Act::Piece)).collect();
    world.run_until(minutes(5));
    let wait = world.waits(&album[..1])[0];
    assert!(wait < Duration::from_secs(100), "{wait:?}");
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Act(i64, u8),
    Move(i64, u16),
    Pass(u64),
    Throttle(u64),
    Pause(u16, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (0..30_i64, 0..10_u8).prop_map(|(user, act)| Step::Act(user, act)),
        4 => (0..30_i64, 0..5_u16).prop_map(|(user, group)| Step::Move(user, group)),
        6 => (0..4_000_u64).prop_map(Step::Pass),
        1 => (10_000..70_000_u64).prop_map(Step::Pass),
        1 => (1_000..20_000_u64).prop_map(Step::Throttle),
        1 => (0..5_u16, 1_000..20_000_u64).prop_map(|(group, wait)| Step::Pause(group, wait)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_group_has_its_limit_wherever_conversations_move(
        steps in prop::collection::vec(step(), 1..250)
    ) {
        let mut world = World::with_groups(5, 30);
        world.standings.extend((0..15).map(|user| (UserId(user), Standing::Known)));
        for step in steps {
            match step {
                Step::Act(user, act) => {
                    let act = match act {
                        0..=3 => Act::Write,
                        4..=5 => Act::Piece,
                        6 => Act::EditOf(user),
                        7 => Act::Command,
                        8 => Act::Notice,
                        _ => Act::Look,
                    };
                    world.act(user, act);
                }
                Step::Move(user, number) => {
                    world.homes.insert(UserId(user), group(number));
                }
                Step::Pass(millis) => world.run_until(world.now + Duration::from_millis(millis)),
                Step::Throttle(millis) => world.throttle.push(Duration::from_millis(millis)),
                Step::Pause(number, millis) => {
                    let now = world.start + world.now;
                    world.pacer.pause(Bucket::Group(group(number)), Duration::from_millis(millis), now);
                }
            }
        }
        world.run_until(world.now + Duration::from_hours(1));
        prop_assert!(world.fullest_minute() <= 20, "{}", world.fullest_minute());
        prop_assert!(world.fullest_second() <= 30, "{}", world.fullest_second());
        let done: usize = world.calls.iter().map(|call| call.done.len()).sum();
        prop_assert_eq!(done, world.queued.len(), "everything is sent within an hour");
        prop_assert_eq!(world.lanes.total().count, 0);
    }
}
