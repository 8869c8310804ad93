//! `support-bot migrate` in both directions, including kills; afterwards the desk continues.

use std::{path::Path, process::Stdio, time::Duration};

use ports::{Record, Store as _};
use support_bot::adapters::{
    redis::RedisStore,
    sqlite::{Options, ReadOnlyStore},
};

use super::{stderr_of, stdout_of};
use crate::{
    contract::{everything, records},
    harness::Desk,
    redis::Server,
    sqlite,
};

async fn in_folder(folder: &Path) -> Vec<Record> {
    records(ReadOnlyStore::open(folder).unwrap().snapshot().unwrap()).await
}

async fn in_redis(server: &Server) -> Vec<Record> {
    let store = RedisStore::open_read_only(&server.options()).await.unwrap();
    records(store.snapshot().await.unwrap()).await
}

/// A desk that is not started, whose folder holds something of each kind.
async fn full(server: &Server) -> Desk {
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    let store = sqlite::open(desk.folder(), &Options::default()).unwrap();
    everything(&store).await;
    store.close(Duration::from_secs(10)).await.unwrap();
    desk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_moves_everything_both_ways_and_compares_it() {
    let server = Server::start();
    let mut desk = full(&server).await;
    let before = in_folder(desk.folder()).await;
    let printed = stdout_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.starts_with("copied from") && printed.contains("conversations          250"));
    assert!(printed.contains("keep REDIS_URL") && printed.contains("Do not start"), "{printed}");
    assert_eq!(in_redis(&server).await, before);
    assert_eq!(in_folder(desk.folder()).await, before, "the source is unchanged");

    let printed = stdout_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.contains("already; compared"), "{printed}");

    let other = desk.folder().join("other");
    desk.set("DATA_DIR", &other.display().to_string());
    let printed = stdout_of(&desk.run(&["migrate", "--to", "sqlite"]).await);
    assert!(printed.contains("remove REDIS_URL"), "{printed}");
    assert_eq!(in_folder(&other).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_with_numbers_without_a_partition_can_be_migrated() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backup/1.backup");
    stdout_of(&desk.run(&["restore", &golden.display().to_string()]).await);
    desk.set("REDIS_URL", &server.url());
    let printed = stdout_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.starts_with("copied from") && printed.contains("dead letters           2"));
    let other = desk.folder().join("other");
    desk.set("DATA_DIR", &other.display().to_string());
    stdout_of(&desk.run(&["migrate", "--to", "sqlite"]).await);
    assert_eq!(in_folder(&other).await, in_redis(&server).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_impossible_migration_is_refused_and_changes_nothing() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    let printed = stderr_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.contains("set REDIS_URL"), "{printed}");
    desk.set("REDIS_URL", &server.url());
    let printed = stderr_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.contains("there is no store in"), "{printed}");
    let printed = stderr_of(&desk.run(&["migrate", "--to", "sqlite"]).await);
    assert!(printed.contains("there is no store in the Redis"), "{printed}");
    assert_eq!(server.ask(&["DBSIZE"]).trim(), "0");

    // The desk runs on Redis.
    desk.open().await;
    desk.user(7, "Ada").writes("hello");
    desk.settle().await;
    let printed = stderr_of(&desk.run(&["migrate", "--to", "sqlite"]).await);
    assert!(
        printed.contains("a desk is running on the store in Redis: stop it first"),
        "{printed}"
    );
    assert!(!desk.folder().join("desk.sqlite3").exists());
    desk.close().await;

    // Two desks are never merged.
    let store = sqlite::open(desk.folder(), &Options::default()).unwrap();
    everything(&store).await;
    let printed = stderr_of(&desk.run(&["migrate", "--to", "redis"]).await);
    assert!(printed.contains("a desk is running on the store in"), "{printed}");
    store.close(Duration::from_secs(10)).await.unwrap();
    let before = (in_folder(desk.folder()).await, in_redis(&server).await);
    for to in ["redis", "sqlite"] {
        let printed = stderr_of(&desk.run(&["migrate", "--to", to]).await);
        assert!(printed.contains("there is another desk in"), "{printed}");
    }
    assert_eq!((in_folder(desk.folder()).await, in_redis(&server).await), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_killed_at_any_moment_can_be_repeated() {
    let server = Server::start();
    let mut desk = full(&server).await;
    let before = in_folder(desk.folder()).await;
    let other = desk.folder().join("other");
    let (mut anew, mut complete) = (0, 0);
    for moment in [5, 15, 25, 35, 45, 60, 80, 120] {
        server.ask(&["FLUSHALL"]);
        let mut command = desk.command(&["migrate", "--to", "redis"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        running.kill().unwrap();
        running.wait().unwrap();
        // A killed command's lock must expire; the test deletes it to save time.
        server.ask(&["DEL", "support-bot:{0}:filler"]);
        let printed = stdout_of(&desk.run(&["migrate", "--to", "redis"]).await);
        anew += usize::from(printed.contains("an earlier copy was not finished"));
        complete += usize::from(printed.contains("already; compared"));
        assert_eq!(in_redis(&server).await, before);
    }
    println!("started over {anew} times, complete {complete} times");

    let in_folder_before = desk.folder().display().to_string();
    desk.set("DATA_DIR", &other.display().to_string());
    for moment in [5, 20, 40, 60, 100] {
        // The folder belongs to this process.
        drop(std::fs::remove_dir_all(&other));
        let mut command = desk.command(&["migrate", "--to", "sqlite"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        running.kill().unwrap();
        running.wait().unwrap();
        server.ask(&["DEL", "support-bot:{0}:lease"]);
        stdout_of(&desk.run(&["migrate", "--to", "sqlite"]).await);
        assert_eq!(in_folder(&other).await, before);
    }
    desk.set("DATA_DIR", &in_folder_before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_continues_in_the_other_store_where_it_was() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", "");
    desk.open().await;
    let (ada, bea) = (desk.user(1001, "Ada"), desk.user(1002, "Bea"));
    let asked = ada.writes("one");
    bea.writes("hello");
    desk.settle().await;
    let (topic, of_bea) = (desk.topic_of("Ada"), desk.topic_of("Bea"));
    desk.operator.writes_in(of_bea, "/ban");
    desk.settle().await;

    for to in ["redis", "sqlite"] {
        desk.close().await;
        // Messages written meanwhile wait at Telegram.
        ada.writes(&format!("before {to}"));
        desk.set("REDIS_URL", &server.url());
        stdout_of(&desk.run(&["migrate", "--to", to]).await);
        if to == "sqlite" {
            desk.set("REDIS_URL", "");
        } else {
            // The copy back needs an empty folder.
            let folder = desk.folder().join("second").display().to_string();
            desk.set("DATA_DIR", &folder);
        }
        desk.open().await;
        ada.writes(&format!("in {to}"));
        bea.writes("let me in");
        desk.settle().await;
        assert_eq!(desk.topic_of("Ada"), topic, "the topic is the same");
        assert!(!desk.relayed_texts(of_bea).contains(&"let me in".to_owned()), "still banned");
        let copy = desk.relayed(topic).remove(0).id;
        desk.operator.replies_in(topic, copy, format!("answered in {to}").as_str());
        desk.settle().await;
        let sees = ada.sees();
        let text = format!("answered in {to}");
        let answer = sees.iter().find(|seen| seen.text.as_deref() == Some(&text)).unwrap();
        assert_eq!(answer.reply_to, Some(asked), "the reply refers to its message");
    }
    let all = ["one", "before redis", "in redis", "before sqlite", "in sqlite"];
    assert_eq!(desk.relayed_texts(topic), all);
}
