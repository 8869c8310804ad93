//! Connections to the operations server: their number and lifetime are limited, and a new one displaces the oldest.
//!
//! Invariant: anyone who reaches the port and holds connections open without sending requests uses only a few of the
//! file descriptors that the desk needs for its store and for Telegram, and keeps nobody out.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Number of open connections. Another one displaces the oldest: answers come from memory, so the oldest has most
/// likely got its answer.
const CONNECTIONS: usize = 32;
/// Longest lifetime of a connection, busy or not. Clients that keep connections open simply open another.
const LIFETIME: Duration = Duration::from_secs(20);

/// Accepts connections within these limits.
pub(in crate::http) struct BoundedListener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// The connections, oldest first. A cancelled token marks one that has ended or must end.
    open: VecDeque<CancellationToken>,
    lifetime: Duration,
}

impl BoundedListener {
    pub(in crate::http) fn new(listener: TcpListener) -> Self {
        Self::within(listener, CONNECTIONS, LIFETIME)
    }

    fn within(listener: TcpListener, places: usize, lifetime: Duration) -> Self {
        let places = Arc::new(Semaphore::new(places));
        Self { listener, places, open: VecDeque::new(), lifetime }
    }

    /// Waits for a slot; displaces the oldest connection if there is none.
    async fn place(&mut self) -> Option<OwnedSemaphorePermit> {
        self.open.retain(|connection| !connection.is_cancelled());
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        if let Some(oldest) = self.open.pop_front() {
            oldest.cancel();
        }
        // The semaphore is never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

impl Listener for BoundedListener {
    type Io = DeadlineStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DeadlineStream, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let place = self.place().await;
        let connection = CancellationToken::new();
        self.open.push_back(connection.clone());
        (DeadlineStream::new(stream, place, connection, self.lifetime), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection with a limited lifetime.
pub(in crate::http) struct DeadlineStream {
    stream: TcpStream,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    ended: bool,
    _place: Option<OwnedSemaphorePermit>,
    _open: DropGuard,
}

impl DeadlineStream {
    fn new(
        stream: TcpStream,
        place: Option<OwnedSemaphorePermit>,
        connection: CancellationToken,
        lifetime: Duration,
    ) -> Self {
        let dismissed = connection.clone();
        let end = async move {
            tokio::select! {
                () = sleep(lifetime) => {}
                () = dismissed.cancelled() => {}
            }
        };
        let open = connection.drop_guard();
        Self { stream, end: Box::pin(end), ended: false, _place: place, _open: open }
    }

    /// The stream, or an error once the connection must end. The timer wakes the task at that moment.
    fn in_time(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        self.ended = self.ended || self.end.as_mut().poll(context).is_ready();
        if self.ended {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(Pin::new(&mut self.stream))
        }
    }
}

impl AsyncRead for DeadlineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.in_time(context)?.poll_read(context, into)
    }
}

impl AsyncWrite for DeadlineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.in_time(context)?.poll_write(context, bytes)
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

    async fn bounded(places: usize, lifetime: Duration) -> (BoundedListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        (BoundedListener::within(listener, places, lifetime), at)
    }

    #[tokio::test]
    async fn a_connection_ends_after_a_while_whatever_goes_on_in_it() {
        let (mut bounded, at) = bounded(2, Duration::from_millis(50)).await;
        let mut caller = TcpStream::connect(at).await.unwrap();
        let (mut connection, _) = bounded.accept().await;
        let ended = loop {
            // The peer finally closes it.
            let _cut_off = caller.write_u8(7).await;
            match connection.read_u8().await {
                Ok(_) => sleep(Duration::from_millis(5)).await,
                Err(error) => break error,
            }
        };
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
        assert!(connection.write_u8(7).await.is_err(), "an ended connection stays ended");
        drop(connection);
        assert_eq!(bounded.places.available_permits(), 2);
    }

    #[tokio::test]
    async fn the_oldest_connection_makes_room() {
        let (mut bounded, at) = bounded(2, LIFETIME).await;
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut first, _) = bounded.accept().await;
        let (mut second, _) = bounded.accept().await;
        let turned_away = async {
            let error = first.read_u8().await.unwrap_err();
            drop(first);
            error
        };
        let ((mut third, _), error) = tokio::join!(bounded.accept(), turned_away);
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        callers[1].write_u8(2).await.unwrap();
        callers[2].write_u8(3).await.unwrap();
        assert_eq!((second.read_u8().await.unwrap(), third.read_u8().await.unwrap()), (2, 3));
    }

    #[tokio::test]
    async fn one_that_has_ended_leaves_its_place_and_dismisses_nobody() {
        let (mut bounded, at) = bounded(2, LIFETIME).await;
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut first, _) = bounded.accept().await;
        let (second, _) = bounded.accept().await;
        drop(second);
        let (_third, _) = bounded.accept().await;
        callers[0].write_u8(1).await.unwrap();
        assert_eq!(first.read_u8().await.unwrap(), 1);
        assert_eq!(bounded.open.len(), 2, "an ended connection is forgotten");
    }
}
