//! A real desk against the simulated Telegram, over HTTP; only the address differs from production.

mod author;
mod dialogue;
mod engine;
mod groups;
mod kills;
mod load;
mod network;
mod process;
mod recorder;
mod tracker;
mod welcome;
pub(crate) mod program;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use domain::PartitionSet;
use ports::Reached;
use support_bot::{app::App, telemetry::Telemetry};
use telegram_simulator::{
    Group, Limits, Operator, Options, Person, SeenMessage, Simulator, UserSpec,
};
use tempfile::TempDir;

use crate::redis::Server;

pub(crate) use author::{Author, copies};
pub(crate) use dialogue::{BOTH, Dialogue, Who, contents};
pub(crate) use engine::{Engine, UNLIMITED, contexts, decoder};
pub(crate) use groups::{relayed_in, topic_in};
pub(crate) use kills::Kills;
pub(crate) use load::{Account, Load};
pub(crate) use network::{Balancer, Network, Proxy, free_port};
pub(crate) use process::Program;
pub(crate) use recorder::Recorder;
pub(crate) use tracker::{
    Fault as TrackerFault, KEY as TRACKER_KEY, Report as TrackerReport, Tracker,
};
pub(crate) use welcome::{TestClock, write as write_welcome};

/// Time limit for a story to settle.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The owner of every desk.
pub(crate) const OWNER: i64 = 4_000_000_001;

/// A desk with its simulated Telegram and its folder.
pub(crate) struct Desk {
    pub(crate) telegram: Simulator,
    /// The operators' groups; `group` is the first.
    pub(crate) groups: Vec<Group>,
    pub(crate) group: Group,
    /// An operator of the first group.
    pub(crate) operator: Operator,
    pub(crate) telemetry: Telemetry,
    pub(crate) app: Option<App>,
    /// The clock of the desk.
    pub(crate) clock: Arc<TestClock>,
    folder: TempDir,
    settings: BTreeMap<String, String>,
    /// The pause that ends the hold of a flood, and the longest hold, if the desk is not to wait for minutes.
    pub(crate) hold_times: Option<(Duration, Duration)>,
    /// Stops with the desk.
    _redis: Option<Server>,
}

