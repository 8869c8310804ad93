//! Tests that dates are written as the people of each language write them.

use std::fs;

use crate::i18n::{Texts, Zone};
use domain::{Awaits, Draft, Goals, Incident, Language, MessageId, Millis, Notice, Scene, Zones};

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
        let (said, _) = texts.draft(&draft, None, false, (Zone::UTC, NOW), language);
        assert!(said.contains(expected), "{said}");
    }
}

/// A zone that is so many minutes ahead of UTC, and half an hour more from 1800000000 on.
#[derive(Debug)]
pub(super) struct Ahead(pub(super) i32);

impl Zones for Ahead {
    fn offset(&self, _zone: usize, at: Millis) -> i32 {
        self.0 + if at.0 >= 1_800_000_000_000 { 30 } else { 0 }
    }
}

/// A welcome with this time zone.
pub(super) fn scene(zone: &str) -> Scene {
    let (zones, goals) = (vec![zone.to_owned()], Goals::default());
    Scene { open_topic: false, shape: 0, zones, steps: Vec::new(), goals }
}

#[test]
fn a_time_is_asked_for_and_shown_in_the_authors_zone() {
    let texts = Texts::load(None).unwrap();
    let mut draft = Draft { at: Some(NOW), awaits: Awaits::Time, ..Draft::new(NOW) };
    draft.letter.messages = vec![MessageId(1)];
    for (name, ahead, language, asked, shown) in [
        ("Europe/Moscow", 180, Language::English, "(Moscow, UTC+3)", "17:13 (Moscow, UTC+3)"),
        ("Europe/Moscow", 180, Language::Russian, "(Москва, UTC+3)", "17:13 (Москва, UTC+3)"),
        (
            "America/St_Johns",
            -210,
            Language::Russian,
            "(St Johns, UTC−3:30)",
            "10:43 (St Johns, UTC−3:30)",
        ),
        ("Europe/London", 0, Language::English, "(London, UTC+0)", "14:13 (London, UTC+0)"),
        ("Etc/GMT-3", 180, Language::English, "(UTC+3)", "17:13 (UTC+3)"),
        ("UTC", 0, Language::English, "(UTC)", "14:13 UTC"),
    ] {
        let (scene, zones) = (scene(name), Ahead(ahead));
        let zone = Zone::of(&scene, &zones, None);
        let (said, _) = texts.draft(&draft, None, false, (zone, NOW), language);
        assert!(said.contains(asked), "{name}: {said}");
        assert!(said.contains(&format!("2026, {shown}\n")), "{name}: {said}");
    }
    let (scene, zones) = (scene("Asia/Kathmandu"), Ahead(315));
    draft.at = Some(Millis(1_800_000_000_000));
    let zone = Zone::of(&scene, &zones, None);
    let (said, _) = texts.draft(&draft, None, false, (zone, NOW), Language::Russian);
    assert!(said.contains("Начало: 15 января 2027, 13:45 (Kathmandu, UTC+5:45)"), "{said}");
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
