//! Redis loses its power, or has no file at all: it loses at most what its settings allow, the desk reports it, and
//! continues.

use std::collections::BTreeMap;

use crate::redis::harness::{Rush, Server};

/// The server syncs `appendonlydir` every second. The desk is idle for a second before the power cut.
const EVERYSEC: [&str; 4] = ["--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];

/// The lost messages that were not written between these two moments.
fn lost_outside(
    lost: &BTreeMap<String, Vec<u64>>,
    from: &BTreeMap<String, u64>,
    to: &BTreeMap<String, u64>,
) -> Vec<(String, u64)> {
    let outside = |side: &str, number: u64| {
        number <= from.get(side).copied().unwrap_or(0)
            || number > to.get(side).copied().unwrap_or(0)
    };
    let all = lost.iter().flat_map(|(side, lost)| lost.iter().map(move |one| (side.clone(), *one)));
    all.filter(|(side, number)| outside(side, *number)).collect()
}

/// Waits until all partitions are assigned. A program may be ready earlier, but its figures do not count what waits in
/// partitions that it lacks.
async fn all_partitions_are_held(rush: &Rush) {
    let held = "supportbot_partitions_held";
    rush.program.until("all partitions are assigned", async |p| p.metric(held).await > 15.5).await;
}

/// Cuts the server's power, and with `both` the program's too. The writes of the last second are not on the disk: the
/// file is cut to its earlier length.
#[expect(
    clippy::print_stdout,
    reason = "the number of lost messages, which the assertion does not show"
)]
async fn a_power_cut(both: bool) {
    let mut server = Server::start_with(&EVERYSEC);
    let mut rush = Rush::on(&server.url()).await;
    rush.wait_until_idle().await;
    assert_eq!(rush.load().missing(&rush.program.group), 0);
    let (on_disk, from) = (server.written(), rush.load().written());
    rush.writes_for(900).await;
    server.kill();
    if both {
        rush.program.kill();
    }
    let to = rush.load().written();
    assert!(server.forgets_after(on_disk) > 10_000, "the server has written nothing");
    server.restart();
    if both {
        // Deletes the lease instead of waiting for its expiry, which other tests cover.
        server.ask(&["DEL", "support-bot:{0}:lease"]);
        rush.program.start().await;
        all_partitions_are_held(&rush).await;
    }
    rush.writes_for(1_000).await;
    rush.wait_until_idle().await;
    // A start reads the entries that came back with the older file.
    rush.program.terminate().await;
    rush.program.start().await;
    all_partitions_are_held(&rush).await;
    rush.wait_until_idle().await;

    let account = rush.account();
    let under_way: u64 = to.values().sum::<u64>() - from.values().sum::<u64>();
    let lost: usize = account.lost.values().map(Vec::len).sum();
    println!("of {under_way} in the last second {lost} were lost, {} repeated", account.repeats);
    assert_eq!(lost_outside(&account.lost, &from, &to), []);
    assert!(account.disordered.is_empty(), "{:#?}", account.disordered);
    assert!(account.repeats <= under_way, "{account:?}");
    rush.program
        .until("the program is ready", async |program| program.ready().await.0 == 200)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_of_redis_loses_no_more_than_the_last_second() {
    a_power_cut(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_of_redis_and_program_loses_no_more_than_the_last_second() {
    a_power_cut(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_without_persistence_is_reported_and_messages_after_its_death_are_delivered() {
    let mut server = Server::start_with(&["--appendonly", "no"]);
    let mut rush = Rush::on(&server.url()).await;
    rush.program
        .until("the warning is in the log", async |program| program.log().contains("appendonly no"))
        .await;
    assert_eq!(rush.warnings().len(), 1, "{:#?}", rush.warnings());
    assert!(rush.program.metric("supportbot_redis_append_only").await == 0.0);
    rush.program.kill();
    server.kill();
    server.restart();
    assert_eq!(server.ask(&["DBSIZE"]).trim(), "0", "the database is empty");
    rush.program.start().await;
    // The desk has forgotten every user. A user who writes again gets a new topic; answers in the old topics reach no
    // user.
    let written = rush.load().written();
    rush.all_users_write();
    rush.wait_until_idle().await;
    rush.writes_for(1_000).await;
    rush.wait_until_idle().await;

    let account = rush.account();
    println!("{account:?}");
    assert!(account.disordered.is_empty(), "{:#?}", account.disordered);
    assert_eq!(lost_outside(&account.lost, &BTreeMap::new(), &written), []);
}
