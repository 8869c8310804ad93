//! Memory in Redis for users and links.

use domain::{
    Conversation, Fingerprint, Link, MessageId, Millis, Profile, Revision, Side, Topic, TopicId,
    UserId,
};
use ports::{Commit, Ledger as _, Retention as _};
use support_bot::adapters::redis::RedisStore;

use crate::contract::sample::{NOW, later};
use crate::redis::Server;

const USERS: i64 = 100_000;
const LINKS: i64 = 1_000_000;

/// Ids of today's users have ten digits and are scattered.
fn user(number: i64) -> UserId {
    UserId(1_000_000_000 + number * 7_919)
}

fn known(number: i64) -> Commit {
    let profile = Profile {
        name: format!("Firstname Lastname {number}"),
        username: Some(format!("username_{number}")),
        language_code: Some("en".to_owned()),
    };
    let mut conversation = Conversation::new(user(number), profile, NOW);
    conversation.topic.current = Topic::Open(TopicId(10_000_000 + number));
    Commit {
        expects: Some((user(number), Revision::default())),
        conversation: Some(conversation),
        ..Commit::default()
    }
}

/// Every second message of the group is a copy; the others are notices or service messages.
fn linked(number: i64) -> Commit {
    let link = Link {
        user: user(number * 31 % USERS),
        user_message: MessageId(1_000_000 + number * 2),
        staff_message: MessageId(3_000_000 + number * 2),
        origin: Side::User,
        fingerprint: Fingerprint { text: 0x9e37_79b9, media: 0 },
        at: later(number),
    };
    Commit { links: vec![link], ..Commit::default() }
}

async fn write(store: &RedisStore, count: i64, commit: impl Fn(i64) -> Commit) {
    for first in (0..count).step_by(1_000) {
        store.commit((first..count.min(first + 1_000)).map(&commit).collect()).await.unwrap();
    }
}

/// `cargo test --test it redis::memory -- --ignored --nocapture` prints the figures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes: `just memory`"]
async fn memory_of_users_and_links_is_bounded_and_freed_by_deletion() {
    let server = Server::start_with(&["--appendonly", "no"]);
    let store = RedisStore::open(&server.options()).await.unwrap();
    let used = || {
        let answer = server.ask(&["INFO", "memory"]);
        let used = answer.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.unwrap().trim().parse::<i64>().unwrap()
    };
    // Writes once before it measures, so that scripts and connections are not counted. Request ids expire after a
    // minute.
    write(&store, 1, known).await;
    let answers = async || {
        for partition in 0..16 {
            server.ask(&["DEL", &format!("support-bot:{{{partition}}}:tries")]);
        }
    };
    answers().await;
    let begun = used();
    write(&store, USERS, known).await;
    answers().await;
    let with_users = used();
    write(&store, LINKS, linked).await;
    answers().await;
    let with_links = used();
    let each = (with_users - begun) / USERS;
    let link = (with_links - with_users) / LINKS;
    println!("{USERS} users: {each} bytes each; {LINKS} links: {link} bytes each");

    while store.forget(later(LINKS), Millis(0)).await.unwrap() > 0 {}
    let left = used() - with_users;
    println!("after forgetting, the links leave {left} bytes");
    assert!(each < 1_000 && link < 400, "{each}, {link}");
    assert!(left < (with_links - with_users) / 20, "{left}");
}
