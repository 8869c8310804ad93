//! Redis loses its power, or had no file at all: what is lost is what its settings say, it is told, and all goes on.

use std::collections::BTreeMap;

use super::{rush::Rush, server::Server};

/// What `appendonlydir` holds is written each second; a second before its power is cut, nothing was under way.
const EVERYSEC: [&str; 4] = ["--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];

/// What was lost, that was not written between these two moments.
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

/// Who is ready need not hold all parts yet; what waits in the others is in no figure of its own.
async fn all_parts_are_held(rush: &Rush) {
    let held = "supportbot_partitions_held";
    rush.program.until("all parts are held", async |p| p.metric(held).await > 15.5).await;
}

/// The server's power is cut, and with `both` the program's too. Whatever was written in the last second is not on the
/// disk: the file ends where it ended then.
#[expect(clippy::print_stdout, reason = "how much was lost is told, not only that it is allowed")]
async fn a_power_cut(both: bool) {
    let mut server = Server::start_with(&EVERYSEC);
    let mut rush = Rush::on(&server.url()).await;
    rush.rests().await;
    assert_eq!(rush.load().missing(&rush.program.group), 0);
    let (on_disk, from) = (server.written(), rush.load().written());
    rush.goes_on(900).await;
    server.kill();
    if both {
        rush.program.kill();
    }
    let to = rush.load().written();
    assert!(server.forgets_after(on_disk) > 10_000, "it has written nothing");
    server.restart();
    if both {
        // As if it had run out: waiting for that is tested elsewhere.
        server.ask(&["DEL", "support-bot:{0}:lease"]);
        rush.program.start().await;
        all_parts_are_held(&rush).await;
    }
    rush.goes_on(1_000).await;
    rush.rests().await;
    // What came back with the older file is seen by whoever reads it at a start.
    rush.program.terminate().await;
    rush.program.start().await;
    all_parts_are_held(&rush).await;
    rush.rests().await;

    let account = rush.account();
    let under_way: u64 = to.values().sum::<u64>() - from.values().sum::<u64>();
    let lost: usize = account.lost.values().map(Vec::len).sum();
    println!("of {under_way} in the last second {lost} were lost, {} repeated", account.repeats);
    assert_eq!(lost_outside(&account.lost, &from, &to), []);
    assert!(account.disordered.is_empty(), "{:#?}", account.disordered);
    assert!(account.repeats <= under_way, "{account:?}");
    rush.program.until("it is ready", async |program| program.ready().await.0 == 200).await;
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
async fn a_redis_without_a_file_is_told_of_and_what_comes_after_its_death_is_delivered() {
    let mut server = Server::start_with(&["--appendonly", "no"]);
    let mut rush = Rush::on(&server.url()).await;
    rush.program.until("it is said", async |program| program.log().contains("appendonly no")).await;
    assert_eq!(rush.warnings().len(), 1, "{:#?}", rush.warnings());
    assert!(rush.program.metric("supportbot_redis_append_only").await == 0.0);
    rush.program.kill();
    server.kill();
    server.restart();
    assert_eq!(server.ask(&["DBSIZE"]).trim(), "0", "all is forgotten");
    rush.program.start().await;
    // The desk knows nobody; who writes again gets a topic again. Answers in the old ones go nowhere.
    let written = rush.load().written();
    rush.everybody_writes();
    rush.rests().await;
    rush.goes_on(1_000).await;
    rush.rests().await;

    let account = rush.account();
    println!("{account:?}");
    assert!(account.disordered.is_empty(), "{:#?}", account.disordered);
    assert_eq!(lost_outside(&account.lost, &BTreeMap::new(), &written), []);
}
