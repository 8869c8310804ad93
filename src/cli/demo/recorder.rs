//! Observes all events of the simulated Telegram in order, counts them and writes them to the transcript.

use std::time::{Duration, Instant};

use tokio::sync::broadcast::{Receiver, error::RecvError};

use telegram_simulator::{Event, SeenMessage};

use super::{
    accounting::Accounting,
    actors::{Actors, User},
    transcript::{Transcript, message_of},
};

/// Time limit for the effects of one step.
const STEP_LIMIT: Duration = Duration::from_secs(30);

/// Time without an event after which a step counts as over.
const QUIET_TIME: Duration = Duration::from_millis(120);

/// Interval at which a condition is checked while no events arrive.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Pause between two chapters, only on a terminal.
const CHAPTER_PAUSE: Duration = Duration::from_millis(900);

/// An expected effect did not appear in time.
#[derive(Debug, thiserror::Error)]
#[error("the demo is stuck; expected: {0}")]
pub(super) struct TimedOut(&'static str);

impl TimedOut {
    /// What has not happened.
    pub(super) fn waiting_for(what: &'static str) -> Self {
        Self(what)
    }
}

/// The observer of the demo.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) actors: Actors,
    pub(super) accounting: Accounting,
    pub(super) transcript: Transcript,
    events: Receiver<Event>,
    refused: u64,
    last: Instant,
}

impl Recorder {
    /// Creates an observer of all events from now on.
    pub(super) fn new(actors: Actors, transcript: Transcript) -> Self {
        let events = actors.telegram.subscribe();
        let accounting = Accounting::default();
        Self { actors, accounting, transcript, events, refused: 0, last: Instant::now() }
    }

    /// Observes events until the condition holds and no more events follow.
    pub(super) async fn until(
        &mut self,
        what: &'static str,
        condition: impl Fn(&Actors) -> bool,
    ) -> Result<(), TimedOut> {
        self.wait_for(what, |recorder| recorder.is_quiet() && condition(&recorder.actors)).await
    }

    /// Observes events until the condition holds, whatever else is under way.
    pub(super) async fn reached(
        &mut self,
        what: &'static str,
        condition: impl Fn(&Actors) -> bool,
    ) -> Result<(), TimedOut> {
        self.wait_for(what, |recorder| condition(&recorder.actors)).await
    }

    /// Like `until`, and everything that was sent must have arrived.
    pub(super) async fn settled(
        &mut self,
        what: &'static str,
        condition: impl Fn(&Actors) -> bool,
    ) -> Result<(), TimedOut> {
        self.wait_for(what, |recorder| {
            recorder.is_quiet()
                && condition(&recorder.actors)
                && recorder.accounting.in_transit() == 0
        })
        .await
    }

    /// Observes events until the condition holds.
    pub(super) async fn wait_for(
        &mut self,
        what: &'static str,
        condition: impl Fn(&Self) -> bool,
    ) -> Result<(), TimedOut> {
        let deadline = Instant::now() + STEP_LIMIT;
        while !condition(self) {
            if Instant::now() > deadline {
                return Err(TimedOut(what));
            }
            if self.transcript.terminal.is_unread() {
                return Err(TimedOut("a reader of the output until its end"));
            }
            self.observe_next(CHECK_INTERVAL).await;
        }
        Ok(())
    }

    /// Begins a chapter.
    pub(super) async fn chapter(&mut self, title: &str, why: &str) {
        self.transcript.chapter(title, why);
        if self.transcript.terminal.is_terminal() {
            self.observe_for(CHAPTER_PAUSE).await;
        }
    }

    /// Observes events for this time.
    pub(super) async fn observe_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.observe_next(left.max(Duration::from_millis(1))).await;
        }
    }

    /// Number of the bot's calls that were answered `429`.
    pub(super) fn refused(&self) -> u64 {
        let throttled = self.actors.telegram.throttled();
        throttled.by_limits + throttled.by_faults + throttled.while_waiting
    }

    fn is_quiet(&self) -> bool {
        self.last.elapsed() > QUIET_TIME && self.actors.telegram.pending_updates() == 0
    }

    /// Observes the next event, if one arrives within this time.
    async fn observe_next(&mut self, time: Duration) {
        let event = tokio::time::timeout(time.min(CHECK_INTERVAL), self.events.recv()).await;
        let refused = self.refused();
        if refused > self.refused {
            self.transcript.refused(refused - self.refused);
            self.refused = refused;
        }
        match event {
            Ok(Ok(event)) => self.record(&event),
            Ok(Err(RecvError::Lagged(missed))) => self.accounting.totals.unseen += missed,
            Ok(Err(RecvError::Closed)) | Err(_) => {}
        }
    }

    fn record(&mut self, event: &Event) {
        let in_group = event.chat == self.actors.group.id();
        let user = match event.topic {
            Some(topic) if in_group => self.actors.user_of_topic(topic),
            Some(_) | None => self.actors.user(event.chat),
        };
        let Some(user) = user.cloned() else { return };
        self.last = Instant::now();
        let seen = message_of(&event.kind).and_then(|message| self.message(&user, event, message));
        let answered = seen.as_ref().and_then(|seen| seen.reply_to);
        let answered = answered.and_then(|message| self.message(&user, event, message));
        self.accounting.observe(user.person.id(), event, seen.as_ref());
        self.transcript.event(user.name, event, seen.as_ref(), answered.as_ref());
    }

    /// A message in the chat or topic of the event.
    fn message(&self, user: &User, event: &Event, id: i64) -> Option<SeenMessage> {
        let messages = match event.topic {
            Some(topic) => self.actors.group.messages(topic),
            None => user.person.chat(),
        };
        messages.into_iter().rev().find(|message| message.id == id)
    }
}
