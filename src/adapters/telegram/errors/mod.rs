//! Maps Telegram's error descriptions to the errors that callers act on.
//!
//! The first matching row of the table decides. A description that matches no row is
//! [`SendError::Refused`]: a retry would not help, and the description is shown to a person.

use std::time::Duration;

use crate::adapters::telegram::call_error::{ApiError, CallError};
use domain::ChatId;
use ports::SendError;

/// The kind of chat that a call went to: the same description means different things there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::adapters::telegram) enum ChatKind {
    Private,
    Group,
}

impl ChatKind {
    pub(in crate::adapters::telegram) fn of(chat: ChatId) -> Self {
        if chat.0 < 0 { Self::Group } else { Self::Private }
    }
}

/// [`SendError`] without its data, for use in a constant table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    TopicGone,
    TopicClosed,
    AlreadyDone,
    Blocked,
    Gone,
    ReplyGone,
    QuoteInvalid,
    FileGone,
    MessageGone,
    NotCopyable,
    TooLate,
    Privacy,
    GroupBroken,
    Refused,
}

struct Row {
    /// A part of the description, in lower case.
    says: &'static str,
    private: Means,
    group: Means,
}

const fn both(says: &'static str, means: Means) -> Row {
    Row { says, private: means, group: means }
}

const fn private(says: &'static str, means: Means) -> Row {
    Row { says, private: means, group: Means::GroupBroken }
}

const fn group(says: &'static str, means: Means) -> Row {
    Row { says, private: Means::Refused, group: means }
}

/// The chat has no topics. The operators' group must have them; a private chat may have lost them.
const fn without_topics(says: &'static str) -> Row {
    Row { says, private: Means::TopicGone, group: Means::GroupBroken }
}

/// Collected from the sources of the Bot API server and `TDLib` and from public bug reports.
const TABLE: &[Row] = &[
    // Nothing is left to do. An expired press counts as answered: its spinner has stopped by itself.
    both("not modified", Means::AlreadyDone),
    both("not_modified", Means::AlreadyDone),
    both("query is too old", Means::AlreadyDone),
    both("query_id_invalid", Means::AlreadyDone),
    // The message replied to. These rows must precede the other "not found" rows.
    both("message to be replied not found", Means::ReplyGone),
    both("message to reply not found", Means::ReplyGone),
    both("replied message not found", Means::ReplyGone),
    both("reply_message_id_invalid", Means::ReplyGone),
    both("quote_text_invalid", Means::QuoteInvalid),
    both("quote not found", Means::QuoteInvalid),
    both("message to quote", Means::QuoteInvalid),
    // Topics, also those of private chats.
    both("message thread not found", Means::TopicGone),
    both("message_thread_id_invalid", Means::TopicGone),
    both("topic_deleted", Means::TopicGone),
    both("topic_id_invalid", Means::TopicGone),
    both("topic not found", Means::TopicGone),
    both("topic_closed", Means::TopicClosed),
    both("topic closed", Means::TopicClosed),
    both("topic is closed", Means::TopicClosed),
    without_topics("the chat is not a forum"),
    without_topics("channel_forum_missing"),
    // A file that was sent by its file id.
    both("wrong file identifier", Means::FileGone),
    both("wrong file_id", Means::FileGone),
    both("wrong remote file identifier", Means::FileGone),
    both("file_reference_expired", Means::FileGone),
    // The message itself.
    both("message to copy not found", Means::MessageGone),
    both("message to forward not found", Means::MessageGone),
    both("message to edit not found", Means::MessageGone),
    both("message to delete not found", Means::MessageGone),
    both("message to react not found", Means::MessageGone),
    both("message to pin not found", Means::MessageGone),
    both("message to unpin not found", Means::MessageGone),
    both("no messages to", Means::MessageGone),
    both("message identifier is not specified", Means::MessageGone),
    both("message_id_invalid", Means::MessageGone),
    both("message not found", Means::MessageGone),
    both("message can't be copied", Means::NotCopyable),
    both("message can't be forwarded", Means::NotCopyable),
    both("messages can't be forwarded", Means::NotCopyable),
    both("can't be forwarded", Means::NotCopyable),
    both("forwards_restricted", Means::NotCopyable),
    both("protected content", Means::NotCopyable),
    both("message can't be edited", Means::TooLate),
    both("message_edit_time_expired", Means::TooLate),
    both("message can't be deleted", Means::TooLate),
    both("message_delete_forbidden", Means::TooLate),
    // The user.
    both("bot was blocked by the user", Means::Blocked),
    both("user_is_blocked", Means::Blocked),
    both("user is deactivated", Means::Gone),
    both("user_deactivated", Means::Gone),
    both("bot can't initiate conversation", Means::Gone),
    both("bot can't send messages to bots", Means::Gone),
    private("user not found", Means::Gone),
    private("chat not found", Means::Gone),
    private("peer_id_invalid", Means::Gone),
    both("voice_messages_forbidden", Means::Privacy),
    both("restricted receiving of", Means::Privacy),
    both("user_privacy_restricted", Means::Privacy),
    // The operators' group and the bot's rights in it.
    both("bot was kicked", Means::GroupBroken),
    both("bot is not a member", Means::GroupBroken),
    group("not enough rights", Means::GroupBroken),
    group("have no rights", Means::GroupBroken),
    group("need administrator rights", Means::GroupBroken),
    group("chat_admin_required", Means::GroupBroken),
    group("chat_write_forbidden", Means::GroupBroken),
    group("chat_restricted", Means::GroupBroken),
    group("chat_send_", Means::GroupBroken),
    group("channel_private", Means::GroupBroken),
    group("group chat was deactivated", Means::GroupBroken),
    group("group chat was deleted", Means::GroupBroken),
    group("group chat was upgraded", Means::GroupBroken),
    group("available only for supergroups", Means::GroupBroken),
];

