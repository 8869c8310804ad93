//! What Telegram's answer means for a newsletter. None of it is a dead letter: whoever has started it is told how many
//! did not get it, and who.

use domain::{Learnt, NewsletterCall, NewsletterId, NewsletterSend, RecipientOutcome};
use ports::{Receipt, SendError};

use super::{Attempt, Outcome};

impl Attempt<'_> {
    /// It is there, or taken back.
    pub(super) fn mailed(
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

    /// Telegram said no, and will say no again.
    pub(super) fn newsletter_refused(
        &self,
        newsletter: NewsletterId,
        meant: RecipientOutcome,
        error: &SendError,
    ) -> Outcome {
        let recalled = meant == RecipientOutcome::Recalled;
        let outcome = match error {
            // It is gone already, which is what was wanted.
            SendError::MessageGone if recalled => {
                return self.mailed(newsletter, meant, &Receipt::default());
            }
            _ if recalled => RecipientOutcome::Kept,
            SendError::Blocked | SendError::Gone => RecipientOutcome::Blocked,
            SendError::MessageGone => RecipientOutcome::Vanished,
            SendError::Throttled(_)
            | SendError::Unavailable { .. }
            | SendError::DeskBroken(_)
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

    /// Our own code fails over it.
    pub(super) fn newsletter_given_up(&self, mail: &NewsletterSend) -> Outcome {
        let outcome = match mail.act {
            NewsletterCall::Deliver { .. } => RecipientOutcome::Failed,
            NewsletterCall::Recall(_) => RecipientOutcome::Kept,
        };
        let newsletter = mail.newsletter;
        let learnt = Learnt::Mailed { newsletter, outcome, copies: None, at: self.now };
        Outcome { learnt: Some(learnt), ..Outcome::default() }
    }
}
