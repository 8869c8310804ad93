//! A store's file that is damaged unnoticed: the desk finds the damage, and the owner receives a notice.

use std::{fs, path::Path};

use rusqlite::Connection;

use super::{notices, until_notices};
use crate::harness::{Program, spec};

/// Damages a page of the table of dead letters, which normal work does not read.
fn damage(data: &Path) {
    let file = data.join("desk.sqlite3");
    let store = Connection::open(&file).unwrap();
    let page: usize = store
        .query_row("SELECT rootpage FROM sqlite_master WHERE name = 'dead'", [], |row| {
            row.get::<_, i64>(0)
        })
        .unwrap()
        .try_into()
        .unwrap();
    let size: i64 = store.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
    drop(store);
    let mut bytes = fs::read(&file).unwrap();
    bytes[(page - 1) * usize::try_from(size).unwrap()..][..400].fill(0xa5);
    fs::write(&file, bytes).unwrap();
}

async fn checks(program: &Program, outcome: &str) -> f64 {
    program.metric(&format!("supportbot_store_checks_total{{outcome=\"{outcome}\"}}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_reported_after_a_kill_and_by_a_backup() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let ada = program.telegram.user(spec(701_500, "Ada", "en"));
    ada.writes("one");
    program.until("the message arrives", async |p| !p.group.topics().is_empty()).await;
    program.kill();
    program.start().await;
    program.until("the file is checked", async |p| checks(p, "sound").await > 0.5).await;

    program.kill();
    damage(&program.data());
    program.start().await;
    program.until("the damage is found", async |p| checks(p, "damaged").await > 0.5).await;
    // The test has opened the file with another program, which removed the log.
    assert!(checks(&program, "log_lost").await > 0.5);
    program
        .until("the owner has the notice", async |p| notices(p, "damaged", "sent").await > 0.5)
        .await;
    let received = until_notices(&program, 2).await;
    let text = received.iter().find(|text| text.contains("The store’s file is damaged.")).unwrap();
    assert!(text.contains("support-bot restore"), "{text}");
    ada.writes("two");
    // In any topic: a kill between the opening of a topic and its commit makes the desk open another.
    let arrived = |p: &Program| {
        let mut messages =
            p.group.topics().into_iter().flat_map(|topic| p.group.messages(topic.id));
        messages.any(|message| message.text.as_deref() == Some("two"))
    };
    program.until("the message arrives", async |p| arrived(p)).await;

    let made = program.run(&["backup", program.data().join("a.backup").to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&made.stderr).contains("the store's file is damaged"));
    program
        .until("the desk learns of the failed backup", async |p| checks(p, "damaged").await > 1.5)
        .await;
}
