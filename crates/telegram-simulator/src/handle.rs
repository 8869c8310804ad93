//! The simulator: the handle through which a test controls it.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::{Notify, broadcast};

use super::{
    actors::{Group, Person},
    clock::{Clock, seconds},
    events::Event,
    faults::{Fault, FaultHandle},
    limits::Throttled,
    options::{Limits, Options},
    records::Record,
    server,
    shared::{Shared, spawn},
    webhook,
    world::{Calls, ChatKind, Rights, UserSpec, World},
};

/// A running Bot API server with a world of its own.
///
/// Dropping it stops the server. Actors that are still held can use the world.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    port: u16,
}

/// The webhook as the bot has set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookState {
    /// Where updates go.
    pub url: String,
    /// The value of the secret header.
    pub secret: Option<String>,
    /// How many deliveries may run at once.
    pub max_connections: usize,
    /// The last failure, in the words of `getWebhookInfo`.
    pub last_error: Option<String>,
}

impl Simulator {
    /// Binds a port of this machine and serves.
    pub async fn start(options: Options) -> io::Result<Self> {
        let (events, _) = broadcast::channel(4096);
        let arrived = Arc::new(Notify::new());
        let clock = Arc::new(Clock::new());
        let world = World::new(&options, clock, Arc::clone(&arrived), events.clone());
        let shared = Arc::new(Shared::new(options, arrived, world, events));
        let port = server::start(Arc::clone(&shared)).await?;
        spawn(webhook::run(Arc::clone(&shared)));
        Ok(Self { shared, port })
    }

    /// The base of the API: `http://127.0.0.1:port`, unless it listens elsewhere.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.shared.options.host, self.port)
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.shared.options.token.clone()
    }

    /// The bot's id.
    pub fn bot_id(&self) -> i64 {
        self.shared.world().me.id
    }

    #[cfg(test)]
    pub(crate) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.shared.world()
    }

    /// Stops serving and closes every connection.
    pub async fn stop(self) {
        drop(self);
        tokio::task::yield_now().await;
    }

    /// A forum with topics, in which the bot has every right.
    pub fn forum(&self, title: &str) -> Group {
        Group::create(&self.shared, title, ChatKind::Supergroup { forum: true }, Rights::all())
    }

    /// A forum with topics, in which the bot has only these rights.
    pub fn forum_with(&self, title: &str, rights: Rights) -> Group {
        Group::create(&self.shared, title, ChatKind::Supergroup { forum: true }, rights)
    }

    /// A supergroup without topics, in which the bot has every right.
    pub fn supergroup(&self, title: &str) -> Group {
        Group::create(&self.shared, title, ChatKind::Supergroup { forum: false }, Rights::all())
    }

    /// A basic group, in which the bot has every right.
    pub fn group(&self, title: &str) -> Group {
        Group::create(&self.shared, title, ChatKind::Group, Rights::all())
    }

    /// Creates a person who has not written to the bot yet.
    pub fn user(&self, spec: UserSpec) -> Person {
        Person::create(&self.shared, spec)
    }

    /// Makes calls fail.
    pub fn inject(&self, fault: Fault) -> FaultHandle {
        self.shared.world().faults.inject(fault)
    }

    /// Changes the limits and forgets what was counted so far.
    pub fn set_limits(&self, limits: Limits) {
        self.shared.world().limiter.set(limits);
    }

    /// How many calls were answered `429`.
    pub fn throttled(&self) -> Throttled {
        self.shared.world().limiter.throttled
    }

    /// Moves the clock forward: messages age, limits recover, updates expire.
    pub fn advance(&self, by: Duration) {
        let world = self.shared.world();
        world.clock.advance(by);
        world.updates.wake();
    }

    /// Queues an update as it is, with an `update_id` if it has none; returns that id.
    pub fn push_update(&self, update: Value) -> i64 {
        self.shared.push_update(update)
    }

    /// Queues any text in the place of an update.
    pub fn push_raw(&self, text: &str) {
        let mut world = self.shared.world();
        let now = world.now();
        world.updates.push_raw(text, now);
    }

    /// Updates that the bot has not confirmed.
    pub fn pending_updates(&self) -> usize {
        self.shared.world().updates.pending()
    }

    /// The bot's calls.
    pub fn calls(&self) -> Calls {
        self.shared.world().calls.show()
    }

    /// The webhook, if one is set.
    pub fn webhook(&self) -> Option<WebhookState> {
        self.shared.world().updates.webhook.as_ref().map(|webhook| WebhookState {
            url: webhook.url.clone(),
            secret: webhook.secret.clone(),
            max_connections: webhook.max_connections,
            last_error: webhook.last_error.as_ref().map(|(_, what)| what.clone()),
        })
    }

    /// Makes `getWebhookInfo` report a synchronization error, until a webhook is set again.
    pub fn fail_to_synchronize(&self) {
        let mut world = self.shared.world();
        let now = seconds(world.now());
        if let Some(webhook) = &mut world.updates.webhook {
            webhook.unsynchronized = Some(now);
        }
    }

    /// The bot's commands: by scope (its JSON) and language code, the list that was set.
    pub fn commands(&self) -> BTreeMap<(String, String), Value> {
        self.shared.world().commands.clone()
    }

    /// What `answerCallbackQuery` was called with, oldest first: the query's id and the parameters.
    pub fn answers(&self) -> Vec<(String, Value)> {
        self.shared.world().answers.clone()
    }

    /// The content of a file that the bot has uploaded.
    pub fn uploaded(&self, file_id: &str) -> Option<Vec<u8>> {
        self.shared.world().contents.get(file_id).cloned()
    }

    /// Everything that happens from now on. A listener that falls 4096 events behind misses some.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.shared.subscribe()
    }

    /// Records of the updates that wait already, and of everything from now on: updates, calls, and their effects, in
    /// order. None is missed. Records that are not received stay in memory. An earlier receiver gets no more.
    pub fn records(&self) -> Receiver<Record> {
        let world = self.shared.world();
        let records = world.records.listen();
        world.updates.record_waiting();
        records
    }

    /// As [`Simulator::records`], each record with the time at which it was made: under the world's lock, so that no
    /// busy receiver makes it later.
    pub fn timed_records(&self) -> Receiver<(Instant, Record)> {
        let world = self.shared.world();
        let records = world.records.listen_timed();
        world.updates.record_waiting();
        records
    }

    /// Adds a note of the test's own to the records.
    pub fn note(&self, note: impl Into<String>) {
        self.shared.world().records.add(|| Record::Noted(note.into()));
    }

    /// Closes every connection; the world stays, and new connections are served.
    pub fn drop_connections(&self) {
        self.shared.wires.cut_all();
    }

    /// While set, closes every connection, as when the network is down.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.shared.wires.set_unreachable(unreachable);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        self.shared.wires.set_unreachable(true);
    }
}
