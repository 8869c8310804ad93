//! `support-bot import` reads the users of the old Python bot from a Redis, and changes nothing there.

use std::collections::BTreeSet;

use domain::{Language, Subject, Topic, TopicId, UserId};

use super::{stderr_of, stdout_of};
use crate::{harness::Desk, redis::Server};

/// Stores a user as the old bot does.
pub(super) fn user(server: &Server, id: i64, thread: &str, more: &str) {
    let json = format!(r#"{{"id": {id}, "message_thread_id": {thread}{more}}}"#);
    server.ask(&["HSET", "users", &id.to_string(), &json]);
    server.ask(&["SET", &format!("users_index_{thread}"), &id.to_string()]);
}

/// The commands that this Redis has ever received.
fn asked(server: &Server) -> BTreeSet<String> {
    let told = server.ask(&["INFO", "commandstats"]);
    let names = told.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    names.map(str::to_owned).collect()
}

pub(super) async fn stored(desk: &Desk, id: i64) -> Option<domain::Conversation> {
    let store = desk.app.as_ref().unwrap().store();
    store.load(Subject::User(UserId(id))).await.unwrap().map(|found| (*found).clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_brings_topics_bans_and_languages_and_only_reads_the_old_redis() {
    let server = Server::start();
    let mut desk = Desk::start().await;
    // A topic of the old bot that still exists.
    let ada = desk.user(1001, "Ada");
    ada.writes("to the old bot");
    desk.settle().await;
    let topic = desk.topic();
    desk.close().await;
    let folder = desk.folder().join("new").display().to_string();
    desk.set("DATA_DIR", &folder);

    user(
        &server,
        1001,
        &topic.to_string(),
        r#", "full_name": "Ada", "username": "@ada", "language_code": "ru", "state": "member",
            "is_banned": false, "created_at": "2024-05-01 15:30:00 UTC+03:00""#,
    );
    user(&server, 1002, "902", r#", "full_name": "Bea", "is_banned": true"#);
    user(&server, 1003, "903", r#", "message_silent_mode": true, "message_silent_id": 55"#);
    server.ask(&["SET", "request_id_counter", "42"]);
    server.ask(&["CONFIG", "RESETSTAT"]);
    let from = format!("{}/0", server.url());
    let printed = stdout_of(&desk.run(&["import", "--from", &from]).await);
    assert!(
        printed.contains("users of the old bot     3\n  taken                  3"),
        "{printed}"
    );
    assert!(printed.contains("the next request will have the number 43"), "{printed}");
    assert!(
        !printed.contains("Ada") && !printed.contains("Bea"),
        "the output contains names: {printed}"
    );
    let mut asked = asked(&server);
    for read in ["hscan", "get", "info", "hello", "client|setname", "client|id", "select", "ping"] {
        asked.remove(read);
    }
    asked.retain(|name| !name.starts_with("config") && !name.starts_with("client"));
    assert_eq!(asked, BTreeSet::new(), "the import sends only commands that read");

    desk.open().await;
    let of_ada = stored(&desk, 1001).await.unwrap();
    assert_eq!(
        (of_ada.topic.current, of_ada.language),
        (Topic::Open(TopicId(topic)), Some(Language::Russian))
    );
    assert_eq!(of_ada.since.0, 1_714_566_600_000);
    assert!(
        stored(&desk, 1002).await.unwrap().moderation.banned
            && stored(&desk, 1003).await.unwrap().moderation.silent
    );
    ada.writes("to the new one");
    desk.settle().await;
    assert_eq!(
        desk.relayed_texts(topic),
        ["to the old bot", "to the new one"],
        "the messages are in the same topic"
    );
    desk.operator.writes_in(topic, "hello again");
    desk.settle().await;
    assert!(ada.reads().contains(&"hello again".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_keeps_known_users_adds_bans_and_is_idempotent() {
    let server = Server::start();
    // The desk's store is in the same database of the same Redis.
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    desk.open().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let (topic, before) = (desk.topic(), stored(&desk, 1001).await.unwrap());
    let printed = stderr_of(&desk.run(&["import"]).await);
    assert!(printed.contains("there are no users of the old bot"), "{printed}");
    user(&server, 1001, "901", r#", "full_name": "Old", "is_banned": true"#);
    user(&server, 1002, &topic.to_string(), "");
    user(&server, 1003, "903", "");
    let printed = stderr_of(&desk.run(&["import"]).await);
    assert!(printed.contains("the desk is running"), "{printed}");
    desk.close().await;

    let printed = stdout_of(&desk.run(&["import"]).await);
    assert!(printed.contains("taken                  2\n"), "{printed}");
    assert!(printed.contains("known to the desk      1: their existing data stays"), "{printed}");
    assert!(printed.contains("got their old topic  0\n    banned now           1\n"), "{printed}");
    assert!(
        printed.contains(
            "with another topic in this desk; messages in the old one reach them as well: 1: 1001"
        ),
        "{printed}"
    );
    assert!(printed.contains("which belongs to another user in this desk: 1: 1002"), "{printed}");
    let again = stdout_of(&desk.run(&["import"]).await);
    assert!(
        again.contains("taken                  0\n") && again.contains("desk      3"),
        "{again}"
    );
    desk.open().await;
    let after = stored(&desk, 1001).await.unwrap();
    assert_eq!((after.topic.current, after.profile), (before.topic.current, before.profile));
    assert!(after.moderation.banned && !before.moderation.banned);
    assert_eq!(stored(&desk, 1002).await.unwrap().topic.current, Topic::None);
    assert_eq!(stored(&desk, 1003).await.unwrap().topic.current, Topic::Open(TopicId(903)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_records_are_skipped_and_reported_by_id() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    user(&server, 1, "901", "");
    // Users 2 and 3 claim one topic, and the index decides; users 4 and 5 claim one that is not in the index.
    user(&server, 2, "902", "");
    user(&server, 3, "902", "");
    user(&server, 4, "904", "");
    user(&server, 5, "904", "");
    server.ask(&["DEL", "users_index_904"]);
    user(&server, 6, "906", "");
    server.ask(&["SET", "users_index_906", "1"]);
    let put = |id: &str, json: &str| server.ask(&["HSET", "users", id, json]);
    put("7", "{'id': 7}");
    put("8", r#"{"id": 9}"#);
    put("-5", "{}");
    put("Ada Lovelace", "{}");
    put("10", r#"{"language_code": "tlh", "created_at": "once", "message_thread_id": 1}"#);
    server.ask(&["EVAL", r"redis.call('HSET', 'users', '11', '\255\0')", "0"]);
    let printed = stdout_of(&desk.run(&["import", "--from", &server.url()]).await);
    for line in [
        "users of the old bot     12\n  taken                  7\n",
        "with their topic     2\n",
        "skipped, the id is not a user id: 2: -5 and 1 more\n",
        "skipped, the value is not a JSON object: 2: 7, 11\n",
        "skipped, the value has another id: 1: 8\n",
        "without their topic, which is not a valid id: 1: 10\n",
        "without a language that the desk speaks: 1: 10\n",
        "first contact set to now, because the stored date cannot be read: 1: 10\n",
        "without their topic, which may belong to another user: 4: 2, 4, 5, 6\n",
    ] {
        assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
    }
    assert!(!printed.contains("Lovelace"));
    desk.open().await;
    assert_eq!(stored(&desk, 3).await.unwrap().topic.current, Topic::Open(TopicId(902)));
    assert_eq!(stored(&desk, 2).await.unwrap().topic.current, Topic::None);
    desk.close().await;

    server.ask(&["DEL", "users"]);
    server.ask(&["SET", "users", "something else"]);
    let printed = stderr_of(&desk.run(&["import", "--from", &server.url()]).await);
    assert!(printed.contains("cannot be read"), "{printed}");
    let printed = stderr_of(&desk.run(&["import", "--from", "redis://203.0.113.5:6379"]).await);
    assert!(printed.contains("in clear over the internet"), "{printed}");
    let printed = stderr_of(&desk.run(&["import", "--from", "redis://127.0.0.1:1"]).await);
    assert!(printed.contains("cannot be reached"), "{printed}");
    let printed = stderr_of(&desk.run(&["import"]).await);
    assert!(printed.contains("--from"), "{printed}");
}
