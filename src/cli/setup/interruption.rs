//! The signals that end the setup. Unheard, they would leave a terminal that hides what is typed.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, Ctrl-\, and what ends a program from outside or with its terminal.
#[derive(Debug)]
pub(super) struct Interruption {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Interruption {
    /// Replaces the default handling of these signals, which would end the program at once.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for any of them.
    pub(super) async fn comes(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.quit.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
