//! What every part of the engine works with.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{
    i18n::Texts,
    telemetry::{
        Heartbeats, Loop, Metrics, Readiness, StoreFailure, StoreOperation, events, owner,
    },
};
use domain::{ChatId, Language, Millis, UserId};
use ports::{
    Clock, Commit, Committed, Decoder, GroupMove, Ledger, Reporter, StoreError, Tracker, Welcomes,
};

use super::{
    PacingLimits, forum::Forum, latest::Latest, newsletter::Post, overview::Overview,
    topics::Topics,
};

/// So long after a failure the store is asked again, later after twice the time.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// But at least this often.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The ports, and what the settings say. Shared by all tasks of the engine.
pub struct Desk<S, M> {
    /// Inbox, ledger, outbox, dead letters.
    pub store: Arc<S>,
    /// Calls to Telegram.
    pub messenger: M,
    /// Telegram's JSON in our words.
    pub decoder: Arc<dyn Decoder>,
    /// How the desk is, for whoever asks.
    pub reporter: Arc<dyn Reporter>,
    /// What the desk says.
    pub texts: Arc<Texts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Metrics,
    /// Which loops turn.
    pub heartbeats: Heartbeats,
    /// Told whether the bot may work in the operators' group.
    pub readiness: Readiness,
    /// The owner's welcome, if there is one.
    pub welcome: Option<Arc<dyn Welcomes>>,
    /// What counts where users come from, if anything does.
    pub tracker: Option<Arc<dyn Tracker>>,
    /// What the settings say.
    pub settings: DeskSettings,
    /// The operators' group; another than in the settings once it has moved.
    group: AtomicI64,
    configured_group: ChatId,
    /// The id that an update says the group has left.
    pub(super) said_to_have_moved: watch::Sender<Option<ChatId>>,
    pub(super) topics: Topics,
    pub(super) latest: Latest,
    pub(super) forum: Forum,
    /// When Telegram has done last what it was asked to.
    telegram_did: Mutex<Option<Instant>>,
    /// What the tasks of the engine have to do.
    pub(super) overview: Overview,
    /// What the sender and the newsletters tell each other.
    pub(super) post: Post,
}

/// What a desk is made of: the edges that tests replace.
#[derive(Debug)]
#[expect(missing_docs, reason = "as in Desk")]
pub struct Parts<S, M> {
    pub store: Arc<S>,
    pub messenger: M,
    pub decoder: Arc<dyn Decoder>,
    pub reporter: Arc<dyn Reporter>,
    pub texts: Arc<Texts>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    pub heartbeats: Heartbeats,
    pub readiness: Readiness,
    pub welcome: Option<Arc<dyn Welcomes>>,
    pub tracker: Option<Arc<dyn Tracker>>,
}

/// The settings that the engine needs.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The custom emoji that topics get as their icon.
    pub topic_icon: Option<String>,
    /// The language spoken to operators.
    pub operators_language: Language,
    /// The language spoken to users whose own we do not have.
    pub default_language: Language,
    /// Telegram's limits.
    pub pacing: PacingLimits,
    /// So many calls run at once.
    pub send_concurrency: usize,
    /// So long after a piece of an album the next is awaited.
    pub album_window: Duration,
    /// So many updates may wait to be decided before no more are taken in.
    pub inbox_limit: usize,
    /// Those who look after the desk: the owner, and the administrators.
    pub administrators: Vec<UserId>,
    /// So long replies, edits and reactions find their message.
    pub link_retention: Duration,
}

impl<S, M> Desk<S, M> {
    /// Puts the parts together. `configured_group` is the operators' group of the settings, `group` what it is now.
    pub fn new(
        parts: Parts<S, M>,
        settings: DeskSettings,
        configured_group: ChatId,
        group: ChatId,
    ) -> Arc<Self> {
        let Parts {
            store,
            messenger,
            decoder,
            reporter,
            texts,
            clock,
            metrics,
            heartbeats,
            readiness,
            welcome,
            tracker,
        } = parts;
        let group = AtomicI64::new(group.0);
        Arc::new(Self {
            store,
            messenger,
            decoder,
            reporter,
            texts,
            clock,
            metrics,
            heartbeats,
            readiness,
            welcome,
            tracker,
            settings,
            group,
            configured_group,
            said_to_have_moved: watch::Sender::default(),
            topics: Topics::default(),
            latest: Latest::default(),
            forum: Forum::default(),
            telegram_did: Mutex::default(),
            overview: Overview::default(),
            post: Post::default(),
        })
    }

