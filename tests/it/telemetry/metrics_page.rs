//! The cost of `/metrics`, which does not grow with the number of users.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::{Conversation, Millis, Profile, Revision, Topic, TopicId, UserId};
use ports::{Commit, Ledger as _, Store as _};
use support_bot::adapters::sqlite::{Options, SqliteStore};

use crate::harness::Desk;

/// Maximum length of the page, in bytes, when every series exists.
const LONGEST: usize = 300_000;

/// Time limit to render and send the page.
const SLOWEST: Duration = Duration::from_millis(5);

/// The names and labels of all series.
fn series(page: &str) -> BTreeSet<String> {
    let lines = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// Stores users with a conversation; the first of them wait for an answer.
async fn seeded(desk: &Desk, count: i64) {
    let store = SqliteStore::open(desk.folder(), &Options::default()).unwrap();
    let known = |number: i64| {
        let profile = Profile {
            name: format!("Known user {number}"),
            username: Some(format!("known_{number}")),
            language_code: Some("en".to_owned()),
        };
        let user = UserId(1_000_000_000 + number);
        let mut conversation = Conversation::new(user, profile, Millis(1));
        conversation.topic.current = Topic::Open(TopicId(10_000_000 + number));
        Commit {
            expects: Some((user, Revision::default())),
            conversation: Some(conversation),
            ..Commit::default()
        }
    };
    for first in (0..count).step_by(1_000) {
        let commits = (first..count.min(first + 1_000)).map(known).collect();
        store.commit(commits).await.unwrap();
    }
    store.close(Duration::from_secs(10)).await.unwrap();
}

/// A desk with this number of users in its store, of whom some write and receive answers.
async fn busy(users: i64) -> Desk {
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", "");
    seeded(&desk, users).await;
    desk.open().await;
    for number in 0..50 {
        desk.user(4_100_000_000 + number, &format!("User {number}")).writes("hello");
    }
    desk.settle().await;
    for topic in desk.group.topics() {
        desk.operator.writes_in(topic.id, "hello");
    }
    desk.settle().await;
    desk
}

/// Requests the page repeatedly; returns the last page and the best time.
async fn page(desk: &Desk) -> (String, Duration) {
    let mut best = Duration::MAX;
    let mut page = String::new();
    for _ in 0..20 {
        let begun = Instant::now();
        let (status, body) = desk.ops("/metrics").await;
        best = best.min(begun.elapsed());
        assert_eq!(status, 200);
        page = body;
    }
    (page, best)
}

/// Requests the compressed page repeatedly; returns its size and the best time.
async fn compressed(desk: &Desk) -> (usize, Duration) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/metrics", desk.ops_address());
    let (mut bytes, mut best) = (0, Duration::MAX);
    for _ in 0..20 {
        let begun = Instant::now();
        let answer = client.get(&url).header("accept-encoding", "gzip").send().await.unwrap();
        bytes = answer.bytes().await.unwrap().len();
        best = best.min(begun.elapsed());
    }
    (bytes, best)
}

/// Requests the page of a desk with this number of users.
#[expect(clippy::print_stdout, reason = "a figure for a manual run")]
async fn does_not_grow(users: i64) -> Duration {
    let (empty, _) = page(&busy(0).await).await;
    let desk = busy(users).await;
    desk.until("all users are counted", || {
        let states = ["waiting_operator", "waiting_user"];
        let count = |state| desk.metric(&format!("supportbot_conversations{{state=\"{state}\"}}"));
        states.map(count).iter().sum::<f64>() >= f64::from(i32::try_from(users).unwrap())
    })
    .await;
    let (full, best) = page(&desk).await;
    assert_eq!(series(&full), series(&empty));
    assert!(full.len().abs_diff(empty.len()) < 2_000, "{} and {}", full.len(), empty.len());
    assert!(full.len() < LONGEST, "{} bytes", full.len());
    println!("{users} users: {} series, {} bytes, {best:?}", series(&full).len(), full.len());
    let (bytes, best_gzip) = compressed(&desk).await;
    println!("with gzip: {bytes} bytes, {best_gzip:?}");
    best
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_does_not_grow_with_the_users() {
    does_not_grow(10_000).await;
}

/// `cargo test --release --test it metrics_page:: -- --ignored --nocapture` prints the figure.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures time: run it alone, in release mode"]
async fn the_page_takes_less_than_five_milliseconds_whatever_the_users() {
    let best = does_not_grow(100_000).await;
    assert!(best < SLOWEST, "{best:?}");
}
