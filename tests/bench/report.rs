//! Prints the results as docs/develop/figures.md shows them.

use std::time::Duration;

use crate::{
    figures::{Figures, OnRedis},
    replicas::{COUNTS, PARTITIONS, Replicas, Ways},
    rounds::{Results, Stores},
};

/// Number of masters in the cluster of the estimate.
const MASTERS: usize = 6;

/// Prints everything as Markdown.
pub(crate) fn print(results: &Results) {
    let Results { closed, crowded, pushed, stores, replicas, .. } = results;
    let Results { offered_rate, offered, start, known, backlog, .. } = results;
    self::closed(closed, "one message of each under way", BOTH);
    self::closed(crowded, "16 messages of each under way", BOTH);
    self::closed(pushed, "one message of each under way", WAYS);
    self::stores(stores.as_ref());
    self::replicas(replicas.as_ref());
    println!(
        "| {offered_rate:.0} messages per second offered | support-bot | bare teloxide loop | ratio |"
    );
    println!("|---|---|---|---|");
    let cpus = offered.each_ref().map(|figures| micros(figures.cpu));
    row("CPU per message, µs", &cpus.map(|cpu| format!("{cpu:.0}")), cpus[0] / cpus[1]);
    for share in [0.5, 0.99] {
        latency(offered, share);
    }
    let added = offered.each_ref().map(|figures| millis(figures.measured.percentile(0.99)));
    println!("| p99 added, ms | {:.2} | | |", added[0] - added[1]);
    let starts = start.map(millis);
    row(
        "start to first copy, ms",
        &starts.map(|start| format!("{start:.0}")),
        starts[0] / starts[1],
    );
    println!();
    println!(
        "| known users | messages per second | CPU per message, µs | p99, ms | resident, MB |"
    );
    println!("|---|---|---|---|---|");
    for (size, figures) in known {
        print_size(*size, figures);
    }
    println!();
    println!("| backlog, messages | messages per second | CPU per message, µs | resident, MB |");
    println!("|---|---|---|---|");
    for (size, figures) in backlog {
        let (rate, cpu) = (figures.measured.rate(), micros(figures.cpu));
        println!("| {size} | {rate:.0} | {cpu:.0} | {:.1} |", megabytes(figures.resident));
    }
}

/// The contenders of most tables.
pub(crate) const BOTH: [&str; 2] = ["support-bot", "bare teloxide loop"];
/// The two ways in which updates arrive.
pub(crate) const WAYS: [&str; 2] = ["by webhook", "by polling"];

/// Prints the table of a closed loop.
pub(crate) fn closed(closed: &[Figures; 2], what: &str, [ours, other]: [&str; 2]) {
    println!("| 64 conversations, {what} | {ours} | {other} | ratio |");
    println!("|---|---|---|---|");
    let rates = closed.each_ref().map(|figures| figures.measured.rate());
    row("messages per second", &rates.map(|rate| format!("{rate:.0}")), rates[0] / rates[1]);
    let cpus = closed.each_ref().map(|figures| micros(figures.cpu));
    row("CPU per message, µs", &cpus.map(|cpu| format!("{cpu:.0}")), cpus[0] / cpus[1]);
    for share in [0.5, 0.99] {
        latency(closed, share);
    }
    resident(closed);
    println!();
}

/// Prints the tables of the stores, or why they are missing.
pub(crate) fn stores(stores: Option<&Stores>) {
    let Some(Stores { closed, crowded, pushed }) = stores else {
        println!("No figures of the store in Redis: redis-server is not installed.\n");
        return;
    };
    let three = "on Redis | on SQLite | bare teloxide loop";
    store(closed, "one message of each under way", three);
    store(crowded, "16 messages of each under way", three);
    store(pushed, "one message of each under way, by webhook", "on Redis | on SQLite");
}

/// Prints a table of this program on each store, with the ratio of the two stores.
fn store<const N: usize>(figures: &[Figures; N], what: &str, columns: &str) {
    println!("| 64 conversations, {what} | {columns} | Redis to SQLite |");
    println!("|---|{}---|", "---|".repeat(N));
    let line = |what: &str, digits: usize, values: [f64; N]| {
        let cells = values.map(|value| format!("{value:.digits$}")).join(" | ");
        println!("| {what} | {cells} | {:.2} |", values[0] / values[1]);
    };
    let each = |of: fn(&Figures) -> f64| figures.each_ref().map(of);
    line("messages per second", 0, each(|one| one.measured.rate()));
    line("CPU per message, µs", 0, each(|one| micros(one.cpu)));
    line("p50 from update to copy, ms", 2, each(|one| millis(one.measured.percentile(0.5))));
    line("p99 from update to copy, ms", 2, each(|one| millis(one.measured.percentile(0.99))));
    line("resident memory, MB", 1, each(|one| megabytes(one.resident)));
    let took = on_redis(&figures[0]);
    let rest = "| ".repeat(N);
    println!("| CPU of Redis per message, µs | {:.0} {rest}|", micros(took.cpu));
    let [writes, reads, _goes_by_time] = took.commands;
    println!("| commands to Redis per message that write | {writes:.2} {rest}|");
    println!("| commands to Redis per message that read | {reads:.2} {rest}|");
    println!();
}

