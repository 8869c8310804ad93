//! Tests that notices to the owner are complete in both languages and within Telegram's limits.

use super::samples::notices;
use crate::i18n::{Texts, catalogue::TextFormat, entries, html, phrase::Phrase, sanitize};
use domain::{Language, Millis, Notice};

#[test]
fn every_notice_is_one_that_telegram_takes() {
    let texts = Texts::load(None).unwrap();
    for notice in notices() {
        let phrase = Phrase::notice(&notice);
        let entry = entries::entry(phrase.id).expect(phrase.id);
        let given: Vec<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
        assert_eq!(given, entry.shows, "{notice:?}");
        for language in Language::ALL {
            let html = texts.notice(&notice, u32::MAX, language);
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert!(seen.starts_with('◆') && seen.contains("4294967295"), "{seen}");
            assert!(sanitize::length(&seen) <= TextFormat::Message.limit(), "{seen}");
        }
    }
}

#[test]
fn how_many_were_kept_back_is_told_only_if_some_were() {
    let texts = Texts::load(None).unwrap();
    let notice = Notice::MonitoringSilent { since: Millis(1_790_000_000_123) };
    let said = |suppressed, language| texts.notice(&notice, suppressed, language);
    assert!(
        said(0, Language::English)
            .starts_with("<b>◆ Monitoring has been blind since 14:13 UTC.</b>")
    );
    assert!(!said(0, Language::English).contains("held back"));
    for (suppressed, english, russian) in [
        (
            1,
            "\n\n1 more notice of this kind was held back.",
            "Ещё 1 такое сообщение не отправлено.",
        ),
        (3, "\n\n3 more notices of this kind were", "Ещё 3 таких сообщения не отправлены."),
        (7, "\n\n7 more notices of this kind were", "Ещё 7 таких сообщений не отправлено."),
    ] {
        assert!(said(suppressed, Language::English).contains(english));
        assert!(said(suppressed, Language::Russian).contains(russian));
    }
}