    /// The operators' group.
    pub fn group(&self) -> ChatId {
        ChatId(self.group.load(Ordering::Relaxed))
    }

    /// Where a chat is now: the operators' group may have moved since it was written down.
    pub(super) fn moved(&self, chat: ChatId) -> ChatId {
        if chat == self.configured_group { self.group() } else { chat }
    }

    /// The move of the operators' group to another id, to be committed.
    pub(super) fn group_move(&self, to: ChatId) -> GroupMove {
        GroupMove { from: self.configured_group, to }
    }

    /// Telegram has refused the operators' group's id and named this one, which is stored.
    pub(super) fn group_moved(&self, to: ChatId) {
        let from = self.group.swap(to.0, Ordering::Relaxed);
        // Several calls may meet the same move.
        if from != to.0 {
            owner::group_moved(&self.metrics, from, to.0);
        }
    }

    /// Another process has learnt of a move, and tells of it.
    pub(super) fn heard_of_move(&self, moved: GroupMove) {
        if moved.from == self.configured_group {
            self.group.store(moved.to.0, Ordering::Relaxed);
        }
    }

    /// An update says that the operators' group, with this id, has moved.
    pub(super) fn is_said_to_have_moved(&self, group: ChatId) {
        self.said_to_have_moved.send_replace(Some(group));
    }

    /// The time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Telegram has done what it was asked to.
    pub(super) fn telegram_did(&self, now: Instant) {
        *self.telegram_did.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether Telegram has done something within the last half minute.
    pub(super) fn telegram_does(&self, now: Instant) -> bool {
        let last = *self.telegram_did.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| now.saturating_duration_since(last) < Duration::from_secs(30))
    }

    /// Asks the store for something; what comes of it is counted.
    pub(super) async fn stored<T>(
        &self,
        operation: StoreOperation,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let answer = request.await;
        match &answer {
            Ok(_) => events::store_worked(&self.metrics, operation, begun.elapsed()),
            Err(error) => events::store_failed(&self.metrics, operation, failure(error), error),
        }
        answer
    }

    /// Writes what a loop has decided; if something in it cannot be written, one by one. The store is asked until it
    /// works: what was perhaps written must be heard of. `None` for what never will be written.
    pub(super) async fn write(&self, task: Loop, commits: Vec<Commit>) -> Vec<Option<Committed>>
    where
        S: Ledger,
    {
        if let Some(outcomes) = self.try_write(task, &commits).await {
            return outcomes.into_iter().map(Some).collect();
        }
        let mut outcomes = Vec::with_capacity(commits.len());
        for commit in &commits {
            let alone = self.try_write(task, std::slice::from_ref(commit)).await;
            outcomes.push(alone.and_then(|mut outcome| outcome.pop()));
        }
        outcomes
    }

    async fn try_write(&self, task: Loop, commits: &[Commit]) -> Option<Vec<Committed>>
    where
        S: Ledger,
    {
        let attempt = || {
            self.heartbeats.beat(task);
            self.store.commit(commits.to_vec())
        };
        self.until_written(StoreOperation::Commit, attempt).await.ok()
    }

    /// Asks the store until it works: what must be written down is never given up. Ends only with success, or by
    /// cancellation.
    pub(super) async fn until_stored<T, F>(
        &self,
        operation: StoreOperation,
        mut request: impl FnMut() -> F,
    ) -> T
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = SHORTEST_PAUSE;
        loop {
            if let Ok(answer) = self.stored(operation, request()).await {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The same for what may be such that it can never be written; then it says why.
    pub(super) async fn until_written<T, F>(
        &self,
        operation: StoreOperation,
        mut request: impl FnMut() -> F,
    ) -> Result<T, String>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match self.stored(operation, request()).await {
                Ok(answer) => return Ok(answer),
                Err(StoreError::Corrupt(why)) => return Err(why),
                Err(_counted) => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn failure(error: &StoreError) -> StoreFailure {
    match error {
        StoreError::Full(_) => StoreFailure::Full,
        StoreError::Busy(_) => StoreFailure::Busy,
        StoreError::Io(_) => StoreFailure::Io,
        StoreError::Corrupt(_) => StoreFailure::Corrupt,
        StoreError::Closed => StoreFailure::Other,
    }
}

impl<S, M> fmt::Debug for Desk<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("settings", &self.settings)
            .field("group", &self.group())
            .finish_non_exhaustive()
    }
}
