//! Request numbers that nobody asks for any more, and timers that wait for a long time.

use std::time::Duration;

use domain::{Conversation, Millis, Request, UserId};
use ports::{RequestNumbers as _, Retention as _, Store as _};
use support_bot::adapters::redis::RedisStore;

use crate::{
    contract::{
        quickest_query,
        sample::{NOW, commit, conversation, later, storing},
    },
    redis::Server,
};

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_number_is_deleted_an_hour_after_its_conversation_has_it_and_never_before() {
    let server = Server::start();
    let store = RedisStore::open(&server.options()).await.unwrap();
    let kept = || {
        let kept = server.ask(&["HLEN", "support-bot:{0}:requests"]);
        kept.trim().parse::<i64>().unwrap()
    };
    let asks = |user, number| Conversation {
        request: Some(Request { nth: 1, number, closed: false }),
        ..conversation(user)
    };
    for user in 1..=150 {
        commit(&store, storing(asks(user, None), 0)).await;
        assert_eq!(store.request(UserId(user), 1).await.unwrap(), user);
    }
    for user in 1..=130 {
        commit(&store, storing(asks(user, Some(user)), 1)).await;
    }
    let forget = async |hours: i64| {
        let now = Millis(NOW.0 + hours * HOUR);
        while store.forget(Millis(0), now).await.unwrap() > 0 {}
        kept()
    };
    assert_eq!(forget(0).await, 150, "a request may still ask for its number");
    assert_eq!(forget(0).await, 150);
    // User 130 makes another request meanwhile.
    assert_eq!(store.request(UserId(130), 2).await.unwrap(), 151);
    assert_eq!(forget(1).await, 21);
    assert_eq!(store.request(UserId(130), 2).await.unwrap(), 151);
    assert_eq!(store.request(UserId(140), 1).await.unwrap(), 140);
    for user in 131..=150 {
        commit(&store, storing(asks(user, Some(user)), 1)).await;
    }
    assert_eq!(forget(2).await, 21, "requests that were answered only now");
    assert_eq!(forget(3).await, 1);
    assert_eq!(store.request(UserId(151), 1).await.unwrap(), 152, "the numbers continue");
    store.close(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_timers_that_are_not_due_cost_nothing() {
    let server = Server::start();
    let store = RedisStore::open(&server.options()).await.unwrap();
    let mut waits = conversation(1);
    waits.welcome.due = Some(later(i64::from(i32::MAX)));
    commit(&store, storing(waits, 0)).await;
    let alone = quickest_query(&store).await;
    let fill = "for user = 2, 100000 do redis.call('ZADD', KEYS[1], 'NX', ARGV[1], user) end \
                return redis.call('ZCARD', KEYS[1])";
    let due = later(i64::from(i32::MAX)).0.to_string();
    let filled = server.ask(&["EVAL", fill, "1", "support-bot:{1}:due", &due]);
    assert_eq!(filled.trim(), "100000");
    let among_many = quickest_query(&store).await;
    println!("{alone:?} with one timer, {among_many:?} with 100,000");
    assert!(among_many < alone * 20, "{alone:?} with one timer, {among_many:?} with 100,000");
    store.close(Duration::from_secs(10)).await.unwrap();
}
