//! Connections to the webhook: their number is limited, and new ones displace those that have not shown the secret.
//!
//! Invariant: anyone who reaches the port without the secret gets at most one connection for a limited time and a few
//! kilobytes of memory, and cannot keep out those who know the secret.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use crate::{
    http::deadline_stream::{Deadline, DeadlinePolicy, DeadlineStream},
    telemetry::Metrics,
};

/// Number of open connections. Telegram opens at most a hundred, and a proxy a few more.
const CONNECTIONS: usize = 512;
/// Time within which a new connection must show the secret; otherwise it is closed.
const AUTHENTICATION_LIMIT: Duration = Duration::from_secs(10);
/// Idle time of a connection that has shown the secret. It is longer than proxies keep connections for reuse, so the
/// proxy closes first and never sends an update into a connection that has just ended.
const IDLE_LIMIT: Duration = Duration::from_secs(150);
/// Bytes that are read before the secret is shown. The head of a request from Telegram has a tenth of this.
const UNAUTHENTICATED_BYTES: usize = 32 * 1024;

/// Accepts connections within these limits.
pub(super) struct WebhookListener {
    listener: TcpListener,
    limits: Arc<Limits>,
}

/// What all connections share.
struct Limits {
    slots: Arc<Semaphore>,
    authentication: Duration,
    unauthenticated: Mutex<Unauthenticated>,
    metrics: Metrics,
}

/// Connections that have not shown the secret yet, oldest first.
#[derive(Default)]
struct Unauthenticated {
    last: u64,
    waiting: BTreeMap<u64, CancellationToken>,
}

impl WebhookListener {
    pub(super) fn new(listener: TcpListener, metrics: &Metrics) -> Self {
        Self::with_limits(listener, metrics, CONNECTIONS, AUTHENTICATION_LIMIT)
    }

    fn with_limits(
        listener: TcpListener,
        metrics: &Metrics,
        connections: usize,
        authentication: Duration,
    ) -> Self {
        let limits = Limits {
            slots: Arc::new(Semaphore::new(connections)),
            authentication,
            unauthenticated: Mutex::default(),
            metrics: metrics.clone(),
        };
        Self { listener, limits: Arc::new(limits) }
    }
}

impl Listener for WebhookListener {
    type Io = DeadlineStream<IdlePolicy>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Without it, an answer may wait for the peer's acknowledgement. Failing to set it costs only time.
        let _slower = stream.set_nodelay(true);
        let slot = match Arc::clone(&self.limits.slots).try_acquire_owned() {
            Ok(slot) => Some(slot),
            Err(_none_free) => {
                self.limits.displace_oldest();
                // The semaphore is never closed.
                Arc::clone(&self.limits.slots).acquire_owned().await.ok()
            }
        };
        (DeadlineStream::new(stream, IdlePolicy::new(&self.limits, slot)), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Limits {
    fn unauthenticated(&self) -> MutexGuard<'_, Unauthenticated> {
        self.unauthenticated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the oldest connection that has not shown the secret.
    fn displace_oldest(&self) {
        if let Some((_, oldest)) = self.unauthenticated().waiting.pop_first() {
            oldest.cancel();
            self.metrics.webhook.dismissed.increment(1);
        }
    }
}

/// The connection on which a request arrived; cheap to clone.
#[derive(Clone)]
pub(super) struct Connection(Arc<ConnectionState>);

struct ConnectionState {
    number: u64,
    authenticated: AtomicBool,
    limits: Arc<Limits>,
}

impl Connection {
    /// The secret was shown: this connection can no longer be displaced.
    pub(super) fn authenticate(&self) {
        if !self.0.authenticated.swap(true, Ordering::Relaxed) {
            self.0.forget();
        }
    }
}

impl ConnectionState {
    /// Removes the connection from those that have not shown the secret.
    fn forget(&self) {
        self.limits.unauthenticated().waiting.remove(&self.number);
    }
}

impl Drop for ConnectionState {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Connected<IncomingStream<'_, WebhookListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, WebhookListener>) -> Self {
        stream.io().policy().connection.clone()
    }
}

/// Ends a connection that has been idle for too long, or has not shown the secret in time, or is displaced.
pub(super) struct IdlePolicy {
    deadline: Deadline,
    read: usize,
    /// What was last seen of the connection's state.
    authenticated: bool,
    connection: Connection,
    _slot: Option<OwnedSemaphorePermit>,
}

impl IdlePolicy {
    fn new(limits: &Arc<Limits>, slot: Option<OwnedSemaphorePermit>) -> Self {
        let displaced = CancellationToken::new();
        let number = {
            let mut unauthenticated = limits.unauthenticated();
            unauthenticated.last += 1;
            let number = unauthenticated.last;
            unauthenticated.waiting.insert(number, displaced.clone());
            number
        };
        let (authenticated, limits) = (AtomicBool::new(false), Arc::clone(limits));
        Self {
            deadline: Deadline::new(limits.authentication, displaced),
            read: 0,
            authenticated: false,
            connection: Connection(Arc::new(ConnectionState { number, authenticated, limits })),
            _slot: slot,
        }
    }
}

impl DeadlinePolicy for IdlePolicy {
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        if !self.authenticated && self.connection.0.authenticated.load(Ordering::Relaxed) {
            self.authenticated = true;
            self.deadline.reset(IDLE_LIMIT);
        }
        let is_late = self.deadline.is_time_up(context);
        let is_displaced = !self.authenticated && self.deadline.is_displaced(context);
        is_late || is_displaced || !self.authenticated && self.read > UNAUTHENTICATED_BYTES
    }

