//! Tests that drafts and newsletters are complete in both languages and within Telegram's limits.

use crate::i18n::{
    Texts,
    catalogue::{self, Place},
    html, newsletter,
    phrase::Phrase,
    words,
};
use domain::{
    AlbumId, Awaits, Draft, Knob, Language, Letter, Mailing, MailingState, MessageId, Millis,
    NewsletterId, Segment, Tally, UrlButton, UserId,
};

const NOW: Millis = Millis(1_790_000_000_000);

fn letter(messages: i64, forward: bool) -> Letter {
    let link = UrlButton { label: "<".repeat(64), url: "https://example.org".to_owned() };
    Letter {
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

fn mailings() -> Vec<Mailing> {
    use MailingState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    let draft = Draft { recipients: Some(7), ..Draft::new(NOW) };
    let started = Mailing::start(draft, UserId(7), NOW);
    let of = |state| Mailing { state, last: tally(u64::from(u32::MAX)), ..started.clone() };
    let states = [Planned, Running, Paused, Vanished, Stopping, Over, Undoing, Undone];
    let cancelled = Mailing { cancelled: true, ..of(Over) };
    let asks = Mailing { asks: true, ..of(Over) };
    states.into_iter().map(of).chain([cancelled, asks]).collect()
}

fn tally(each: u64) -> Tally {
    let parts = [each; 9].map(|part| part.to_string()).join(" ");
    Tally::read(&parts).unwrap()
}

/// Every phrase and every label of drafts and newsletters.
pub(super) fn phrases() -> Vec<Phrase> {
    let id = NewsletterId(1);
    let labels = [
        Knob::Preview,
        Knob::Links,
        Knob::Language,
        Knob::Answer,
        Knob::Active,
        Knob::Time,
        Knob::Paid,
        Knob::Start,
        Knob::Confirm,
        Knob::Back,
        Knob::Discard,
        Knob::Pause(id),
        Knob::GoOn(id),
        Knob::Cancel(id),
        Knob::Undo(id),
        Knob::UndoConfirm(id),
        Knob::Leave(id),
    ];
    let labels = labels.map(|knob| newsletter::plain(newsletter::label(knob)));
    let drafts = drafts();
    let drafts = drafts.iter().flat_map(|draft| Phrase::of_draft(draft, Some(1)));
    let shown = |mailing: &Mailing| Phrase::of_mailing(mailing, &tally(u64::MAX), Some(u32::MAX));
    let mailings = mailings();
    let refused = Tally { failed: 1_000, ..Tally::default() };
    let refused = mailings.iter().flat_map(|mailing| Phrase::of_mailing(mailing, &refused, None));
    let mailings = mailings.iter().flat_map(shown).chain(refused);
    labels
        .into_iter()
        .chain(drafts)
        .chain(mailings)
        .chain([Phrase::of_mail_report(&tally(1))])
        .collect()
}

#[test]
fn every_panel_is_one_that_telegram_takes() {
    let texts = Texts::load(None).unwrap();
    for phrase in phrases() {
        let entry = catalogue::entry(phrase.id).expect(phrase.id);
        let mut given: Vec<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
        given.sort_unstable();
        assert_eq!(given, entry.shows, "{phrase:?}");
    }
    for language in Language::ALL {
        let drafts = drafts();
        let drafts = drafts.iter().map(|draft| texts.draft(draft, Some(25), true, language));
        let mailings = mailings();
        let mailings = mailings
            .iter()
            .map(|mailing| texts.mailing(mailing, &tally(3), Some(25), NOW, language));
        for (html, buttons) in drafts.chain(mailings) {
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert!(seen.starts_with('◆') && words::length(&seen) <= Place::Message.limit());
            for (label, _) in buttons {
                assert!(words::length(&label) <= Place::Button.limit(), "{label}");
            }
        }
    }
}

#[test]
fn a_panel_offers_what_can_be_done_now() {
    let texts = Texts::load(None).unwrap();
    let offered = |mailing: &Mailing, now| {
        let shown = texts.mailing(mailing, &tally(3), None, now, Language::English);
        shown.1.into_iter().map(|(label, _)| label).collect::<Vec<_>>()
    };
    let of = |state| mailings().into_iter().find(|mailing| mailing.state == state).unwrap();
    let over = of(MailingState::Over);
    assert_eq!(offered(&of(MailingState::Running), NOW), ["Pause", "Stop"]);
    assert_eq!(offered(&over, NOW), ["Take it back…"]);
    let two_days = Millis(NOW.0 + 48 * 3_600_000);
    assert_eq!(offered(&over, two_days), [""; 0], "Telegram deletes nothing as old");
    let stopped = Mailing { cancelled: true, ..over };
    assert_eq!(offered(&stopped, NOW), ["Go on", "Take it back…"]);
}
