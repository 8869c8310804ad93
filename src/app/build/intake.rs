//! The ways in which updates arrive: polling or the webhook.

use std::{net::SocketAddr, sync::Arc};

use secrecy::SecretString;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    adapters::telegram::{Client, OwnWebhook, Poller},
    app::{Lifecycle, StartError},
    config::{self, Settings},
    engine::{Ingest, Polling, Watcher},
    http,
    telemetry::{Heartbeats, Loop, Metrics, Pushed, Readiness, Source},
};
use domain::UpdateId;
use ports::Store;

use super::{loops::run, webhook_secret::derive};

/// What polling and the webhook need.
pub(super) struct Intake<'a> {
    pub(super) settings: &'a Settings,
    pub(super) client: Client,
    pub(super) ingest: Ingest,
    pub(super) store: Arc<dyn Store>,
    pub(super) metrics: Metrics,
    pub(super) heartbeats: Heartbeats,
    pub(super) readiness: Readiness,
}

/// The webhook before it serves requests.
pub(super) struct WebhookSocket {
    listener: TcpListener,
    secret: SecretString,
    settings: config::Webhook,
}

impl WebhookSocket {
    /// Binds the address, and takes or derives the secret; `None` if the desk polls.
    pub(super) fn bind(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(webhook) = &settings.webhook else { return Ok(None) };
        let secret = match &webhook.secret {
            Some(secret) => secret.clone(),
            None => derive(&settings.telegram.token),
        };
        let address = webhook.address;
        let listen = |source| StartError::ListenWebhook { address, source };
        let listener = bind_with_backlog(address).map_err(listen)?;
        Ok(Some(Self { listener, secret, settings: webhook.clone() }))
    }
}

/// Listens with a longer backlog than usual: if strangers fill it, Telegram's connections wait for a second.
fn bind_with_backlog(address: SocketAddr) -> std::io::Result<TcpListener> {
    const BACKLOG: u32 = 2048;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As servers usually do: a restart need not wait for connections of the last run.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Intake<'_> {
    /// Starts the intake on the tasks of `lifecycle`. The webhook is served on `ops` until the desk has stopped, so
    /// that during the stop it can ask Telegram to retry. Returns the address it listens on.
    pub(super) async fn open(
        self,
        socket: Option<WebhookSocket>,
        lifecycle: &Lifecycle,
        ops: &Lifecycle,
    ) -> Result<Option<SocketAddr>, StartError> {
        let Some(socket) = socket else {
            self.poll(lifecycle);
            return Ok(None);
        };
        let WebhookSocket { listener, secret, settings } = socket;
        let address = settings.address;
        let at = listener
            .local_addr()
            .map_err(|source| StartError::ListenWebhook { address, source })?;
        // The stored polling offset says nothing about the order of pushed updates. In time it becomes meaningless:
        // after a quiet week Telegram starts its ids anew. The next process that polls asks for everything pending,
        // and ignores updates that are already known.
        self.store.take_in(Vec::new(), Some(UpdateId(0))).await?;
        let (ingest, stopping) = (self.ingest.clone(), lifecycle.intake().clone());
        let store =
            move |raw| -> http::Storing { Box::pin(store(ingest.clone(), stopping.clone(), raw)) };
        let metrics = self.metrics.clone();
        let webhook = http::Webhook::new(
            settings.path,
            secret.clone(),
            settings.max_connections,
            metrics,
            store,
        );
        let stop_serving = ops.intake().clone();
        ops.spawn("webhook", async move {
            if let Err(failed) = webhook.serve(listener, stop_serving).await {
                error!(error = &failed as &dyn std::error::Error, "the webhook ended");
            }
        });
        let own = OwnWebhook {
            client: self.client,
            url: settings.url,
            secret,
            max_connections: settings.max_connections,
            certificate: settings.certificate,
        };
        let (heartbeats, readiness) = (self.heartbeats.clone(), self.readiness);
        let mut watcher =
            Watcher::new(Box::new(own), settings.drop_pending, self.metrics, heartbeats, readiness);
        watcher.begin().await.map_err(StartError::Webhook)?;
        // One turn is a pause and two calls that may time out.
        let longest_turn = 2 * self.settings.telegram.request_timeout;
        let stopping = lifecycle.intake().clone();
        self.heartbeats.watch(Loop::Webhook, self.settings.limits.stuck + longest_turn);
        lifecycle.spawn("webhook", run(&self.heartbeats, Loop::Webhook, watcher.run(stopping)));
        Ok(Some(at))
    }

    fn poll(self, lifecycle: &Lifecycle) {
        let telegram = &self.settings.telegram;
        // One turn lasts as long as a poll that times out.
        let longest_turn = telegram.poll_timeout + telegram.request_timeout;
        self.heartbeats.watch(Loop::Poll, self.settings.limits.stuck + longest_turn);
        let updates = Poller::new(self.client, telegram.poll_timeout);
        let (metrics, heartbeats, readiness) = (self.metrics, &self.heartbeats, self.readiness);
        let updates = Box::new(updates);
        let polling = Polling::new(self.ingest, updates, metrics, heartbeats.clone(), readiness);
        let stopping = lifecycle.intake().clone();
        lifecycle.spawn("poll", run(heartbeats, Loop::Poll, polling.run(stopping)));
    }
}

/// Stores one update. Returns once it is on disk.
async fn store(ingest: Ingest, stopping: CancellationToken, raw: String) -> Pushed {
    if stopping.is_cancelled() {
        return Pushed::Stopping;
    }
    if ingest.is_full() {
        return Pushed::Full;
    }
    match ingest.accept(vec![raw], None, Source::Webhook).await {
        Ok(_stored) => Pushed::Stored,
        Err(_counted) => Pushed::Unstored,
    }
}
