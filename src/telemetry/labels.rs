//! The closed sets of values that labels of metrics may take.
//!
//! Invariant: a label is one of these enums, so that the number of series is known when the program
//! is compiled, and no id, name, text or error message can ever become one.

use std::fmt;

/// A label of a metric: its name and every value that it can have.
pub trait Label: Copy + fmt::Debug + Send + Sync + 'static {
    /// The label's name in the exposition.
    const NAME: &'static str;
    /// Every value, in the order of [`Label::index`].
    const ALL: &'static [Self];

    /// Position in [`Label::ALL`].
    fn index(self) -> usize;

    /// The value in the exposition.
    fn as_str(self) -> &'static str;
}

/// Declares a closed label: the enum, its name, and the text of each value, each stated once.
macro_rules! label {
    ($(#[$meta:meta])* $name:ident = $label:literal { $($variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)+
        }

        impl Label for $name {
            const NAME: &'static str = $label;
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn index(self) -> usize {
                self as usize
            }

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(in crate::telemetry) use label;

label! {
    /// How updates reach the program.
    Source = "source" { Polling = "polling", Webhook = "webhook", }
}

label! {
    /// What an update is, as Telegram names it.
    UpdateType = "type" {
        Message = "message",
        EditedMessage = "edited_message",
        CallbackQuery = "callback_query",
        MessageReaction = "message_reaction",
        MyChatMember = "my_chat_member",
        Other = "other",
    }
}

label! {
    /// Which handler took an update.
    Handler = "handler" {
        UserMessage = "user_message",
        UserEdit = "user_edit",
        UserReaction = "user_reaction",
        UserStart = "user_start",
        UserLanguage = "user_language",
        UserHelp = "user_help",
        UserButton = "user_button",
        DeskStatus = "desk_status",
        DeskDoctor = "desk_doctor",
        DeskNewsletter = "desk_newsletter",
        UserBlocked = "user_blocked",
        UserReturned = "user_returned",
        StaffMessage = "staff_message",
        StaffNote = "staff_note",
        StaffEdit = "staff_edit",
        StaffReaction = "staff_reaction",
        StaffBan = "staff_ban",
        StaffSilent = "staff_silent",
        StaffInformation = "staff_information",
        StaffDelete = "staff_delete",
        StaffClose = "staff_close",
        StaffReopen = "staff_reopen",
        StaffHelp = "staff_help",
        StaffButton = "staff_button",
        Timer = "timer",
        GroupId = "group_id",
        TopicClosed = "topic_closed",
        TopicReopened = "topic_reopened",
        GroupMigrated = "group_migrated",
        Ignored = "ignored",
        Undecodable = "undecodable",
    }
}

label! {
    /// What a request to the webhook came to.
    Pushed = "outcome" {
        Stored = "stored",
        Full = "full",
        Unstored = "unstored",
        Busy = "busy",
        Stopping = "stopping",
        WrongSecret = "wrong_secret",
        NotFound = "not_found",
        WrongMethod = "wrong_method",
        TooLarge = "too_large",
        TooSlow = "too_slow",
        Broken = "broken",
    }
}

label! {
    /// How handling an update ended.
    Outcome = "outcome" {
        Ok = "ok",
        Ignored = "ignored",
        Error = "error",
        Panic = "panic",
        Dead = "dead",
    }
}

label! {
    /// Which of the two durable queues.
    Queue = "queue" { Inbox = "inbox", Outbox = "outbox", }
}

label! {
    /// What an item of a queue waits for.
    QueueState = "state" { Ready = "ready", Delayed = "delayed", InFlight = "in_flight", }
}

label! {
    /// How one attempt at an item of a queue ended.
    Processed = "outcome" { Ok = "ok", Unneeded = "unneeded", Retry = "retry", Dead = "dead", }
}

label! {
    /// Why an item became a dead letter.
    DeadReason = "reason" {
        Undecodable = "undecodable",
        Panic = "panic",
        Refused = "refused",
        Blocked = "blocked",
        Topic = "topic",
        Error = "error",
        Tracker = "tracker",
    }
}

label! {
    /// Why a message is lost.
    LossReason = "reason" { Store = "store", }
}

label! {
    /// Which way a message travels.
    Direction = "direction" {
        UserToOperator = "user_to_operator",
        OperatorToUser = "operator_to_user",
    }
}

label! {
    /// Whether a message that ended its way arrived.
    Arrival = "outcome" { Delivered = "delivered", Failed = "failed", }
}

label! {
    /// How the delivery of a message ended.
    Delivery = "outcome" { Delivered = "delivered", Blocked = "blocked", Failed = "failed", }
}

label! {
    /// A method of the Bot API.
    Method = "method" {
        GetUpdates = "get_updates",
        GetMe = "get_me",
        GetChat = "get_chat",
        GetChatMember = "get_chat_member",
        SetMyCommands = "set_my_commands",
        GetWebhookInfo = "get_webhook_info",
        SetWebhook = "set_webhook",
        DeleteWebhook = "delete_webhook",
        SendMessage = "send_message",
        CopyMessage = "copy_message",
        CopyMessages = "copy_messages",
        ForwardMessage = "forward_message",
        ForwardMessages = "forward_messages",
        SendMediaGroup = "send_media_group",
        EditMessageText = "edit_message_text",
        EditMessageCaption = "edit_message_caption",
        EditMessageMedia = "edit_message_media",
        EditMessageReplyMarkup = "edit_message_reply_markup",
        SetMessageReaction = "set_message_reaction",
        DeleteMessage = "delete_message",
        DeleteMessages = "delete_messages",
        SendDocument = "send_document",
        PinChatMessage = "pin_chat_message",
        UnpinChatMessage = "unpin_chat_message",
        CreateForumTopic = "create_forum_topic",
        EditForumTopic = "edit_forum_topic",
        CloseForumTopic = "close_forum_topic",
        ReopenForumTopic = "reopen_forum_topic",
        AnswerCallbackQuery = "answer_callback_query",
        Other = "other",
    }
}

label! {
    /// How a call to the Bot API ended.
    CallOutcome = "outcome" {
        Ok = "ok",
        BadRequest = "bad_request",
        Forbidden = "forbidden",
        Conflict = "conflict",
        Unauthorized = "unauthorized",
        Flood = "flood",
        ServerError = "server_error",
        Timeout = "timeout",
        Network = "network",
    }
}

label! {
    /// Which of Telegram's limits a send waited for.
    PaceScope = "scope" { Overall = "overall", Private = "private", Group = "group", }
}

label! {
    /// What was wrong with a topic that was healed.
    HealReason = "reason" {
        Deleted = "deleted",
        General = "general",
        Migrated = "migrated",
        Closed = "closed",
    }
}

label! {
    /// How a backup ended.
    BackupOutcome = "outcome" { Made = "made", Failed = "failed", }
}

label! {
    /// An operation of the store.
    StoreOperation = "operation" {
        Receive = "receive",
        Commit = "commit",
        Bury = "bury",
        Load = "load",
        Next = "next",
        Slots = "slots",
        Read = "read",
        Show = "show",
        Probe = "probe",
    }
}

label! {
    /// Why the store failed.
    StoreFailure = "kind" {
        Full = "full",
        Busy = "busy",
        Io = "io",
        Corrupt = "corrupt",
        Other = "other",
    }
}

label! {
    /// What a command to Redis is for.
    RedisOperation = "operation" {
        Receive = "receive",
        Commit = "commit",
        Hint = "hint",
        Slots = "slots",
        Read = "read",
        Upkeep = "upkeep",
    }
}

label! {
    /// Why a command to Redis failed.
    RedisFailure = "kind" { Timeout = "timeout", Connection = "connection", Refused = "refused", }
}

label! {
    /// Where a conversation stands.
    ConversationState = "state" {
        WaitingOperator = "waiting_operator",
        WaitingUser = "waiting_user",
        Closed = "closed",
        Banned = "banned",
        Unreachable = "unreachable",
    }
}

label! {
    /// The loops that must turn for as long as the program runs.
    Loop = "task" {
        Poll = "poll",
        Webhook = "webhook",
        Worker = "worker",
        Sender = "sender",
        Sweeper = "sweeper",
        Heartbeat = "heartbeat",
        Timers = "timers",
        Newsletter = "newsletter",
    }
}

label! {
    /// How a run of the welcome ended.
    Ended = "outcome" {
        Finished = "finished",
        Answered = "answered",
        Banned = "banned",
        Restarted = "restarted",
        Closed = "closed",
        Left = "left",
        Changed = "changed",
    }
}

label! {
    /// Where a panic may happen.
    Task = "task" {
        Poll = "poll",
        Webhook = "webhook",
        Worker = "worker",
        Sender = "sender",
        Sweeper = "sweeper",
        Heartbeat = "heartbeat",
        Timers = "timers",
        Newsletter = "newsletter",
        Http = "http",
        Other = "other",
    }
}

label! {
    /// Level of a log record that a person may want to see.
    LogLevel = "level" { Warn = "warn", Error = "error", }
}

label! {
    /// What readiness depends on.
    Probe = "probe" {
        Store = "store",
        Telegram = "telegram",
        Group = "group",
        Draining = "draining",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_a_label_is_its_position_among_all() {
        for (position, method) in Method::ALL.iter().enumerate() {
            assert_eq!(method.index(), position);
        }
    }
}
