//! Simulated users who write, and the observer that sees their messages arrive in the group.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use telegram_simulator::{Event, EventKind, Person, Simulator, UserSpec};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The measurements of one round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    /// Messages that arrived.
    pub(crate) messages: u64,
    /// Duration of the round.
    pub(crate) took: Duration,
    /// Time from writing each message to the appearance of its copy, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Measured {
    /// Throughput in messages per second.
    pub(crate) fn rate(&self) -> f64 {
        self.messages as f64 / self.took.as_secs_f64()
    }

    /// The latency that this fraction of the messages did not exceed.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share) as usize).copied().unwrap_or_default()
    }
}

/// The users and their messages under way.
pub(crate) struct Crowd {
    people: Vec<Person>,
    events: Receiver<Event>,
    written: HashMap<(usize, u64), Instant>,
    serial: u64,
}

impl Crowd {
    /// Creates `count` users who have not written yet. Their ids begin at `first`.
    pub(crate) fn new(telegram: &Simulator, first: i64, count: usize) -> Self {
        let person = |number: usize| {
            let id = first + i64::try_from(number).unwrap();
            telegram.user(UserSpec::named(&format!("User {number}")).with_id(id))
        };
        let people = (0..count).map(person).collect();
        Self { people, events: telegram.subscribe(), written: HashMap::new(), serial: 0 }
    }

    /// Lets one user write a message.
    pub(crate) fn write(&mut self, user: usize) {
        self.serial += 1;
        self.written.insert((user, self.serial), Instant::now());
        self.people[user].writes(&format!("{user} {}", self.serial));
    }

    /// Number of messages that were written and have not arrived.
    pub(crate) fn under_way(&self) -> usize {
        self.written.len()
    }

    /// Number of users.
    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// Waits for the next arrival; returns the user who wrote the message and its latency.
    pub(crate) async fn arrival(&mut self) -> (usize, Duration) {
        loop {
            let event = match self.events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(missed)) => {
                    panic!("the bench fell behind by {missed} events")
                }
                Err(RecvError::Closed) => panic!("the simulator is gone"),
            };
            let EventKind::Sent { text: Some(text), .. } = &event.kind else { continue };
            if !event.by_bot {
                continue;
            }
            let Some((user, serial)) = text.split_once(' ') else { continue };
            let (Ok(user), Ok(serial)) = (user.parse(), serial.parse()) else { continue };
            if let Some(written) = self.written.remove(&(user, serial)) {
                return (user, written.elapsed());
            }
        }
    }

    /// Lets every user write once and waits for the arrivals, so that all topics are open afterwards.
    pub(crate) async fn warm_up(&mut self) {
        for user in 0..self.len() {
            self.write(user);
            // Bounded, so that the observer does not fall behind.
            while self.under_way() > 256 {
                self.arrival().await;
            }
        }
        while self.under_way() > 0 {
            self.arrival().await;
        }
    }

    /// Keeps `each` messages of every user under way: a user writes again as soon as one message has arrived.
    pub(crate) async fn closed_loop(&mut self, each: usize, lasting: Duration) -> Measured {
        let begun = Instant::now();
        let mut measured = Measured::default();
        for message in 0..each * self.len() {
            self.write(message % self.len());
        }
        while self.under_way() > 0 {
            let (user, latency) = self.arrival().await;
            measured.messages += 1;
            measured.latencies.push(latency);
            if begun.elapsed() < lasting {
                self.write(user);
            }
        }
        measured.took = begun.elapsed();
        measured.latencies.sort_unstable();
        measured
    }

    /// Users write in turn, each after the message before has arrived.
    pub(crate) async fn write_one_by_one(&mut self, lasting: Duration) -> Measured {
        let begun = Instant::now();
        let mut measured = Measured::default();
        for user in (0..self.len()).cycle() {
            if begun.elapsed() >= lasting {
                break;
            }
            self.write(user);
            let (_, latency) = self.arrival().await;
            measured.messages += 1;
            measured.latencies.push(latency);
        }
        measured.took = begun.elapsed();
        measured.latencies.sort_unstable();
        measured
    }

    /// Users write in turn at a fixed rate, whether messages arrive or not.
    pub(crate) async fn offered(&mut self, per_second: f64, lasting: Duration) -> Measured {
        let begun = Instant::now();
        let mut measured = Measured::default();
        let mut sent = 0_u64;
        loop {
            let due = (begun.elapsed().as_secs_f64() * per_second) as u64;
            while sent < due && begun.elapsed() < lasting {
                self.write(usize::try_from(sent).unwrap() % self.len());
                sent += 1;
            }
            if begun.elapsed() >= lasting && self.under_way() == 0 {
                break;
            }
            let next = Duration::from_secs_f64((sent + 1) as f64 / per_second);
            let pause = next.saturating_sub(begun.elapsed()).max(Duration::from_micros(200));
            if let Ok((_, latency)) = tokio::time::timeout(pause, self.arrival()).await {
                measured.messages += 1;
                measured.latencies.push(latency);
            }
        }
        measured.took = begun.elapsed();
        measured.latencies.sort_unstable();
        measured
    }

    /// Users write `messages` messages in turn while no program reads them.
    pub(crate) fn write_backlog(&mut self, messages: usize) {
        for message in 0..messages {
            self.serial += 1;
            let user = message % self.len();
            self.written.insert((user, self.serial), Instant::now());
            self.people[user].writes(&format!("{user} {}", self.serial));
        }
        // The bench ignores the events of its own writing.
        self.events = self.events.resubscribe();
    }

    /// Waits until every message has arrived.
    pub(crate) async fn drained(&mut self) -> Measured {
        let begun = Instant::now();
        let mut measured = Measured::default();
        while self.under_way() > 0 {
            self.arrival().await;
            measured.messages += 1;
        }
        measured.took = begun.elapsed();
        measured
    }
}
