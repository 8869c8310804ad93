//! Interprets Telegram's answer to a newsletter's call. A failure makes no dead letter: the newsletter's author sees
//! how many recipients did not get it, and which.

use domain::{Learnt, NewsletterCall, NewsletterId, NewsletterSend, RecipientOutcome};
use ports::{Receipt, SendError};

use super::{Attempt, Outcome};

impl Attempt<'_> {
    /// The outcome of a copy that was delivered or recalled.
    pub(super) fn newsletter_settled(
        &self,
        newsletter: NewsletterId,
        outcome: RecipientOutcome,
        receipt: &Receipt,
    ) -> Outcome {
        let copies = match outcome {
            RecipientOutcome::Sent => receipt.messages.clone(),
            RecipientOutcome::Queued
            | RecipientOutcome::Blocked
            | RecipientOutcome::Failed
            | RecipientOutcome::Vanished
            | RecipientOutcome::Recalling
            | RecipientOutcome::Recalled
            | RecipientOutcome::Kept => Vec::new(),
        };
        let copies = Some(copies);
        let learnt = Learnt::Mailed { newsletter, outcome, copies, at: self.now };
        Outcome { learnt: Some(learnt), ..Outcome::default() }
    }

    /// The outcome of a refusal: Telegram would refuse the same call again.
    pub(super) fn newsletter_refused(
        &self,
        newsletter: NewsletterId,
        intended: RecipientOutcome,
        error: &SendError,
    ) -> Outcome {
        let recalled = intended == RecipientOutcome::Recalled;
        let outcome = match error {
            // The message is already gone, which is the aim.
            SendError::MessageGone if recalled => {
                return self.newsletter_settled(newsletter, intended, &Receipt::default());
            }
            _ if recalled => RecipientOutcome::Kept,
            SendError::Blocked | SendError::Gone => RecipientOutcome::Blocked,
            SendError::MessageGone => RecipientOutcome::Vanished,
            SendError::Throttled(_)
            | SendError::Unavailable { .. }
            | SendError::DeskBroken(_)
            | SendError::GroupBroken(_)
            | SendError::Migrated(_)
            | SendError::TopicGone
            | SendError::TopicClosed
            | SendError::AlreadyDone
            | SendError::ReplyGone
            | SendError::QuoteInvalid
            | SendError::FileGone
            | SendError::NotCopyable
            | SendError::TooLate
            | SendError::Privacy
            | SendError::Refused(_) => RecipientOutcome::Failed,
        };
        let learnt = Learnt::Mailed { newsletter, outcome, copies: None, at: self.now };
        Outcome { learnt: Some(learnt), ..Outcome::default() }
    }

    /// The outcome after repeated panics of the desk's own code.
    pub(super) fn newsletter_given_up(&self, send: &NewsletterSend) -> Outcome {
        let outcome = match send.act {
            NewsletterCall::Deliver { .. } => RecipientOutcome::Failed,
            NewsletterCall::Recall(_) => RecipientOutcome::Kept,
        };
        let newsletter = send.newsletter;
        let learnt = Learnt::Mailed { newsletter, outcome, copies: None, at: self.now };
        Outcome { learnt: Some(learnt), ..Outcome::default() }
    }
}
