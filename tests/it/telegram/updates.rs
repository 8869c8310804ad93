//! Answers to a poll: every update in them is passed on unchanged.

use std::time::Duration;

use ports::Updates as _;
use support_bot::adapters::telegram::Poller;

use super::{
    client,
    stub::{Stub, done},
};

const PARTS: [&str; 8] = [
    r#"{"update_id":7}"#,
    r#"{ "update_id" : 8, "message": {"text": "\ud83d\udc4b \u0000"} }"#,
    "{}",
    "[]",
    "null",
    "\"x\"",
    "1e400",
    r#"{"a":[[[1]]]}"#,
];

#[tokio::test]
async fn every_update_of_a_response_is_passed_on_unchanged() {
    let mut random = fastrand::Rng::with_seed(7);
    let batch = |_| -> Vec<&str> {
        (0..random.usize(0..=100)).filter_map(|_| random.choice(PARTS)).collect()
    };
    let batches: Vec<Vec<&str>> = (0..100).map(batch).collect();
    let stub = Stub::replies(batches.iter().map(|batch| done(&format!("[{}]", batch.join(", ")))));
    let poller = Poller::new(client(&stub), Duration::ZERO);
    for batch in batches {
        assert_eq!(poller.next(None).await.unwrap(), batch);
    }
}
