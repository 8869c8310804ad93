//! Effects of newsletters.

use crate::{MessageId, NewsletterContent, NewsletterId, UserId};

/// A newsletter's send or recall for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsletterSend {
    /// The newsletter.
    pub newsletter: NewsletterId,
    /// The action.
    pub act: NewsletterCall,
}

/// An action on one user's copy of a newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewsletterCall {
    /// Send it to the user.
    Deliver {
        /// The user whose private chat with the bot contains the original messages.
        author: UserId,
        /// The content of the newsletter.
        letter: NewsletterContent,
    },
    /// Delete its copies from the user's chat.
    Recall(Vec<MessageId>),
}

/// The subject of a control panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The newsletter that is being written.
    Draft,
    /// A newsletter that was started.
    Newsletter(NewsletterId),
}
