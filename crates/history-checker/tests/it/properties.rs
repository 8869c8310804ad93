//! Properties of all histories of a correct desk, and of all corruptions of them.

use history_checker::{Entry, Event, Violation, check, read, write};
use proptest::prelude::*;

use super::{corruption::CORRUPTIONS, model::Desk};

/// Choices that give a history without kills.
const CALM: [u8; 40] = [
    0, 0, 0, 1, 5, 1, 6, 0, 7, 0, 12, 0, 12, 0, 12, 0, 12, 0, 3, 0, 3, 0, 0, 2, 6, 0, 7, 0, 12, 2,
    12, 2, 12, 1, 12, 1, 0, 0, 0, 0,
];

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

#[test]
fn each_corruption_applies_and_is_detected() {
    let history = Desk::history(&CALM);
    for corruption in CORRUPTIONS {
        let corrupted: Vec<_> =
            (0..50).filter_map(|pick| (corruption.apply)(&history, pick)).collect();
        assert!(!corrupted.is_empty(), "{}", corruption.name);
        for corrupted in corrupted {
            let verdict = check(&corrupted);
            assert!(
                verdict.violations.iter().any(corruption.expected),
                "{}: {verdict}",
                corruption.name
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_history_of_a_correct_desk_is_clean(choices in choices()) {
        let verdict = check(&Desk::history(&choices));
        prop_assert!(verdict.is_clean(), "{verdict}");
    }

    #[test]
    fn a_corruption_gives_the_expected_violation(
        choices in choices(),
        calm in any::<bool>(),
        corruption in 0..CORRUPTIONS.len(),
        pick in any::<usize>(),
    ) {
        let choices = choices.into_iter().enumerate();
        // A fault excuses some of the corruptions.
        let choices_without_kills = choices.map(|(at, one)| if calm && at % 2 == 0 && one % 16 == 9 { 0 } else { one });
        let history = Desk::history(&choices_without_kills.collect::<Vec<u8>>());
        let corruption = &CORRUPTIONS[corruption];
        if let Some(corrupted) = (corruption.apply)(&history, pick) {
            let verdict = check(&corrupted);
            prop_assert!(verdict.violations.iter().any(corruption.expected), "{}: {verdict}", corruption.name);
        }
    }

    #[test]
    fn without_its_faults_a_history_has_unexcused_repeats(choices in choices()) {
        let history = Desk::history(&choices);
        let repeats = check(&history).figures.repeats_after_faults;
        let is = |entry: &&Entry| {
            !matches!(entry.event, Event::FaultBegins { .. } | Event::FaultEnds { .. })
        };
        let without: Vec<Entry> = history.iter().filter(is).cloned().collect();
        let violations = check(&without).violations;
        let repeated = violations.iter().filter(|one| matches!(one, Violation::Repeated { .. })).count();
        prop_assert_eq!(repeated as u64, repeats);

        let mut narrow = history;
        if let Event::Begins { calls_at_once, .. } = &mut narrow[0].event {
            *calls_at_once = 0;
        }
        let violations = check(&narrow).violations;
        let repeated = violations.iter().filter(|one| matches!(one, Violation::Repeated { .. })).count();
        prop_assert_eq!(repeated as u64, repeats, "more than were in progress");
    }

    #[test]
    fn a_written_history_is_read_back(choices in choices()) {
        let history = Desk::history(&choices);
        let mut text = Vec::new();
        write(&history, &mut text).unwrap();
        prop_assert_eq!(read(&*text).unwrap(), history);
    }
}
