//! The webhook, as registered at Telegram.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use domain::PushTrouble;

/// Registers the webhook, and asks for its state.
#[async_trait]
pub trait Webhook: Debug + Send + Sync + 'static {
    /// Makes Telegram push updates to the desk's address. Pending updates are pushed, too; with `drop_pending` Telegram
    /// deletes them. Bounded in time; may be repeated at any time.
    async fn set(&self, drop_pending: bool) -> Result<(), WebhookError>;

    /// Returns the state of the webhook. Bounded in time.
    async fn state(&self) -> Result<WebhookState, WebhookError>;
}

/// The state of the webhook, as Telegram reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookState {
    /// Whether Telegram pushes updates to the desk's address.
    pub ours: bool,
    /// Number of updates that wait at Telegram.
    pub pending: u64,
    /// The last push that failed.
    pub failure: Option<PushFailure>,
    /// When Telegram last failed to synchronize updates between its servers: seconds since the epoch.
    pub unsynchronized_at: Option<u64>,
}

/// A failed push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushFailure {
    /// Seconds since the epoch.
    pub at: u64,
    /// The cause of the failure.
    pub trouble: PushTrouble,
}

/// Why the webhook could not be registered or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A permanent refusal: retrying does not help.
    #[error("telegram refused: {0}")]
    Refused(String),
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
