//! Moving in the natural order: the settings of the old bot first, then its users.

use domain::{Topic, TopicId};
use telegram_simulator::Person;

use super::{
    import::{stored, user},
    stdout_of,
};
use crate::{harness::Desk, redis::Server};

/// A desk with the settings of the old bot, two of its users, Ada and Bea, and the topics that they had.
async fn settings_of_the_old_bot(server: &Server) -> (Desk, [Person; 2], [i64; 2]) {
    let mut desk = Desk::start().await;
    let people = [desk.user(1001, "Ada"), desk.user(1002, "Bea")];
    for person in &people {
        person.writes("to the old bot");
        desk.settle().await;
    }
    let topics = ["Ada", "Bea"].map(|name| desk.topic_of(name));
    desk.close().await;
    desk.set("REDIS_URL", &server.url());
    user(server, 1001, &topics[0].to_string(), r#", "full_name": "Ada""#);
    user(server, 1002, &topics[1].to_string(), r#", "full_name": "Bea", "is_banned": true"#);
    (desk, people, topics)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_after_the_new_settings_brings_every_ban_and_topic() {
    let server = Server::start();
    let (mut desk, [ada, bea], [of_ada, of_bea]) = settings_of_the_old_bot(&server).await;
    let printed = desk.start_error().await;
    assert!(printed.contains("import first: this Redis holds users of the old bot"), "{printed}");
    assert!(printed.contains("`support-bot import`"), "{printed}");
    assert!(printed.contains("REDIS_IGNORE_OLD_USERS=true"), "{printed}");
    let doctor = desk.run(&["doctor"]).await;
    let found = String::from_utf8(doctor.stdout).unwrap();
    assert!(found.contains("FAIL  Import first: this Redis"), "{found}");
    assert!(found.contains("-> Run support-bot import"), "{found}");
    assert_eq!(doctor.status.code(), Some(1), "{found}");

    let printed = stdout_of(&desk.run(&["import"]).await);
    assert!(
        printed.contains("taken                  2\n    with their topic     2\n"),
        "{printed}"
    );
    let found = stdout_of(&desk.run(&["doctor"]).await);
    assert!(!found.contains("import"), "{found}");
    desk.open().await;
    ada.writes("to the new one");
    bea.writes("let me in");
    desk.settle().await;
    assert_eq!(
        desk.relayed_texts(of_ada),
        ["to the old bot", "to the new one"],
        "the messages are in the same topic"
    );
    assert_eq!(desk.relayed_texts(of_bea), ["to the old bot"], "still banned");
    assert_eq!(desk.group.topics().len(), 2, "no topic was opened twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_who_wrote_before_the_import_get_their_ban_and_topic() {
    let server = Server::start();
    let (mut desk, [ada, bea], [of_ada, of_bea]) = settings_of_the_old_bot(&server).await;
    desk.set("REDIS_IGNORE_OLD_USERS", "true");
    assert!(!stdout_of(&desk.run(&["doctor"]).await).contains("Import first"));
    desk.open().await;
    // Ada has no topic here yet; Bea has one.
    ada.starts();
    bea.writes("let me in");
    desk.settle().await;
    assert_eq!(stored(&desk, 1001).await.unwrap().topic.current, Topic::None);
    let Topic::Open(TopicId(here)) = stored(&desk, 1002).await.unwrap().topic.current else {
        panic!()
    };
    assert_ne!(here, of_bea);
    let before = desk.card(here);
    desk.close().await;

    let printed = stdout_of(&desk.run(&["import"]).await);
    for line in [
        "taken                  0\n",
        "known to the desk      2: their existing data stays\n",
        "    got their old topic  1\n    banned now           1\n    silent now           0\n",
        "with another topic in this desk; messages in the old one reach them as well: 1: 1002\n",
    ] {
        assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
    }
    desk.set("REDIS_IGNORE_OLD_USERS", "false");
    desk.open().await;
    ada.writes("to the new one");
    bea.writes("once more");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(of_ada), ["to the old bot", "to the new one"]);
    assert_eq!(desk.relayed_texts(here), ["let me in"], "the user is banned now");
    assert_eq!(desk.relayed_texts(of_bea), ["to the old bot"]);
    assert_eq!(stored(&desk, 1002).await.unwrap().topic.current, Topic::Open(TopicId(here)));
    assert_ne!(desk.card(here), before, "the card shows the ban");
    desk.operator.writes_in(of_bea, "you are banned");
    desk.settle().await;
    assert_eq!(
        bea.reads().last().unwrap(),
        "you are banned",
        "operators' messages in the old topic arrive"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_lifted_after_an_import_is_not_restored_by_another() {
    let server = Server::start();
    let (mut desk, [_, bea], [_, of_bea]) = settings_of_the_old_bot(&server).await;
    stdout_of(&desk.run(&["import"]).await);
    desk.open().await;
    desk.operator.writes_in(of_bea, "/ban");
    desk.settle().await;
    desk.close().await;
    let printed = stdout_of(&desk.run(&["import"]).await);
    for line in [
        "known to the desk      2: unchanged, because an earlier import was finished\n",
        "banned by the old bot but not here; use /ban to ban them: 1: 1002\n",
    ] {
        assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
    }
    desk.open().await;
    bea.writes("thank you");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(of_bea), ["to the old bot", "thank you"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skipped_users_and_foreign_keys_do_not_block_the_start() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    let put = |id: &str, json: &str| server.ask(&["HSET", "users", id, json]);
    put("7", "{'id': 7}");
    put("8", r#"{"id": 9}"#);
    put("Ada Lovelace", "{}");
    desk.open().await;
    desk.close().await;
    // One user is found behind thousands of invalid entries.
    let many = "for id = 1, 3000 do redis.call('HSET', 'users', 'x' .. id, '{}') end";
    server.ask(&["EVAL", many, "0"]);
    desk.open().await;
    desk.close().await;
    put("9", "{}");
    assert!(desk.start_error().await.contains("import first"));
    server.ask(&["DEL", "users"]);
    server.ask(&["SET", "users", "something else"]);
    desk.open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_import_ends_the_search_for_old_users() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    user(&server, 1001, "901", "");
    // A running desk uses this command for other purposes; `doctor` does not.
    let looks = async |desk: &Desk| {
        server.ask(&["CONFIG", "RESETSTAT"]);
        desk.run(&["doctor"]).await;
        server.ask(&["INFO", "commandstats"]).contains("cmdstat_hscan")
    };
    assert!(looks(&desk).await);
    assert!(desk.start_error().await.contains("import first"));
    stdout_of(&desk.run(&["import"]).await);
    user(&server, 1002, "902", "");
    assert!(!looks(&desk).await);
    desk.open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_not_recorded_and_can_be_repeated() {
    use std::{
        io::{BufRead as _, BufReader},
        process::Stdio,
    };

    let server = Server::start();
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    let many = "for id = 1, 9000 do redis.call('HSET', 'users', id, '{\"is_banned\": true}') end";
    server.ask(&["EVAL", many, "0"]);
    let mut command = desk.command(&["import"]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(running.stderr.take().unwrap()).lines();
    let taken = lines.map_while(Result::ok).find(|line| line.starts_with("users taken over"));
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(taken.is_some(), "the import had begun");
    let printed = desk.start_error().await;
    assert!(printed.contains("import first"), "{printed}");
    let printed = stdout_of(&desk.run(&["import"]).await);
    assert!(printed.contains("users of the old bot     9000\n"), "{printed}");
    desk.open().await;
    for id in [1, 4500, 9000] {
        assert!(stored(&desk, id).await.unwrap().moderation.banned);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_setting_to_start_without_old_users_needs_a_redis() {
    let mut desk = Desk::closed().await;
    for (name, value) in [("REDIS_URL", ""), ("REDIS_IGNORE_OLD_USERS", "true")] {
        desk.set(name, value);
    }
    let printed = stdout_of(&desk.run(&["doctor"]).await);
    assert!(printed.contains("REDIS_IGNORE_OLD_USERS has no effect"), "{printed}");
}
