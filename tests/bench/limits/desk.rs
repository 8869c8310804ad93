//! A desk under Telegram's limits: a program, a simulated Telegram, and the people on both sides.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use fastrand::Rng;
use telegram_simulator::{Limits, Operator, Person, Throttled, UserSpec};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{sleep, timeout},
};

use crate::{
    contender::{Contender, UNPACED, Who},
    stage::Stage,
};

use super::{log::Log, measured::Measured};

/// The length of the window in which Telegram counts messages to a group.
pub(super) const WINDOW: Duration = Duration::from_mins(1);
/// Messages to a group that Telegram allows within any window.
pub(super) const ALLOWED: usize = 20;

/// Time limit of the preparation, which knows no limits but the machine's.
const PREPARED_WITHIN: Duration = Duration::from_mins(2);
/// The preparation is over when no call has been made for so long.
const IDLE: Duration = Duration::from_secs(2);
/// First id of the users.
const FIRST: i64 = 1_000_000;

/// Which program plays, with its store where, and the seed of all that is random.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) build: PathBuf,
    pub(super) who: Who,
    pub(super) seed: u64,
}

impl Setup {
    /// A generator for one purpose.
    pub(super) fn random(&self, purpose: u64) -> Rng {
        Rng::with_seed(self.seed.wrapping_mul(1_000).wrapping_add(purpose))
    }
}

/// A running desk. The program is declared first, so that it ends before its Telegram and its store.
pub(super) struct Desk {
    _program: Contender,
    stage: Stage,
    operator: Operator,
    /// Users; those whom an operator has answered come first.
    people: Vec<Person>,
    /// The topics of the users whom an operator has answered.
    topics: Vec<i64>,
    pub(super) log: Log,
    /// When the limits began to apply.
    opened: Instant,
    /// When everything was at rest under the limits.
    pub(super) begun: Instant,
}

/// The texts of messages that arrive.
pub(super) type Arrivals = UnboundedReceiver<String>;

impl Desk {
    /// Opens a desk with `known` users, each of whom has written and has been answered. Without limits, that takes
    /// seconds. The program then starts anew, and knows and meets Telegram's own limits.
    pub(super) async fn open(
        setup: &Setup,
        known: usize,
        settings: &[(&str, &str)],
    ) -> (Self, Arrivals) {
        let stage = Stage::set_for(setup.who).await;
        let (log, mut arrivals) = Log::of(&stage.telegram, stage.group.id());
        let start = |settings: &[(&str, &str)]| {
            Contender::start_build(&setup.build, setup.who, &stage, stage.folder.path(), settings)
        };
        let unpaced = start(&UNPACED);
        let operator = stage.group.operator(UserSpec::named("Olga"));
        let mut people = Vec::new();
        let mut topics = Vec::new();
        for number in 0..known {
            let id = FIRST + i64::try_from(number).unwrap();
            let person =
                stage.telegram.user(UserSpec::named(&format!("User {number}")).with_id(id));
            let text = format!("first {number}");
            person.writes(&text);
            until_arrived(&text, &mut arrivals).await;
            let topic = log.arrival(&text).unwrap().topic.unwrap();
            let answer = format!("welcome {number}");
            operator.writes_in(topic, &answer);
            until_arrived(&answer, &mut arrivals).await;
            people.push(person);
            topics.push(topic);
        }
        let begun = Instant::now();
        while !log.calls(Instant::now().checked_sub(IDLE).unwrap(), Instant::now()).is_empty()
            || stage.telegram.pending_updates() > 0
        {
            assert!(begun.elapsed() < PREPARED_WITHIN, "the program does not come to rest");
            sleep(IDLE / 4).await;
        }
        drop(unpaced);
        stage.telegram.set_limits(Limits::telegram());
        let opened = Instant::now();
        let program = start(settings);
        // A program that counts what an earlier run may have sent has an unused window afterwards.
        sleep(WINDOW + Duration::from_secs(1)).await;
        let begun = Instant::now();
        let desk = Self { _program: program, stage, operator, people, topics, log, opened, begun };
        (desk, arrivals)
    }

    /// Adds a user who has not written yet; returns their number.
    pub(super) fn stranger(&mut self) -> usize {
        let number = self.people.len();
        let id = FIRST + i64::try_from(number).unwrap();
        let spec = UserSpec::named(&format!("User {number}")).with_id(id);
        self.people.push(self.stage.telegram.user(spec));
        number
    }

    /// A user.
    pub(super) fn person(&self, number: usize) -> &Person {
        &self.people[number]
    }

    /// The topics of the users whom an operator has answered.
    pub(super) fn topics(&self) -> &[i64] {
        &self.topics
    }

    /// An operator answers in some topic now and then, without an end.
    pub(super) async fn answers(&self, mut random: Rng) {
        for number in 0_u64.. {
            sleep(Duration::from_secs_f64(5.0 + 20.0 * random.f64())).await;
            let topic = self.topics[random.usize(..self.topics.len())];
            self.operator.writes_in(topic, &format!("answer {number}"));
        }
    }

    /// What every scenario measures, beside its own rows.
    pub(super) fn measured(&self) -> Measured {
        let throttled = self.stage.telegram.throttled();
        if throttled != Throttled::default() {
            self.explain(throttled);
        }
        Measured {
            rows: Vec::new(),
            answers: self.log.waits("answer ", self.begun, Instant::now()),
            refused: throttled.by_limits + throttled.by_faults + throttled.while_waiting,
        }
    }

    /// Says what is known of calls that were answered `429`.
    fn explain(&self, throttled: Throttled) {
        println!("{throttled:?}; calls that failed, and the slots of the group before each:");
        for failed in self.log.failed(self.opened) {
            let calls = self.log.calls(failed.at.checked_sub(WINDOW).unwrap(), failed.at);
            let ages: Vec<u128> =
                calls.iter().map(|(_, call)| (failed.at - call.at).as_millis()).collect();
            let second = failed.at.saturating_duration_since(self.opened).as_secs_f64();
            let place = if failed.into_group { "into the group" } else { "elsewhere" };
            println!("{} {place} after {second:.3} s: calls {ages:?} ms before", failed.method);
        }
    }
}

async fn until_arrived(text: &str, arrivals: &mut Arrivals) {
    let arrived = async {
        while let Some(arrived) = arrivals.recv().await {
            if arrived == text {
                return;
            }
        }
    };
    assert!(timeout(PREPARED_WITHIN, arrived).await.is_ok(), "{text:?} does not arrive");
}
