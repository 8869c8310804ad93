//! How the bot gets its updates: by polling, or by webhook.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{Shared, error::ApiError, methods::call::Invocation, world::Webhook};

const TERMINATED: &str =
    "terminated by other getUpdates request; make sure that only one bot instance is running";

/// Waits for updates. Of two polls at once, the older is refused.
pub(crate) async fn get_updates(
    shared: &Shared,
    parameters: &Map<String, Value>,
) -> Result<String, ApiError> {
    let int = |name: &str| parameters.get(name).and_then(Value::as_i64);
    let offset = int("offset").unwrap_or(0);
    let limit = usize::try_from(int("limit").unwrap_or(100)).unwrap_or(100).clamp(1, 100);
    let timeout = Duration::from_secs(u64::try_from(int("timeout").unwrap_or(0)).unwrap_or(0));
    let until = tokio::time::Instant::now() + timeout.min(shared.options.longest_poll);
    let mine = {
        let mut world = shared.world();
        refuse_with_webhook(world.updates.webhook.as_ref())?;
        if let Some(kinds) = parameters.get("allowed_updates").and_then(Value::as_array) {
            world.updates.allow(kinds);
        }
        world.updates.poll += 1;
        world.updates.wake();
        world.updates.poll
    };
    loop {
        let arrived = shared.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        {
            let mut world = shared.world();
            if world.updates.webhook.is_some() {
                return Err(ApiError::conflict("terminated by setWebhook request"));
            }
            if world.updates.poll != mine {
                return Err(ApiError::conflict(TERMINATED));
            }
            let now = world.now();
            let found = world.updates.poll(offset, limit, now);
            if !found.is_empty() || tokio::time::Instant::now() >= until {
                drop(world);
                return Ok(format!("[{}]", found.join(",")));
            }
        }
        tokio::select! {
            () = arrived => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }
}

fn refuse_with_webhook(webhook: Option<&Webhook>) -> Result<(), ApiError> {
    match webhook {
        Some(_) => Err(ApiError::conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        )),
        None => Ok(()),
    }
}

/// Any address is accepted, `http` too: the simulator is for tests.
pub(crate) fn set_webhook(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let url = call.str("url").unwrap_or_default();
    if url.is_empty() {
        return Ok(delete_webhook(call));
    }
    if url::Url::parse(url).is_err() {
        return Err(ApiError::bad("bad webhook: invalid webhook URL specified"));
    }
    let secret = call.str("secret_token");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.is_some_and(|secret| {
        secret.is_empty() || secret.len() > 256 || !secret.chars().all(allowed)
    }) {
        return Err(ApiError::bad("secret token contains unallowed characters"));
    }
    let connections = usize::try_from(call.int("max_connections").unwrap_or(40)).unwrap_or(40);
    if let Some(kinds) = call.value("allowed_updates").and_then(Value::as_array) {
        call.world.updates.allow(kinds);
    }
    if call.flag("drop_pending_updates") {
        call.world.updates.clear();
    }
    call.world.updates.set_webhook(Some(Webhook {
        url: url.to_owned(),
        secret: secret.map(str::to_owned),
        certificate: call.upload("certificate"),
        max_connections: connections.clamp(1, 100),
        last_error: None,
        unsynchronized: None,
    }));
    Ok(true.into())
}

pub(crate) fn delete_webhook(call: &mut Invocation<'_>) -> Value {
    if call.flag("drop_pending_updates") {
        call.world.updates.clear();
    }
    if call.world.updates.webhook.is_some() {
        call.world.updates.set_webhook(None);
    }
    true.into()
}

pub(crate) fn get_webhook_info(call: &mut Invocation<'_>) -> Value {
    let updates = &call.world.updates;
    let mut info = json!({ "url": "", "has_custom_certificate": false, "pending_update_count": updates.pending() });
    if let Some(allowed) = updates.allowed() {
        info["allowed_updates"] = allowed.into();
    }
    if let Some(webhook) = &updates.webhook {
        info["url"] = webhook.url.as_str().into();
        info["has_custom_certificate"] = webhook.certificate.is_some().into();
        info["max_connections"] = webhook.max_connections.into();
        info["ip_address"] = "127.0.0.1".into();
        if let Some(date) = webhook.unsynchronized {
            info["last_synchronization_error_date"] = date.into();
        }
        if let Some((date, what)) = &webhook.last_error {
            info["last_error_date"] = (*date).into();
            info["last_error_message"] = what.as_str().into();
        }
    }
    info
}
