//! The rounds of the bench.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::{Conversation, Millis, Profile, Revision, Topic, TopicId, UserId};
use ports::{Commit, Ledger as _, Store as _};
use support_bot::adapters::sqlite::{Options as StoreOptions, SqliteStore};

use tokio::runtime::Runtime;

use crate::{
    contender::Who,
    figures::Figures,
    redis::Redis,
    replicas::{Replicas, replicas},
    stage::Stage,
};

/// Duration of a round.
pub(crate) const ROUND: Duration = Duration::from_secs(3);

/// Times that each contender is measured. The contenders alternate, so that a slow moment of the machine affects all of
/// them.
const TURNS: usize = 3;

/// Messages that each conversation has under way in the crowded loop.
const CROWDED: usize = 16;

/// Number of conversations in the closed loop.
pub(crate) const CONVERSATIONS: usize = 64;

/// All measurements.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) closed: [Figures; 2],
    pub(crate) crowded: [Figures; 2],
    /// By webhook, and by polling.
    pub(crate) pushed: [Figures; 2],
    /// `None` if no Redis server is installed.
    pub(crate) stores: Option<Stores>,
    /// `None` if no Redis server is installed.
    pub(crate) replicas: Option<Replicas>,
    pub(crate) offered_rate: f64,
    pub(crate) offered: [Figures; 2],
    pub(crate) start: [Duration; 2],
    /// By number of users in the store.
    pub(crate) known: Vec<(usize, Figures)>,
    /// By length of the backlog.
    pub(crate) backlog: Vec<(usize, Figures)>,
}

/// Closed loops of this program on each store.
#[derive(Debug)]
pub(crate) struct Stores {
    /// This program on Redis, on SQLite, and the bare loop.
    pub(crate) closed: [Figures; 3],
    /// The same contenders with many messages under way.
    pub(crate) crowded: [Figures; 3],
    /// This program on Redis and on SQLite, by webhook.
    pub(crate) pushed: [Figures; 2],
}

const STORES: [Who; 3] = [Who::OnRedis, Who::Ours, Who::Bare];
const PUSHED: [Who; 2] = [Who::PushedOnRedis, Who::Pushed];
const BOTH: [Who; 2] = [Who::Ours, Who::Bare];
const WAYS: [Who; 2] = [Who::Pushed, Who::Ours];
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Runs only the closed loops: one message of each conversation under way, many messages, and one message by webhook.
pub(crate) fn only_closed() -> [[Figures; 2]; 3] {
    runtime().block_on(async {
        [
            measure_in_turn(BOTH, |who| closed(who, 1)).await,
            measure_in_turn(BOTH, |who| closed(who, CROWDED)).await,
            measure_in_turn(WAYS, |who| closed(who, 1)).await,
        ]
    })
}

/// Runs only the comparison of the stores.
pub(crate) fn only_stores() -> Option<Stores> {
    runtime().block_on(stores())
}

/// Runs only the replicas.
pub(crate) fn only_replicas() -> Option<Replicas> {
    runtime().block_on(replicas())
}

async fn stores() -> Option<Stores> {
    if !Redis::is_installed() {
        return None;
    }
    Some(Stores {
        closed: measure_in_turn(STORES, |who| closed(who, 1)).await,
        crowded: measure_in_turn(STORES, |who| closed(who, CROWDED)).await,
        pushed: measure_in_turn(PUSHED, |who| closed(who, 1)).await,
    })
}

/// Measures every contender several times, in turn.
pub(crate) async fn measure_in_turn<T: Copy, const N: usize, F: Future<Output = Figures>>(
    all: [T; N],
    round: impl Fn(T) -> F,
) -> [Figures; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..TURNS {
        for (rounds, one) in rounds.iter_mut().zip(all) {
            rounds.push(round(one).await);
        }
    }
    rounds.map(Figures::combined)
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Runs all rounds, one after another.
pub(crate) fn all() -> Results {
    runtime().block_on(async {
        let crowded = measure_in_turn(BOTH, |who| closed(who, CROWDED)).await;
        let pushed = measure_in_turn(WAYS, |who| closed(who, 1)).await;
        let closed = measure_in_turn(BOTH, |who| closed(who, 1)).await;
        let (stores, replicas) = (stores().await, replicas().await);
        let slower = closed[0].measured.rate().min(closed[1].measured.rate());
        let offered_rate = (slower / 2.0).round();
        let offered = measure_in_turn(BOTH, |who| offered(who, offered_rate)).await;
        let start = [start(BOTH[0]).await, start(BOTH[1]).await];
        let mut known = Vec::new();
        let mut backlog = Vec::new();
        for size in SIZES {
            known.push((size, with_known_users(size).await));
            backlog.push((size, with_backlog(size).await));
        }
        Results {
            closed,
            crowded,
            pushed,
            stores,
            replicas,
            offered_rate,
            offered,
            start,
            known,
            backlog,
        }
    })
}

async fn closed(who: Who, each: usize) -> Figures {
    let stage = Stage::set_for(who).await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    let round = crowd.closed_loop(each, ROUND);
    Figures::of(&[contender], stage.redis.as_ref(), round).await
}

async fn offered(who: Who, rate: f64) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    Figures::of(&[contender], None, crowd.offered(rate, ROUND)).await
}

/// Time from the start of the process to the first copy of a waiting update; the best of five.
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
    Figures::of(&[contender], None, crowd.closed_loop(1, ROUND)).await
}

async fn with_backlog(messages: usize) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    {
        let _opens_the_topics = stage.start(Who::Ours);
        crowd.warm_up().await;
    }
    crowd.write_backlog(messages);
    let contender = stage.start(Who::Ours);
    Figures::of(&[contender], None, crowd.drained()).await
}

/// Fills the store with `count` users who each have a topic.
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
        conversation.topic.current = Topic::Open(TopicId(10_000_000 + number));
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
