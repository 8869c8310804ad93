//! The bench: compares the real program with a bare teloxide loop, against the simulator without limits; and measures
//! what becomes of Telegram's limit for the group.
//!
//! Absolute times depend on the machine and its load; the ratios are what counts. The program, the bare loop and the
//! simulator each run in a process of their own.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people: counts and times far below 2^52"
)]
#![expect(clippy::unwrap_used, reason = "a bench panics on any error")]

#[path = "../it/harness/network/balancer.rs"]
mod balancer;
mod bare;
mod contender;
mod figures;
mod limits;
mod load;
mod redis;
mod replicas;
mod report;
mod restart;
mod rounds;
mod stage;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("--bare-loop") => bare::run(&arguments.next().unwrap(), &arguments.next().unwrap()),
        // `cargo test --benches` only checks that the bench builds and starts.
        Some("--test") => println!("this is a bench: run it with `cargo bench`"),
        // Only the first three tables, for work on the closed loops: `cargo bench --bench desk -- closed`.
        Some("closed") => {
            let [closed, crowded, pushed] = rounds::only_closed();
            report::closed(&closed, "one message of each under way", report::BOTH);
            report::closed(&crowded, "16 messages of each under way", report::BOTH);
            report::closed(&pushed, "one message of each under way", report::WAYS);
        }
        // Only the comparison of the stores: `cargo bench --bench desk -- stores`.
        Some("stores") => report::stores(rounds::only_stores().as_ref()),
        // Only the replicas: `cargo bench --bench desk -- replicas`.
        Some("replicas") => report::replicas(rounds::only_replicas().as_ref()),
        // Only the recovery from a kill: `cargo bench --bench desk -- restart`.
        Some("restart") => restart::print(),
        // Only the group's minute, under Telegram's limits: `cargo bench --bench desk -- limits`.
        Some("limits") => return limits::print(&arguments.collect::<Vec<_>>()),
        _ => report::print(&rounds::all()),
    }
    ExitCode::SUCCESS
}
