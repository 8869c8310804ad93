//! Processes on machines with different clocks: one is ahead of the others, one is behind.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use telegram_simulator::{Content, Fault, Limits, Matcher, Person, What};

use crate::harness::{Load, Program, spec};
use crate::redis::{CALLS_AT_ONCE, Replicas};

/// Offset of each process's clock, in seconds.
const OFF: [i32; 3] = [0, 5, -5];
/// Delay of Telegram's answers while delivery times are measured: longer than the narrowest buckets, shorter than the
/// difference of the clocks.
const SLOW: Duration = Duration::from_millis(400);
const PEOPLE: i64 = 18;
const PIECES: usize = 4;

/// The library of the program `faketime`, which shows another time to a program.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let mut found = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    found.find(|path| path.exists()).expect("faketime must be installed: `bin/test` does it")
}

/// Shifts the wall clock of a program by this many seconds from its next start on; its monotonic clock stays correct.
fn set_clock(program: &mut Program, off: i32) {
    program.set("LD_PRELOAD", library().to_str().unwrap());
    program.set("FAKETIME", &format!("{off:+}s"));
    program.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}

/// Deliveries within this time over all processes; `+Inf` counts all deliveries.
async fn delivered(replicas: &Replicas, within: &str) -> f64 {
    let mut sum = 0.0;
    for direction in ["user_to_operator", "operator_to_user"] {
        sum += replicas
            .sum(&format!(
                "supportbot_delivery_duration_seconds_bucket{{direction=\"{direction}\",\
                 outcome=\"delivered\",le=\"{within}\"}}"
            ))
            .await;
    }
    sum
}

/// Lets everybody send an album and waits for all of them; returns, for each album, the album ids of its copies.
async fn send_albums(replicas: &Replicas, people: &[Person]) -> BTreeMap<String, Vec<String>> {
    for (number, person) in people.iter().enumerate() {
        let piece = |piece| Content::photo("p").caption(&format!("album {number} piece {piece}"));
        let _ids = person.sends_album((0..PIECES).map(piece).collect());
    }
    let first = &replicas.all[0];
    let pieces = || {
        let pieces = first.group.everything().into_iter().filter(|message| message.from_bot);
        let words =
            pieces.map(|message| (message.text.unwrap_or_default(), message.media_group_id));
        words.filter(|(words, _)| words.starts_with("album ")).collect::<Vec<_>>()
    };
    let all = people.len() * PIECES;
    first.until("all albums arrive", async |_| pieces().len() >= all).await;
    first.wait_until_idle().await;
    let mut became = BTreeMap::<String, Vec<String>>::new();
    for (words, id) in pieces() {
        let (album, _) = words.split_once(" piece").unwrap();
        let ids = became.entry(album.to_owned()).or_default();
        let id = id.unwrap_or_else(|| format!("none: {words}"));
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    became
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_differ_by_seconds_lose_delay_and_split_nothing_even_through_a_kill() {
    let window = [("ALBUM_WINDOW_MS", "1000")];
    let mut replicas = Replicas::closed(3, true, Limits::off(), &window).await;
    for (program, off) in replicas.all.iter_mut().zip(OFF) {
        set_clock(program, off);
    }
    replicas.open().await;
    for (program, off) in replicas.all.iter().zip(OFF) {
        let skew = program.metric("supportbot_clock_skew_seconds").await;
        assert!((skew - f64::from(off)).abs() < 0.5, "skew {skew}, expected {off}");
    }

    // In two of three cases, the process that decides and sends an update is not the one that received it.
    let telegram = &replicas.all[0].telegram;
    let person = |number| telegram.user(spec(600_000 + number, &format!("Author{number}"), "en"));
    let people: Vec<_> = (0..PEOPLE).map(person).collect();
    for person in &people {
        person.writes("before the album");
    }
    replicas.all[0].wait_until_idle().await;
    let (early, before) = (delivered(&replicas, "0.25").await, delivered(&replicas, "+Inf").await);
    let slow = telegram.inject(Fault::always(Matcher::any(), What::Slow(SLOW)));
    let became = send_albums(&replicas, &people).await;
    slow.remove();
    assert_eq!(became.len(), people.len());
    assert!(became.values().all(|ids| ids.len() == 1), "an album was split: {became:#?}");
    let all = delivered(&replicas, "+Inf").await;
    println!("{early} of {before} within 0.25 s, {all} in total");
    assert!(all - before > 17.5, "the albums are not counted: {before} before, {all} after");
    let in_no_time = delivered(&replicas, "0.25").await - early;
    assert!(in_no_time < 0.5, "{in_no_time} deliveries seem to have taken no time");
    let late = all - delivered(&replicas, "5").await;
    assert!(late < 0.5, "{late} of {all} deliveries seem to have taken too long");

    let mut load = Load::new(telegram, 24, 13);
    for victim in 0..3 {
        replicas.writes_for(&mut load, Duration::from_millis(700)).await;
        replicas.all[victim].kill();
        replicas.writes_for(&mut load, Duration::from_millis(700)).await;
        replicas.all[victim].start().await;
        replicas.share().await;
    }
    replicas.writes_for(&mut load, Duration::from_millis(700)).await;
    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.written > 300, "too little happened: {account:?}");
    assert!(account.repeated_batches <= 3 * CALLS_AT_ONCE, "{account:?}");
    let lost = replicas.sum("supportbot_partitions_lost_total").await;
    assert!(lost < 0.5, "{lost} leases were lost");
    for (program, off) in replicas.all.iter().zip(OFF) {
        let skew = program.metric("supportbot_clock_skew_seconds").await;
        assert!((skew - f64::from(off)).abs() < 0.5, "skew {skew}, expected {off}");
    }
}
