//! A group that moves: the desk follows when Telegram confirms the move, never on an update alone, and the owner
//! receives a notice.

use serde_json::json;
use telegram_simulator::Calls;

use super::{notices, received_notices, until_notices};
use crate::harness::{Program, spec};

const MOVES: &str = "supportbot_topics_healed_total{reason=\"migrated\"}";
const FOLLOWED: &str = "Telegram says that the operators' group moved to another id";

fn asked(calls: &Calls) -> u64 {
    calls.counts.get("getChat").copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_migration_is_followed_and_reported() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let ada = program.telegram.user(spec(701_520, "Ada", "en"));
    ada.writes("hello");
    program.wait_until_idle().await;
    let topic = program.group.topics()[0].id;
    let (from, to) = (program.group.id(), program.group.migrate());

    // No message is sent here: Telegram's service message is enough for the desk to ask Telegram.
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ The operators’ group has a new id."), "{text}");
    assert!(text.contains(&from.to_string()) && text.contains(&to.to_string()), "{text}");
    assert!((program.metric(MOVES).await - 1.0).abs() < 0.1, "one move is counted once");
    let log = program.log();
    let line = log.lines().find(|line| line.contains(FOLLOWED)).expect("the move is in the log");
    assert!(line.contains("WARN") && line.contains(&to.to_string()), "{line}");

    program.operator.writes_in(topic, "good day");
    program.until("the answer arrives", async |_| ada.reads() == ["good day"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_migration_while_the_desk_is_stopped_is_reported_once() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.terminate().await;
    let to = program.group.migrate();
    program.start().await;
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.contains(&to.to_string()), "{text}");
    assert!(program.log().contains(FOLLOWED));
    program.terminate().await;
    program.start().await;
    program.wait_until_idle().await;
    assert_eq!(received_notices(&program).len(), 1, "the new id is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_alone_migrates_no_group() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let (own, foreign) = (program.group.id(), -1_009_999_999_999_i64);
    let from = json!({"id": 7, "is_bot": false, "first_name": "Eve"});
    let chat = |id: i64| json!({"id": id, "type": "supergroup", "title": "Ours"});
    let before = asked(&program.telegram.calls());
    for (place, says, id) in
        [(foreign, "migrate_from_chat_id", own), (own, "migrate_to_chat_id", foreign)]
    {
        let mut message = json!({"message_id": 5, "date": 1, "chat": chat(place), "from": from});
        message[says] = id.into();
        program.telegram.push_update(json!({ "message": message }));
    }
    let is_asked = async |program: &Program| asked(&program.telegram.calls()) > before;
    program.until("Telegram is asked", is_asked).await;
    let ada = program.telegram.user(spec(701_521, "Ada", "en"));
    ada.writes("hello");
    program
        .until("the message arrives in the right group", async |program| {
            program.group.topics().len() == 1
        })
        .await;
    program.wait_until_idle().await;
    assert_eq!(program.group.id(), own);
    assert!(program.metric(MOVES).await < 0.1);
    assert!(notices(&program, "moved", "sent").await < 0.1);
    assert!(!program.log().contains(FOLLOWED));
    assert!(program.log().contains("perhaps forged; nothing is changed"));
    program.terminate().await;
    program.start().await;
    ada.writes("and again");
    program
        .until("after a restart the group is the same", async |program| {
            let topic = program.group.topics()[0].id;
            program.group.messages(topic).iter().any(|it| it.text.as_deref() == Some("and again"))
        })
        .await;
}
