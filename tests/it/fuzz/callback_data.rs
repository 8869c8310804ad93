//! Callback data: anyone may send anything, and the desk reads its own buttons as it meant them.

use domain::{ButtonAction, DeadId, FloodButton, FloodChoice, Language, Millis, Press};
use proptest::prelude::*;

use super::input::{rounds, words};

/// The button that causes this press.
fn button(press: Press) -> Option<ButtonAction> {
    match press {
        Press::Language(language) => Some(ButtonAction::Language(language)),
        Press::Retry(dead) => Some(ButtonAction::Retry(dead)),
        Press::Welcome { run, step, choice } => Some(ButtonAction::Welcome { run, step, choice }),
        Press::Newsletter(button) => Some(ButtonAction::Newsletter(button)),
        Press::Flood(button) => Some(ButtonAction::Flood(button)),
        Press::Unknown => None,
    }
}

/// Data that is almost a button's.
fn data() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(
            &[
                "lang", "welcome", "news", "retry", "ru", "en", "preview", "pause", "undo",
                "go-on", "flood", "show", "drop", "ban", "", "+1", "007", "-0"
            ][..]
        )
        .prop_map(str::to_owned),
        any::<i128>().prop_map(|number| number.to_string()),
        any::<u8>().prop_map(|number| number.to_string()),
        words(),
    ];
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(":"))
}

proptest! {
    #![proptest_config(rounds(3_000))]

    #[test]
    fn any_callback_data_is_one_of_our_buttons_or_none(data in data()) {
        let press = Press::parse(&data);
        if let Some(button) = button(press) {
            prop_assert_eq!(Press::parse(&button.data()), press, "{}", data);
        }
    }

    #[test]
    fn a_button_fits_telegrams_limit_and_is_read_back(
        dead in any::<i64>(), run in any::<u32>(), step in 0..10_000_usize, choice in 0..1_000_usize, russian in any::<bool>(),
    ) {
        let language = if russian { Language::Russian } else { Language::English };
        for action in [
            ButtonAction::Language(language),
            ButtonAction::Retry(DeadId(dead)),
            ButtonAction::Welcome { run, step, choice },
            ButtonAction::Flood(FloodButton { choice: FloodChoice::Show, asked: Millis(dead) }),
        ] {
            let data = action.data();
            prop_assert!(data.len() <= 64, "{}", data);
            prop_assert_eq!(button(Press::parse(&data)), Some(action), "{}", data);
        }
    }
}
