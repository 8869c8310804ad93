//! Tests that drafts and newsletters are complete in both languages and within Telegram's limits.

use super::dates;
use crate::i18n::{
    Texts, Zone, catalogue::TextFormat, entries, html, newsletter, phrase::Phrase, sanitize,
};
use domain::{
    AlbumId, Awaits, Draft, Language, MessageId, Millis, Newsletter, NewsletterButton,
    NewsletterContent, NewsletterId, NewsletterState, Progress, Segment, UrlButton, UserId,
};

const NOW: Millis = Millis(1_790_000_000_000);

fn letter(messages: i64, forward: bool) -> NewsletterContent {
    let link = UrlButton { label: "<".repeat(64), url: "https://example.org".to_owned() };
    NewsletterContent {
        messages: (0..messages).map(MessageId).collect(),
        album: (messages > 1).then(|| AlbumId("a".to_owned())),
        forward,
        links: vec![link; 20],
        paid: true,
    }
}

fn drafts() -> Vec<Draft> {
    let empty = Draft::new(NOW);
    let answer = ("<".repeat(100), "&".repeat(100));
    let segment = Segment {
        language: Some(Language::Russian),
        answer: Some(answer),
        active_days: Some(u32::MAX),
    };
    let english = Segment { language: Some(Language::English), ..Segment::default() };
    let of = |letter, segment, awaits| Draft {
        letter,
        segment,
        awaits,
        at: Some(Millis(i64::MAX)),
        recipients: Some(u64::MAX),
        ..empty.clone()
    };
    let counted = of(letter(1, false), Segment::default(), Awaits::Confirmation);
    let uncounted = Draft { recipients: None, at: None, ..counted.clone() };
    vec![
        empty.clone(),
        of(letter(10, false), segment, Awaits::Links),
        of(letter(1, true), english, Awaits::Time),
        of(letter(10, true), Segment::default(), Awaits::Content),
        counted,
        Draft { awaits: Awaits::Content, ..uncounted },
    ]
}

fn newsletters() -> Vec<Newsletter> {
    use NewsletterState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    let draft = Draft { recipients: Some(7), ..Draft::new(NOW) };
    let started = Newsletter::start(draft, UserId(7), NOW);
    let of = |state| Newsletter { state, last: progress(u64::from(u32::MAX)), ..started.clone() };
    let states = [Planned, Running, Paused, Vanished, Stopping, Over, Undoing, Undone];
    let cancelled = Newsletter { cancelled: true, ..of(Over) };
    let asks = Newsletter { asks: true, ..of(Over) };
    states.into_iter().map(of).chain([cancelled, asks]).collect()
}

fn progress(each: u64) -> Progress {
    let parts = [each; 9].map(|part| part.to_string()).join(" ");
    Progress::read(&parts).unwrap()
}

/// Every phrase and every label of drafts and newsletters.
pub(super) fn phrases() -> Vec<Phrase> {
    let id = NewsletterId(1);
    let labels = [
        NewsletterButton::Preview,
        NewsletterButton::Links,
        NewsletterButton::Language,
        NewsletterButton::Answer,
        NewsletterButton::Active,
        NewsletterButton::Time,
        NewsletterButton::Paid,
        NewsletterButton::Start,
        NewsletterButton::Confirm,
        NewsletterButton::Back,
        NewsletterButton::Discard,
        NewsletterButton::Pause(id),
        NewsletterButton::GoOn(id),
        NewsletterButton::Cancel(id),
        NewsletterButton::Undo(id),
        NewsletterButton::UndoConfirm(id),
        NewsletterButton::Leave(id),
    ];
    let labels = labels.map(|button| newsletter::plain(newsletter::label(button)));
    let (scene, zones) = (dates::scene("America/Argentina/ComodRivadavia"), dates::Ahead(-150));
    let zone = Zone::of(&scene, &zones, None);
    let drafts = drafts();
    let in_zone =
        |zone| drafts.iter().flat_map(move |draft| Phrase::draft(draft, Some(1), (zone, NOW)));
    let drafts = in_zone(zone).chain(in_zone(Zone::UTC));
    let shown = |newsletter: &Newsletter| {
        Phrase::newsletter(newsletter, &progress(u64::MAX), Some(u32::MAX), zone)
    };
    let newsletters = newsletters();
    let refused = Progress { failed: 1_000, ..Progress::default() };
    let refused = newsletters
        .iter()
        .flat_map(|newsletter| Phrase::newsletter(newsletter, &refused, None, zone));
    let newsletters = newsletters.iter().flat_map(shown).chain(refused);
    labels
        .into_iter()
        .chain(drafts)
        .chain(newsletters)
        .chain([Phrase::newsletter_report(&progress(1))])
        .collect()
}

#[test]
fn every_panel_is_one_that_telegram_takes() {
    let texts = Texts::load(None).unwrap();
    for phrase in phrases() {
        let entry = entries::entry(phrase.id).expect(phrase.id);
        let mut given: Vec<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
        given.sort_unstable();
        assert_eq!(given, entry.shows, "{phrase:?}");
    }
    for language in Language::ALL {
        let drafts = drafts();
        let drafts = drafts
            .iter()
            .map(|draft| texts.draft(draft, Some(25), true, (Zone::UTC, NOW), language));
        let newsletters = newsletters();
        let newsletters = newsletters.iter().map(|newsletter| {
            texts.newsletter(newsletter, &progress(3), Some(25), (Zone::UTC, NOW), language)
        });
        for (html, buttons) in drafts.chain(newsletters) {
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert!(
                seen.starts_with('◆') && sanitize::length(&seen) <= TextFormat::Message.limit()
            );
            for (label, _) in buttons {
                assert!(sanitize::length(&label) <= TextFormat::Button.limit(), "{label}");
            }
        }
    }
}

#[test]
fn a_panel_offers_what_can_be_done_now() {
    let texts = Texts::load(None).unwrap();
    let offered = |newsletter: &Newsletter, now| {
        let shown =
            texts.newsletter(newsletter, &progress(3), None, (Zone::UTC, now), Language::English);
        shown.1.into_iter().map(|(label, _)| label).collect::<Vec<_>>()
    };
    let of =
        |state| newsletters().into_iter().find(|newsletter| newsletter.state == state).unwrap();
    let over = of(NewsletterState::Over);
    assert_eq!(offered(&of(NewsletterState::Running), NOW), ["Pause", "Stop"]);
    assert_eq!(offered(&over, NOW), ["Delete for everybody…"]);
    let two_days = Millis(NOW.0 + 48 * 3_600_000);
    assert_eq!(offered(&over, two_days), [""; 0], "Telegram deletes nothing as old");
    let stopped = Newsletter { cancelled: true, ..over };
    assert_eq!(offered(&stopped, NOW), ["Resume", "Delete for everybody…"]);
}
