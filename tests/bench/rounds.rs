//! The rounds of the bench.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use support_bot::{
    adapters::sqlite::{Options as StoreOptions, SqliteStore},
    domain::{Conversation, Millis, Profile, Revision, Topic, TopicId, UserId},
    ports::{Commit, Ledger as _, Store as _},
    simulator::{Group, Limits, Options, Simulator},
};

use tokio::runtime::Runtime;

use crate::{
    contender::{Contender, Who},
    load::{Crowd, Measured},
};

/// How long a round lasts.
const ROUND: Duration = Duration::from_secs(3);

/// So often both contenders are measured in turn: a machine's good and bad moments fall on both.
const TURNS: usize = 3;

/// So many messages of each conversation are under way in the crowded loop.
const CROWDED: usize = 16;

/// Conversations of the closed loop.
const CONVERSATIONS: usize = 64;

/// The users of the load have ids from here on; those that are only known, below.
const FIRST: i64 = 1_000_000;

/// One contender in one round.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) measured: Measured,
    /// Processor time per message.
    pub(crate) cpu: Duration,
    /// Resident memory at the end, in bytes.
    pub(crate) resident: u64,
}

impl Figures {
    /// All rounds as one.
    fn pooled(rounds: Vec<Self>) -> Self {
        let mut measured = Measured::default();
        let (mut spent, mut resident) = (Duration::ZERO, 0);
        for Self { measured: one, cpu, resident: kept } in rounds {
            spent += cpu * u32::try_from(one.messages).unwrap();
            resident = resident.max(kept);
            measured.messages += one.messages;
            measured.took += one.took;
            measured.latencies.extend(one.latencies);
        }
        measured.latencies.sort_unstable();
        let messages = u32::try_from(measured.messages.max(1)).unwrap();
        Self { measured, cpu: spent / messages, resident }
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) closed: [Figures; 2],
    pub(crate) crowded: [Figures; 2],
    /// Pushed to, and polling.
    pub(crate) pushed: [Figures; 2],
    pub(crate) offered_rate: f64,
    pub(crate) offered: [Figures; 2],
    pub(crate) start: [Duration; 2],
    /// By number of known users.
    pub(crate) known: Vec<(usize, Figures)>,
    /// By length of the backlog.
    pub(crate) backlog: Vec<(usize, Figures)>,
}

const BOTH: [Who; 2] = [Who::Ours, Who::Bare];
const WAYS: [Who; 2] = [Who::Pushed, Who::Ours];
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Runs the closed loops alone: with one message of each conversation under way, with many, and with one by webhook.
pub(crate) fn only_closed() -> [[Figures; 2]; 3] {
    runtime().block_on(async {
        [
            in_turn(BOTH, |who| closed(who, 1)).await,
            in_turn(BOTH, |who| closed(who, CROWDED)).await,
            in_turn(WAYS, |who| closed(who, 1)).await,
        ]
    })
}

/// Measures both, several times in turn.
async fn in_turn<F: Future<Output = Figures>>(
    both: [Who; 2],
    round: impl Fn(Who) -> F,
) -> [Figures; 2] {
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (rounds, who) in rounds.iter_mut().zip(both) {
            rounds.push(round(who).await);
        }
    }
    rounds.map(Figures::pooled)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Runs all rounds, one after the other.
pub(crate) fn all() -> Results {
    runtime().block_on(async {
        let crowded = in_turn(BOTH, |who| closed(who, CROWDED)).await;
        let pushed = in_turn(WAYS, |who| closed(who, 1)).await;
        let closed = in_turn(BOTH, |who| closed(who, 1)).await;
        let slower = closed[0].measured.rate().min(closed[1].measured.rate());
        let offered_rate = (slower / 2.0).round();
        let offered = in_turn(BOTH, |who| offered(who, offered_rate)).await;
        let start = [start(BOTH[0]).await, start(BOTH[1]).await];
        let mut known = Vec::new();
        let mut backlog = Vec::new();
        for size in SIZES {
            known.push((size, with_known_users(size).await));
            backlog.push((size, with_backlog(size).await));
        }
        Results { closed, crowded, pushed, offered_rate, offered, start, known, backlog }
    })
}

/// A Telegram, a group, and a folder for the store.
struct Stage {
    telegram: Simulator,
    group: Group,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Self {
        let options = Options {
            limits: Limits::off(),
            call_log: 0,
            history_per_chat: 200_000,
            ..Options::default()
        };
        let telegram = Simulator::start(options).await.unwrap();
        let group = telegram.forum("Support");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { telegram, group, folder }
    }

    fn crowd(&self, count: usize) -> Crowd {
        Crowd::new(&self.telegram, FIRST, count)
    }

    fn start(&self, who: Who) -> Contender {
        Contender::start(who, &self.telegram, &self.group, self.folder.path())
    }
}

async fn measure(contender: &Contender, round: impl Future<Output = Measured>) -> Figures {
    let before = contender.cpu();
    let measured = round.await;
    let spent = contender.cpu().saturating_sub(before);
    let messages = u32::try_from(measured.messages.max(1)).unwrap();
    Figures { cpu: spent / messages, resident: contender.resident(), measured }
}

async fn closed(who: Who, each: usize) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    measure(&contender, crowd.closed_loop(each, ROUND)).await
}

async fn offered(who: Who, rate: f64) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    measure(&contender, crowd.offered(rate, ROUND)).await
}

/// From the start of the process to the first copy of an update that was waiting; the best of five.
async fn start(who: Who) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let stage = Stage::set().await;
        let mut crowd = stage.crowd(1);
        crowd.write(0);
        let begun = Instant::now();
        let contender = stage.start(who);
        crowd.arrival().await;
        best = best.min(begun.elapsed());
        drop(contender);
    }
    best
}

async fn with_known_users(count: usize) -> Figures {
    let stage = Stage::set().await;
    seed(stage.folder.path(), count).await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(Who::Ours);
    crowd.warm_up().await;
    measure(&contender, crowd.closed_loop(1, ROUND)).await
}

async fn with_backlog(messages: usize) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    {
        let _opens_the_topics = stage.start(Who::Ours);
        crowd.warm_up().await;
    }
    crowd.pile_up(messages);
    let contender = stage.start(Who::Ours);
    measure(&contender, crowd.drained()).await
}

/// Makes the store know so many users, each with a topic.
async fn seed(folder: &Path, count: usize) {
    let store = SqliteStore::open(folder, &StoreOptions::default()).unwrap();
    let known = |number: usize| {
        let number = i64::try_from(number).unwrap() + 1;
        let profile = Profile {
            name: format!("Known user {number}"),
            username: Some(format!("known_{number}")),
            language_code: Some("en".to_owned()),
        };
        let user = UserId(number);
        let mut conversation = Conversation::new(user, profile, Millis(1));
        conversation.topic = Topic::Open(TopicId(10_000_000 + number));
        Commit {
            expects: Some((user, Revision::default())),
            conversation: Some(conversation),
            ..Commit::default()
        }
    };
    let commits: Vec<Commit> = (0..count).map(known).collect();
    for batch in commits.chunks(1000) {
        store.commit(batch.to_vec()).await.unwrap();
    }
    store.close(Duration::from_secs(10)).await.unwrap();
}
