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
    redis::Redis,
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
    /// What it took of Redis, per message.
    pub(crate) redis: Option<OnRedis>,
}

/// What a message took of Redis.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OnRedis {
    /// Processor time of Redis itself.
    pub(crate) cpu: Duration,
    /// Commands sent: those that write, and those that read.
    pub(crate) commands: [f64; 2],
}

impl Figures {
    /// All rounds as one.
    fn pooled(rounds: Vec<Self>) -> Self {
        let mut measured = Measured::default();
        let (mut spent, mut resident, mut redis) = (Duration::ZERO, 0, None);
        for Self { measured: one, cpu, resident: kept, redis: took } in rounds {
            spent += cpu * u32::try_from(one.messages).unwrap();
            if let Some(took) = took {
                let all: &mut OnRedis = redis.get_or_insert_default();
                all.cpu += took.cpu * u32::try_from(one.messages).unwrap();
                for (all, took) in all.commands.iter_mut().zip(took.commands) {
                    *all += took * one.messages as f64;
                }
            }
            resident = resident.max(kept);
            measured.messages += one.messages;
            measured.took += one.took;
            measured.latencies.extend(one.latencies);
        }
        measured.latencies.sort_unstable();
        let messages = u32::try_from(measured.messages.max(1)).unwrap();
        if let Some(redis) = &mut redis {
            redis.cpu /= messages;
            redis.commands = redis.commands.map(|all| all / f64::from(messages));
        }
        Self { measured, cpu: spent / messages, resident, redis }
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) closed: [Figures; 2],
    pub(crate) crowded: [Figures; 2],
    /// Pushed to, and polling.
    pub(crate) pushed: [Figures; 2],
    /// `None` if there is no Redis to start.
    pub(crate) stores: Option<Stores>,
    pub(crate) offered_rate: f64,
    pub(crate) offered: [Figures; 2],
    pub(crate) start: [Duration; 2],
    /// By number of known users.
    pub(crate) known: Vec<(usize, Figures)>,
    /// By length of the backlog.
    pub(crate) backlog: Vec<(usize, Figures)>,
}

/// Ours on each store, in closed loops.
#[derive(Debug)]
pub(crate) struct Stores {
    /// On Redis, on SQLite, and the bare loop.
    pub(crate) closed: [Figures; 3],
    /// The same with many messages under way.
    pub(crate) crowded: [Figures; 3],
    /// On Redis and on SQLite, by webhook.
    pub(crate) pushed: [Figures; 2],
}

const STORES: [Who; 3] = [Who::OnRedis, Who::Ours, Who::Bare];
const PUSHED: [Who; 2] = [Who::PushedOnRedis, Who::Pushed];
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

/// Compares the stores alone.
pub(crate) fn only_stores() -> Option<Stores> {
    runtime().block_on(stores())
}

async fn stores() -> Option<Stores> {
    if !Redis::is_installed() {
        return None;
    }
    Some(Stores {
        closed: in_turn(STORES, |who| closed(who, 1)).await,
        crowded: in_turn(STORES, |who| closed(who, CROWDED)).await,
        pushed: in_turn(PUSHED, |who| closed(who, 1)).await,
    })
}

/// Measures all, several times in turn.
async fn in_turn<const N: usize, F: Future<Output = Figures>>(
    all: [Who; N],
    round: impl Fn(Who) -> F,
) -> [Figures; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..TURNS {
        for (rounds, who) in rounds.iter_mut().zip(all) {
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
        let stores = stores().await;
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
        Results { closed, crowded, pushed, stores, offered_rate, offered, start, known, backlog }
    })
}

/// A Telegram, a group, and a place for the store.
struct Stage {
    telegram: Simulator,
    group: Group,
    /// Before its folder goes, it ends.
    redis: Option<Redis>,
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
        Self { telegram, group, redis: None, folder }
    }

    /// With a Redis, if this contender keeps its store there.
    async fn set_for(who: Who) -> Self {
        let mut stage = Self::set().await;
        stage.redis = who.is_on_redis().then(|| Redis::start(stage.folder.path()));
        stage
    }

    fn crowd(&self, count: usize) -> Crowd {
        Crowd::new(&self.telegram, FIRST, count)
    }

    fn start(&self, who: Who) -> Contender {
        let (folder, redis) = (self.folder.path(), self.redis.as_ref());
        Contender::start(who, &self.telegram, &self.group, folder, redis)
    }
}

async fn measure(contender: &Contender, round: impl Future<Output = Measured>) -> Figures {
    let before = contender.cpu();
    let measured = round.await;
    let spent = contender.cpu().saturating_sub(before);
    let messages = u32::try_from(measured.messages.max(1)).unwrap();
    Figures { cpu: spent / messages, resident: contender.resident(), measured, redis: None }
}

async fn closed(who: Who, each: usize) -> Figures {
    let stage = Stage::set_for(who).await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    let round = crowd.closed_loop(each, ROUND);
    match &stage.redis {
        Some(redis) => on_redis(&contender, redis, round).await,
        None => measure(&contender, round).await,
    }
}

/// With what it took of Redis.
async fn on_redis(
    contender: &Contender,
    redis: &Redis,
    round: impl Future<Output = Measured>,
) -> Figures {
    let (cpu, asked) = (redis.cpu(), contender.asked().await);
    let figures = measure(contender, round).await;
    let messages = u32::try_from(figures.measured.messages.max(1)).unwrap();
    let cpu = redis.cpu().saturating_sub(cpu) / messages;
    let now = contender.asked().await;
    let commands = [0, 1].map(|kind| (now[kind] - asked[kind]) / f64::from(messages));
    Figures { redis: Some(OnRedis { cpu, commands }), ..figures }
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
