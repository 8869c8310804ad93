//! The transcript for programs: one JSON object per line.

use serde_json::{Value, json};

use telegram_simulator::{Button, Event, EventKind, SeenMessage};

/// The beginning of a chapter.
pub(super) fn chapter(number: usize, title: &str) -> Value {
    json!({ "chapter": number, "title": title })
}

/// An event in the conversation of this user. `seen` is the message that it concerns, as it is after the event.
///
/// It carries no time and no ids of chats, which differ from run to run.
pub(super) fn event(
    chapter: usize,
    user: &str,
    event: &Event,
    seen: Option<&SeenMessage>,
) -> Value {
    json!({
        "chapter": chapter,
        "user": user,
        "in": if event.topic.is_some() { "topic" } else { "chat" },
        "by": if event.by_bot { "bot" } else { event.actor.as_str() },
        "event": name(&event.kind),
        "topic": topic(&event.kind),
        "message": seen.map(message),
    })
}

fn message(seen: &SeenMessage) -> Value {
    let row = |row: &Vec<Button>| row.iter().map(|button| button.text.clone()).collect::<Vec<_>>();
    json!({
        "id": seen.id,
        "by": if seen.from_bot { "bot" } else { seen.author.as_str() },
        "kind": seen.kind,
        "text": seen.text,
        "entities": seen.entities,
        "reply_to": seen.reply_to,
        "edited": seen.edited,
        "pinned": seen.pinned,
        "reactions": seen.reactions,
        "buttons": seen.buttons.iter().map(row).collect::<Vec<_>>(),
    })
}

/// The name of a topic that was created or renamed.
fn topic(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::TopicCreated { name } | EventKind::TopicEdited { name, .. } => Some(name),
        EventKind::Sent { .. }
        | EventKind::Edited { .. }
        | EventKind::Deleted { .. }
        | EventKind::Reacted { .. }
        | EventKind::Pinned { .. }
        | EventKind::Pressed { .. }
        | EventKind::Answered { .. }
        | EventKind::TopicClosed
        | EventKind::TopicReopened
        | EventKind::TopicDeleted
        | EventKind::BotBlocked
        | EventKind::BotUnblocked => None,
    }
}

fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Sent { .. } => "sent",
        EventKind::Edited { .. } => "edited",
        EventKind::Deleted { .. } => "deleted",
        EventKind::Reacted { .. } => "reacted",
        EventKind::Pinned { .. } => "pinned",
        EventKind::Pressed { .. } => "pressed",
        EventKind::Answered { .. } => "answered",
        EventKind::TopicCreated { .. } => "topic_created",
        EventKind::TopicEdited { .. } => "topic_edited",
        EventKind::TopicClosed => "topic_closed",
        EventKind::TopicReopened => "topic_reopened",
        EventKind::TopicDeleted => "topic_deleted",
        EventKind::BotBlocked => "bot_blocked",
        EventKind::BotUnblocked => "bot_unblocked",
    }
}
