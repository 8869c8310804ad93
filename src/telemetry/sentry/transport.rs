//! Sends reports to Sentry with the same HTTP client library as the rest of the program.
//!
//! Invariant: no work waits for Sentry. A full queue drops the report, and a request ends after [`SEND_LIMIT`].

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use reqwest::{Client, Url, header::RETRY_AFTER};
use sentry::{
    Envelope, Transport, TransportFactory, TransportOptions, transports::RateLimiter,
    transports::RateLimitingCategory,
};

use crate::network::Network;

/// Time limit of one request, from connecting to the last byte of the answer.
const SEND_LIMIT: Duration = Duration::from_secs(3);
/// Capacity of the queue, the same as in Sentry's own transports.
const QUEUE_CAPACITY: usize = 30;
const RATE_LIMITS: &str = "x-sentry-rate-limits";

/// Creates the transport, which reaches Sentry through this network.
pub(super) struct Background(pub(super) Network);

impl TransportFactory for Background {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let (queue, waiting) = sync_channel(QUEUE_CAPACITY);
        let endpoint = Endpoint {
            network: self.0.clone(),
            url: options.dsn.envelope_api_url(),
            auth: options.dsn.to_auth(Some(&options.user_agent)).to_string(),
        };
        // If the thread cannot be started, there are no reports, but the desk works.
        let _handle = thread::Builder::new()
            .name("sentry-transport".to_owned())
            .spawn(move || endpoint.work(&waiting));
        Arc::new(Sender(queue))
    }
}

/// The rate limit category of a report.
fn category(envelope: &Envelope) -> RateLimitingCategory {
    if envelope.event().is_some() {
        RateLimitingCategory::Error
    } else {
        RateLimitingCategory::Session
    }
}

enum Task {
    Send(Box<Envelope>),
    /// Acknowledged after all earlier reports were sent.
    Flush(SyncSender<()>),
}

struct Sender(SyncSender<Task>);

impl Transport for Sender {
    fn send_envelope(&self, envelope: Envelope) {
        // If the queue is full or closed, the report is dropped: waiting would delay the desk.
        let _lost = self.0.try_send(Task::Send(Box::new(envelope)));
    }

    /// Does nothing. Sentry's panic hook calls this on the thread that panicked, which has other work.
    /// The process survives a panic, so there is time to send the report in the background.
    fn flush(&self, _timeout: Duration) -> bool {
        true
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        let (answer, sent) = sync_channel(1);
        self.0.try_send(Task::Flush(answer)).is_ok() && sent.recv_timeout(timeout).is_ok()
    }
}

struct Endpoint {
    network: Network,
    url: Url,
    auth: String,
}

impl Endpoint {
    /// Sends queued reports one by one until the transport is dropped.
    fn work(self, waiting: &Receiver<Task>) {
        // A separate runtime, because reports must be sent while the desk's runtime shuts down.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = self.network.client(&self.url).timeout(SEND_LIMIT).build();
        let (Ok(runtime), Ok(client)) = (runtime, client) else { return };
        let mut limits = RateLimiter::new();
        for task in waiting {
            match task {
                Task::Flush(answer) => drop(answer.send(())),
                Task::Send(envelope) => {
                    if limits.is_disabled(category(&envelope)).is_none() {
                        runtime.block_on(self.send(&client, &envelope, &mut limits));
                    }
                }
            }
        }
    }

    async fn send(&self, client: &Client, envelope: &Envelope, limits: &mut RateLimiter) {
        let mut body = Vec::new();
        if envelope.to_writer(&mut body).is_err() {
            return;
        }
        let request = client.post(self.url.clone()).header("X-Sentry-Auth", &self.auth).body(body);
        // Errors are ignored: a report about a failed report would fail too.
        let Ok(answer) = request.send().await else { return };
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(told) = header(RATE_LIMITS) {
            limits.update_from_sentry_header(told);
        } else if let Some(told) = header(RETRY_AFTER.as_str()) {
            limits.update_from_retry_after(told);
        } else if answer.status() == reqwest::StatusCode::TOO_MANY_REQUESTS {
            limits.update_from_429();
        }
        // Read the body to the end, so that the connection can be reused.
        let _body = answer.bytes().await;
    }
}
