//! Properties that hold for any interleaving of calls, answers and failures: no call uses a slot that the store has
//! not given, and each slot is reported exactly once.
//!
//! The oracle is the store's own account: the slots that it gave, and what was reported about them.

use proptest::prelude::*;

use super::*;
use crate::engine::limits::Rank;

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
    Call { group: u8, want: usize },
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
        6 => (0..3_u8, 1..12_usize).prop_map(|(group, want)| Step::Call { group, want }),
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
    fn answer(&mut self, asked: &SlotsAsked, granted: usize) -> Vec<SlotGrant> {
        self.reported.add(asked.used);
        self.reported.add(asked.unused);
        let grant = |request: &SlotRequest| {
            if granted == 0 {
                return SlotGrant::Wait(Duration::from_millis(300));
            }
            let slots = granted.clamp(request.want, request.up_to);
            self.given.add(slots_of(request.group.map(|terms| terms.class), slots));
            SlotGrant::Taken(slots)
        };
        asked.requests.iter().map(grant).collect()
    }
}

fn slots_of(class: Option<Class>, slots: usize) -> Slots {
    let mut sum = Slots::default();
    match class {
        Some(class) => sum.group[class as usize] = slots,
        None => sum.elsewhere = slots,
    }
    sum
}

/// The terms of a call: two for the group, and those of other chats.
fn terms(group: u8) -> Option<GroupTerms> {
    match group {
        0 => None,
        1 => Some(Rank::Quiet.terms(Class::Known, 20)),
        _ => Some(Rank::Heavy.terms(Class::Stranger, 20)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn calls_use_only_granted_slots_and_each_slot_is_reported_once(
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let (mut quota, mut ledger, mut now) = (quota(), Ledger::default(), Instant::now());
        let mut calls: Vec<(Option<GroupTerms>, usize)> = Vec::new();
        let ends = |calls: &mut Vec<(Option<GroupTerms>, usize)>, quota: &mut Quota, used: usize, now| {
            if !calls.is_empty() {
                let (terms, slots) = calls.remove(0);
                quota.ended(terms.map(|terms| terms.class), slots, used.min(slots), now);
            }
        };
        for step in steps {
            match step {
                Step::Call { group, want } => {
                    let terms = terms(group);
                    let free = match &terms {
                        Some(terms) => quota.free_in_group(terms, want, now),
                        None => quota.free(want, now),
                    };
                    if let Ok(free) = free {
                        let slots = free.min(want);
                        prop_assert!(slots > 0, "a call without a slot");
                        match &terms {
                            Some(terms) => quota.take_in_group(terms, slots),
                            None => quota.take(slots),
                        }
                        calls.push((terms, slots));
                    }
                }
                Step::End { used } => ends(&mut calls, &mut quota, used, now),
                Step::Ask { granted } => {
                    if let Some(asked) = quota.next_request(now) {
                        prop_assert!(asked.requests.iter().all(|request| request.want <= 20));
                        quota.answered(Ok(Some(ledger.answer(&asked, granted))), now);
                    }
                }
                Step::NoAnswer => {
                    if quota.next_request(now).is_some() {
                        quota.answered(Err(StoreError::Closed), now);
                    }
                }
                Step::Pass(millis) => now += Duration::from_millis(millis),
                Step::Freeze { group } => quota.freeze(group, Duration::from_secs(1), now),
            }
            let mut under_way = ledger.reported;
            for (terms, slots) in &calls {
                under_way.add(slots_of(terms.map(|terms| terms.class), *slots));
            }
            let given = ledger.given;
            prop_assert!(under_way.elsewhere <= given.elsewhere);
            prop_assert!(under_way.group.iter().zip(given.group).all(|(used, given)| *used <= given));
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
