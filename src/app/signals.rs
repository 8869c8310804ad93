//! The signals that stop the program.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT. The first requests an orderly stop, the second an immediate one.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Replaces the default handling of both signals, which would end the program.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next of the two.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{self, Command};

    use super::*;

    #[tokio::test]
    async fn both_signals_are_heard_instead_of_ending_the_program() {
        let mut signals = Signals::listen().unwrap();
        for signal in ["-TERM", "-INT"] {
            let me = process::id().to_string();
            assert!(Command::new("kill").args([signal, &me]).status().unwrap().success());
            signals.next().await;
        }
    }
}
