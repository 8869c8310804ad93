//! Many users write once, and all of it waits: the program's memory does not grow with their number, and is given back.

use std::time::{Duration, Instant};

use crate::harness::{Program, spec};

/// So much is resident at most, whatever waits.
const MOST: u64 = 80_000_000;
/// What is not needed any more is given back within so long.
const GIVEN_BACK: Duration = Duration::from_mins(1);

/// How much was resident at the most while something went on.
async fn most(program: &Program, lasts: impl AsyncFn(&Program) -> bool) -> u64 {
    let (mut most, begun) = (program.allocated(), Instant::now());
    while lasts(program).await {
        assert!(begun.elapsed() < Duration::from_hours(2), "it does not end\n{}", program.log());
        most = most.max(program.allocated());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    most
}

fn megabytes(bytes: u64) -> u64 {
    bytes / 1_000_000
}

/// So many users write once to a desk that may send 20 messages a minute to its group; it is started anew with all
/// that waiting; then limits are lifted.
async fn a_rush(users: i64, settings: &[(&str, &str)], patience: Duration) {
    let mut program = Program::new(settings).await;
    program.set("PACE_GROUP_PER_MINUTE", "20");
    program.start().await;
    let at_rest = program.allocated();
    let telegram = std::sync::Arc::clone(&program.telegram);
    let begun = Instant::now();
    let mut peak = at_rest;
    for n in 0..users {
        telegram.user(spec(10_000 + n, "Somebody", "en")).writes("hello");
        while n % 1_000 == 0 && telegram.pending_updates() > 20_000 {
            peak = peak.max(program.allocated());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let written = most(&program, async |_| telegram.pending_updates() > 0).await.max(peak);
    println!(
        "{users} users: {} MB at rest; all have written after {:?}: {} MB at the most",
        megabytes(at_rest),
        begun.elapsed(),
        megabytes(written)
    );
    program.kill();
    let begun = Instant::now();
    program.start().await;
    let until = Instant::now() + Duration::from_secs(3);
    let started = most(&program, async |_| Instant::now() < until).await;
    println!("started with it in {:?}: {} MB at the most", begun.elapsed(), megabytes(started));
    program.terminate().await;
    program.set("PACE_GROUP_PER_MINUTE", "0");
    let begun = Instant::now();
    program.start().await;
    let all = u64::try_from(users).unwrap();
    let delivered = most(&program, async |_| telegram.calls().count("copyMessage") < all).await;
    println!("delivered in {:?}: {} MB at the most", begun.elapsed(), megabytes(delivered));
    let until = Instant::now() + patience;
    most(&program, async |_| Instant::now() < until).await;
    let after = program.allocated();
    println!("{} MB {patience:?} later", megabytes(after));
    let each = [written, started, delivered, after];
    assert!(each.iter().all(|bytes| *bytes <= MOST), "{each:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "by hand"]
async fn measure_rush() {
    let users = std::env::var("USERS").unwrap().parse().unwrap();
    a_rush(users, &[], GIVEN_BACK).await;
}
