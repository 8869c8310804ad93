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
const ROUND: Duration = Duration::from_secs(5);

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

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) closed: [Figures; 2],
    pub(crate) offered_rate: f64,
    pub(crate) offered: [Figures; 2],
    pub(crate) start: [Duration; 2],
    /// By number of known users.
    pub(crate) known: Vec<(usize, Figures)>,
    /// By length of the backlog.
    pub(crate) backlog: Vec<(usize, Figures)>,
}

const BOTH: [Who; 2] = [Who::Ours, Who::Bare];
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Runs the closed loop alone.
pub(crate) fn only_closed() -> [Figures; 2] {
    runtime().block_on(async { [closed(BOTH[0]).await, closed(BOTH[1]).await] })
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Runs all rounds, one after the other.
pub(crate) fn all() -> Results {
    runtime().block_on(async {
        let closed = [closed(BOTH[0]).await, closed(BOTH[1]).await];
        let slower = closed[0].measured.rate().min(closed[1].measured.rate());
        let offered_rate = (slower / 2.0).round();
        let offered = [offered(BOTH[0], offered_rate).await, offered(BOTH[1], offered_rate).await];
        let start = [start(BOTH[0]).await, start(BOTH[1]).await];
        let mut known = Vec::new();
        let mut backlog = Vec::new();
        for size in SIZES {
            known.push((size, with_known_users(size).await));
            backlog.push((size, with_backlog(size).await));
        }
        Results { closed, offered_rate, offered, start, known, backlog }
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

async fn closed(who: Who) -> Figures {
    let stage = Stage::set().await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let contender = stage.start(who);
    crowd.warm_up().await;
    measure(&contender, crowd.closed_loop(ROUND)).await
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
    measure(&contender, crowd.closed_loop(ROUND)).await
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
