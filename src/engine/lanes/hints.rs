//! What a failed attempt teaches for the next one.

use domain::GroupKey;

/// Facts learnt while trying the sends at a lane's head. They are forgotten when the sends are done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each flag is one independent fact")]
pub(in crate::engine) struct Hints {
    /// Number of attempts for which Telegram, or the tracker, was not available.
    pub attempts: u32,
    /// Number of panics of the desk's own code over the sends.
    pub panics: u32,
    /// The replied-to message is missing: send without a reply.
    pub without_reply: bool,
    /// The quote does not match: reply without it.
    pub without_quote: bool,
    /// Telegram refuses the copy with its reply or buttons: send it bare. An album is then copied by its ids.
    pub bare: bool,
    /// The introduction was sent.
    pub introduced: bool,
    /// Telegram refuses the copy: forward it.
    pub forward: bool,
    /// A later send replaces it: pass it over.
    pub superseded: bool,
    /// The topic of the user's private chat is missing: send outside of topics.
    pub without_thread: bool,
    /// The batch failed as a whole: send one by one, so that each message gets its own outcome.
    pub singly: bool,
    /// A new topic was opened for it once.
    pub healed: bool,
    /// The former topic is not usable: send to the present one.
    pub in_present: bool,
    /// The topic is closed: reopen it first.
    pub reopen: bool,
    /// The topic was closed and has been reopened for it once.
    pub reopened: bool,
    /// Telegram rejects the topic's icon: open the topic without it.
    pub without_icon: bool,
    /// The topic has been probed.
    pub probed: bool,
    /// Telegram rejects the topic's name: use a plain one.
    pub plain_title: bool,
    /// The copy cannot be edited: send the new version as a message.
    pub resend: bool,
    /// Telegram does not know the picture's file id: upload it.
    pub upload: bool,
    /// The next call goes to this group: its limit counts it.
    pub group: Option<GroupKey>,
}

impl Hints {
    /// Whether a reply may still be tried.
    pub(in crate::engine) fn may_reply(self) -> bool {
        !self.without_reply && !self.bare
    }
}
