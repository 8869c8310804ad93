//! The context of sends: the state that all parts share, the connection to Telegram, and what calls have shown.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{engine::Desk, i18n::Texts};
use ports::{Messenger, Reporter, Welcomes};

use super::recent::{Forum, Latest};

/// All that a send can reach. Only this folder can read its fields, so nothing else calls Telegram through it.
#[derive(Debug)]
pub struct Sending {
    pub(super) desk: Arc<Desk>,
    pub(super) messenger: Arc<dyn Messenger>,
    pub(super) reporter: Arc<dyn Reporter>,
    pub(super) texts: Arc<Texts>,
    pub(super) welcome: Option<Arc<dyn Welcomes>>,
    pub(super) latest: Latest,
    pub(super) forum: Forum,
    /// When Telegram last performed a call.
    performed: Mutex<Option<Instant>>,
}

impl Sending {
    pub(in crate::engine) fn new(
        desk: Arc<Desk>,
        messenger: Arc<dyn Messenger>,
        reporter: Arc<dyn Reporter>,
        texts: Arc<Texts>,
        welcome: Option<Arc<dyn Welcomes>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            desk,
            messenger,
            reporter,
            texts,
            welcome,
            latest: Latest::default(),
            forum: Forum::default(),
            performed: Mutex::default(),
        })
    }

    /// Telegram has performed a call.
    pub(super) fn performed(&self, now: Instant) {
        *self.performed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether Telegram has performed a call within the last 30 seconds.
    pub(super) fn performed_lately(&self, now: Instant) -> bool {
        let last = *self.performed.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| now.saturating_duration_since(last) < Duration::from_secs(30))
    }
}
