//! Stored formats of newsletters, also of format 1: sends, then conversations.

use super::stored::{assert_conversations, assert_sends};
use domain::{
    AlbumId, Awaits, Button, ButtonAction, Conversation, Draft, Effect, Language, MessageId,
    Millis, Newsletter, NewsletterButton, NewsletterCall, NewsletterContent, NewsletterId,
    NewsletterSend, NewsletterState, Panel, Profile, Progress, Received, RecipientOutcome,
    Revision, Segment, Tell, Text, UrlButton, UserId,
};

const STORED: &str = include_str!("../../fixtures/codec/newsletters.1.jsonl");

#[test]
fn the_stored_format_of_newsletters_is_unchanged_and_readable() {
    let lines: Vec<&str> = STORED.lines().collect();
    let (first, others) = lines.split_at(sends().len());
    assert_sends(first, &sends());
    assert_conversations(others, &conversations());
}

const ID: NewsletterId = NewsletterId(1_790_000_000_000_007);

fn newsletters() -> [NewsletterContent; 2] {
    let album = NewsletterContent {
        messages: vec![MessageId(1), MessageId(2)],
        album: Some(AlbumId("a".to_owned())),
        forward: true,
        ..NewsletterContent::default()
    };
    let link = UrlButton { label: "Shop".to_owned(), url: "https://example.org".to_owned() };
    let paid = NewsletterContent {
        messages: vec![MessageId(3)],
        links: vec![link],
        paid: true,
        ..NewsletterContent::default()
    };
    [album, paid]
}

fn sends() -> Vec<Effect> {
    let [album, paid] = newsletters();
    let mail = |act| Effect::Newsletter(NewsletterSend { newsletter: ID, act });
    let knobs = [
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
        NewsletterButton::Pause(ID),
        NewsletterButton::GoOn(ID),
        NewsletterButton::Cancel(ID),
        NewsletterButton::Undo(ID),
        NewsletterButton::UndoConfirm(ID),
        NewsletterButton::Leave(ID),
    ];
    let button = |knob| Button { label: Text::Help, action: ButtonAction::Newsletter(knob) };
    let Effect::Tell(tell) = Tell::user(Text::NewsletterTooLate) else { panic!() };
    let texts = [
        Text::NewsletterLinksWrong,
        Text::NewsletterTimeWrong,
        Text::NewsletterDiscarded,
        Text::NewsletterUnsendable,
        Text::NewsletterNoLinks,
        Text::NewsletterCounting,
        Text::NewsletterNobody,
        Text::NewsletterTooMany,
    ];
    let mut sends = vec![
        mail(NewsletterCall::Deliver { author: UserId(7), letter: album.clone() }),
        mail(NewsletterCall::Recall(vec![MessageId(4), MessageId(5)])),
        Effect::Preview(paid),
        Effect::Panel(Panel::Draft),
        Effect::Panel(Panel::Newsletter(ID)),
        Effect::NewsletterReport(ID),
        Effect::Tell(Tell { buttons: knobs.map(button).to_vec(), ..tell }),
    ];
    sends.extend(texts.map(Tell::user));
    sends
}

fn conversations() -> Vec<Conversation> {
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let outcome = |outcome| Received {
        newsletter: ID,
        outcome,
        copies: if outcome == RecipientOutcome::Sent { vec![MessageId(9)] } else { Vec::new() },
        at: Millis(2),
    };
    let received = RecipientOutcome::ALL.map(outcome).to_vec();
    let recipient = Conversation { last_seen: Some(Millis(86_400_000)), received, ..least.clone() };

    let [album, paid] = newsletters();
    let segment = Segment {
        language: Some(Language::Russian),
        answer: Some(("city".to_owned(), "kazan".to_owned())),
        active_days: Some(30),
    };
    let begun = Draft::new(Millis(2));
    let written = Draft {
        letter: paid,
        segment: segment.clone(),
        at: Some(Millis(3)),
        recipients: Some(4),
        panel: Some(MessageId(5)),
        ..begun.clone()
    };
    let draft = |draft| {
        let mut it = least.clone();
        it.authoring.draft = Some(draft);
        it
    };
    let awaits = [Awaits::Links, Awaits::Time, Awaits::Confirmation];
    let drafts = awaits.map(|awaits| draft(Draft { awaits, ..written.clone() }));

    let state = |state| Newsletter {
        id: ID,
        author: UserId(7),
        letter: album.clone(),
        segment: segment.clone(),
        at: Millis(3),
        recipients: 4,
        state,
        cancelled: state == NewsletterState::Over,
        asks: state == NewsletterState::Over,
        ended: (state == NewsletterState::Over).then_some(Millis(6)),
        last: Progress::read("1 2 3 4 5 6 7 8 9").unwrap(),
        panel: (state != NewsletterState::Planned).then_some(MessageId(5)),
    };
    let states = [
        NewsletterState::Planned,
        NewsletterState::Running,
        NewsletterState::Paused,
        NewsletterState::Vanished,
        NewsletterState::Stopping,
        NewsletterState::Over,
        NewsletterState::Undoing,
        NewsletterState::Undone,
    ];
    let mut author = least.clone();
    author.authoring.newsletters = states.map(state).to_vec();
    [recipient, draft(begun), author].into_iter().chain(drafts).collect()
}
