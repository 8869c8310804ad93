//! Tests that dates are written as the people of each language write them.

use std::fs;

use crate::i18n::Texts;
use domain::{Awaits, Draft, Incident, Language, MessageId, Millis, Notice};

/// 2026-09-21 14:13:20 UTC.
const NOW: Millis = Millis(1_790_000_000_000);

fn notice(texts: &Texts, since: Millis, language: Language) -> String {
    texts.notice(&Notice::Begun { need: Incident::Store, since }, 0, language)
}

#[test]
fn every_month_has_its_name() {
    let texts = Texts::load(None).unwrap();
    for (month, english, russian) in [
        (1, "January", "января"),
        (2, "February", "февраля"),
        (3, "March", "марта"),
        (4, "April", "апреля"),
        (5, "May", "мая"),
        (6, "June", "июня"),
        (7, "July", "июля"),
        (8, "August", "августа"),
        (9, "September", "сентября"),
        (10, "October", "октября"),
        (11, "November", "ноября"),
        (12, "December", "декабря"),
    ] {
        let day = Millis::days(2026, month, 9).unwrap();
        let at = Millis(day * 86_400_000 + 61_000);
        for (language, expected) in [
            (Language::English, format!("since 9 {english} 2026, 00:01 UTC.</b>")),
            (Language::Russian, format!("с 9 {russian} 2026, 00:01 UTC.</b>")),
        ] {
            let said = notice(&texts, at, language);
            assert!(said.contains(&expected), "{expected}: {said}");
        }
    }
}

#[test]
fn a_draft_names_the_time_zone_of_its_start() {
    let texts = Texts::load(None).unwrap();
    let mut draft = Draft { at: Some(NOW), awaits: Awaits::Content, ..Draft::new(NOW) };
    draft.letter.messages = vec![MessageId(1)];
    for (language, expected) in [
        (Language::English, "\nStart: 21 September 2026, 14:13 UTC\n"),
        (Language::Russian, "\nНачало: 21 сентября 2026, 14:13 UTC\n"),
    ] {
        let (said, _) = texts.draft(&draft, None, false, language);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn an_owner_may_write_dates_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let other = "date = { $month }/{ $day }/{ $year } <\nmoment = { $time } & { $date }\n";
    fs::write(folder.path().join("en.ftl"), other).unwrap();
    let texts = Texts::load(Some(folder.path())).unwrap();
    let said = notice(&texts, NOW, Language::English);
    assert!(said.contains("since 14:13 &amp; 9/21/2026 &lt;.</b>"), "{said}");
}
