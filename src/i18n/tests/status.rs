//! Tests that status reports are complete in both languages and within Telegram's limits.

use std::time::Duration;

use super::samples::statuses;
use crate::i18n::{Texts, catalogue::TextFormat, entries, html, phrase::Phrase, sanitize};
use domain::Language;

#[test]
fn every_status_is_one_that_telegram_takes() {
    let texts = Texts::load(None).unwrap();
    for status in statuses() {
        for phrase in Phrase::status(&status) {
            let entry = entries::entry(phrase.id).expect(phrase.id);
            let given: Vec<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
            assert_eq!(given, entry.shows, "{phrase:?}");
        }
        for language in Language::ALL {
            let html = texts.status(&status, language);
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert!(
                seen.starts_with('◆') && sanitize::length(&seen) <= TextFormat::Message.limit()
            );
        }
    }
}

#[test]
fn ages_are_told_in_the_unit_that_fits() {
    let texts = Texts::load(None).unwrap();
    let say = |seconds, language| {
        texts.fill(&Phrase::age(Duration::from_secs(seconds)), language, html::escape)
    };
    for (seconds, english, russian) in [
        (0, "0 s", "0 с"),
        (119, "119 s", "119 с"),
        (120, "2 min", "2 мин"),
        (7_199, "119 min", "119 мин"),
        (7_200, "2 h", "2 ч"),
        (172_799, "47 h", "47 ч"),
        (172_800, "2 d", "2 сут"),
    ] {
        assert_eq!(say(seconds, Language::English), english);
        assert_eq!(say(seconds, Language::Russian), russian);
    }
}
