//! Tests every row of the table of errors with a real description.

use super::*;

use Means::*;

/// Each description with its meaning in a private chat and in the group.
const SAID: &[(&str, Means, Means)] = &[
    (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        AlreadyDone,
        AlreadyDone,
    ),
    ("Bad Request: TOPIC_NOT_MODIFIED", AlreadyDone, AlreadyDone),
    (
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        AlreadyDone,
        AlreadyDone,
    ),
    ("Bad Request: QUERY_ID_INVALID", AlreadyDone, AlreadyDone),
    ("Bad Request: message to be replied not found", ReplyGone, ReplyGone),
    ("Bad Request: message to reply not found", ReplyGone, ReplyGone),
    ("Bad Request: replied message not found", ReplyGone, ReplyGone),
    ("Bad Request: REPLY_MESSAGE_ID_INVALID", ReplyGone, ReplyGone),
    ("Bad Request: QUOTE_TEXT_INVALID", QuoteInvalid, QuoteInvalid),
    ("Bad Request: quote not found", QuoteInvalid, QuoteInvalid),
    ("Bad Request: message to quote is too long", QuoteInvalid, QuoteInvalid),
    ("Bad Request: message thread not found", TopicGone, TopicGone),
    ("Bad Request: MESSAGE_THREAD_ID_INVALID", TopicGone, TopicGone),
    ("Bad Request: TOPIC_DELETED", TopicGone, TopicGone),
    ("Bad Request: TOPIC_ID_INVALID", TopicGone, TopicGone),
    ("Bad Request: topic not found", TopicGone, TopicGone),
    ("Bad Request: TOPIC_CLOSED", TopicClosed, TopicClosed),
    ("Bad Request: topic closed", TopicClosed, TopicClosed),
    ("Bad Request: the topic is closed", TopicClosed, TopicClosed),
    ("Bad Request: the chat is not a forum", TopicGone, GroupBroken),
    ("Bad Request: CHANNEL_FORUM_MISSING", TopicGone, GroupBroken),
    ("Bad Request: message to copy not found", MessageGone, MessageGone),
    ("Bad Request: message to forward not found", MessageGone, MessageGone),
    ("Bad Request: message to edit not found", MessageGone, MessageGone),
    ("Bad Request: message to delete not found", MessageGone, MessageGone),
    ("Bad Request: message to react not found", MessageGone, MessageGone),
    ("Bad Request: message to pin not found", MessageGone, MessageGone),
    ("Bad Request: message to unpin not found", MessageGone, MessageGone),
    ("Bad Request: there are no messages to forward", MessageGone, MessageGone),
    ("Bad Request: message identifier is not specified", MessageGone, MessageGone),
    ("Bad Request: MESSAGE_ID_INVALID", MessageGone, MessageGone),
    ("Bad Request: message not found", MessageGone, MessageGone),
    ("Bad Request: the message can't be copied", NotCopyable, NotCopyable),
    ("Bad Request: the message can't be forwarded", NotCopyable, NotCopyable),
    ("Bad Request: messages can't be forwarded", NotCopyable, NotCopyable),
    ("Bad Request: message has protected content and can't be forwarded", NotCopyable, NotCopyable),
    ("Bad Request: CHAT_FORWARDS_RESTRICTED", NotCopyable, NotCopyable),
    ("Bad Request: message has protected content", NotCopyable, NotCopyable),
    ("Bad Request: message can't be edited", TooLate, TooLate),
    ("Bad Request: MESSAGE_EDIT_TIME_EXPIRED", TooLate, TooLate),
    ("Bad Request: message can't be deleted for everyone", TooLate, TooLate),
    ("Forbidden: MESSAGE_DELETE_FORBIDDEN", TooLate, TooLate),
    ("Forbidden: bot was blocked by the user", Blocked, Blocked),
    ("Forbidden: USER_IS_BLOCKED", Blocked, Blocked),
    ("Forbidden: user is deactivated", Gone, Gone),
    ("Bad Request: INPUT_USER_DEACTIVATED", Gone, Gone),
    ("Forbidden: bot can't initiate conversation with a user", Gone, Gone),
    ("Forbidden: bot can't send messages to bots", Gone, Gone),
    ("Bad Request: user not found", Gone, GroupBroken),
    ("Bad Request: chat not found", Gone, GroupBroken),
    ("Bad Request: PEER_ID_INVALID", Gone, GroupBroken),
    ("Bad Request: VOICE_MESSAGES_FORBIDDEN", Privacy, Privacy),
    ("Bad Request: user restricted receiving of voice messages", Privacy, Privacy),
    ("Bad Request: USER_PRIVACY_RESTRICTED", Privacy, Privacy),
    ("Forbidden: bot was kicked from the supergroup chat", GroupBroken, GroupBroken),
    ("Forbidden: bot is not a member of the supergroup chat", GroupBroken, GroupBroken),
    ("Bad Request: not enough rights to create a topic", Refused, GroupBroken),
    ("Bad Request: have no rights to send a message", Refused, GroupBroken),
    ("Bad Request: need administrator rights in the channel chat", Refused, GroupBroken),
    ("Bad Request: CHAT_ADMIN_REQUIRED", Refused, GroupBroken),
    ("Bad Request: CHAT_WRITE_FORBIDDEN", Refused, GroupBroken),
    ("Bad Request: CHAT_RESTRICTED", Refused, GroupBroken),
    ("Bad Request: CHAT_SEND_MEDIA_FORBIDDEN", Refused, GroupBroken),
    ("Bad Request: CHANNEL_PRIVATE", Refused, GroupBroken),
    ("Forbidden: the group chat was deactivated", Refused, GroupBroken),
    ("Forbidden: the group chat was deleted", Refused, GroupBroken),
    ("Bad Request: group chat was upgraded to a supergroup chat", Refused, GroupBroken),
    ("Bad Request: method is available only for supergroups", Refused, GroupBroken),
    ("Bad Request: REACTION_INVALID", Refused, Refused),
    ("Bad Request: wrong file identifier/HTTP URL specified", FileGone, FileGone),
    ("Bad Request: wrong file_id or the file is temporarily unavailable", FileGone, FileGone),
    ("Bad Request: wrong remote file identifier specified: Wrong padding", FileGone, FileGone),
    ("Bad Request: FILE_REFERENCE_EXPIRED", FileGone, FileGone),
    ("Forbidden: something that nobody has ever seen", Refused, Refused),
];