/// Prints the tables of replicas and the estimate for a cluster, or why they are missing.
pub(crate) fn replicas(replicas: Option<&Replicas>) {
    let Some(Replicas { pushed, polling }) = replicas else {
        println!("No figures of replicas: redis-server is not installed.\n");
        return;
    };
    print_replicas(pushed, "by webhook");
    print_replicas(polling, "by polling");
    let fullest = PARTITIONS.div_ceil(MASTERS);
    let most = COUNTS.last().unwrap();
    println!(
        "On paper, from the figures of {most} replicas: a Redis Cluster of {MASTERS} masters, a core for each, whose fullest\n\
         has {fullest} of the {PARTITIONS} partitions, carries {PARTITIONS}/{fullest} times what a core of Redis does.\n"
    );
    print_estimate(pushed, "By webhook", "");
    print_estimate(polling, "By polling", " One process must take all that in.");
    println!();
}

/// Prints a table with one column for each number of replicas.
fn print_replicas(Ways { closed, alone }: &Ways, way: &str) {
    let columns =
        COUNTS.map(|count| format!("{count} replica{}", if count == 1 { "" } else { "s" }));
    let what = "64 conversations, one message of each under way";
    println!("| {what}, {way} | {} |", columns.join(" | "));
    println!("|---|{}", "---|".repeat(COUNTS.len()));
    let line =
        |what: &str, digits: usize, figures: &[Figures; COUNTS.len()], of: fn(&Figures) -> f64| {
            let cells = figures.each_ref().map(|one| format!("{:.digits$}", of(one)));
            println!("| {what} | {} |", cells.join(" | "));
        };
    line("messages per second", 0, closed, |one| one.measured.rate());
    line("CPU per message, all replicas, µs", 0, closed, |one| micros(one.cpu));
    line("CPU of Redis per message, µs", 0, closed, |one| micros(on_redis(one).cpu));
    line("p50 from update to copy, ms", 2, closed, |one| millis(one.measured.percentile(0.5)));
    line("p99 from update to copy, ms", 2, closed, |one| millis(one.measured.percentile(0.99)));
    line("resident memory, all replicas, MB", 1, closed, |one| megabytes(one.resident));
    line("commands to Redis per message that write", 2, closed, |one| on_redis(one).commands[0]);
    line("commands to Redis per message that read", 2, closed, |one| on_redis(one).commands[1]);
    line("both, when nothing else is under way", 2, alone, |one| on_redis(one).for_messages());
    line("p50, when nothing else is under way, ms", 2, alone, |one| {
        millis(one.measured.percentile(0.5))
    });
    // These commands depend on the clock, not on messages.
    line("other commands to Redis per second", 0, closed, |one| {
        on_redis(one).commands[2] * one.measured.rate()
    });
    println!();
}

/// Prints an estimate for a cluster, assuming that a message costs it what it costs one Redis here.
fn print_estimate(Ways { closed: [.., figures], alone: [.., alone] }: &Ways, way: &str, but: &str) {
    let took = on_redis(figures);
    let a_core = 1.0 / took.cpu.as_secs_f64();
    let all = a_core * PARTITIONS as f64 / PARTITIONS.div_ceil(MASTERS) as f64;
    let cores = all * figures.cpu.as_secs_f64();
    println!(
        "- {way}, a message takes {:.1} commands, one that travels alone {:.1}: {a_core:.0} messages per second on a core of\n  \
         Redis, {all:.0} on the cluster, for which the desk takes {cores:.0} cores.{but}",
        took.for_messages(),
        on_redis(alone).for_messages()
    );
}

fn on_redis(figures: &Figures) -> OnRedis {
    figures.redis.unwrap_or_default()
}

fn row(what: &str, values: &[String; 2], ratio: f64) {
    println!("| {what} | {} | {} | {ratio:.2} |", values[0], values[1]);
}

fn latency(figures: &[Figures; 2], share: f64) {
    let values = figures.each_ref().map(|figures| millis(figures.measured.percentile(share)));
    let what = format!("p{:.0} from update to copy, ms", share * 100.0);
    row(&what, &values.map(|value| format!("{value:.2}")), values[0] / values[1]);
}

fn resident(figures: &[Figures; 2]) {
    let values = figures.each_ref().map(|figures| megabytes(figures.resident));
    row("resident memory, MB", &values.map(|value| format!("{value:.1}")), values[0] / values[1]);
}

fn print_size(size: usize, figures: &Figures) {
    let (rate, cpu) = (figures.measured.rate(), micros(figures.cpu));
    let (p99, resident) = (millis(figures.measured.percentile(0.99)), megabytes(figures.resident));
    println!("| {size} | {rate:.0} | {cpu:.0} | {p99:.2} | {resident:.1} |");
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