    fn record_read(&mut self, bytes: usize) {
        self.read = self.read.saturating_add(bytes);
    }

    /// Before the secret is shown, the time is not extended.
    fn record_write(&mut self) {
        if self.authenticated {
            self.deadline.reset(IDLE_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        time::{Instant, sleep},
    };

    use super::*;

    const MOMENT: Duration = Duration::from_millis(300);

    async fn listening(connections: usize, limit: Duration) -> (WebhookListener, SocketAddr) {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = inner.local_addr().unwrap();
        (WebhookListener::with_limits(inner, &Metrics::nowhere(), connections, limit), at)
    }

    #[tokio::test]
    async fn a_new_connection_displaces_the_oldest_without_the_secret() {
        let (mut listener, at) = listening(2, AUTHENTICATION_LIMIT).await;
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut authenticated, _) = listener.accept().await;
        authenticated.policy().connection.authenticate();
        let (mut unknown, _) = listener.accept().await;
        let displaced = async {
            let error = unknown.read_u8().await.unwrap_err();
            drop(unknown);
            error
        };
        let ((mut third, _), error) = tokio::join!(listener.accept(), displaced);
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        callers[0].write_u8(1).await.unwrap();
        callers[2].write_u8(3).await.unwrap();
        assert_eq!(
            (authenticated.read_u8().await.unwrap(), third.read_u8().await.unwrap()),
            (1, 3)
        );
    }

    #[tokio::test]
    async fn only_the_secret_extends_the_time_of_a_connection() {
        let (mut listener, at) = listening(2, MOMENT).await;
        let mut callers = Vec::new();
        for _ in 0..2 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut authenticated, _) = listener.accept().await;
        let (mut unknown, _) = listener.accept().await;
        authenticated.policy().connection.authenticate();
        let begun = Instant::now();
        let ended = loop {
            callers[1].write_u8(1).await.unwrap();
            match unknown.read_u8().await {
                Ok(_) => sleep(MOMENT / 10).await,
                Err(error) => break error,
            }
        };
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= MOMENT, "{:?}", begun.elapsed());
        callers[0].write_u8(7).await.unwrap();
        assert_eq!(authenticated.read_u8().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn without_the_secret_only_a_few_bytes_are_read() {
        let (mut listener, at) = listening(1, AUTHENTICATION_LIMIT).await;
        let mut caller = TcpStream::connect(at).await.unwrap();
        let (mut unknown, _) = listener.accept().await;
        let sends = async {
            let _cut_off = caller.write_all(&vec![b'x'; 4 << 20]).await;
        };
        let reads = async {
            let mut all = Vec::new();
            let error = unknown.read_to_end(&mut all).await.unwrap_err();
            drop(unknown);
            (error.kind(), all.len())
        };
        let ((), (error, read)) = tokio::join!(sends, reads);
        assert_eq!(error, io::ErrorKind::TimedOut);
        assert!(read < 1 << 20, "{read}");
    }
}
