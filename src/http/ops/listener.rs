//! Connections to the operations server: their number and lifetime are limited, and a new one displaces the oldest.
//!
//! Invariant: anyone who reaches the port and holds connections open without sending requests uses only a few of the
//! file descriptors that the desk needs for its store and for Telegram, and keeps nobody out.

use std::{collections::VecDeque, io, net::SocketAddr, sync::Arc, task::Context, time::Duration};

use axum::serve::Listener;
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::http::deadline_stream::{Deadline, DeadlinePolicy, DeadlineStream};

/// Number of open connections. Another one displaces the oldest: answers come from memory, so the oldest has most
/// likely got its answer.
const CONNECTIONS: usize = 32;
/// Longest lifetime of a connection, busy or not. Clients that keep connections open simply open another.
const LIFETIME: Duration = Duration::from_secs(20);

/// Accepts connections within these limits.
pub(super) struct BoundedListener {
    listener: TcpListener,
    slots: Arc<Semaphore>,
    /// The connections, oldest first. A cancelled token marks one that has ended or must end.
    open: VecDeque<CancellationToken>,
    lifetime: Duration,
}

impl BoundedListener {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self::with_limits(listener, CONNECTIONS, LIFETIME)
    }

    fn with_limits(listener: TcpListener, connections: usize, lifetime: Duration) -> Self {
        let slots = Arc::new(Semaphore::new(connections));
        Self { listener, slots, open: VecDeque::new(), lifetime }
    }

    /// Waits for a slot; displaces the oldest connection if none is free.
    async fn slot(&mut self) -> Option<OwnedSemaphorePermit> {
        self.open.retain(|connection| !connection.is_cancelled());
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(slot);
        }
        if let Some(oldest) = self.open.pop_front() {
            oldest.cancel();
        }
        // The semaphore is never closed.
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }
}

impl Listener for BoundedListener {
    type Io = DeadlineStream<LifetimePolicy>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let slot = self.slot().await;
        let connection = CancellationToken::new();
        self.open.push_back(connection.clone());
        let deadline = Deadline::new(self.lifetime, connection.clone());
        let lifetime = LifetimePolicy { deadline, _slot: slot, _open: connection.drop_guard() };
        (DeadlineStream::new(stream, lifetime), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Ends a connection after its lifetime, or when another displaces it.
pub(super) struct LifetimePolicy {
    deadline: Deadline,
    _slot: Option<OwnedSemaphorePermit>,
    /// Marks the connection as ended.
    _open: DropGuard,
}

impl DeadlinePolicy for LifetimePolicy {
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.is_time_up(context) || self.deadline.is_displaced(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        time::sleep,
    };

    use super::*;

    async fn bounded(connections: usize, lifetime: Duration) -> (BoundedListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        (BoundedListener::with_limits(listener, connections, lifetime), at)
    }

    #[tokio::test]
    async fn a_busy_connection_ends_after_its_lifetime() {
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
        assert_eq!(bounded.slots.available_permits(), 2);
    }

    #[tokio::test]
    async fn a_new_connection_displaces_the_oldest() {
        let (mut bounded, at) = bounded(2, LIFETIME).await;
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(at).await.unwrap());
        }
        let (mut first, _) = bounded.accept().await;
        let (mut second, _) = bounded.accept().await;
        let displaced = async {
            let error = first.read_u8().await.unwrap_err();
            drop(first);
            error
        };
        let ((mut third, _), error) = tokio::join!(bounded.accept(), displaced);
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        callers[1].write_u8(2).await.unwrap();
        callers[2].write_u8(3).await.unwrap();
        assert_eq!((second.read_u8().await.unwrap(), third.read_u8().await.unwrap()), (2, 3));
    }

    #[tokio::test]
    async fn a_connection_that_has_ended_frees_its_slot() {
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