impl Desk {
    /// Starts a desk at a Telegram without limits.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options { limits: Limits::off(), ..Options::default() }, &[]).await
    }

    /// Starts a desk at a Telegram with these options; `overrides` replace the default settings.
    pub(crate) async fn start_with(options: Options, overrides: &[(&str, &str)]) -> Self {
        let mut desk = Self::closed_with(options, overrides).await;
        desk.open().await;
        desk.settle().await;
        desk
    }

    /// Prepares a desk as `start_with` does, without starting the program.
    pub(crate) async fn closed_with(options: Options, overrides: &[(&str, &str)]) -> Self {
        let limited = options.limits != Limits::off();
        let telegram = Simulator::start(options).await.unwrap();
        let group = telegram.forum("Support");
        let operator = group.operator(spec(4_000_000_002, "Olga", "en"));
        let _owner = telegram.user(spec(OWNER, "Owner", "en")).starts();
        let folder = tempfile::tempdir().unwrap();
        let mut settings: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |name: &str, value: &str| settings.insert(name.to_owned(), value.to_owned());
        set("BOT_TOKEN", &telegram.token());
        set("BOT_DEV_ID", &OWNER.to_string());
        set("BOT_GROUP_ID", &group.id().to_string());
        set("BOT_API_URL", &telegram.url());
        set("DATA_DIR", &folder.path().display().to_string());
        set("OPS_PORT", "0");
        set("ALBUM_WINDOW_MS", "150");
        set("FLOOD", "0");
        set("POLL_TIMEOUT_SECONDS", "5");
        set("REQUEST_TIMEOUT_SECONDS", "5");
        if !limited {
            for limit in
                ["PACE_OVERALL_PER_SECOND", "PACE_PRIVATE_PER_SECOND", "PACE_GROUP_PER_MINUTE"]
            {
                set(limit, "0");
            }
        }
        let redis = stores_in_redis().then(Server::start);
        if let Some(redis) = &redis {
            set("REDIS_URL", &redis.url());
        }
        for (name, value) in overrides {
            set(name, value);
        }
        let telemetry = Telemetry::install().unwrap();
        let clock = Arc::default();
        Self {
            telegram,
            groups: vec![group.clone()],
            group,
            operator,
            telemetry,
            app: None,
            clock,
            folder,
            settings,
            hold_times: None,
            _redis: redis,
        }
    }

    /// Starts the program on the state that the last run has left.
    pub(crate) async fn open(&mut self) {
        self.try_open().await.unwrap();
    }

    /// Stops the program gracefully.
    pub(crate) async fn close(&mut self) {
        if let Some(app) = self.app.take() {
            app.stop(std::future::pending()).await;
        }
    }

    /// A user who writes to the bot.
    pub(crate) fn user(&self, id: i64, name: &str) -> Person {
        self.telegram.user(spec(id, name, "en"))
    }

    /// Creates people who have pressed Start.
    pub(crate) async fn people(&self, count: i64) -> Vec<Person> {
        let people: Vec<Person> = (0..count).map(|n| self.user(1001 + n, "Somebody")).collect();
        for person in &people {
            person.starts();
        }
        self.settle().await;
        people
    }

    /// The folder of the store.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The value of a series on `/metrics`; `series` is the name with its labels.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let page = self.telemetry.render();
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no series {series}")).parse().unwrap()
    }

    /// Waits until Telegram has no updates left for the bot, and the store has nothing waiting.
    pub(crate) async fn settle(&self) {
        let deadline = tokio::time::Instant::now() + TIMEOUT;
        let mut quiet = 0;
        while quiet < 3 {
            assert!(
                tokio::time::Instant::now() < deadline,
                "the desk did not become idle:\n{}",
                self.waiting().await
            );
            tokio::time::sleep(Duration::from_millis(15)).await;
            let busy = self.telegram.pending_updates() > 0 || !self.waiting().await.is_empty();
            quiet = if busy { 0 } else { quiet + 1 };
        }
    }

    /// Waits until a condition holds; `what` describes it.
    pub(crate) async fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = tokio::time::Instant::now() + TIMEOUT;
        while !so() {
            assert!(
                tokio::time::Instant::now() < deadline,
                "never happened: {what}\n{}",
                self.waiting().await
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The only topic in the group.
    pub(crate) fn topic(&self) -> i64 {
        topic_in(&self.group)
    }

    /// The topic of this name.
    pub(crate) fn topic_of(&self, name: &str) -> i64 {
        let topics = self.group.topics();
        let found = topics.iter().find(|topic| topic.name == name && !topic.deleted);
        found.unwrap_or_else(|| panic!("no topic of {name}: {topics:?}")).id
    }

    /// The users' messages in a topic, without the desk's notices and card.
    pub(crate) fn relayed(&self, topic: i64) -> Vec<SeenMessage> {
        relayed_in(&self.group, topic)
    }

    /// The desk's own messages in a topic.
    pub(crate) fn notices(&self, topic: i64) -> Vec<SeenMessage> {
        let messages = self.group.messages(topic).into_iter();
        messages.filter(|message| message.text.as_deref().is_some_and(is_notice)).collect()
    }

    /// Describes what waits in the store; empty if nothing waits.
    async fn waiting(&self) -> String {
        let Some(app) = &self.app else { return String::new() };
        let store = app.store();
        let inbox = store.undecided(PartitionSet::ALL, None, 10).await.unwrap();
        let mut words: Vec<String> = inbox.iter().map(|item| item.update.raw.clone()).collect();
        for backlog in store.backlog(PartitionSet::ALL).await.unwrap() {
            words.push(format!("{backlog:?}"));
            let from = Reached::default();
            let page = store.lanes(PartitionSet::ALL, backlog.channel, from, 3).await.unwrap();
            words.extend(page.heads.iter().map(|head| format!("{head:?}")));
        }
        words.join("\n")
    }
}

/// Whether the desks of this run keep their store in a Redis of their own: `DESKS_IN_REDIS=1`, which the step
/// `redis-stories` of `bin/test` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "it selects what is tested and is not a setting of the desk"
)]
pub(crate) fn stores_in_redis() -> bool {
    std::env::var("DESKS_IN_REDIS").is_ok_and(|value| value == "1")
}

/// The profile of a simulated person.
pub(crate) fn spec(id: i64, name: &str, language: &str) -> UserSpec {
    UserSpec {
        id,
        first_name: name.to_owned(),
        last_name: None,
        username: None,
        language_code: Some(language.to_owned()),
    }
}

/// Whether a text is the desk's own: its notices begin with a special sign, and its card lists the commands.
fn is_notice(text: &str) -> bool {
    text.starts_with('◆') || text.contains("\n/information")
}
