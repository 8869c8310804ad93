//! Polling: the source of updates when there is no webhook.

use std::{future::Future, time::Duration};

use domain::UpdateId;

/// Requests updates from Telegram.
pub trait Updates: Send + Sync + 'static {
    /// Returns the updates from `offset` on, oldest first, each as its JSON text; empty if none arrives in time.
    /// Telegram deletes everything below `offset`: store first, then request the next. Bounded in time.
    fn next(
        &self,
        offset: Option<UpdateId>,
    ) -> impl Future<Output = Result<Vec<String>, PollError>> + Send;

    /// Removes the webhook, because Telegram refuses polling while one is set. Pending updates stay pending.
    fn remove_webhook(&self) -> impl Future<Output = Result<(), PollError>> + Send;
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
