//! Connections to the webhook: their number is limited, and new ones displace those that have not shown the secret.
//!
//! Invariant: anyone who reaches the port without the secret gets at most one connection for a limited time and a few
//! kilobytes of memory, and cannot keep out those who know the secret.

use std::{
    collections::BTreeMap,
    future::Future as _,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::telemetry::Metrics;

/// Number of open connections. Telegram opens at most a hundred, and a proxy a few more.
const CONNECTIONS: usize = 512;
/// Time within which a new connection must show the secret; otherwise it is closed.
const STRANGER: Duration = Duration::from_secs(10);
/// Idle time of a connection that has shown the secret. It is longer than proxies keep connections for reuse, so the
/// proxy closes first and never sends an update into a connection that has just ended.
const KNOWN: Duration = Duration::from_secs(150);
/// Bytes that are read before the secret is shown. The head of a request from Telegram has a tenth of this.
const STRANGERS_BYTES: usize = 32 * 1024;

/// Accepts connections within these limits.
pub(in crate::http) struct WebhookListener {
    listener: TcpListener,
    door: Arc<Door>,
}

struct Door {
    places: Arc<Semaphore>,
    patience: Duration,
    strangers: Mutex<Unauthenticated>,
    metrics: Metrics,
}

/// Connections that have not shown the secret yet, oldest first.
#[derive(Default)]
struct Unauthenticated {
    last: u64,
    waiting: BTreeMap<u64, CancellationToken>,
}

impl WebhookListener {
    pub(in crate::http) fn new(listener: TcpListener, metrics: &Metrics) -> Self {
        Self::within(listener, metrics, CONNECTIONS, STRANGER)
    }

    fn within(listener: TcpListener, metrics: &Metrics, places: usize, patience: Duration) -> Self {
        let door = Door {
            places: Arc::new(Semaphore::new(places)),
            patience,
            strangers: Mutex::default(),
            metrics: metrics.clone(),
        };
        Self { listener, door: Arc::new(door) }
    }
}

impl Listener for WebhookListener {
    type Io = WebhookConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (WebhookConnection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Without it, an answer may wait for the peer's acknowledgement. Failing to set it costs only time.
        let _slower = stream.set_nodelay(true);
        let place = match Arc::clone(&self.door.places).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_none_free) => {
                self.door.dismiss_the_oldest();
                // The semaphore is never closed.
                Arc::clone(&self.door.places).acquire_owned().await.ok()
            }
        };
        (WebhookConnection::enter(&self.door, stream, place), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Door {
    fn strangers(&self) -> MutexGuard<'_, Unauthenticated> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dismiss_the_oldest(&self) {
        if let Some((_, stranger)) = self.strangers().waiting.pop_first() {
            stranger.cancel();
            self.metrics.webhook.dismissed.increment(1);
        }
    }
}

/// The connection on which a request arrived.
#[derive(Clone)]
pub(in crate::http) struct ConnectionStream(Arc<ConnectionState>);

struct ConnectionState {
    number: u64,
    known: AtomicBool,
    door: Arc<Door>,
}

impl ConnectionStream {
    /// The secret was shown: this connection can no longer be displaced.
    pub(in crate::http) fn knows_the_secret(&self) {
        if !self.0.known.swap(true, Ordering::Relaxed) {
            self.0.leave_the_strangers();
        }
    }
}

impl ConnectionState {
    fn leave_the_strangers(&self) {
        self.door.strangers().waiting.remove(&self.number);
    }
}

impl Drop for ConnectionState {
    fn drop(&mut self) {
        self.leave_the_strangers();
    }
}

impl Connected<IncomingStream<'_, WebhookListener>> for ConnectionStream {
    fn connect_info(stream: IncomingStream<'_, WebhookListener>) -> Self {
        Self(Arc::clone(&stream.io().stay))
    }
}

/// A connection that ends when it has been idle for too long or is displaced.
pub(in crate::http) struct WebhookConnection {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    dismissed: Pin<Box<WaitForCancellationFutureOwned>>,
    read: usize,
    known: bool,
    stay: Arc<ConnectionState>,
    _place: Option<OwnedSemaphorePermit>,
}

