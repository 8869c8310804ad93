//! One user floods the desk with messages, and then with edits; ten others write now and then.

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;
use tokio::time::{Instant as Deadline, sleep, sleep_until};

use super::{
    desk::{Desk, Setup},
    log::{GroupCall, by_method},
    measured::{Measured, Row, Wait, Waits},
};

/// Duration of the messages, and then of the edits.
const PHASE: Duration = Duration::from_mins(3);
/// Messages and edits of the flooder in a second.
const PER_SECOND: f64 = 3.3;
/// Users who write now and then.
const QUIET: usize = 10;
/// Mean interval between two messages of one of them.
const INTERVAL: Duration = Duration::from_mins(2);
/// Time for the last messages to arrive. It is beyond every bound.
const GRACE: Duration = Duration::from_secs(30);
/// Desks side by side, each with a seed of its own.
const DESKS: u64 = 8;

/// What one desk has measured.
struct One {
    /// Waits of the quiet users during the messages, and during the edits.
    quiet: [Vec<Wait>; 2],
    /// Messages of the flooder that arrived.
    flooder: usize,
    /// Calls that the group's limit counts, while the flooder edits.
    calls: Vec<(u64, GroupCall)>,
    measured: Measured,
}

/// Plays on several desks, and joins what they measured.
pub(super) async fn flood(setup: Setup) -> Measured {
    let one = |desk: u64| one(Setup { seed: setup.seed + desk, ..setup.clone() });
    let desks = join_all((0..DESKS).map(one)).await;
    let mut measured = Measured::default();
    let mut phases = [Vec::new(), Vec::new()];
    let mut flooder = Vec::new();
    let mut calls = Vec::new();
    for desk in desks {
        for (all, more) in phases.iter_mut().zip(desk.quiet) {
            all.extend(more);
        }
        flooder.push(desk.flooder.to_string());
        calls.extend(desk.calls);
        measured.answers.extend(desk.measured.answers);
        measured.refused += desk.measured.refused;
    }
    let all = Waits::of(phases.iter().flatten().copied());
    let (p50, p95, p99) = (all.percentile(0.5), all.percentile(0.95), all.percentile(0.99));
    let name = |what: &str| format!("flood: ten quiet users beside a flooder, {what}, s");
    let of = format!(" ({} messages)", all.len());
    let five = Duration::from_secs(5);
    measured.rows.extend([
        Row::bounded(name("p50"), "< 5", format!("{p50}{of}"), p50.is_below(five)),
        Row::bounded(name("p95"), "< 5", p95.to_string(), p95.is_below(five)),
        Row::bounded(name("p99"), "< 10", p99.to_string(), p99.is_below(Duration::from_secs(10))),
        Row::plain(name("the longest"), all.percentile(1.0).to_string()),
    ]);
    for (phase, waits) in ["the flooder writes", "the flooder edits"].into_iter().zip(phases) {
        let what = format!("while {phase}: p50 / p95 / p99 / the longest");
        measured.rows.push(Row::plain(name(&what), Waits::of(waits).summary()));
    }
    let what = "flood: messages of the flooder that arrived, of 594 on each desk";
    measured.rows.push(Row::plain(what, flooder.join(", ")));
    let what = "flood: slots used while the flooder edits, all desks";
    measured.rows.push(Row::plain(what, by_method(calls)));
    measured
}

async fn one(setup: Setup) -> One {
    // On every second desk the flooder is a stranger.
    let is_known = setup.seed.is_multiple_of(2);
    let (mut desk, _arrivals) = Desk::open(&setup, QUIET + usize::from(is_known), &[]).await;
    let flooder = if is_known { QUIET } else { desk.stranger() };
    let (from, half) = (desk.begun, desk.begun + PHASE);
    let to = half + PHASE;
    let quiet =
        (0..QUIET).map(|user| writes_now_and_then(&desk, user, setup.random(1 + user as u64), to));
    let play = async {
        tokio::join!(floods(&desk, flooder), join_all(quiet));
        sleep(GRACE).await;
    };
    tokio::select! {
        () = play => {}
        () = desk.answers(setup.random(0)) => {}
    }
    One {
        quiet: [
            desk.log.waits("quiet ", from, half),
            desk.log.waits("quiet ", half, Instant::now()),
        ],
        flooder: desk.log.arrivals("flood ", from, Instant::now()),
        calls: desk.log.calls(half, to),
        measured: desk.measured(),
    }
}

/// Writes at a fixed rate, and then edits the first of these messages at the same rate.
async fn floods(desk: &Desk, user: usize) {
    let person = desk.person(user);
    let count = (PHASE.as_secs_f64() * PER_SECOND).round() as u32;
    let mut first = None;
    for number in 0..2 * count {
        sleep_until(Deadline::from_std(desk.begun + 2 * PHASE * number / (2 * count))).await;
        if let Some(message) = first.filter(|_| number >= count) {
            assert!(person.edits(message, format!("edit {number}").as_str()));
        } else {
            let message = person.writes(&format!("flood {number}"));
            first.get_or_insert(message);
        }
    }
}

/// Writes at random moments, the gaps between which are exponential.
async fn writes_now_and_then(desk: &Desk, user: usize, mut random: Rng, until: Instant) {
    let mut at = desk.begun;
    for number in 0_u64.. {
        at += INTERVAL.mul_f64(-(1.0 - random.f64()).ln());
        if at >= until {
            sleep_until(Deadline::from_std(until)).await;
            return;
        }
        sleep_until(Deadline::from_std(at)).await;
        desk.person(user).writes(&format!("quiet {user} {number}"));
    }
}
