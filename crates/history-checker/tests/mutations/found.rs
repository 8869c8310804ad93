//! Properties of all histories of a correct desk, and of all corruptions of them.

use history_checker::{Entry, Event, Violation, judge, read, write};
use proptest::prelude::*;

use super::{change::CHANGES, desk::Desk};

/// Choices that give a history without kills.
const CALM: [u8; 40] = [
    0, 0, 0, 1, 5, 1, 6, 0, 7, 0, 12, 0, 12, 0, 12, 0, 12, 0, 3, 0, 3, 0, 0, 2, 6, 0, 7, 0, 12, 2,
    12, 2, 12, 1, 12, 1, 0, 0, 0, 0,
];

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

#[test]
fn each_change_can_be_made_and_is_found() {
    let history = Desk::history(&CALM);
    for change in CHANGES {
        let spoilt: Vec<_> = (0..50).filter_map(|pick| (change.apply)(&history, pick)).collect();
        assert!(!spoilt.is_empty(), "{}", change.name);
        for spoilt in spoilt {
            let verdict = judge(&spoilt);
            assert!(verdict.violations.iter().any(change.found), "{}: {verdict}", change.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_keeps_its_promises_is_clean(choices in choices()) {
        let verdict = judge(&Desk::history(&choices));
        prop_assert!(verdict.is_clean(), "{verdict}");
    }

    #[test]
    fn a_change_is_found_as_what_it_is(
        choices in choices(),
        calm in any::<bool>(),
        change in 0..CHANGES.len(),
        pick in any::<usize>(),
    ) {
        let choices = choices.into_iter().enumerate();
        // A fault excuses some of the corruptions.
        let calmed = choices.map(|(at, one)| if calm && at % 2 == 0 && one % 16 == 9 { 0 } else { one });
        let history = Desk::history(&calmed.collect::<Vec<u8>>());
        let change = &CHANGES[change];
        if let Some(spoilt) = (change.apply)(&history, pick) {
            let verdict = judge(&spoilt);
            prop_assert!(verdict.violations.iter().any(change.found), "{}: {verdict}", change.name);
        }
    }

    #[test]
    fn without_its_faults_what_was_repeated_for_them_is_not_excused(choices in choices()) {
        let history = Desk::history(&choices);
        let repeats = judge(&history).figures.repeats_after_faults;
        let is = |entry: &&Entry| {
            !matches!(entry.event, Event::FaultBegins { .. } | Event::FaultEnds { .. })
        };
        let without: Vec<Entry> = history.iter().filter(is).cloned().collect();
        let found = judge(&without).violations;
        let repeated = found.iter().filter(|one| matches!(one, Violation::Repeated { .. })).count();
        prop_assert_eq!(repeated as u64, repeats);

        let mut narrow = history;
        if let Event::Begins { calls_at_once, .. } = &mut narrow[0].event {
            *calls_at_once = 0;
        }
        let found = judge(&narrow).violations;
        let repeated = found.iter().filter(|one| matches!(one, Violation::Repeated { .. })).count();
        prop_assert_eq!(repeated as u64, repeats, "more than were under way");
    }

    #[test]
    fn what_is_written_is_read_again(choices in choices()) {
        let history = Desk::history(&choices);
        let mut text = Vec::new();
        write(&history, &mut text).unwrap();
        prop_assert_eq!(read(&*text).unwrap(), history);
    }
}