impl WebhookConnection {
    fn enter(door: &Arc<Door>, stream: TcpStream, place: Option<OwnedSemaphorePermit>) -> Self {
        let dismissed = CancellationToken::new();
        let number = {
            let mut strangers = door.strangers();
            strangers.last += 1;
            let number = strangers.last;
            strangers.waiting.insert(number, dismissed.clone());
            number
        };
        let known = AtomicBool::new(false);
        Self {
            stream,
            end: Box::pin(sleep(door.patience)),
            dismissed: Box::pin(dismissed.cancelled_owned()),
            read: 0,
            known: false,
            stay: Arc::new(ConnectionState { number, known, door: Arc::clone(door) }),
            _place: place,
        }
    }

    /// The stream, or an error once the connection must end. The timers wake the task at that moment.
    fn admitted(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        if !self.known && self.stay.known.load(Ordering::Relaxed) {
            self.known = true;
            self.stays();
        }
        let late = self.end.as_mut().poll(context).is_ready();
        let dismissed = !self.known && self.dismissed.as_mut().poll(context).is_ready();
        if late || dismissed || !self.known && self.read > STRANGERS_BYTES {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(Pin::new(&mut self.stream))
    }

    /// Resets the idle timer after activity. Before the secret is shown, the time is not extended.
    fn stays(&mut self) {
        if self.known {
            self.end.as_mut().reset(Instant::now() + KNOWN);
        }
    }
}

impl AsyncRead for WebhookConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = self.admitted(context)?.poll_read(context, into);
        self.read = self.read.saturating_add(into.filled().len() - before);
        read
    }
}

impl AsyncWrite for WebhookConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.admitted(context)?.poll_write(context, bytes);
        if matches!(written, Poll::Ready(Ok(_))) {
            self.stays();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(300);

    async fn guests(places: usize, patience: Duration) -> (WebhookListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        (WebhookListener::within(listener, &Metrics::nowhere(), places, patience), at)
    }

    #[tokio::test]
    async fn the_oldest_stranger_makes_room_and_who_knows_the_secret_stays() {
        let (mut guests, at) = guests(2, STRANGER).await;
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut known, _) = guests.accept().await;
        ConnectionStream(Arc::clone(&known.stay)).knows_the_secret();
        let (mut stranger, _) = guests.accept().await;
        let turned_away = async {
            let error = stranger.read_u8().await.unwrap_err();
            drop(stranger);
            error
        };
        let ((mut third, _), error) = tokio::join!(guests.accept(), turned_away);
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        callers[0].write_u8(1).await.unwrap();
        callers[2].write_u8(3).await.unwrap();
        assert_eq!((known.read_u8().await.unwrap(), third.read_u8().await.unwrap()), (1, 3));
    }

    #[tokio::test]
    async fn a_stranger_gains_no_time_by_a_byte_now_and_then_and_who_knows_the_secret_does() {
        let (mut guests, at) = guests(2, MOMENT).await;
        let mut callers = Vec::new();
        for _ in 0..2 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut known, _) = guests.accept().await;
        let (mut stranger, _) = guests.accept().await;
        ConnectionStream(Arc::clone(&known.stay)).knows_the_secret();
        let begun = Instant::now();
        let ended = loop {
            callers[1].write_u8(1).await.unwrap();
            match stranger.read_u8().await {
                Ok(_) => sleep(MOMENT / 10).await,
                Err(error) => break error,
            }
        };
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= MOMENT, "{:?}", begun.elapsed());
        callers[0].write_u8(7).await.unwrap();
        assert_eq!(known.read_u8().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_stranger_who_sends_on_and_on_is_not_read() {
        let (mut guests, at) = guests(1, STRANGER).await;
        let mut caller = TcpStream::connect(at).await.unwrap();
        let (mut stranger, _) = guests.accept().await;
        let sends = async {
            let _cut_off = caller.write_all(&vec![b'x'; 4 << 20]).await;
        };
        let reads = async {
            let mut all = Vec::new();
            let error = stranger.read_to_end(&mut all).await.unwrap_err();
            drop(stranger);
            (error.kind(), all.len())
        };
        let ((), (error, read)) = tokio::join!(sends, reads);
        assert_eq!(error, io::ErrorKind::TimedOut);
        assert!(read < 1 << 20, "{read}");
    }
}