#[test]
fn each_example_means_what_the_table_says() {
    for (said, private, group) in SAID {
        assert_eq!(meaning(said, ChatKind::Private), *private, "private: {said}");
        assert_eq!(meaning(said, ChatKind::Group), *group, "group: {said}");
        assert_eq!(meaning(&said.to_uppercase(), ChatKind::Group), *group, "upper case: {said}");
    }
}

#[test]
fn no_row_is_without_example_or_behind_a_wider_one() {
    for row in TABLE {
        let first = |said: &str| {
            let said = said.to_ascii_lowercase();
            TABLE.iter().find(|other| said.contains(other.says)).map(|other| other.says)
        };
        let reached = SAID.iter().any(|(said, ..)| first(said) == Some(row.says));
        assert!(reached, "nothing leads to the row {:?}", row.says);
    }
}

fn api(code: u16, retry_after: Option<u64>, migrate_to: Option<i64>) -> CallError {
    CallError::Refused(ApiError::new(code, "Somehow: no", retry_after, migrate_to))
}

#[test]
fn codes_and_parameters_go_before_words() {
    let no = || "Somehow: no".to_owned();
    for (error, expected) in [
        (api(429, Some(7), None), SendError::Throttled(Duration::from_secs(7))),
        (api(429, None, None), SendError::Throttled(Duration::from_secs(5))),
        (api(400, None, Some(-1007)), SendError::Migrated(ChatId(-1007))),
        (api(401, None, None), SendError::DeskBroken(no())),
        (api(404, None, None), SendError::DeskBroken(no())),
        (api(403, None, None), SendError::Refused(no())),
    ] {
        assert_eq!(classify(error, ChatKind::Group), expected);
    }
}

#[test]
fn only_what_may_have_been_done_says_so() {
    for (error, done) in [
        (CallError::Timeout, true),
        (CallError::Lost("reset".to_owned()), true),
        (CallError::Malformed(200), true),
        (CallError::Server(502), true),
        (CallError::Server(500), false),
        (CallError::NotSent("refused".to_owned()), false),
    ] {
        let SendError::Unavailable { perhaps_done, .. } = classify(error, ChatKind::Private) else {
            panic!("not unavailable")
        };
        assert_eq!(perhaps_done, done);
    }
}
