//! What the budget promises to users, at the limit of twenty a minute.

use std::time::Duration;

use crate::engine::lanes::Pressed;
use domain::{Class, Standing, UserId};

use super::world::{Act, World, percentile};

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// A world in which these users are known.
fn with_known(users: std::ops::Range<i64>) -> World {
    let mut world = World::new();
    world.standings.extend(users.map(|user| (UserId(user), Standing::Known)));
    world
}

/// Each of these users writes this many messages now.
fn write(world: &mut World, users: std::ops::Range<i64>, messages: usize) -> Vec<i64> {
    let mut sends = Vec::new();
    for _ in 0..messages {
        sends.extend(users.clone().map(|user| world.act(user, Act::Write)));
    }
    sends
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: f64) -> Duration {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = u32::try_from(self.0 >> 40).unwrap();
        seconds(f64::from(part) / f64::from(1 << 24) * limit)
    }
}

#[test]
fn many_conversations_use_the_whole_limit() {
    let mut world = with_known(0..40);
    write(&mut world, 0..40, 10);
    world.run_until(Duration::from_mins(6));
    let used: usize = world.calls.iter().map(|call| call.slots).sum();
    assert!(used >= 20 * 6 * 95 / 100, "{used} of {}", 20 * 6);
    assert!(world.fullest_minute() <= 20);
}

#[test]
fn strangers_alone_use_the_whole_limit() {
    let mut world = World::new();
    write(&mut world, 0..60, 3);
    world.run_until(Duration::from_mins(6));
    let used: usize = world.calls.iter().map(|call| call.slots).sum();
    assert!(used >= 20 * 6 * 95 / 100, "{used} of {}", 20 * 6);
}

#[test]
fn one_conversation_alone_has_three_quarters_of_the_limit() {
    let mut world = with_known(0..1);
    write(&mut world, 0..1, 200);
    world.run_until(Duration::from_mins(8));
    let used: usize = world.calls.iter().map(|call| call.slots).sum();
    assert!((15 * 8 - 3..=15 * 8 + 5).contains(&used), "{used}");
}

#[test]
fn a_flood_delays_no_quiet_user() {
    let mut waits = Vec::new();
    for seed in 0..10 {
        let (mut world, mut dice) = (with_known(0..11), Dice(seed));
        let mut acts: Vec<(Duration, i64)> = Vec::new();
        for user in 1..11 {
            acts.extend((0..3).map(|nth| (seconds(120.0) * nth + dice.below(120.0), user)));
        }
        // The flooder: 3.3 messages a second for three minutes, then as many edits of one message.
        acts.extend((0..1200).map(|nth| (seconds(f64::from(nth) * 0.3), 0)));
        acts.sort_unstable();
        let mut quiet = Vec::new();
        for (at, user) in acts {
            world.run_until(at);
            let edits = user == 0 && at > Duration::from_mins(3);
            let seq = world.act(user, if edits { Act::EditOf(1) } else { Act::Write });
            if user != 0 {
                quiet.push(seq);
            }
        }
        world.run_until(Duration::from_mins(8));
        waits.extend(world.waits(&quiet));
        assert!(world.fullest_minute() <= 20);
    }
    let (p95, p99) = (percentile(waits.clone(), 95), percentile(waits, 99));
    assert!(p95 < seconds(5.0) && p99 < seconds(10.0), "p95 {p95:?}, p99 {p99:?}");
}

#[test]
fn a_rush_of_strangers_delays_no_known_user_and_each_stranger_has_a_turn() {
    let mut world = with_known(1000..1001);
    let firsts = write(&mut world, 0..60, 1);
    write(&mut world, 0..60, 2);
    let mut known = Vec::new();
    for at in [5.0, 60.0, 61.0, 180.0, 185.0, 190.0, 300.0] {
        world.run_until(seconds(at));
        known.push(world.act(1000, Act::Write));
    }
    world.run_until(Duration::from_mins(30));
    let longest = world.waits(&known).into_iter().max().unwrap();
    assert!(longest < seconds(15.0), "a known user waited {longest:?}");
    let mut waits = world.waits(&firsts);
    waits.sort_unstable();
    for (nth, wait) in waits.iter().enumerate() {
        let k = f64::from(u32::try_from(nth + 1).unwrap());
        let most = 1.2 * k * 3.0 * 60.0 / 20.0;
        assert!(wait.as_secs_f64() <= most, "stranger {k} after {wait:?}, not {most} s");
    }
    assert!(world.fullest_minute() <= 20);
    let done: usize = world.calls.iter().map(|call| call.done.len()).sum();
    assert_eq!(done, 180 + known.len());
}

