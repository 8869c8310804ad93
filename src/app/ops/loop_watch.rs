//! Watches the loops from a thread of its own, and ends the program when one of them stands still: every supervisor
//! restarts a program that has ended, and none restarts one that only reports that it is unhealthy.
//!
//! Invariant: the thread needs nothing that may stand still itself. It uses neither the runtime nor the store, and the
//! last words, which need the disk and the log, have a time limit.

use std::{
    io, process,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use crate::telemetry::{
    Heartbeats, Metrics, Stale, Standstill, crashes::CrashFiles, events, sentry, timestamp,
};
use ports::Clock;

use super::Systemd;

/// The time between two looks at the loops.
const TICK: Duration = Duration::from_secs(1);

/// The most time for the crash file, the log and Sentry. A disk or a log that blocks may be why the loop stands still.
const LAST_WORDS_LIMIT: Duration = Duration::from_secs(5);

/// The exit code of a program that has ended itself because a loop stood still.
pub const STOOD_STILL: i32 = 3;

/// The thread that watches the loops; it ends when this is dropped.
#[derive(Debug)]
pub(in crate::app) struct LoopWatch {
    _ends_the_thread: Sender<()>,
}

/// What the thread reads, and whom it tells.
#[derive(Debug)]
pub(in crate::app) struct Watching {
    pub heartbeats: Heartbeats,
    pub metrics: Metrics,
    pub clock: Arc<dyn Clock>,
    pub crashes: Arc<CrashFiles>,
    pub systemd: Systemd,
}

impl LoopWatch {
    /// Starts the thread.
    pub(in crate::app) fn start(watching: Watching) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        thread::Builder::new()
            .name("loop-watch".to_owned())
            .spawn(move || watching.run(&stopped))?;
        Ok(Self { _ends_the_thread: stop })
    }
}

impl Watching {
    fn run(self, stopped: &Receiver<()>) {
        let mut standstill = Standstill::new(TICK);
        loop {
            let now = timestamp(self.clock.now().0);
            self.heartbeats.publish(&self.metrics, now);
            if let Some(still) = standstill.tick(&self.heartbeats) {
                self.end(still);
            }
            self.systemd.alive();
            match stopped.recv_timeout(TICK) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Ends the program. The run's marker stays, so the next run reports it.
    fn end(self, still: Stale) -> ! {
        let (said, all_is_said) = mpsc::channel();
        let last_words = thread::Builder::new().name("last-words".to_owned()).spawn(move || {
            // Written before logging, because the logging itself may block.
            self.crashes.write_standstill(still);
            events::stood_still(still);
            sentry::flush();
            let _nobody_waits_any_more = said.send(());
        });
        if last_words.is_ok() {
            let _in_time = all_is_said.recv_timeout(LAST_WORDS_LIMIT);
        }
        process::exit(STOOD_STILL)
    }
}
