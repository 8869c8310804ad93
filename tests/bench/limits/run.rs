//! Plays the scenarios side by side, with one program or two, and prints what was measured beside the bounds.

use std::{path::PathBuf, pin::Pin, process::ExitCode, time::Duration};

use futures_util::future::join_all;

use crate::{
    contender::{OURS, Who},
    redis::Redis,
    rounds::runtime,
};

use super::{
    backlog,
    desk::Setup,
    flood,
    measured::{Measured, Row, Waits},
    strangers,
};

/// Names of the scenarios, which select them on the command line.
const SCENARIOS: [&str; 4] = ["drain", "alone", "flood", "strangers"];

/// Bound of an operator's answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// Plays the scenarios and prints a table. `redis` among the arguments keeps the stores in Redis; names of scenarios
/// select those; `LIMITS_PROGRAM` is the path of another build, which plays beside this one; `LIMITS_SEED` is a number
/// that changes everything random. Fails if this build does not keep a bound.
pub(crate) fn print(arguments: &[String]) -> ExitCode {
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let who = if asked("redis") { Who::OnRedis } else { Who::Ours };
    assert!(!who.is_on_redis() || Redis::is_installed(), "no Redis is installed");
    let all = !SCENARIOS.iter().any(|name| asked(name));
    let names: Vec<&str> = SCENARIOS.into_iter().filter(|name| all || asked(name)).collect();
    let seed =
        std::env::var_os("LIMITS_SEED").map_or(1, |seed| seed.to_str().unwrap().parse().unwrap());
    let other = std::env::var_os("LIMITS_PROGRAM").map(PathBuf::from);
    let builds: Vec<PathBuf> = other.into_iter().chain([PathBuf::from(OURS)]).collect();
    println!(
        "The group's minute at Telegram's own limits, the stores in {}, seed {seed}:\n",
        if who.is_on_redis() { "Redis" } else { "SQLite" },
    );
    let plays = builds.into_iter().map(|build| play(&names, Setup { build, who, seed }));
    let columns = runtime().block_on(join_all(plays));
    table(&columns)
}

/// Plays these scenarios at the same time, with one program; returns all rows.
async fn play(names: &[&str], setup: Setup) -> Vec<Row> {
    type Playing = Pin<Box<dyn Future<Output = Measured>>>;
    let playing = names.iter().map(|name| -> Playing {
        let setup = setup.clone();
        match *name {
            "drain" => Box::pin(backlog::drain(setup)),
            "alone" => Box::pin(backlog::alone(setup)),
            "flood" => Box::pin(flood::flood(setup)),
            _ => Box::pin(strangers::strangers(setup)),
        }
    });
    let mut rows = Vec::new();
    let (mut answers, mut by_scenario) = (Vec::new(), Vec::new());
    let mut refused = 0;
    for (name, measured) in names.iter().zip(join_all(playing).await) {
        rows.extend(measured.rows);
        let what = format!("operators: those during `{name}`, s");
        by_scenario.push(Row::plain(what, Waits::of(measured.answers.iter().copied()).summary()));
        answers.extend(measured.answers);
        refused += measured.refused;
    }
    let answers = Waits::of(answers);
    rows.push(Row::bounded(
        "operators: all answers to users, p50 / p95 / p99 / the longest, s",
        "< 1",
        format!("{} ({} answers)", answers.summary(), answers.len()),
        answers.percentile(1.0).is_below(ANSWERED_WITHIN),
    ));
    rows.extend(by_scenario);
    rows.push(Row::bounded("calls answered `429`", "0", refused.to_string(), refused == 0));
    rows
}

/// Prints the columns side by side. The last is this build's; its bounds count.
fn table(columns: &[Vec<Row>]) -> ExitCode {
    let names = if columns.len() > 1 { "before | now" } else { "measured" };
    println!("| | bound | {names} |");
    println!("|---|---|{}", "---|".repeat(columns.len()));
    let ours = &columns[columns.len() - 1];
    for (at, row) in ours.iter().enumerate() {
        let shown = columns.iter().map(|column| {
            let row = &column[at];
            let mark = if row.kept { "" } else { "**not kept** " };
            format!("{mark}{}", row.measured)
        });
        println!("| {} | {} | {} |", row.what, row.bound, shown.collect::<Vec<_>>().join(" | "));
    }
    let missed = ours.iter().filter(|row| !row.kept).count();
    println!("\n{missed} bounds were not kept.");
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
