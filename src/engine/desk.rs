//! What every part of the engine works with.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::{
    domain::{ChatId, Language, Millis},
    i18n::Texts,
    ports::{Clock, Decoder},
    telemetry::Metrics,
};

use super::PacingLimits;

/// The ports, and what the settings say. Shared by all tasks of the engine.
pub struct Desk<S, M> {
    /// Inbox, ledger, outbox, dead letters.
    pub store: Arc<S>,
    /// Calls to Telegram.
    pub messenger: M,
    /// Telegram's JSON in our words.
    pub decoder: Arc<dyn Decoder>,
    /// What the desk says.
    pub texts: Arc<Texts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Metrics,
    /// What the settings say.
    pub settings: DeskSettings,
    /// The operators' group; another than in the settings once it has moved.
    group: AtomicI64,
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
    /// So long replies, edits and reactions find their message.
    pub link_retention: Duration,
}

impl<S, M> Desk<S, M> {
    /// Puts the parts together. `group` is the operators' group as it is now.
    #[expect(clippy::too_many_arguments, reason = "each is one part, and all are needed")]
    pub fn new(
        store: Arc<S>,
        messenger: M,
        decoder: Arc<dyn Decoder>,
        texts: Arc<Texts>,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
        settings: DeskSettings,
        group: ChatId,
    ) -> Arc<Self> {
        let group = AtomicI64::new(group.0);
        Arc::new(Self { store, messenger, decoder, texts, clock, metrics, settings, group })
    }

    /// The operators' group.
    pub fn group(&self) -> ChatId {
        ChatId(self.group.load(Ordering::Relaxed))
    }

    /// The operators' group moved.
    pub fn group_moved(&self, to: ChatId) {
        self.group.store(to.0, Ordering::Relaxed);
    }

    /// The time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
}

impl<S, M> fmt::Debug for Desk<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("settings", &self.settings).field("group", &self.group()).finish_non_exhaustive()
    }
}
