//! What a failed attempt teaches for the next.

/// What was learnt while trying the sends at a lane's head; forgotten when they are done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing learnt, independent of the others"
)]
pub(in crate::engine) struct Hints {
    /// How often Telegram was not available for it.
    pub attempts: u32,
    /// How often our own code has panicked over it.
    pub panics: u32,
    /// The answered message is not there: send without a reply.
    pub without_reply: bool,
    /// The quote does not match: reply without it.
    pub without_quote: bool,
    /// Telegram refuses the copy with what it bears besides: send it bare. An album is then copied by its ids.
    pub bare: bool,
    /// What it answers in another chat was shown.
    pub introduced: bool,
    /// Telegram refuses the copy: forward it.
    pub forward: bool,
    /// What waits behind it makes it pointless: it is passed over.
    pub superseded: bool,
    /// The topic of the user's private chat is not there: send outside of topics.
    pub without_thread: bool,
    /// The run failed as a whole: one by one, each gets its own outcome.
    pub singly: bool,
    /// The topic was opened anew for it once.
    pub healed: bool,
    /// The former topic takes nothing: say it in the present one.
    pub in_present: bool,
    /// The topic was found closed and must be opened first.
    pub reopen: bool,
    /// The topic was found closed and was opened for it once.
    pub reopened: bool,
    /// The topic could not be opened with its icon.
    pub without_icon: bool,
    /// The topic was asked whether it is there.
    pub probed: bool,
    /// Telegram does not take the topic's name.
    pub plain_title: bool,
    /// The copy cannot be edited: send the new version.
    pub resend: bool,
    /// Telegram does not know the picture by its name: upload it.
    pub upload: bool,
    /// The tracker takes nothing, and has had a day: give it up without asking again.
    pub overdue: bool,
}

impl Hints {
    /// Whether a reply may still be tried.
    pub(super) fn may_reply(self) -> bool {
        !self.without_reply && !self.bare
    }
}
