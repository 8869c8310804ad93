//! Texts: with any names, words and numbers in them, Telegram accepts them and shows only what was meant.

use std::sync::LazyLock;

use domain::{Effect, Language, SceneLine, Text};
use proptest::prelude::*;
use support_bot::i18n::{Texts, visible};

use super::{
    input::{mutated, mutations, rounds, words},
    rows::{NAMES, effect, row},
};

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::load(None).unwrap());

/// Maximum length of a Telegram message, in UTF-16 units after parsing of entities.
const LONGEST: usize = 4096;

fn check_shown(text: &Text) -> Result<(), TestCaseError> {
    for language in Language::ALL {
        let html = TEXTS.render(text, language);
        let seen = visible(&html);
        prop_assert!(seen.is_ok(), "{:?}: {}", seen, html);
        let seen = seen.unwrap_or_default();
        prop_assert!(!seen.trim().is_empty(), "{:?}", text);
        prop_assert!(seen.encode_utf16().count() <= LONGEST, "{:?}", text);
        prop_assert!(!TEXTS.plain(text, language).is_empty(), "{:?}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(rounds(500))]

    #[test]
    fn telegram_accepts_every_text_with_any_names(
        name in words(), other in words(), number in any::<i64>(), lines in prop::collection::vec(words(), 0..40),
    ) {
        check_shown(&Text::Greeting { name: name.clone() })?;
        check_shown(&Text::RequestNumber { number })?;
        check_shown(&Text::WelcomeSaid { lines: lines.clone() })?;
        let answers = lines.into_iter().map(|line| (line, other.clone())).collect();
        check_shown(&Text::Answers { answers })?;
    }

    /// Effects of any kind, as stored and with changes.
    #[test]
    fn telegram_accepts_every_changed_stored_text(row in row(), twists in mutations(NAMES)) {
        if let Some(Effect::Tell(tell)) = effect(&mutated(row, &twists)) {
            check_shown(&tell.text)?;
        }
    }

    #[test]
    fn a_name_in_the_welcome_is_shown_and_not_markup(name in words(), number in any::<i64>()) {
        let line = format!("<b>Hello, {}</b>, No. {}", SceneLine::NAME, SceneLine::NUMBER);
        let html = TEXTS.filled(&line, &name, Some(number));
        let seen = visible(&html);
        prop_assert!(seen.as_ref().is_ok_and(|seen| seen.ends_with(&format!("No. {number}"))), "{:?}: {}", seen, html);
        prop_assert_eq!(html.matches("<b>").count(), 1, "{}", html);
    }
}
