//! The disk fails, or another process interferes: nothing is lost, and the store works again afterwards.

use std::time::Duration;

use domain::{DeadId, InboxLane, Seq, UpdateId, UserId};
use ports::{Commit, DeadLetters, Inbox, InboxItem, Ledger, Origin, RawUpdate, Store, StoreError};
use rusqlite::Connection;
use support_bot::adapters::sqlite::Options;

use super::disk::Disk;
use crate::contract::{
    Backend,
    sample::{
        NOW, commit, conversation, dead, load, queue, receive, send, storing, undecided, update,
    },
};

fn large(number: i64) -> RawUpdate {
    let lane = InboxLane::User(UserId(1));
    RawUpdate { update: UpdateId(number), lane, raw: "x".repeat(8 << 10) }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_used_again_when_there_is_room() {
    let disk = Disk::with(&Options { max_bytes: Some(512 << 10), ..Options::default() });
    let mut kept: Vec<Seq> = Vec::new();
    let error = loop {
        let number = i64::try_from(kept.len()).unwrap();
        match disk.store().receive(vec![large(number)], None, NOW).await {
            Ok(received) => kept.extend(received.items.iter().map(|item| item.seq)),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(kept.len() > 10);
    let stored =
        |items: Vec<InboxItem>| -> Vec<Seq> { items.into_iter().map(|item| item.seq).collect() };
    assert_eq!(stored(undecided(disk.store()).await), kept);

    for seq in kept.drain(..5) {
        commit(disk.store(), Commit { decided: Some(seq), ..Commit::default() }).await;
    }
    kept.extend(receive(disk.store(), &[large(1000)]).await.into_iter().map(|item| item.seq));
    let disk = disk.kill().await;
    assert_eq!(stored(undecided(disk.store()).await), kept);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for() {
    let disk =
        Disk::with(&Options { busy_timeout: Duration::from_millis(20), ..Options::default() });
    commit(disk.store(), storing(conversation(1), 0)).await;
    let foreign = Connection::open(disk.folder.path().join("desk.sqlite3")).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = disk.store().receive(vec![update(1, 1)], None, NOW).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    let refused = disk.store().commit(vec![storing(conversation(1), 1)]).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    assert!(matches!(disk.store().probe().await, Err(StoreError::Busy(_))));
    assert_eq!(load(disk.store(), 1).await.unwrap().revision.0, 1, "reading still works");

    foreign.execute_batch("ROLLBACK").unwrap();
    disk.store().probe().await.unwrap();
    commit(disk.store(), storing(conversation(1), 1)).await;
    assert_eq!(receive(disk.store(), &[update(1, 1)]).await.len(), 1);
}

#[tokio::test]
async fn a_damaged_row_fails_only_the_calls_that_read_it() {
    let disk = Disk::open().await;
    let sends = queue(disk.store(), vec![send(1, 1)]).await;
    let id = DeadId::of_send(sends[0].seq);
    let bury = Commit { dead: vec![dead(Origin::Send(sends[0].clone()))], ..Commit::default() };
    commit(disk.store(), bury).await;
    let shell = Connection::open(disk.folder.path().join("desk.sqlite3")).unwrap();
    shell.execute_batch("UPDATE dead SET format = 9").unwrap();

    let store = disk.store();
    let retry = || store.commit(vec![Commit { retried: vec![id], ..Commit::default() }]);
    let others = (1..20).map(|number| store.receive(vec![update(number, 1)], None, NOW));
    let (poisoned, others, again) =
        tokio::join!(retry(), futures_util::future::join_all(others), retry());
    assert!(others.iter().all(Result::is_ok));
    for error in [poisoned.unwrap_err(), again.unwrap_err()] {
        assert!(matches!(&error, StoreError::Corrupt(_)), "{error:?}");
        assert!(error.to_string().contains("format 9"), "{error}");
    }
    assert!(store.dead_letter(id).await.is_err());
    assert_eq!(undecided(store).await.len(), 19);
    assert_eq!(store.figures().await.unwrap().dead_sends, 1);
}

#[tokio::test]
async fn a_manually_changed_row_is_detected_at_the_next_commit() {
    let disk = Disk::open().await;
    commit(disk.store(), storing(conversation(1), 0)).await;
    let shell = Connection::open(disk.folder.path().join("desk.sqlite3")).unwrap();
    shell.execute_batch("UPDATE conversations SET revision = 5").unwrap();
    assert_eq!(load(disk.store(), 1).await.unwrap().revision.0, 1, "from the cache");
    let stale = disk.store().commit(vec![storing(conversation(1), 1)]).await.unwrap();
    assert_eq!(stale, [ports::Committed::Stale]);
    assert_eq!(load(disk.store(), 1).await.unwrap().revision.0, 5);
}
