//! What the doctor says of the webhook: in words, with what to do.

use std::time::Duration;

use url::Url;

use super::{
    doctor::{Check, Finding, ok, warn},
    webhook::WebhookInfo,
};
use crate::{
    domain::Millis,
    ports::{PushFailure, PushTrouble},
};

/// So long ago a failed push says nothing about now.
const RECENT: Duration = Duration::from_mins(10);

/// A desk that keeps up leaves no more waiting at Telegram.
const MANY: u64 = 100;

/// What is to be said of the webhook; `own` is where updates are to be pushed to, if not polled for.
pub(super) fn finding(info: &WebhookInfo, own: Option<&Url>, now: Millis) -> Finding {
    match own {
        Some(own) => pushed(info, own, now),
        None => polled(info),
    }
}

/// A webhook keeps updates from polling.
fn polled(info: &WebhookInfo) -> Finding {
    if !info.is_set() {
        let what = format!("No webhook is set; {} updates wait.", info.pending_update_count);
        return ok(Check::Webhook, what);
    }
    let what = format!(
        "A webhook is set, so that nobody can poll; {} updates wait behind it.",
        info.pending_update_count
    );
    let click = "Stop the program that the webhook belongs to. A start of the desk removes the webhook and keeps what waits.";
    warn(Check::Webhook, what, click)
}

/// The webhook that the desk has set, or should have.
fn pushed(info: &WebhookInfo, own: &Url, now: Millis) -> Finding {
    let waiting = info.pending_update_count;
    if !info.is_set() {
        let what = format!("No webhook is set; {waiting} updates wait.");
        let click = "Start the desk: it sets the webhook. If it is running, look into its log.";
        return warn(Check::Webhook, what, click);
    }
    if !info.is(own) {
        let what = format!("The webhook is not the desk's; {waiting} updates wait behind it.");
        let click = "Stop the program that it belongs to. A start of the desk sets its own and keeps what waits.";
        return warn(Check::Webhook, what, click);
    }
    let ago = |at: u64| {
        let ago = now.since(Millis(i64::try_from(at.saturating_mul(1000)).unwrap_or(i64::MAX)));
        (ago < RECENT).then_some(ago.as_secs())
    };
    if let Some(PushFailure { at, trouble }) = info.failure()
        && let Some(ago) = ago(at)
    {
        let (wrong, click) = in_words(trouble);
        let what = format!("{ago} seconds ago Telegram {wrong}; {waiting} updates wait.");
        return warn(Check::Webhook, what, click);
    }
    if info.unsynchronized_at().and_then(ago).is_some() {
        let what = format!("Telegram's server has trouble of its own; {waiting} updates wait.");
        return warn(Check::Webhook, what, "Wait; Telegram keeps updates for 24 hours.");
    }
    if waiting > MANY {
        let what = format!("The webhook is the desk's, but {waiting} updates wait at Telegram.");
        let click = "Run this again in a minute. If the number grows, look at /readyz, and raise WEBHOOK_MAX_CONNECTIONS.";
        return warn(Check::Webhook, what, click);
    }
    ok(Check::Webhook, format!("The webhook is set and the desk's; {waiting} updates wait."))
}

/// What went wrong with a push, and what to do.
fn in_words(trouble: PushTrouble) -> (String, &'static str) {
    let (wrong, click) = match trouble {
        PushTrouble::Unreachable => (
            "could not connect to WEBHOOK_URL",
            "Check that the proxy runs, that the firewall lets its port through, and that the name leads to this machine.",
        ),
        PushTrouble::Name => {
            ("found no address for the host in WEBHOOK_URL", "Check the name and its DNS record.")
        }
        PushTrouble::Certificate => (
            "did not accept the certificate of WEBHOOK_URL",
            "Renew it, and let the proxy send the whole chain; one of your own is uploaded by WEBHOOK_CERTIFICATE.",
        ),
        PushTrouble::Timeout => (
            "got no answer in time",
            "Check that the proxy reaches the desk at WEBAPP_HOST and WEBAPP_PORT.",
        ),
        PushTrouble::Answered(401) => (
            "was answered 401",
            "Let the proxy pass the header X-Telegram-Bot-Api-Secret-Token on; stop another desk with this token.",
        ),
        PushTrouble::Answered(404) => {
            ("was answered 404", "Let the proxy pass WEBHOOK_PATH on as it is.")
        }
        PushTrouble::Answered(502 | 504) => (
            "was answered by the proxy that the desk is not there",
            "Start the desk; compare WEBAPP_HOST and WEBAPP_PORT with the proxy's settings.",
        ),
        PushTrouble::Answered(503) => (
            "was asked to come again: the desk was stopping, or could not take updates in",
            "Look at /readyz and at the log of the desk.",
        ),
        PushTrouble::Answered(status) => {
            let click = "Look into the log of the proxy.";
            return (format!("was answered with status {status}"), click);
        }
        PushTrouble::Other => ("could not push", "Look into the log of the proxy."),
    };
    (wrong.to_owned(), click)
}
