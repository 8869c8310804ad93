//! A newsletter that its author still writes.

use std::time::Duration;

use crate::{MessageId, Millis};

use super::{Letter, Segment};

/// A newsletter before its start. Kept with the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it was begun.
    pub since: Millis,
    /// What it says; no messages until the author has sent some.
    pub letter: Letter,
    /// Whom it is for.
    pub segment: Segment,
    /// When it starts; at once, if nothing is said.
    pub at: Option<Millis>,
    /// What the author's next message is taken for.
    pub awaits: Awaits,
    /// How many it is for; `None` as long as they are not counted.
    pub recipients: Option<u64>,
    /// The message that shows it.
    pub panel: Option<MessageId>,
}

/// What a draft waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// What it is to say; also when there is something already, which it replaces.
    Content,
    /// Its buttons.
    Links,
    /// The time of its start.
    Time,
    /// That its start is confirmed.
    Confirmation,
}

impl Draft {
    /// So long the next message belongs to it; then it is forgotten.
    const LASTS: Duration = Duration::from_hours(24);

    /// Nothing of it is there yet.
    pub fn new(now: Millis) -> Self {
        Self {
            since: now,
            letter: Letter::default(),
            segment: Segment::default(),
            at: None,
            awaits: Awaits::Content,
            recipients: None,
            panel: None,
        }
    }

    /// Whether it is still written.
    pub fn is_open(&self, now: Millis) -> bool {
        now.since(self.since) < Self::LASTS
    }

    /// Whether it is to be counted for how many it is.
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
        assert!(!draft.is_to_be_counted(), "it says nothing");
        draft.letter.messages.push(MessageId(1));
        assert!(draft.is_to_be_counted());
        draft.recipients = Some(0);
        assert!(!draft.is_to_be_counted(), "they are counted");
    }
}
