//! Every kind of message arrives unchanged.

use serde_json::json;
use telegram_simulator::{Content, SeenMessage, Times};

use crate::harness::{BOTH, Desk, Dialogue, Who, contents};

/// One message of each kind that is copied.
fn copied() -> Vec<Content> {
    let formatted = json!([
        { "type": "bold", "offset": 0, "length": 4 },
        { "type": "text_link", "offset": 5, "length": 4, "url": "https://example.org/" },
        { "type": "custom_emoji", "offset": 10, "length": 2, "custom_emoji_id": "5368324170671202286" },
    ]);
    let unheard_of = json!([{ "type": "sparkle", "offset": 0, "length": 4, "colour": "blue" }]);
    vec![
        Content::text("a plain text\nof two lines"),
        Content::text("bold link 🙂").entities(formatted.clone()),
        Content::text("sparkling").entities(unheard_of.clone()),
        Content::text("see https://example.org and #this, @somebody"),
        Content::photo("photo"),
        Content::photo("photo-2").caption("a caption with https://example.org"),
        Content::photo("photo-3").caption("bold link 🙂").entities(formatted),
        Content::photo("photo-4").caption("sparkling").entities(unheard_of),
        Content::photo("photo-5").with("has_media_spoiler", json!(true)),
        Content::video("video").caption("above").with("show_caption_above_media", json!(true)),
        Content::animation("animation").caption("moves"),
        Content::live_photo("live-photo"),
        Content::audio("audio").caption("sounds"),
        Content::voice("voice").caption("is said"),
        Content::video_note("video-note"),
        Content::document("document").caption("is written"),
        Content::sticker("sticker"),
        Content::contact("+4930123456", "Bob"),
        Content::location(52.5, 13.4),
        Content::venue("Café"),
        Content::poll("why?", &["because", "why not"]),
        Content::quiz("what?", &["this", "that"], Some(1)),
        Content::rich("a rich text"),
    ]
}

/// Messages that a copy would damage; operators see a forward.
fn shown_to_operators() -> Vec<Content> {
    vec![
        Content::dice(6),
        Content::story(),
        Content::game("chess"),
        Content::checklist("to do", &["one", "two"]),
    ]
}

