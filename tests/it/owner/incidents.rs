//! Incidents that do not end by themselves, caused for real: the owner receives a notice of each, and of its end.

use telegram_simulator::Rights;

use super::{notices, received_notices, until_notices, until_sent};
use crate::harness::{Program, spec};

#[tokio::test(flavor = "multi_thread")]
async fn missing_rights_in_the_group_are_reported_once() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.group.set_bot_rights(Rights::none());
    program.telegram.user(spec(701_500, "Ada", "en")).writes("hello");
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ Telegram has not let the bot work in the operators’ group since "));
    assert!(text.contains("Messages wait and are not lost."), "{text}");
    assert!(!text.contains("Ada") && !text.contains("hello"), "{text}");
    until_sent(&program, "group", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_backups_and_the_next_good_one_are_reported() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let failed = program.run(&["backup", "/proc/backup"]);
    assert!(!failed.status.success());
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ No backups are being made (noticed "), "{text}");
    let made = program.run(&["backup", program.data().join("a.backup").to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = until_notices(&program, 2).await.remove(1);
    assert!(text.starts_with("◆ Backups have been working again since "), "{text}");
    until_sent(&program, "backup", 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_reported_in_one_notice_an_hour() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.telegram.push_raw(r#"{"message":{"message_id":3,"date":1,"text":"secret words"}}"#);
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ 1 message or update was given up."), "{text}");
    assert!(text.contains("support-bot dead list"), "{text}");
    program.telegram.push_raw(r#"{"message":{"message_id":4,"date":1,"text":"secret words"}}"#);
    program
        .until("the next notice is kept back", async |program| {
            notices(program, "given_up", "suppressed").await > 0.5
        })
        .await;
    assert_eq!(received_notices(&program).len(), 1);
}