/// Converts a failed call into the error that tells callers what to do.
pub(in crate::adapters::telegram) fn classify(error: CallError, place: ChatKind) -> SendError {
    let perhaps_done = error.perhaps_done();
    match error {
        CallError::Refused(api) => refused(api, place),
        CallError::Unwritable => SendError::Refused("the request cannot be serialized".to_owned()),
        CallError::Server(_)
        | CallError::Malformed(_)
        | CallError::NotSent(_)
        | CallError::Network(_)
        | CallError::Lost(_)
        | CallError::Timeout => SendError::Unavailable { why: error.to_string(), perhaps_done },
    }
}

fn refused(api: ApiError, place: ChatKind) -> SendError {
    // Telegram always states a wait; a proxy that answers in its place may not.
    const UNSAID: Duration = Duration::from_secs(5);
    if let Some(wait) = api.retry_after {
        return SendError::Throttled(wait);
    }
    if let Some(to) = api.migrate_to {
        return SendError::Migrated(to);
    }
    match api.code {
        429 => SendError::Throttled(UNSAID),
        // Telegram answers `404` to a malformed token.
        401 | 404 => SendError::DeskBroken(api.description),
        _ => meaning(&api.description, place).into_error(api.description),
    }
}

fn meaning(description: &str, place: ChatKind) -> Means {
    let said = description.to_ascii_lowercase();
    let row = TABLE.iter().find(|row| said.contains(row.says));
    row.map_or(Means::Refused, |row| match place {
        ChatKind::Private => row.private,
        ChatKind::Group => row.group,
    })
}

impl Means {
    fn into_error(self, description: String) -> SendError {
        match self {
            Self::TopicGone => SendError::TopicGone,
            Self::TopicClosed => SendError::TopicClosed,
            Self::AlreadyDone => SendError::AlreadyDone,
            Self::Blocked => SendError::Blocked,
            Self::Gone => SendError::Gone,
            Self::ReplyGone => SendError::ReplyGone,
            Self::QuoteInvalid => SendError::QuoteInvalid,
            Self::FileGone => SendError::FileGone,
            Self::MessageGone => SendError::MessageGone,
            Self::NotCopyable => SendError::NotCopyable,
            Self::TooLate => SendError::TooLate,
            Self::Privacy => SendError::Privacy,
            Self::GroupBroken => SendError::GroupBroken(description),
            Self::Refused => SendError::Refused(description),
        }
    }
}

#[cfg(test)]
mod tests;
