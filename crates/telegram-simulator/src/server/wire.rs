//! Connections that can be cut: the bot sees them close without an answer.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use futures_util::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// A connection that can be cut.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    cut: AtomicBool,
    reader: AtomicWaker,
}

impl Wire {
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.reader.wake();
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }
}

/// All open connections, and whether new ones are accepted.
#[derive(Debug, Default)]
pub(crate) struct Wires {
    open: Mutex<Vec<Weak<Wire>>>,
    unreachable: AtomicBool,
}

impl Wires {
    /// Cuts every connection.
    pub(crate) fn cut_all(&self) {
        for wire in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Some(wire) = wire.upgrade() {
                wire.cut();
            }
        }
    }

    /// Closes all connections, now and as they come, or serves them again.
    pub(crate) fn set_unreachable(&self, unreachable: bool) {
        self.unreachable.store(unreachable, Ordering::Release);
        if unreachable {
            self.cut_all();
        }
    }

    fn add(&self) -> Arc<Wire> {
        let wire = Arc::new(Wire::default());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= 64 && open.len().is_power_of_two() {
            open.retain(|wire| wire.strong_count() > 0);
        }
        open.push(Arc::downgrade(&wire));
        wire
    }
}

/// Accepts connections that can be cut.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) wires: Arc<Wires>,
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            // An error here is about one connection or about too many: the next may do better.
            let Ok((tcp, address)) = self.tcp.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            };
            if self.wires.unreachable.load(Ordering::Acquire) {
                continue;
            }
            // Without it answers wait for the far end's acknowledgement; failing costs only speed.
            let _slower = tcp.set_nodelay(true);
            return (Stream { tcp, wire: self.wires.add() }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// The connection of a request, and its peer.
#[derive(Debug, Clone)]
pub(super) struct ConnectionInfo {
    pub(super) wire: Arc<Wire>,
    pub(super) peer: SocketAddr,
}

impl Connected<IncomingStream<'_, Listener>> for ConnectionInfo {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self { wire: Arc::clone(&stream.io().wire), peer: *stream.remote_addr() }
    }
}

/// A TCP stream that fails from the moment it is cut.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    wire: Arc<Wire>,
}

impl Stream {
    fn check(&self) -> io::Result<()> {
        if self.wire.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.wire.reader.register(context.waker());
        self.check()?;
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
