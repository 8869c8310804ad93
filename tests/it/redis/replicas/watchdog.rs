//! Monitoring posts to one of several replicas, and all replicas learn of it.

use std::time::Duration;

use domain::Millis;
use ports::{Board as _, Store as _};
use support_bot::adapters::redis::RedisStore;

use crate::redis::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_watchdog_time_recorded_by_one_process_is_known_to_all() {
    let server = Server::start();
    let first = RedisStore::join(&server.options()).await.unwrap();
    let second = RedisStore::join(&server.options()).await.unwrap();
    assert_eq!(second.record_watchdog(None).await, Ok(None));
    assert_eq!(first.record_watchdog(Some(Millis(2_000))).await, Ok(Some(Millis(2_000))));
    assert_eq!(second.record_watchdog(None).await, Ok(Some(Millis(2_000))));
    // The second process has a slower clock, but its time is the most recent.
    assert_eq!(second.record_watchdog(Some(Millis(1_000))).await, Ok(Some(Millis(1_000))));
    assert_eq!(first.record_watchdog(None).await, Ok(Some(Millis(1_000))));
    for store in [first, second] {
        store.close(Duration::from_secs(10)).await.unwrap();
    }
}
