//! Labels of the desk's work: updates, queues, calls, conversations.

use std::fmt;

use crate::telemetry::registry::label::{Label, label};

label! {
    /// The way updates reach the program.
    Source = "source" { Polling = "polling", Webhook = "webhook", }
}

label! {
    /// The kind of update, by Telegram's name.
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
    /// The handler of an update.
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
    /// The outcome of a request to the webhook.
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
    /// The outcome of handling an update.
    Outcome = "outcome" {
        Ok = "ok",
        Ignored = "ignored",
        Error = "error",
        Panic = "panic",
        Dead = "dead",
    }
}

label! {
    /// One of the two durable queues.
    Queue = "queue" { Inbox = "inbox", Outbox = "outbox", }
}

label! {
    /// The state of an item in a queue.
    QueueState = "state" { Ready = "ready", Delayed = "delayed", InFlight = "in_flight", }
}

label! {
    /// The outcome of an attempt to process an item of a queue.
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
    /// The direction of a message.
    Direction = "direction" {
        UserToOperator = "user_to_operator",
        OperatorToUser = "operator_to_user",
    }
}

label! {
    /// Whether a message arrived.
    Arrival = "outcome" { Delivered = "delivered", Failed = "failed", }
}

label! {
    /// The outcome of delivering a message.
    Delivery = "outcome" { Delivered = "delivered", Blocked = "blocked", Failed = "failed", }
}

label! {
    /// What a slot of the group's limit is used for.
    BudgetClass = "class" {
        Urgent = "urgent",
        Known = "known",
        Opening = "opening",
        Stranger = "stranger",
        Notice = "notice",
        Cosmetic = "cosmetic",
    }
}

label! {
    /// What rate limits hold back: the classes of the group, and messages to users.
    LimitedClass = "class" {
        Urgent = "urgent",
        Known = "known",
        Opening = "opening",
        Stranger = "stranger",
        Notice = "notice",
        Cosmetic = "cosmetic",
        ToUser = "to_user",
    }
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
    /// The outcome of a call to the Bot API.
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
    /// The rate limit of Telegram's that a send waited for.
    PaceScope = "scope" { Overall = "overall", Private = "private", Group = "group", }
}

label! {
    /// Why a topic had to be repaired.
    HealReason = "reason" {
        Deleted = "deleted",
        General = "general",
        Migrated = "migrated",
        Closed = "closed",
    }
}

label! {
    /// The state of a conversation.
    ConversationState = "state" {
        WaitingOperator = "waiting_operator",
        WaitingUser = "waiting_user",
        Closed = "closed",
        Banned = "banned",
        Unreachable = "unreachable",
    }
}

label! {
    /// How a welcome ended for a user.
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
    /// The outcome of a newsletter for one recipient.
    Mailed = "outcome" {
        Sent = "sent",
        Blocked = "blocked",
        Failed = "failed",
        Recalled = "recalled",
        Kept = "kept",
    }
}

label! {
    /// The outcome of an attempt to report to the tracker.
    Reported = "outcome" {
        Taken = "taken",
        Refused = "refused",
        Expired = "expired",
        Off = "off",
        Busy = "busy",
        Denied = "denied",
        ServerError = "server_error",
        Malformed = "malformed",
        Timeout = "timeout",
        Network = "network",
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
