//! What Telegram's answer means for a newsletter. None of it is a dead letter: whoever has started it is told how many
//! did not get it, and who.

use domain::{Learnt, Mail, MailAct, NewsletterId, Outcome};
use ports::{Receipt, SendError};

use super::{Case, Judgement};

impl Case<'_> {
    /// It is there, or taken back.
    pub(super) fn mailed(
        &self,
        newsletter: NewsletterId,
        outcome: Outcome,
        receipt: &Receipt,
    ) -> Judgement {
        let copies = match outcome {
            Outcome::Sent => receipt.messages.clone(),
            Outcome::Queued
            | Outcome::Blocked
            | Outcome::Failed
            | Outcome::Vanished
            | Outcome::Recalling
            | Outcome::Recalled
            | Outcome::Kept => Vec::new(),
        };
        let copies = Some(copies);
        let learnt = Learnt::Mailed { newsletter, outcome, copies, at: self.now };
        Judgement { learnt: Some(learnt), ..Judgement::default() }
    }

    /// Telegram said no, and will say no again.
    pub(super) fn not_mailed(
        &self,
        newsletter: NewsletterId,
        meant: Outcome,
        error: &SendError,
    ) -> Judgement {
        let recalled = meant == Outcome::Recalled;
        let outcome = match error {
            // It is gone already, which is what was wanted.
            SendError::MessageGone if recalled => {
                return self.mailed(newsletter, meant, &Receipt::default());
            }
            _ if recalled => Outcome::Kept,
            SendError::Blocked | SendError::Gone => Outcome::Blocked,
            SendError::MessageGone => Outcome::Vanished,
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
            | SendError::Refused(_) => Outcome::Failed,
        };
        let learnt = Learnt::Mailed { newsletter, outcome, copies: None, at: self.now };
        Judgement { learnt: Some(learnt), ..Judgement::default() }
    }

    /// Our own code fails over it.
    pub(super) fn mail_given_up(&self, mail: &Mail) -> Judgement {
        let outcome = match mail.act {
            MailAct::Deliver { .. } => Outcome::Failed,
            MailAct::Recall(_) => Outcome::Kept,
        };
        let newsletter = mail.newsletter;
        let learnt = Learnt::Mailed { newsletter, outcome, copies: None, at: self.now };
        Judgement { learnt: Some(learnt), ..Judgement::default() }
    }
}
