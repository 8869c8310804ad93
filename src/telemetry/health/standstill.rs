//! Finds a loop that has stood still for twice its limit, by the program's own running time.
//!
//! Invariant: no clock is read. The time that counts is the number of turns of the thread that asks, so whatever stops
//! the whole process stops the count: SIGSTOP, a machine that sleeps, a machine that gives it no processor time.

use std::time::Duration;

use crate::telemetry::registry::{label::Label, labels::Loop};

use super::heartbeats::{Heartbeats, Stale, Watched};

/// A loop that has not turned for its limit is late; for this many limits, it stands still.
const LIMITS: u32 = 2;

/// For how long each loop has not turned.
#[derive(Debug)]
pub struct Standstill {
    /// The time between two turns of the thread that asks.
    tick: Duration,
    loops: Vec<Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The last turn, as it was seen last.
    last: Option<Duration>,
    /// The number of ticks since it was first seen.
    ticks: u32,
}

impl Standstill {
    /// Creates it for a thread that asks with at least this time in between.
    pub fn new(tick: Duration) -> Self {
        Self { tick, loops: vec![Seen::default(); Loop::ALL.len()] }
    }

    /// Counts a tick. Returns a loop that stands still, with the running time since its last turn.
    pub fn tick(&mut self, heartbeats: &Heartbeats) -> Option<Stale> {
        let mut next = vec![Seen::default(); Loop::ALL.len()];
        let mut still = None;
        for Watched { task, last, limit } in heartbeats.watched() {
            let Some(seen) = self.loops.get(task.index()) else { continue };
            let same = seen.last == Some(last);
            let ticks = if same { seen.ticks.saturating_add(1) } else { 0 };
            next[task.index()] = Seen { last: Some(last), ticks };
            let age = self.tick.saturating_mul(ticks);
            if age > limit.saturating_mul(LIMITS) {
                still = still.or(Some(Stale { task, age, limit }));
            }
        }
        self.loops = next;
        still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_mins(2);

    /// The number of ticks until a loop stands still, at most `most`. After each tick `turn` is called.
    fn ticks(heartbeats: &Heartbeats, most: u32, turn: impl Fn(u32)) -> Option<(u32, Loop)> {
        let mut standstill = Standstill::new(TICK);
        (1..=most).find_map(|tick| {
            let still = standstill.tick(heartbeats);
            turn(tick);
            still.map(|still| (tick, still.task))
        })
    }

    fn watched() -> Heartbeats {
        let heartbeats = Heartbeats::new();
        heartbeats.watch(Loop::Poll, LIMIT);
        heartbeats
    }

    /// Two turns within one millisecond look like one.
    fn turn(heartbeats: &Heartbeats, task: Loop) {
        std::thread::sleep(Duration::from_millis(2));
        heartbeats.beat(task);
    }

    #[test]
    fn a_loop_stands_still_after_twice_its_limit_and_not_before() {
        // The first tick sees the turn from which it counts.
        assert_eq!(ticks(&watched(), 1000, |_| {}), Some((242, Loop::Poll)));
        assert_eq!(ticks(&watched(), 241, |_| {}), None);
    }

    #[test]
    fn each_turn_begins_the_count_anew() {
        let heartbeats = watched();
        let now_and_then = |tick| {
            if tick == 200 {
                turn(&heartbeats, Loop::Poll);
            }
        };
        assert_eq!(ticks(&heartbeats, 1000, now_and_then), Some((442, Loop::Poll)));
    }

    #[test]
    fn the_loop_that_stands_still_is_named_and_not_those_that_turn() {
        let heartbeats = watched();
        heartbeats.watch(Loop::Sweeper, TICK);
        let poll_turns = |_| turn(&heartbeats, Loop::Poll);
        assert_eq!(ticks(&heartbeats, 10, poll_turns), Some((4, Loop::Sweeper)));
    }

    #[test]
    fn a_loop_that_retired_never_stands_still_and_one_that_begins_has_its_whole_limit() {
        let heartbeats = watched();
        let mut standstill = Standstill::new(TICK);
        let mut pass = |count| (0..count).find_map(|_| standstill.tick(&heartbeats));
        assert_eq!(pass(200), None);
        heartbeats.retire(Loop::Poll);
        assert_eq!(pass(1000), None);
        std::thread::sleep(Duration::from_millis(2));
        heartbeats.watch(Loop::Poll, LIMIT);
        assert_eq!(pass(241), None);
        assert!(pass(1).is_some());
    }

    #[test]
    fn time_in_which_the_process_did_not_run_is_not_counted() {
        // A process that is stopped for an hour has one tick for it.
        let heartbeats = Heartbeats::new();
        heartbeats.watch(Loop::Poll, Duration::from_millis(5));
        let mut standstill = Standstill::new(Duration::from_millis(1));
        assert_eq!(standstill.tick(&heartbeats), None);
        std::thread::sleep(Duration::from_millis(20));
        assert!(!heartbeats.stale().is_empty(), "by the clock it is late");
        assert_eq!(standstill.tick(&heartbeats), None);
    }
}
