//! Properties for any arrivals: no minute above the limit, nothing lost, no conversation out of order, no class starved.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;

use domain::{OutboxLane, Standing, UserId};

use super::world::{Act, World};

#[derive(Debug, Clone, Copy)]
enum Step {
    Act(i64, u8),
    Pass(u64),
    Throttle(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (0..30_i64, 0..10_u8).prop_map(|(user, act)| Step::Act(user, act)),
        6 => (0..4_000_u64).prop_map(Step::Pass),
        1 => (10_000..70_000_u64).prop_map(Step::Pass),
        1 => (1_000..20_000_u64).prop_map(Step::Throttle),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_arrivals_are_sent_in_order_and_within_the_limit(
        steps in prop::collection::vec(step(), 1..250)
    ) {
        let mut world = World::new();
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
                Step::Pass(millis) => world.run_until(world.now + Duration::from_millis(millis)),
                Step::Throttle(millis) => world.throttle.push(Duration::from_millis(millis)),
            }
        }
        world.run_until(world.now + Duration::from_hours(1));
        prop_assert!(world.fullest_minute() <= 20, "{}", world.fullest_minute());
        prop_assert!(!world.overdraws_a_token_bucket());
        let mut last: HashMap<OutboxLane, i64> = HashMap::new();
        let mut done = 0;
        for seq in world.calls.iter().flat_map(|call| &call.done) {
            let (_, lane) = world.queued[seq];
            done += 1;
            let before = last.insert(lane, *seq);
            prop_assert!(before.is_none_or(|before| before < *seq), "{lane:?} out of order");
        }
        // What a later edit has replaced is no longer in the account.
        prop_assert_eq!(done, world.queued.len(), "everything is sent within an hour");
        prop_assert_eq!(world.lanes.total().count, 0);
    }
}
