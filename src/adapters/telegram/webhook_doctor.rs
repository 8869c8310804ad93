//! The doctor's check of how updates reach the desk.

use std::time::Duration;

use url::Url;

use super::webhook::WebhookInfo;
use domain::{Finding, Millis, Way};
use ports::PushFailure;

/// Age after which a failed push is ignored.
const RECENT: Duration = Duration::from_mins(10);

/// Number of updates waiting at Telegram above which the desk is not keeping up.
const MANY: u64 = 100;

/// The finding about the webhook. `own` is the URL that updates should be pushed to, or `None` with polling.
pub(super) fn finding(info: &WebhookInfo, own: Option<&Url>, now: Millis) -> Finding {
    let way = match own {
        Some(own) => pushed(info, own, now),
        None if info.is_set() => Way::Blocked,
        None => Way::Polled,
    };
    Finding::Updates { way, waiting: info.pending_update_count }
}

/// Checks the webhook of a desk that receives pushed updates.
fn pushed(info: &WebhookInfo, own: &Url, now: Millis) -> Way {
    if !info.is_set() {
        return Way::NotSet;
    }
    if !info.is(own) {
        return Way::Foreign;
    }
    let ago = |at: u64| {
        let ago = now.since(Millis(i64::try_from(at.saturating_mul(1000)).unwrap_or(i64::MAX)));
        (ago < RECENT).then_some(ago)
    };
    if let Some(PushFailure { at, trouble }) = info.failure()
        && let Some(ago) = ago(at)
    {
        return Way::Failing { ago, trouble };
    }
    if info.unsynchronized_at().and_then(ago).is_some() {
        return Way::Unsynchronized;
    }
    if info.pending_update_count > MANY { Way::Behind } else { Way::Pushed }
}
