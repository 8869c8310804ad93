//! Polls Telegram for updates, and inspects and removes a webhook that would prevent polling.
//!
//! Updates are returned as raw JSON. A request with a higher offset acknowledges all updates below
//! it, so callers store them first.

use std::time::Duration;

use serde_json::value::RawValue;
use teloxide::payloads as theirs;

use super::{
    api::payloads::{Batch, GetUpdates},
    call_error::CallError,
    client::Client,
    webhook::WebhookInfo,
};
use domain::UpdateId;
use ports::{PollError, RemovedWebhook, Updates};

/// Polls for updates.
#[derive(Debug, Clone)]
pub struct Poller {
    client: Client,
    patience: Duration,
}

impl Poller {
    /// Creates a poller whose requests Telegram answers after `patience` at the latest.
    pub fn new(client: Client, patience: Duration) -> Self {
        Self { client, patience }
    }

    /// Reads the state of the webhook and the number of waiting updates.
    pub async fn webhook(&self) -> Result<WebhookInfo, PollError> {
        Ok(self.client.call(&theirs::GetWebhookInfo::new()).await?)
    }
}

#[ports::async_trait]
impl Updates for Poller {
    async fn next(&self, offset: Option<UpdateId>) -> Result<Vec<String>, PollError> {
        let method = GetUpdates::new(offset, self.patience.as_secs());
        let Batch(updates) = self.client.long_call(&method, self.patience).await?;
        Ok(updates.into_iter().map(text).collect())
    }

    async fn remove_webhook(&self) -> Result<RemovedWebhook, PollError> {
        let info = self.webhook().await?;
        let mut method = theirs::DeleteWebhook::new();
        method.drop_pending_updates = Some(false);
        self.client.call(&method).await?;
        Ok(RemovedWebhook { host: info.host(), waiting: info.pending_update_count })
    }
}

fn text(raw: Box<RawValue>) -> String {
    Box::<str>::from(raw).into()
}

impl From<CallError> for PollError {
    fn from(error: CallError) -> Self {
        let CallError::Refused(api) = &error else { return Self::Unavailable(error.to_string()) };
        match (api.code, api.retry_after) {
            (401 | 404, _) => Self::Unauthorized,
            (409, _) if api.description.to_ascii_lowercase().contains("webhook") => {
                Self::WebhookActive
            }
            (409, _) => Self::Conflict,
            (_, Some(wait)) => Self::Throttled(wait),
            (429, None) => Self::Throttled(Duration::from_secs(5)),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
