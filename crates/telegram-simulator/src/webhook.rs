//! Pushing updates to the bot's webhook.
//!
//! As Telegram does it: in order within a chat, chats side by side, anything but 2xx repeated after
//! a second, then twice that, up to a minute or two; `Retry-After` up to an hour is honoured. A
//! method call in the body of the bot's answer is not carried out here.

use std::{error::Error as _, iter, net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder};
use tokio::sync::Semaphore;

use super::{
    Options, Shared,
    clock::seconds,
    records::Record,
    world::{Stored, Webhook},
};

/// How long Telegram waits for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
const LONGEST_RETRY_AFTER: u64 = 3600;

/// Delivers for as long as the simulator runs.
pub(crate) async fn run(shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    let deliver = async {
        let mut epoch = 0;
        let mut permits = Arc::new(Semaphore::new(40));
        let mut client = Client::new();
        loop {
            let arrived = shared.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let next = {
                let mut world = shared.world();
                if world.updates.webhook_epoch != epoch {
                    epoch = world.updates.webhook_epoch;
                    let most = world
                        .updates
                        .webhook
                        .as_ref()
                        .map_or(40, |webhook| webhook.max_connections);
                    permits = Arc::new(Semaphore::new(most));
                    let webhook = world.updates.webhook.as_ref();
                    let own = webhook.and_then(|webhook| webhook.certificate.as_deref());
                    client = push_client(&shared.options, own);
                }
                world.updates.next_lane()
            };
            let Some(id) = next else {
                arrived.await;
                continue;
            };
            let lane = Lane {
                shared: Arc::clone(&shared),
                permits: Arc::clone(&permits),
                client: client.clone(),
                epoch,
                id,
            };
            let stop = stop.clone();
            super::spawn(async move {
                tokio::select! {
                    () = lane.run() => {}
                    () = stop.cancelled() => {}
                }
            });
        }
    };
    tokio::select! {
        () = deliver => {}
        () = stop.cancelled() => {}
    }
}

/// The client for pushes. It trusts public authorities, those of the options, and the bot's own certificate. A
/// certificate that cannot be read is ignored, so nothing is trusted because of it.
fn push_client(options: &Options, own: Option<&[u8]>) -> Client {
    let trusts = |own: Option<&[u8]>| {
        let known = options.authorities.iter().map(Vec::as_slice).chain(own);
        let known = known.filter_map(|pem| Certificate::from_pem(pem).ok());
        let mut client = known.fold(Client::builder(), ClientBuilder::add_root_certificate);
        for (name, address) in &options.names {
            // The port is that of the address pushed to.
            client = client.resolve(name, SocketAddr::new(*address, 0));
        }
        client.build()
    };
    trusts(own).or_else(|_no_certificate| trusts(None)).unwrap_or_default()
}

/// Telegram's words for a push without an answer.
fn push_error(error: &reqwest::Error) -> &'static str {
    let mut causes = iter::successors(error.source(), |cause| (*cause).source());
    if causes.any(|cause| cause.to_string().contains("certificate")) {
        "SSL error {error:0A000086:SSL routines::certificate verify failed}"
    } else if error.is_timeout() {
        "Read timeout expired"
    } else {
        "Connection refused"
    }
}

struct Lane {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
    client: Client,
    epoch: u64,
    id: i64,
}

impl Lane {
    async fn run(self) {
        let mut failures: u32 = 0;
        while let Some((stored, webhook)) = self.next() {
            let Ok(permit) = self.permits.acquire().await else { return };
            let outcome = self.deliver(&stored, &webhook).await;
            drop(permit);
            match outcome {
                Ok(()) => {
                    failures = 0;
                    let mut world = self.shared.world();
                    if world.updates.webhook_epoch == self.epoch {
                        world.updates.delivered(self.id, stored.id);
                    }
                }
                Err((what, retry_after)) => {
                    self.note(what);
                    failures += 1;
                    let wait = retry_after.unwrap_or_else(|| back_off(failures));
                    tokio::time::sleep(wait.mul_f64(self.shared.options.webhook_pace)).await;
                }
            }
        }
    }

    fn next(&self) -> Option<(Stored, Webhook)> {
        let mut world = self.shared.world();
        if world.updates.webhook_epoch != self.epoch {
            return None;
        }
        let webhook = world.updates.webhook.clone()?;
        let now = world.now();
        let stored = world.updates.next_in_lane(self.id, now)?;
        world.records.add(|| Record::HandedOut { update: stored.id });
        Some((stored, webhook))
    }

    async fn deliver(
        &self,
        stored: &Stored,
        webhook: &Webhook,
    ) -> Result<(), (String, Option<Duration>)> {
        let mut request = self
            .client
            .post(&webhook.url)
            .timeout(ANSWER_TIMEOUT)
            .header("Content-Type", "application/json")
            .body(stored.text.to_string());
        if let Some(secret) = &webhook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let answer = request.send().await.map_err(|error| (push_error(&error).to_owned(), None))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|value| value.parse::<u64>().ok());
        let wait = retry_after.map(|wait| Duration::from_secs(wait.min(LONGEST_RETRY_AFTER)));
        let reason = status.canonical_reason().unwrap_or("Unknown");
        Err((format!("Wrong response from the webhook: {} {reason}", status.as_u16()), wait))
    }

    fn note(&self, what: String) {
        let mut world = self.shared.world();
        let date = seconds(world.now());
        if let Some(webhook) = &mut world.updates.webhook {
            webhook.last_error = Some((date, what));
        }
    }
}

/// 1 s, 2 s, 4 s, and so on, up to a random time between one and two minutes.
fn back_off(failures: u32) -> Duration {
    let doubled = 1_u64 << failures.saturating_sub(1).min(16);
    Duration::from_secs(doubled.min(fastrand::u64(60..=120)))
}
