//! Where updates come from when nobody pushes them.

use std::{future::Future, time::Duration};

use domain::UpdateId;

/// Asks for updates.
pub trait Updates: Send + Sync + 'static {
    /// The updates from `offset` on, oldest first, each as its JSON text; empty if none came in time.
    /// Everything below `offset` is forgotten by Telegram: store first, then ask on. Bounded in time.
    fn next(
        &self,
        offset: Option<UpdateId>,
    ) -> impl Future<Output = Result<Vec<String>, PollError>> + Send;

    /// Removes the webhook, with which nobody can poll. What is pending stays pending.
    fn remove_webhook(&self) -> impl Future<Output = Result<(), PollError>> + Send;
}

/// Why there are no updates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// Another process polls with this token.
    #[error("another process polls with the same token")]
    Conflict,
    /// A webhook is set; Telegram lets nobody poll beside it.
    #[error("a webhook is set")]
    WebhookActive,
    /// Too many requests.
    #[error("telegram asks to wait {0:?}")]
    Throttled(Duration),
    /// Telegram did not answer, or not as it should.
    #[error("telegram is not available: {0}")]
    Unavailable(String),
    /// The token is not valid (any more).
    #[error("the token is not valid")]
    Unauthorized,
}
