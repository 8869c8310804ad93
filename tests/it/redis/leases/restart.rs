//! A process that is killed and restarted continues at once; without proof that it was dead, it waits for its leases.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    harness::{Load, Program},
    redis::{CALLS_AT_ONCE, Replicas, Server},
};

/// The length of a lease, and the interval of its renewal.
const LEASE: Duration = Duration::from_secs(8);
const RENEWED: Duration = Duration::from_secs(1);
/// Time limit of a takeover that does not wait for a lease, on a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// How often the log reports an unclean end of a run.
fn unclean_end_reports(program: &Program) -> usize {
    program.log().matches("did not shut down cleanly").count()
}

/// Copies the folder of a running process.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &to);
        } else {
            fs::copy(&entry, &to).unwrap();
        }
    }
}

/// Waits until this many partitions are assigned to a program; returns the time since `begun`.
async fn wait_for_partitions(program: &Program, at_least: f64, begun: Instant) -> Duration {
    let name = "supportbot_partitions_held";
    program
        .until("the partitions are assigned", async |program| {
            program.ready().await.0 == 200 && program.metric(name).await >= at_least
        })
        .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_under_load_takes_its_own_leases_at_once_and_reports_it_once() {
    const KILLS: usize = 4;
    let server = Server::start();
    let at_once = CALLS_AT_ONCE.to_string();
    let settings = [("REDIS_URL", &*server.url()), ("SEND_CONCURRENCY", &*at_once)];
    let mut program = Program::new(&settings).await;
    let mut load = Load::new(&program.telegram, 12, 17);
    program.start().await;
    for kill in 1..=KILLS {
        load.writes_for(&program.group, &program.operator, Duration::from_millis(600)).await;
        program.kill();
        let (begun, missing) = (Instant::now(), load.missing(&program.group));
        load.round();
        program.spawn();
        let all = missing + 12;
        program.until("a message is delivered", async |one| load.missing(&one.group) < all).await;
        let took = begun.elapsed();
        println!("delivered again after {took:?}");
        assert!(took < SOON, "kill {kill}: {took:?}");
        wait_for_partitions(&program, 15.5, begun).await;
        assert_eq!(unclean_end_reports(&program), kill, "{}", program.log());
        assert!(program.metric("supportbot_previous_shutdown_unclean").await > 0.5);
    }
    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.repeated_batches <= KILLS as u64 * CALLS_AT_ONCE, "{account:?}");
    assert_eq!(
        unclean_end_reports(&program),
        KILLS,
        "each unclean end is reported once: {}",
        program.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_share_a_folder_each_take_over_their_own_partitions() {
    let mut replicas = Replicas::closed(2, false, telegram_simulator::Limits::off(), &[]).await;
    let folder = replicas.all[0].data().display().to_string();
    replicas.all[1].set("DATA_DIR", &folder);
    replicas.open().await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 19);
    for victim in [0, 1] {
        replicas.writes_for(&mut load, Duration::from_millis(300)).await;
        replicas.all[victim].kill();
        let begun = Instant::now();
        replicas.all[victim].spawn();
        let took = wait_for_partitions(&replicas.all[victim], 7.5, begun).await;
        assert!(took < SOON, "{victim}: {took:?}");
        replicas.share().await;
    }
    let account = replicas.settled(&load).await;
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(replicas.sum("supportbot_partitions_lost_total").await < 0.5, "nothing of the living");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_a_copied_folder_wait_for_each_others_leases_dead_or_alive() {
    let mut replicas = Replicas::closed(2, false, telegram_simulator::Limits::off(), &[]).await;
    replicas.all[0].start().await;
    wait_for_partitions(&replicas.all[0], 15.5, Instant::now()).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 23);
    copy(&replicas.all[0].data(), &replicas.all[1].data());
    replicas.all[1].spawn();
    replicas.writes_for(&mut load, Duration::from_secs(1)).await;
    replicas.share().await;
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!((account.repeats, account.repeated_calls), (0, 0), "no partition had two workers");
    assert_eq!(account.spare_topics, 0);
    assert!(replicas.sum("supportbot_partitions_lost_total").await < 0.5);
    assert_eq!(
        unclean_end_reports(&replicas.all[1]),
        0,
        "the run of the copied marker has not ended"
    );

    // Both are down, and one returns with a copy of the other's folder, made while that process was running.
    replicas.all[1].terminate().await;
    wait_for_partitions(&replicas.all[0], 15.5, Instant::now()).await;
    let twin = replicas.all[1].data();
    fs::remove_dir_all(&twin).unwrap();
    copy(&replicas.all[0].data(), &twin);
    replicas.all[0].kill();
    let begun = Instant::now();
    replicas.all[1].spawn();
    let took = wait_for_partitions(&replicas.all[1], 15.5, begun).await;
    println!("with a copied folder: {took:?}");
    assert!(took + 2 * RENEWED > LEASE, "the process did not wait for the lease: {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebooted_machine_waits_for_its_earlier_leases() {
    let server = Server::start();
    let mut program = Program::new(&[("REDIS_URL", &server.url())]).await;
    program.start().await;
    wait_for_partitions(&program, 15.5, Instant::now()).await;
    program.kill();
    let begun = Instant::now();
    let marks = fs::read_dir(program.data().join("crashes")).unwrap();
    let mark = marks.map(|mark| mark.unwrap().path()).next().unwrap();
    let said_there = fs::read_to_string(&mark).unwrap();
    let mut other: serde_json::Value = serde_json::from_str(&said_there).unwrap();
    other["is"]["boot"] = "5e1f0000-0000-4000-8000-000000000000".into();
    fs::write(&mark, other.to_string()).unwrap();
    program.spawn();
    let took = wait_for_partitions(&program, 15.5, begun).await;
    println!("with another boot id: {took:?}");
    assert!(took + 2 * RENEWED > LEASE, "the process did not wait for the lease: {took:?}");
    assert_eq!(unclean_end_reports(&program), 1, "{}", program.log());
}
