//! Measures the recovery from a kill: the time from `kill -9` to the next delivery, under load.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use crate::{
    contender::{Contender, Who},
    load::Crowd,
    redis::Redis,
    replicas::shared,
    rounds::{CONVERSATIONS, runtime},
    stage::Stage,
};

/// Number of kills in each case.
const KILLS: usize = 20;
/// Interval between messages; users write in turn.
const PACE: Duration = Duration::from_millis(10);
/// Duration of the load before each kill.
const BEFORE: Duration = Duration::from_millis(400);

/// The process that is killed, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The only process, restarted at once.
    Alone(Who),
    /// One of two replicas, restarted at once.
    OfTwo,
    /// One of two replicas, not restarted: the other one takes over.
    LeftToTheOther,
}

/// Times since the kills, sorted.
#[derive(Debug, Default)]
struct Waits {
    /// Time until a message written after the kill is delivered.
    next: Vec<Duration>,
    /// Time until each user has had such a delivery.
    everybody: Vec<Duration>,
}

/// Measures, and prints a table.
pub(crate) fn print() {
    println!(
        "From kill -9 to what was written after it, {KILLS} kills each, p50 / p95 / the longest, in seconds:\n"
    );
    println!("| killed under load | the next delivery, p50 / p95 / the longest | to everybody |");
    println!("|---|---|---|");
    row("the only process on SQLite, started again at once", Case::Alone(Who::Ours));
    if !Redis::is_installed() {
        println!("No Redis is installed: nothing is measured on it.");
        return;
    }
    row("the only process on Redis, started again at once", Case::Alone(Who::OnRedis));
    row("one of two replicas, started again at once", Case::OfTwo);
    row("one of two replicas, the other takes over", Case::LeftToTheOther);
}

fn row(name: &str, case: Case) {
    let waits = runtime().block_on(measure(case));
    println!("| {name} | {} | {} |", shown(&waits.next), shown(&waits.everybody));
}

fn shown(sorted: &[Duration]) -> String {
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize].as_secs_f64();
    format!("{:.2} / {:.2} / {:.2}", at(0.5), at(0.95), at(1.0))
}

async fn measure(case: Case) -> Waits {
    let who = match case {
        Case::Alone(who) => who,
        Case::OfTwo | Case::LeftToTheOther => Who::OnRedis,
    };
    let stage = Stage::set_for_several(who).await;
    let folders = ["one", "two"].map(|name| stage.folder.path().join(name));
    for folder in &folders {
        std::fs::create_dir(folder).unwrap();
    }
    let start = |at: usize| Some(Contender::start_in(who, &stage, &folders[at]));
    let mut crowd = stage.crowd(CONVERSATIONS);
    let count = if matches!(case, Case::Alone(_)) { 1 } else { 2 };
    let mut running: Vec<Option<Contender>> = (0..count).map(&start).collect();
    crowd.warm_up().await;
    let mut waits = Waits::default();
    for kill in 0..KILLS {
        if count > 1 {
            let all: Vec<&Contender> = running.iter().flatten().collect();
            shared(&all).await;
        }
        write_for(&mut crowd, BEFORE).await;
        let victim = kill % count;
        let begun = Instant::now();
        // Kills the process and waits for its end, as a supervisor does.
        drop(running[victim].take());
        if case != Case::LeftToTheOther {
            running[victim] = start(victim);
        }
        let (next, everybody) = time_to_delivery(&mut crowd, begun).await;
        waits.next.push(next);
        waits.everybody.push(everybody);
        if running[victim].is_none() {
            running[victim] = start(victim);
        }
    }
    waits.next.sort_unstable();
    waits.everybody.sort_unstable();
    waits
}

/// Lets users write in turn for a while.
async fn write_for(crowd: &mut Crowd, lasting: Duration) {
    let begun = Instant::now();
    let mut user = 0;
    while begun.elapsed() < lasting {
        write_next(crowd, &mut user).await;
    }
}

/// Lets the next user write; returns the deliveries until the next message is due: the user, the latency and the time.
async fn write_next(crowd: &mut Crowd, user: &mut usize) -> Vec<(usize, Duration, Instant)> {
    let due = tokio::time::Instant::now() + PACE;
    *user = (*user + 1) % crowd.len();
    crowd.write(*user);
    let mut arrived = Vec::new();
    while let Ok((of, took)) = tokio::time::timeout_at(due, crowd.arrival()).await {
        arrived.push((of, took, Instant::now()));
    }
    arrived
}

/// Time from `killed` to the first delivery of a later message, and to such a delivery for every user.
async fn time_to_delivery(crowd: &mut Crowd, killed: Instant) -> (Duration, Duration) {
    let (mut next, mut served, mut user) = (None, HashSet::new(), 0);
    let mut last = Duration::ZERO;
    while served.len() < crowd.len() {
        for (of, took, at) in write_next(crowd, &mut user).await {
            let since = at.saturating_duration_since(killed);
            if took < since && served.insert(of) {
                next.get_or_insert(since);
                last = since;
            }
        }
        assert!(killed.elapsed() < Duration::from_mins(1), "the program does not recover");
    }
    (next.unwrap(), last)
}
