//! A send that keeps failing while other calls succeed: it moves to a lane of its own, and its conversation goes on.

use std::time::Duration;

use crate::engine::{deliver::plan::Then, lanes::Hints};
use domain::{Backoff, Channel, Edit, Effect, Relay, Side, Tell, Text};

use super::{Attempt, NextStep, Outcome, OutcomeEvent};

/// Attempts before a send counts as stuck. With the back-off between them they take about a minute, plus or minus a
/// quarter: a conversation waits that long for one send.
const STUCK_AFTER: u32 = 9;

/// Back-off of a send while Telegram is unavailable.
const BACKOFF: Backoff = Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(30) };

/// Delay between the attempts of a stuck send.
const STUCK_INTERVAL: Duration = Duration::from_secs(30);

impl Attempt<'_> {
    /// The outcome if Telegram was not available for the call.
    pub(super) fn unavailable(&self, then: &Then, perhaps_done: bool) -> Outcome {
        let counts = if perhaps_done { vec![OutcomeEvent::PossibleRepeat] } else { Vec::new() };
        if self.is_stuck(then) {
            let next_step = NextStep::MoveTo(Channel::Stuck);
            let effects = self.stuck_notice().into_iter().collect();
            return Outcome { effects, next_step, counts, ..Outcome::default() };
        }
        let attempts = self.hints.attempts.saturating_add(1);
        let hints = Hints { attempts, ..self.hints };
        let stuck = self.lane.channel == Channel::Stuck;
        let backoff = || BACKOFF.jittered(self.hints.attempts, fastrand::f64());
        let pause = if stuck { STUCK_INTERVAL } else { backoff() };
        Outcome { next_step: NextStep::Retry(hints, Some(pause)), counts, ..Outcome::default() }
    }

    /// Whether the conversation should go on without the send. While Telegram is down, everything waits in its order;
    /// and nothing can go on without a topic.
    fn is_stuck(&self, then: &Then) -> bool {
        let in_order = matches!(self.lane.channel, Channel::User | Channel::Topic);
        let of_its_own = match then {
            Then::Relayed
            | Then::Edited { .. }
            | Then::Resent { .. }
            | Then::Erased { .. }
            | Then::TextSent { .. }
            | Then::Introduced
            | Then::Done => true,
            Then::TopicOpened { .. }
            | Then::TopicReopened
            | Then::Renamed { .. }
            | Then::Probed
            | Then::CardSent { .. }
            | Then::CardEdited { .. }
            | Then::NewsletterSettled { .. }
            | Then::Previewed
            | Then::PanelSent(_)
            | Then::PanelEdited => false,
        };
        in_order && of_its_own && self.others_succeed && self.hints.attempts + 1 >= STUCK_AFTER
    }

    /// The notice to operators about a stuck message or edit, sent once.
    fn stuck_notice(&self) -> Option<Effect> {
        let head = self.head()?;
        let (Effect::Relay(Relay { from, message, .. }) | Effect::Edit(Edit { from, message, .. })) =
            head
        else {
            return None;
        };
        let reply_to = (*from == Side::Staff).then_some(*message);
        Some(Tell::operators(head.former(), Text::Stuck, reply_to))
    }

    /// The topic was lost while the send was stuck, or before a notice that went past the topic's lane. It goes to that
    /// lane, because only that one may open a topic.
    pub(in crate::engine::deliver) fn return_to_own_lane(&self) -> Outcome {
        let own = self.head().map(|head| head.lane(self.lane.user).channel);
        let home = own.filter(|own| *own != self.lane.channel).unwrap_or(Channel::Topic);
        Outcome { next_step: NextStep::MoveTo(home), ..Outcome::default() }
    }
}
