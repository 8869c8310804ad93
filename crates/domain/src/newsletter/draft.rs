//! The draft of a newsletter, while its author is writing it.

use std::time::Duration;

use crate::{MessageId, Millis};

use super::{NewsletterContent, Segment};

/// A newsletter before its start. Stored with the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When the draft was begun.
    pub since: Millis,
    /// The content; it has no messages until the author has sent some.
    pub letter: NewsletterContent,
    /// The recipients.
    pub segment: Segment,
    /// When the newsletter starts; `None` means at once.
    pub at: Option<Millis>,
    /// The purpose of the author's next message.
    pub awaits: Awaits,
    /// Number of recipients; `None` until they are counted.
    pub recipients: Option<u64>,
    /// The message that shows the draft's control panel.
    pub panel: Option<MessageId>,
}

/// The input that a draft waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// The content, which replaces earlier content.
    Content,
    /// The buttons.
    Links,
    /// The start time.
    Time,
    /// The confirmation of the start.
    Confirmation,
}

impl Draft {
    /// How long a draft stays open; afterwards it is forgotten.
    const LIFETIME: Duration = Duration::from_hours(24);

    /// Creates an empty draft.
    pub fn new(now: Millis) -> Self {
        Self {
            since: now,
            letter: NewsletterContent::default(),
            segment: Segment::default(),
            at: None,
            awaits: Awaits::Content,
            recipients: None,
            panel: None,
        }
    }

    /// Whether the draft is still open.
    pub fn is_open(&self, now: Millis) -> bool {
        now.since(self.since) < Self::LIFETIME
    }

    /// Whether the recipients must be counted.
    pub fn is_to_be_counted(&self) -> bool {
        !self.letter.messages.is_empty() && self.recipients.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_open_for_a_day() {
        let began = Millis(1_790_000_000_000);
        let draft = Draft::new(began);
        let open = |after: i64| draft.is_open(Millis(began.0 + after));
        let day = 86_400_000;
        assert_eq!([open(0), open(day - 1), open(day), open(-1)], [true, true, false, true]);
    }

    #[test]
    fn recipients_are_counted_once_there_is_something_to_send() {
        let mut draft = Draft::new(Millis(0));
        assert!(!draft.is_to_be_counted(), "the draft has no content");
        draft.letter.messages.push(MessageId(1));
        assert!(draft.is_to_be_counted());
        draft.recipients = Some(0);
        assert!(!draft.is_to_be_counted(), "the recipients are counted");
    }
}
