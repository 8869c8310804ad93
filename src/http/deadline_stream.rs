//! A TCP connection that fails once its policy says that it must end.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// When a connection must end.
pub(super) trait DeadlinePolicy: Unpin {
    /// Whether the connection must end now. Otherwise, wakes the task when that changes.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool;

    /// Bytes were read.
    fn record_read(&mut self, _bytes: usize) {}

    /// Bytes were written.
    fn record_write(&mut self) {}
}

/// A connection with a deadline: after it, reads and writes fail with `TimedOut`.
pub(super) struct DeadlineStream<P> {
    // Closed before the policy is dropped, which may free the connection's slot.
    stream: TcpStream,
    policy: P,
}

impl<P: DeadlinePolicy> DeadlineStream<P> {
    pub(super) fn new(stream: TcpStream, policy: P) -> Self {
        Self { stream, policy }
    }

    pub(super) fn policy(&self) -> &P {
        &self.policy
    }

    /// The stream, or an error once the connection must end.
    fn before_deadline(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        if self.policy.is_over(context) {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(Pin::new(&mut self.stream))
        }
    }
}

impl<P: DeadlinePolicy> AsyncRead for DeadlineStream<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.before_deadline(context)?.poll_read(context, buffer);
        self.policy.record_read(buffer.filled().len() - before);
        read
    }
}

impl<P: DeadlinePolicy> AsyncWrite for DeadlineStream<P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.before_deadline(context)?.poll_write(context, bytes);
        if matches!(written, Poll::Ready(Ok(_))) {
            self.policy.record_write();
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

/// The two events that end a connection: its time is up, or another connection has displaced it.
pub(super) struct Deadline {
    timer: Pin<Box<Sleep>>,
    displaced: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Deadline {
    /// A deadline after `limit`, or when `displaced` is cancelled.
    pub(super) fn new(limit: Duration, displaced: CancellationToken) -> Self {
        let displaced = Box::pin(displaced.cancelled_owned());
        Self { timer: Box::pin(sleep(limit)), displaced }
    }

    /// Starts the time limit anew.
    pub(super) fn reset(&mut self, limit: Duration) {
        self.timer.as_mut().reset(Instant::now() + limit);
    }

    /// Whether the time is up. Otherwise, wakes the task then.
    pub(super) fn is_time_up(&mut self, context: &mut Context<'_>) -> bool {
        self.timer.as_mut().poll(context).is_ready()
    }

    /// Whether another connection has displaced this one. Otherwise, wakes the task then.
    pub(super) fn is_displaced(&mut self, context: &mut Context<'_>) -> bool {
        self.displaced.as_mut().poll(context).is_ready()
    }
}
