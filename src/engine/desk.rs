//! The state that all parts of the engine share: the store, settings, and what its tasks tell each other. Nothing here
//! reaches Telegram.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::telemetry::{
    Heartbeats, Loop, Metrics, Readiness, StoreFailure, StoreOperation, events, owner, waiting,
};
use domain::{
    Backoff, ChatId, Conversation, GroupChats, GroupKey, HoldTimes, Language, Millis, Standing,
    UserId,
};
use ports::{Clock, Commit, Committed, Store, StoreError, Tracker};

use super::{
    PacingLimits,
    deliver::recent::Topics,
    groups::Groups,
    lanes::{Pressed, ReleasedHolds},
    newsletter::Feedback,
    upkeep::Overview,
};

/// Back-off after a failed request to the store.
pub(super) const STORE_BACKOFF: Backoff =
    Backoff { base: Duration::from_millis(50), cap: Duration::from_secs(2) };

/// The context of every part of the engine.
#[derive(Debug)]
pub struct Desk {
    /// Inbox, outbox, conversations, links and dead letters.
    pub store: Arc<dyn Store>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// The metrics.
    pub metrics: Metrics,
    /// Shows which loops are alive.
    pub heartbeats: Heartbeats,
    /// Shows whether the bot may work in the operators' group.
    pub readiness: Readiness,
    /// Counts where users come from, if a tracker is configured.
    pub tracker: Option<Arc<dyn Tracker>>,
    /// The engine's settings.
    pub settings: DeskSettings,
    /// The operators' groups.
    pub(super) groups: Groups,
    /// The group that has moved, according to an update, and its id then.
    pub(super) said_to_have_moved: watch::Sender<Option<(GroupKey, ChatId)>>,
    pub(super) topics: Topics,
    /// Holds that an operator has ended.
    pub(super) released_holds: ReleasedHolds,
    /// The users for whose topics an operator has pressed *Try again*.
    pub(super) pressed: Pressed,
    /// Whether new users must wait for more than a minute until operators can read them.
    pub(super) rush: AtomicBool,
    /// The current work of the engine's tasks.
    pub(super) overview: Overview,
    /// Messages between the sender and the newsletters.
    pub(super) feedback: Feedback,
}

/// The parts that every part of the engine uses.
#[derive(Debug)]
pub(super) struct SharedParts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    pub heartbeats: Heartbeats,
    pub readiness: Readiness,
    pub tracker: Option<Arc<dyn Tracker>>,
}

/// The settings that the engine needs.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The custom emoji that becomes the icon of new topics.
    pub topic_icon: Option<String>,
    /// The language of texts for operators.
    pub operators_language: Language,
    /// The language for users whose own language is not supported.
    pub default_language: Language,
    /// The rate limits.
    pub pacing: PacingLimits,
    /// For how long a user is known after an operator's answer.
    pub known_for: Duration,
    /// Number of calls that may run at once.
    pub send_concurrency: usize,
    /// Longest wait between two items of an album.
    pub album_window: Duration,
    /// Messages, edits and reactions of one user a minute past which they are held; 0 holds nothing.
    pub flood: u32,
    /// How long a flood is held.
    pub hold_times: HoldTimes,
    /// Number of waiting updates at which intake stops.
    pub inbox_limit: usize,
    /// The owner and the administrators.
    pub administrators: Vec<UserId>,
    /// How long replies, edits and reactions can find their message.
    pub link_retention: Duration,
}

impl Desk {
    pub(super) fn new(parts: SharedParts, settings: DeskSettings, groups: Groups) -> Arc<Self> {
        let SharedParts { store, clock, metrics, heartbeats, readiness, tracker } = parts;
        Arc::new(Self {
            store,
            clock,
            metrics,
            heartbeats,
            readiness,
            tracker,
            settings,
            groups,
            said_to_have_moved: watch::Sender::default(),
            topics: Topics::default(),
            released_holds: ReleasedHolds::default(),
            pressed: Pressed::default(),
            rush: AtomicBool::new(false),
            overview: Overview::default(),
            feedback: Feedback::default(),
        })
    }

    /// Where the operators' groups are now.
    pub fn groups(&self) -> Arc<GroupChats> {
        self.groups.chats()
    }

    /// Telegram has refused a group's id and named this one, which is now stored.
    pub(super) fn group_moved(&self, group: GroupKey, to: ChatId) {
        let from = self.groups.set(group, to);
        // Several calls may report the same move.
        if from != to {
            owner::group_moved(&self.metrics, from.0, to.0);
        }
    }

    /// An update says that a group, which had this id, has moved.
    pub(super) fn is_said_to_have_moved(&self, group: GroupKey, from: ChatId) {
        self.said_to_have_moved.send_replace(Some((group, from)));
    }

    /// How well the operators know a user.
    pub(super) fn standing(&self, conversation: &Conversation) -> Standing {
        conversation.standing(self.now(), self.settings.known_for)
    }

    /// The current time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Runs a store operation and counts its result. A loop that waits for it turns, however long the store takes.
    pub(super) async fn stored<T>(
        &self,
        operation: StoreOperation,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let answer = waiting(request).await;
        match &answer {
            Ok(_) => events::store_worked(&self.metrics, operation, begun.elapsed()),
            Err(error) => events::store_failed(&self.metrics, operation, failure(error), error),
        }
        answer
    }

    /// Writes the commits of a loop; one by one if one of them cannot be written. Retries until the store answers,
    /// because a commit that may have been written must be followed up. `None` for a commit that can never be
    /// written.
    pub(super) async fn write(&self, task: Loop, commits: Vec<Commit>) -> Vec<Option<Committed>> {
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

    async fn try_write(&self, task: Loop, commits: &[Commit]) -> Option<Vec<Committed>> {
        let attempt = || {
            self.heartbeats.beat(task);
            self.store.commit(commits.to_vec())
        };
        self.until_written(StoreOperation::Commit, attempt).await.ok()
    }

    /// Retries a store operation until it succeeds, because the write must not be lost. Ends otherwise only by
    /// cancellation.
    pub(super) async fn until_stored<T, F>(
        &self,
        operation: StoreOperation,
        mut request: impl FnMut() -> F,
    ) -> T
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut failures = 0;
        loop {
            if let Ok(answer) = self.stored(operation, request()).await {
                return answer;
            }
            tokio::time::sleep(STORE_BACKOFF.delay(failures)).await;
            failures = failures.saturating_add(1);
        }
    }

    /// The same for what may be such that it can never be written or read; then it says why.
    pub(super) async fn until_written<T, F>(
        &self,
        operation: StoreOperation,
        mut request: impl FnMut() -> F,
    ) -> Result<T, String>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut failures = 0;
        loop {
            match self.stored(operation, request()).await {
                Ok(answer) => return Ok(answer),
                Err(StoreError::Corrupt(why)) => return Err(why),
                Err(_counted) => {}
            }
            tokio::time::sleep(STORE_BACKOFF.delay(failures)).await;
            failures = failures.saturating_add(1);
        }
    }
}

fn failure(error: &StoreError) -> StoreFailure {
    match error {
        StoreError::Full(_) => StoreFailure::Full,
        StoreError::Busy(_) => StoreFailure::Busy,
        StoreError::Denied(_) => StoreFailure::Auth,
        StoreError::Io(_) => StoreFailure::Io,
        StoreError::Corrupt(_) => StoreFailure::Corrupt,
        StoreError::Closed => StoreFailure::Other,
    }
}
