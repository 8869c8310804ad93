//! Waits for what happens in Telegram or is typed at the terminal, whichever comes first.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::terminal::{NoAnswer, Terminal};
use crate::{
    adapters::telegram::{Discovery, Sighting, Sightings},
    i18n::SetupText,
};
use ports::PollError;

/// Pause between two looks while updates wait: Telegram then answers at once, with the same ones.
const PAUSE: Duration = Duration::from_secs(1);
/// Pause after a look that failed.
const RETRY: Duration = Duration::from_secs(3);

/// Something happened.
#[derive(Debug)]
pub(super) enum Heard {
    /// Updates revealed this.
    Sightings(Vec<Sighting>),
    /// This was typed.
    Line(String),
}

/// Listens to Telegram and to the terminal.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) discovery: Discovery,
    next_look: Instant,
    /// Telegram shows no updates until something is done by hand.
    is_deaf: bool,
    told: Option<&'static str>,
}

impl Listener {
    pub(super) fn new(discovery: Discovery) -> Self {
        Self { discovery, next_look: Instant::now(), is_deaf: false, told: None }
    }

    /// Begins another step: looks again, even if Telegram showed nothing before.
    pub(super) fn begin(&mut self) {
        (self.is_deaf, self.told) = (false, None);
    }

    /// Waits for the next sighting or line, at most until `until`.
    pub(super) async fn next_before(
        &mut self,
        terminal: &mut Terminal,
        until: Option<Instant>,
    ) -> Result<Option<Heard>, NoAnswer> {
        match until {
            None => self.next(terminal).await.map(Some),
            Some(until) => match timeout_at(until, self.next(terminal)).await {
                Ok(heard) => heard.map(Some),
                Err(_elapsed) => Ok(None),
            },
        }
    }

    /// Waits for the next sighting or line.
    pub(super) async fn next(&mut self, terminal: &mut Terminal) -> Result<Heard, NoAnswer> {
        loop {
            if self.is_deaf {
                let line = terminal.line().await?;
                if !line.is_empty() {
                    return Ok(Heard::Line(line));
                }
                (self.is_deaf, self.told) = (false, None);
            }
            let (discovery, next_look) = (&mut self.discovery, self.next_look);
            let look = async {
                sleep_until(next_look).await;
                discovery.look().await
            };
            let looked = tokio::select! {
                biased;
                line = terminal.line() => match line?.as_str() {
                    "" => continue,
                    line => return Ok(Heard::Line(line.to_owned())),
                },
                looked = look => looked,
            };
            match looked {
                Ok(Sightings { found, full, none_waits }) => {
                    self.next_look =
                        Instant::now() + if none_waits { Duration::ZERO } else { PAUSE };
                    self.told = None;
                    if full && found.is_empty() {
                        self.become_deaf(terminal, SetupText::DeafFull)?;
                    }
                    if !found.is_empty() {
                        return Ok(Heard::Sightings(found));
                    }
                }
                Err(PollError::Conflict) => {
                    self.become_deaf(terminal, SetupText::DeafConflict)?;
                }
                Err(PollError::WebhookActive) => {
                    self.become_deaf(terminal, SetupText::DeafWebhook)?;
                }
                Err(PollError::Throttled(wait)) => sleep(wait).await,
                Err(error @ (PollError::Unavailable(_) | PollError::Unauthorized)) => {
                    if self.told.replace("unreachable").is_none() {
                        terminal.say(SetupText::DeafOther { why: &error.to_string() });
                    }
                    self.next_look = Instant::now() + RETRY;
                }
            }
        }
    }

    /// Says why Telegram shows nothing. Looking again would disturb the other program, so only the terminal can go on.
    fn become_deaf(&mut self, terminal: &Terminal, why: SetupText<'_>) -> Result<(), NoAnswer> {
        terminal.say(why);
        self.is_deaf = true;
        if terminal.is_attended() {
            Ok(())
        } else {
            Err(terminal.no_answer(SetupText::DeafUnattended))
        }
    }
}
