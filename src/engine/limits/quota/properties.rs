//! Properties that hold for any interleaving of calls, answers and failures: no call uses a slot that the store has
//! not given, and each slot is reported exactly once.
//!
//! The oracle is the store's own account: the slots that it gave, and what was reported about them.

use proptest::prelude::*;

use super::*;

fn quota() -> Quota {
    Quota::new(PacingLimits {
        overall_per_second: 30,
        private_per_second: 1,
        private_burst: 3,
        group: 20,
        group_period: Duration::from_mins(1),
    })
}

#[derive(Debug, Clone)]
enum Step {
    /// A call wants to start.
    Call { group: bool, want: usize },
    /// The oldest call ends, having used at most this many of its slots.
    End { used: usize },
    /// The store answers a request with this many slots; zero means that the process must wait.
    Ask { granted: usize },
    /// The store does not answer a request.
    NoAnswer,
    /// Time passes.
    Pass(u64),
    /// Telegram throttles the group or the bot as a whole.
    Freeze { group: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<bool>(), 1..12_usize).prop_map(|(group, want)| Step::Call { group, want }),
        4 => (0..12_usize).prop_map(|used| Step::End { used }),
        5 => (0..8_usize).prop_map(|granted| Step::Ask { granted }),
        1 => Just(Step::NoAnswer),
        3 => (0..700_u64).prop_map(Step::Pass),
        1 => any::<bool>().prop_map(|group| Step::Freeze { group }),
    ]
}

/// The store's account: slots given, used and unused.
#[derive(Debug, Default)]
struct Ledger {
    given: Slots,
    reported: Slots,
}

impl Ledger {
    fn answer(&mut self, asked: &SlotsAsked, granted: usize) -> SlotsGiven {
        add(&mut self.reported, asked.used);
        add(&mut self.reported, asked.unused);
        if granted == 0 {
            return SlotsGiven::Wait(Duration::from_millis(300));
        }
        let of = |want: usize, up_to: usize| {
            if want == 0 { 0 } else { granted.clamp(want, up_to.max(want)) }
        };
        let (want, up_to) = (asked.want, asked.up_to);
        let taken =
            Slots { overall: of(want.overall, up_to.overall), group: of(want.group, up_to.group) };
        add(&mut self.given, taken);
        SlotsGiven::Taken(taken)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn calls_use_only_granted_slots_and_each_slot_is_reported_once(
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let (mut quota, mut ledger, mut now) = (quota(), Ledger::default(), Instant::now());
        let mut calls: Vec<(bool, usize)> = Vec::new();
        let ends = |calls: &mut Vec<(bool, usize)>, quota: &mut Quota, used: usize, now| {
            if !calls.is_empty() {
                let (group, slots) = calls.remove(0);
                quota.ended(group, slots, used.min(slots), now);
            }
        };
        for step in steps {
            match step {
                Step::Call { group, want } => {
                    if let Ok(free) = quota.free(group, want, now) {
                        let slots = free.min(want);
                        prop_assert!(slots > 0, "a call without a slot");
                        quota.take(group, slots);
                        calls.push((group, slots));
                    }
                }
                Step::End { used } => ends(&mut calls, &mut quota, used, now),
                Step::Ask { granted } => {
                    if let Some(asked) = quota.next_request(now) {
                        prop_assert!(asked.want.overall <= 30 && asked.want.group <= 20);
                        quota.answered(&Ok(Some(ledger.answer(&asked, granted))), now);
                    }
                }
                Step::NoAnswer => {
                    if quota.next_request(now).is_some() {
                        quota.answered(&Err(StoreError::Closed), now);
                    }
                }
                Step::Pass(millis) => now += Duration::from_millis(millis),
                Step::Freeze { group } => quota.freeze(group, Duration::from_secs(1), now),
            }
            let mut under_way = ledger.reported;
            for (group, slots) in &calls {
                add(&mut under_way, Slots { overall: *slots, group: if *group { *slots } else { 0 } });
            }
            let given = ledger.given;
            prop_assert!(under_way.overall <= given.overall && under_way.group <= given.group);
        }
        while !calls.is_empty() {
            ends(&mut calls, &mut quota, 1, now);
        }
        if let Some(asked) = quota.final_report(now) {
            ledger.answer(&asked, 0);
        }
        prop_assert_eq!(ledger.reported, ledger.given);
    }
}