#[test]
fn a_topic_is_opened_by_one_slot_however_long_the_album_that_waits_for_it() {
    let mut world = World::new();
    let album = world.album(1, 10);
    write(&mut world, 2..20, 1);
    world.run_until(seconds(30.0));
    let opened = world.calls.first().unwrap();
    assert_eq!((opened.slots, opened.done.len()), (1, 0));
    world.run_until(Duration::from_mins(5));
    let (first, last) = (world.waits(&album[..1]), world.waits(&album[9..]));
    assert_eq!(first, last, "the album travels as one");
}

#[test]
fn single_messages_pass_an_album_that_must_wait_and_the_album_goes_in_time() {
    let mut world = with_known(0..200);
    write(&mut world, 0..15, 1);
    let album = world.album(100, 10);
    let mut singles = Vec::new();
    for user in 15..35 {
        world.run_until(world.now + seconds(2.5));
        singles.push(world.act(user, Act::Write));
    }
    world.run_until(Duration::from_mins(6));
    assert!(world.waits(&singles[..4]).iter().all(|wait| *wait < seconds(10.0)));
    let wait = world.waits(&album[..1])[0];
    assert!(wait < Duration::from_secs(90), "{wait:?}");
}

#[test]
fn an_album_of_a_known_user_goes_while_strangers_take_all_that_they_may() {
    let mut world = with_known(1000..1001);
    write(&mut world, 0..100, 2);
    world.run_until(seconds(90.0));
    let album = world.album(1000, 10);
    world.run_until(Duration::from_mins(8));
    let wait = world.waits(&album[..1])[0];
    assert!(wait < Duration::from_secs(100), "{wait:?}");
}

#[test]
fn albums_of_strangers_stop_nobody() {
    let mut world = with_known(1000..1010);
    for user in 0..30 {
        for _ in 0..10 {
            world.act(user, Act::Piece);
        }
    }
    let mut known = Vec::new();
    for user in 1000..1010 {
        world.run_until(world.now + seconds(30.0));
        known.push(world.act(user, Act::Write));
    }
    world.run_until(Duration::from_hours(1));
    let longest = world.waits(&known).into_iter().max().unwrap();
    assert!(longest < seconds(15.0), "{longest:?}");
    assert_eq!(world.lanes.total().count, 0, "the albums arrive, too");
}

#[test]
fn an_edit_of_an_edited_message_is_one_call() {
    let mut world = with_known(0..2);
    let message = world.act(0, Act::Write);
    for _ in 0..100 {
        world.act(0, Act::EditOf(message));
    }
    world.run_until(Duration::from_mins(2));
    assert_eq!(world.calls.len(), 2, "the message, and its newest edit");
}

#[test]
fn a_command_is_answered_while_everybody_waits() {
    let mut world = with_known(0..41);
    write(&mut world, 0..40, 10);
    world.run_until(Duration::from_mins(2));
    let answer = world.act(40, Act::Command);
    world.run_until(Duration::from_mins(4));
    let wait = world.waits(&[answer])[0];
    assert!(wait <= Duration::from_mins(1), "{wait:?}");
}

#[test]
fn what_an_operator_tries_again_goes_before_those_who_wait() {
    let mut world = with_known(0..40);
    write(&mut world, 0..40, 10);
    write(&mut world, 50..60, 2);
    world.run_until(Duration::from_mins(2));
    let again = world.act(59, Act::Write);
    let pressed = Pressed::default();
    pressed.extend([UserId(59)]);
    world.press(&pressed);
    world.run_until(Duration::from_mins(4));
    let first = world.act(59, Act::Write);
    world.run_until(Duration::from_mins(40));
    assert!(world.waits(&[again])[0] < world.waits(&[first])[0]);
    let calls = world.calls.iter().filter(|call| call.class == Class::Urgent);
    assert_eq!(calls.count(), 3, "the topic, the card and the words, and nothing after them");
}

#[test]
fn notices_and_looks_have_a_slot_in_each_minute() {
    let mut world = with_known(0..65);
    write(&mut world, 0..60, 10);
    let others: Vec<i64> = (60..65)
        .flat_map(|user| [world.act(user, Act::Notice), world.act(user, Act::Look)])
        .collect();
    world.run_until(Duration::from_mins(10));
    let longest = world.waits(&others).into_iter().max().unwrap();
    assert!(longest < Duration::from_mins(6), "{longest:?}");
}

#[test]
fn a_throttled_method_stops_itself_and_not_the_copies() {
    let mut world = with_known(0..3);
    let message = world.act(0, Act::Write);
    world.run_until(seconds(1.0));
    world.throttle = vec![Duration::from_secs(40)];
    world.act(0, Act::EditOf(message));
    world.run_until(seconds(2.0));
    let copy = world.act(1, Act::Write);
    world.run_until(seconds(60.0));
    assert!(world.waits(&[copy])[0] < seconds(1.0));
    assert_eq!(world.calls.len(), 4, "the edit is made again");
}
