//! The webhook as Telegram has it.

use std::{future::Future, time::Duration};

use domain::PushTrouble;

/// Sets the webhook, and asks how it does.
pub trait Webhook: Send + Sync + 'static {
    /// Has Telegram push updates to us from now on. What waits there is pushed too; with `drop_pending` it is thrown
    /// away instead. Bounded in time; may be asked for again at any time.
    fn set(&self, drop_pending: bool) -> impl Future<Output = Result<(), WebhookError>> + Send;

    /// How it does. Bounded in time.
    fn state(&self) -> impl Future<Output = Result<WebhookState, WebhookError>> + Send;
}

/// What Telegram says of the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookState {
    /// Whether updates are pushed to our address.
    pub ours: bool,
    /// How many wait at Telegram.
    pub pending: u64,
    /// The last push that failed.
    pub failure: Option<PushFailure>,
    /// When Telegram's server last failed to learn of updates: seconds since the epoch.
    pub unsynchronized_at: Option<u64>,
}

/// A push that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushFailure {
    /// Seconds since the epoch.
    pub at: u64,
    /// Why.
    pub trouble: PushTrouble,
}

/// Why the webhook could not be set or asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Telegram does not take it: trying again will not help.
    #[error("telegram refused: {0}")]
    Refused(String),
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
