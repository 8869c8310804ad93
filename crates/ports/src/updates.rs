//! Polling: the source of updates when there is no webhook.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use domain::UpdateId;

/// Requests updates from Telegram.
#[async_trait]
pub trait Updates: Debug + Send + Sync + 'static {
    /// Returns the updates from `offset` on, oldest first, each as its JSON text; empty if none arrives in time.
    /// Telegram deletes everything below `offset`: store first, then request the next. Bounded in time.
    async fn next(&self, offset: Option<UpdateId>) -> Result<Vec<String>, PollError>;

    /// Removes the webhook, because Telegram refuses polling while one is set. Pending updates stay pending.
    async fn remove_webhook(&self) -> Result<RemovedWebhook, PollError>;
}

/// A webhook that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedWebhook {
    /// The host that updates were pushed to.
    pub host: String,
    /// Number of updates that waited, and still do.
    pub waiting: u64,
}

/// Why polling failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// Another process polls with this token.
    #[error("another process polls with the same token")]
    Conflict,
    /// A webhook is set; Telegram refuses polling meanwhile.
    #[error("a webhook is set")]
    WebhookActive,
    /// Too many requests.
    #[error("telegram asks to wait {0:?}")]
    Throttled(Duration),
    /// Telegram did not answer, or its answer cannot be used.
    #[error("telegram is not available: {0}")]
    Unavailable(String),
    /// The token is not valid, or no longer valid.
    #[error("the token is not valid")]
    Unauthorized,
}
