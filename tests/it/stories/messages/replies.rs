//! Replies and quotes refer to the same message on the other side.

use serde_json::{Value, json};
use telegram_simulator::Content;

use crate::harness::{BOTH, Dialogue, Who};

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_copy_replies_to_the_original() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let original = dialogue.says(who.other(), "a question");
        dialogue.says(who.other(), "another question");
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who);
        let question = copies_seen.iter().find(|seen| seen.text.as_deref() == Some("a question"));
        dialogue.answers(who, question.unwrap().id, "an answer");
        dialogue.desk.settle().await;
        let answer = dialogue.last_copy_for(who.other());
        assert_eq!(answer.text.as_deref(), Some("an answer"));
        assert_eq!((answer.reply_to, answer.quote), (Some(original), None), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_ones_own_message_replies_to_its_copy() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, "as I was saying");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other()).id;
        dialogue.says(who, "by the way");
        dialogue.answers(who, sent, Content::photo("photo").caption("this"));
        dialogue.desk.settle().await;
        assert_eq!(dialogue.last_copy_for(who.other()).reply_to, Some(copy), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_and_a_reply_to_it_in_one_backlog_keep_the_reply() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        dialogue
            .while_stopped(|dialogue| {
                let sent = dialogue.says(who, "one");
                dialogue.says(who, "two");
                dialogue.answers(who, sent, "on one");
                dialogue.says(who, "three");
            })
            .await;
        let copies_seen = dialogue.copies_for(who.other());
        let last: Vec<_> = copies_seen[copies_seen.len() - 4..].iter().collect();
        let texts: Vec<_> = last.iter().filter_map(|seen| seen.text.as_deref()).collect();
        assert_eq!(texts, ["one", "two", "on one", "three"]);
        let answered: Vec<_> = last.iter().map(|seen| seen.reply_to).collect();
        assert_eq!(answered, [None, None, Some(last[0].id), None]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_quotes_the_same_words() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let original = dialogue.says(who.other(), "to be or not to be");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who).id;
        dialogue.quotes(who, copy, "not to be", "that is the question");
        dialogue.desk.settle().await;
        let answer = dialogue.last_copy_for(who.other());
        assert_eq!(answer.reply_to, Some(original), "{who:?}");
        assert_eq!(answer.quote.as_deref(), Some("not to be"), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_no_longer_matches_becomes_a_plain_reply() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let original = dialogue.says(who.other(), "to be or not to be");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who).id;
        dialogue.quotes(who, copy, "something else", "that is the question");
        dialogue.desk.settle().await;
        let answer = dialogue.last_copy_for(who.other());
        assert_eq!(answer.text.as_deref(), Some("that is the question"));
        assert_eq!((answer.reply_to, answer.quote), (Some(original), None), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_deleted_message_arrives_without_the_reply() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let original = dialogue.says(who.other(), "forget it");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who).id;
        dialogue.deletes(who.other(), original);
        dialogue.quotes(who, copy, "forget", "never");
        dialogue.desk.settle().await;
        let answer = dialogue.last_copy_for(who.other());
        assert_eq!(answer.text.as_deref(), Some("never"));
        assert_eq!((answer.reply_to, answer.quote), (None, None), "{who:?}");
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_the_desks_own_message_arrives_without_the_reply() {
    let dialogue = Dialogue::start().await;
    let card = dialogue.desk.notices(dialogue.topic)[0].id;
    dialogue.answers(Who::Operator, card, "who are you?");
    dialogue.says(Who::User, "/help");
    dialogue.desk.settle().await;
    let help = dialogue.last_copy_for(Who::User);
    dialogue.answers(Who::User, help.id, "this does not help");
    dialogue.desk.settle().await;
    let answers =
        [dialogue.copies_for(Who::User)[1].clone(), dialogue.last_copy_for(Who::Operator)];
    let texts = answers.clone().map(|answer| answer.text.unwrap());
    assert_eq!(texts, ["who are you?", "this does not help"]);
    assert_eq!(answers.map(|answer| answer.reply_to), [None, None]);
}

/// A post of a public channel, as in an update.
fn post() -> Value {
    let news =
        json!({ "id": -1_009, "type": "channel", "title": "News <b>", "username": "the_news" });
    let origin = json!({ "type": "channel", "chat": news, "message_id": 5, "date": 1_700_000_000 });
    json!({ "origin": origin, "chat": news, "message_id": 5 })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_of_a_reply_to_another_chat_is_shown_right_before_it() {
    let mut dialogue = Dialogue::start().await;
    dialogue
        .while_stopped(|dialogue| {
            dialogue.says(Who::User, "before");
            dialogue.user.replies_elsewhere(post(), Some("a lamp & a chair"), "is this in stock?");
            dialogue.says(Who::User, "after");
            dialogue.user.replies_elsewhere_with_album(
                post(),
                vec![Content::photo("p1").caption("or these?"), Content::photo("p2")],
            );
        })
        .await;
    let shown = dialogue.desk.group.messages(dialogue.topic);
    let texts: Vec<_> = shown.iter().map(|seen| seen.text.clone().unwrap_or_default()).collect();
    let place = texts.iter().position(|text| text == "before").unwrap();
    let source =
        "◆ The message below replies to one in another chat: News <b> · https://t.me/the_news/5";
    let quoting = format!("{source}\na lamp & a chair");
    let expected =
        ["before", quoting.as_str(), "is this in stock?", "after", source, "or these?", ""];
    assert_eq!(texts[place..], expected);
    let pieces = &shown[shown.len() - 2..];
    assert!(pieces[0].media_group_id.is_some(), "the album stays an album");
    assert_eq!(pieces[0].media_group_id, pieces[1].media_group_id);
    assert!(shown[place..].iter().all(|seen| seen.external_reply.is_none()));
}
