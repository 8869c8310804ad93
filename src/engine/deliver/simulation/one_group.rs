//! A desk with one group sends what it always sent, at the same moments.

use std::time::Duration;

use domain::{Fingerprint, Standing, UserId};

use super::world::{Act, World};

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The calls of an hour of random arrivals: class, slots, sends, and both moments.
fn schedule(seed: u64) -> Vec<String> {
    let (mut world, mut dice) = (World::new(), Dice(seed));
    world.standings.extend((0..15).map(|user| (UserId(user), Standing::Known)));
    for _ in 0..400 {
        let user = i64::try_from(dice.below(30)).unwrap();
        match dice.below(14) {
            0..=4 => world.act(user, Act::Write),
            5..=6 => world.act(user, Act::Piece),
            7 => world.act(user, Act::EditOf(user)),
            8 => world.act(user, Act::Command),
            9 => world.act(user, Act::Notice),
            10 => world.act(user, Act::Look),
            11 => {
                if dice.below(4) == 0 {
                    world.throttle.push(Duration::from_millis(1_000 + dice.below(19_000)));
                }
                continue;
            }
            _ => {
                world.run_until(world.now + Duration::from_millis(dice.below(6_000)));
                continue;
            }
        };
    }
    world.run_until(world.now + Duration::from_hours(1));
    let calls = world.calls.iter();
    calls.map(|call| format!("{call:?}").replace(", group: GroupKey(0)", "")).collect()
}

#[test]
fn the_schedule_of_one_group_is_what_it_was_before_there_could_be_others() {
    let seen = [1, 2, 3, 4].map(|seed| {
        let calls = schedule(seed);
        (calls.len(), Fingerprint::hash(calls.iter().map(String::as_str)))
    });
    // Computed by the pacer that had one window.
    assert_eq!(
        seen,
        [(327, 1_132_745_152), (343, 932_856_999), (332, 1_194_536_682), (326, 2_391_359_944)]
    );
}