/// Sends each message by itself, and compares what arrives.
async fn assert_unchanged(who: Who, sent: Vec<Content>, same: impl Fn(&SeenMessage, &SeenMessage)) {
    let dialogue = Dialogue::start().await;
    for content in sent {
        let before = dialogue.copies_for(who.other()).len();
        let original = dialogue.says(who, content);
        dialogue.desk.settle().await;
        let original = dialogue.seen_by(who, original);
        let copies_seen = dialogue.copies_for(who.other());
        assert_eq!(copies_seen.len(), before + 1, "{who:?}: {:?}", original.content);
        same(&original, &copies_seen[before]);
    }
    assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_user_message_arrives_unchanged() {
    assert_unchanged(Who::User, copied(), |original, copy| {
        assert_eq!(contents(copy), contents(original));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_operator_message_arrives_unchanged() {
    assert_unchanged(Who::Operator, copied(), |original, copy| {
        assert_eq!(contents(copy), contents(original));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_a_copy_would_change_are_forwarded_to_operators() {
    assert_unchanged(Who::User, shown_to_operators(), |original, copy| {
        assert_eq!(copy.content, original.content);
        assert_eq!(copy.forward_origin.as_ref().unwrap()["sender_user"]["first_name"], "Ada");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_cannot_imitate_the_desks_notices() {
    let dialogue = Dialogue::start().await;
    let posing =
        ["◆ Silent mode is on.", "\u{200b}\u{202e} \n◆ Banned.", "⬥ Closed.", "🔹 Closed."];
    for words in posing {
        let before = dialogue.desk.group.messages(dialogue.topic).len();
        dialogue.says(Who::User, words);
        dialogue.desk.settle().await;
        let shown = dialogue.desk.group.messages(dialogue.topic).split_off(before);
        let names_the_user = |copy: &SeenMessage| copy.forward_origin.is_some();
        assert!(shown.len() == 1 && shown.iter().all(names_the_user), "{words:?}: {shown:?}");
    }
    let harmless = dialogue.says(Who::User, "hello again");
    dialogue.desk.settle().await;
    assert_eq!(dialogue.last_copy_for(Who::Operator).forward_origin, None);
    dialogue.edits(Who::User, harmless, posing[0]);
    dialogue.desk.settle().await;
    let shown = dialogue.desk.group.messages(dialogue.topic);
    let posing: Vec<_> =
        shown.iter().filter(|copy| copy.text.as_deref() == Some(posing[0])).collect();
    assert!(posing.len() == 2 && posing.iter().all(|copy| copy.forward_origin.is_some()));
    // The desk's sign in an operator's message stays the operator's own text.
    assert_eq!(dialogue.relays(Who::Operator, "◆ yes").await.forward_origin, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_never_sees_who_the_operator_is() {
    let games = vec![
        Content::story(),
        Content::dice(6),
        Content::game("chess"),
        Content::checklist("x", &["y"]),
    ];
    assert_unchanged(Who::Operator, games, |original, copy| {
        assert_eq!(copy.kind, original.kind);
        assert_eq!(copy.forward_origin, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_message_arrives_with_its_origin() {
    let contents_of = || {
        vec![
            Content::text("news of yesterday"),
            Content::photo("photo").caption("a picture"),
            Content::poll("why?", &["because"]),
            Content::text("/start is how it begins"),
        ]
    };
    let hidden = |content: Content| content.forwarded_from("A Newspaper");
    let of_a_channel = |content: Content| content.forwarded_from_channel(CHANNEL, "A Newspaper");
    let from_a_user = contents_of().into_iter().map(hidden).collect();
    let from_an_operator = contents_of().into_iter().map(of_a_channel).collect();
    for (who, forwarded) in [(Who::User, from_a_user), (Who::Operator, from_an_operator)] {
        assert_unchanged(who, forwarded, |original, copy| {
            assert!(copy.forward_origin.is_some());
            assert_eq!(contents(copy), contents(original));
        })
        .await;
    }
}

/// Id of a channel.
const CHANNEL: i64 = -1_002_000_000_001;

#[tokio::test(flavor = "multi_thread")]
async fn a_forward_never_shows_who_an_operator_or_another_user_is() {
    let dialogue = Dialogue::start().await;
    let Dialogue { desk, topic, .. } = &dialogue;
    let bob = desk.user(1002, "Bob");
    bob.writes("I am Bob");
    let stranger = desk.user(1003, "Grace");
    let operator = desk.operator.id();
    desk.settle().await;
    let shown = |content: Content| async {
        desk.operator.sends_in(*topic, content);
        desk.settle().await;
        dialogue.last_copy_for(Who::User).forward_origin.is_some()
    };
    let from = |id: i64| Content::text("as somebody said").forwarded_from_user(id, "Somebody");
    assert!(!shown(from(operator)).await, "an operator");
    assert!(!shown(from(bob.id())).await, "another user");
    assert!(!shown(from(9_999)).await, "a person unknown to Telegram");
    assert!(!shown(Content::text("x").forwarded_from("Somebody who hides")).await);
    assert!(shown(from(stranger.id())).await, "a person outside the group");
    assert!(shown(Content::text("x").forwarded_from_channel(CHANNEL, "News")).await);
    let internal = desk.operator.writes_in_general("only for us");
    desk.operator.forwards_in(*topic, internal);
    desk.operator.sends_album_in(
        *topic,
        vec![
            Content::photo("p1").forwarded_from_user(operator, "Olga"),
            Content::photo("p2").forwarded_from_user(operator, "Olga"),
        ],
    );
    desk.settle().await;
    let copies_seen = dialogue.copies_for(Who::User);
    let (text, album) =
        (&copies_seen[copies_seen.len() - 3], &copies_seen[copies_seen.len() - 2..]);
    assert_eq!((text.text.as_deref(), &text.forward_origin), (Some("only for us"), &None));
    assert!(album[0].media_group_id.is_some(), "it stays an album");
    assert!(album.iter().all(|copy| copy.forward_origin.is_none()), "{album:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_before_start_and_before_a_language_choice_are_relayed() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.sends(Content::photo("photo").caption("look"));
    ada.writes("what is this?");
    ada.writes("/language");
    ada.writes("nobody answers?");
    ada.writes("/unheard_of command");
    desk.settle().await;
    let texts: Vec<_> = desk.relayed(desk.topic()).into_iter().map(|seen| seen.text).collect();
    let wanted = ["look", "what is this?", "nobody answers?", "/unheard_of command"];
    assert_eq!(texts, wanted.map(|text| Some(text.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn url_buttons_of_inline_bots_arrive_unless_telegram_refuses_them() {
    let rows = || {
        json!([
            [{ "text": "Vote", "callback_data": "1" }, { "text": "See", "url": "https://example.org/" }],
            [{ "text": "Buy", "url": "tg://resolve?domain=shop" }, { "text": "More", "url": "https://example.org/more" }],
        ])
    };
    let lamp = || Content::photo("lamp").caption("a lamp").via_bot("Shop", &rows());
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, lamp());
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other());
        let labels = |copy: &SeenMessage| -> Vec<Vec<String>> {
            let label = |row: &Vec<telegram_simulator::Button>| {
                row.iter().map(|button| button.text.clone()).collect()
            };
            copy.buttons.iter().map(label).collect()
        };
        let expected = vec![vec!["See".to_owned()], vec!["Buy".to_owned(), "More".to_owned()]];
        assert_eq!(labels(&copy), expected, "{who:?}");
        assert_eq!(copy.content.get("via_bot"), None, "the copy names the desk");
        dialogue.edits(
            who,
            sent,
            Content::photo("lamp").caption("two lamps").via_bot("Shop", &rows()),
        );
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other());
        assert_eq!(copy.text.as_deref(), Some("two lamps"), "{who:?}");
        assert_eq!(labels(&copy), expected, "{who:?}");

        dialogue
            .while_stopped(|dialogue| {
                dialogue.says(who, "one");
                dialogue.says(who, lamp());
                dialogue.says(who, "two");
            })
            .await;
        let copies_seen = dialogue.copies_for(who.other());
        let last: Vec<_> = copies_seen[copies_seen.len() - 3..].iter().map(labels).collect();
        assert_eq!(last, [vec![], expected, vec![]], "also within a backlog: {who:?}");

        dialogue.desk.refuses("copyMessage", "Bad Request: BUTTON_URL_INVALID", Times::N(1));
        let bare = dialogue.relays(who, lamp()).await;
        assert_eq!((bare.text.as_deref(), bare.buttons.len()), (Some("a lamp"), 0), "{who:?}");
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}
