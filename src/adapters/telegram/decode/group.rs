//! Decodes updates from the operators' group, and requests for ids from any group.
//!
//! Messages of bots, including this one, are ignored. An anonymous administrator is an operator. Someone who writes as
//! a channel is not, and gets a notice about it.

use super::{
    GivenReaction,
    command::Command,
    content::{self, reply},
    private::press,
    wire::{Callback, Message, Reaction, Str, User},
};
use domain::{
    Asker, ChatId, Content, Event, GroupChats, GroupKey, MessageId, Reply, Side, StaffAct,
    StaffEvent, TopicId, UserId,
};

/// Telegram's account that stands for anonymous administrators: `GroupAnonymousBot`.
const ANONYMOUS_BOT: i64 = 1_087_968_824;
/// Telegram's account that stands for people who write as a channel: `Channel_Bot`.
const CHANNEL_BOT: i64 = 136_817_688;

/// A message in any group; `None` if it does not concern the desk.
pub(super) fn wrote(
    message: &Message<'_>,
    chat: ChatId,
    edited: bool,
    groups: &GroupChats,
    me: &str,
) -> Option<Event> {
    // Telegram reports a migration in both chats. The update is a hint: the new id comes from Telegram's answer to a call.
    let group = groups.group(chat);
    let migrated = group.filter(|_| message.migrate_to.is_some());
    let migrated = migrated.or_else(|| groups.group(ChatId(message.migrate_from?)));
    if let Some(group) = migrated {
        return Some(Event::GroupMigrated(group));
    }
    // An ephemeral message has no id of its own, and the desk cannot reply to it.
    if message.automatic || message.ephemeral {
        return None;
    }
    let channel = as_channel(message, chat);
    let command = command(message);
    if let Some(command) = command.as_ref().filter(|command| command.is_id() && !edited) {
        let asked = command.is_for(me).then(|| asked_for_ids(message, chat, channel));
        return asked.flatten();
    }
    let group = group?;
    let topic = message.topic();
    let act = match channel {
        Some(channel) => act_as_channel(message, channel, command.as_ref(), edited, me)?,
        None if is_person(message, chat) => act(message, command.as_ref(), edited, me)?,
        None => return None,
    };
    let operator = message.from.as_ref().and_then(person);
    Some(in_group(group, topic, operator, act))
}

fn act(
    message: &Message<'_>,
    command: Option<&Command<'_>>,
    edited: bool,
    me: &str,
) -> Option<StaffAct> {
    if let Some(row) = message.service {
        return match row.field {
            "forum_topic_closed" => Some(StaffAct::ClosedTopic),
            "forum_topic_reopened" => Some(StaffAct::ReopenedTopic),
            _ => None,
        };
    }
    if is_note(message) {
        // This includes a message that an edit turned into a note: its new text is not for the user.
        let content = content::content(message, Side::Staff, false)?;
        return Some(StaffAct::Noted { content, edited });
    }
    if let Some(command) = command {
        if edited || !command.is_for(me) {
            return None;
        }
        return Some(StaffAct::Commanded {
            command: command.of_staff(),
            message: MessageId(message.id?),
            reply_to: reply(message).map(|reply| reply.to),
        });
    }
    let content = content::content(message, Side::Staff, edited)?;
    Some(if edited { StaffAct::Edited(content) } else { StaffAct::Wrote(content) })
}

/// A channel's message that would otherwise go to the user or be a command for the bot. All others are ignored.
fn act_as_channel(
    message: &Message<'_>,
    channel: ChatId,
    command: Option<&Command<'_>>,
    edited: bool,
    me: &str,
) -> Option<StaffAct> {
    let elsewhere = command.is_some_and(|command| !command.is_for(me));
    if edited || elsewhere || message.service.is_some() || is_note(message) {
        return None;
    }
    Some(StaffAct::WroteAsChannel { message: MessageId(message.id?), channel })
}

/// The channel that a message was written as. Telegram names its own bot as the sender.
fn as_channel(message: &Message<'_>, chat: ChatId) -> Option<ChatId> {
    let by = message.from.as_ref().filter(|from| from.id == Some(CHANNEL_BOT));
    by.and(message.sender_chat).map(ChatId).filter(|channel| *channel != chat)
}

/// The person behind an account, unless it is a bot. Telegram's accounts for anonymous administrators and channels are
/// bots.
fn person(from: &User<'_>) -> Option<UserId> {
    from.id.filter(|_| from.is_bot != Some(true)).map(UserId)
}

/// Whether a person or an anonymous administrator wrote. For the latter, the sender is a bot of Telegram's and the
/// sender chat is the group itself.
fn is_person(message: &Message<'_>, chat: ChatId) -> bool {
    let bot = message.from.as_ref().is_some_and(|from| from.is_bot == Some(true));
    !bot || message.sender_chat == Some(chat.0)
}

/// Whether a message is a note, which never reaches the user. In an album, one such caption makes all pieces notes.
fn is_note(message: &Message<'_>) -> bool {
    message.text.as_ref().is_some_and(|Str(text)| text.starts_with("//"))
}

fn command<'m>(message: &'m Message<'_>) -> Option<Command<'m>> {
    let Str(text) = message.text.as_ref().filter(|_| message.is_plain_text())?;
    Command::parse(text)
}

/// A request for ids; `None` if a bot wrote it.
fn asked_for_ids(message: &Message<'_>, chat: ChatId, channel: Option<ChatId>) -> Option<Event> {
    let from = message.from.as_ref().and_then(|from| from.id);
    let user = from.or(message.sender_chat)?;
    let asker = if channel.is_some() {
        Asker::Channel
    } else if message.sender_chat == Some(chat.0) || from == Some(ANONYMOUS_BOT) {
        Asker::Anonymous
    } else if is_person(message, chat) {
        Asker::Person
    } else {
        return None;
    };
    Some(Event::AskedForIds {
        chat,
        topic: message.topic().map(TopicId),
        user: UserId(user),
        asker,
        message: MessageId(message.id?),
    })
}

pub(super) fn pressed(callback: &Callback<'_>, group: GroupKey) -> Event {
    let topic = callback.message.as_ref().and_then(Message::topic);
    let operator = callback.from.as_ref().and_then(person);
    let (callback, message, press) = press(callback);
    in_group(group, topic, operator, StaffAct::Pressed { callback, message, press })
}

/// A reaction in the group. Telegram does not report its topic.
pub(super) fn reacted(reaction: &Reaction<'_>, group: GroupKey) -> Option<Event> {
    if reaction.user.as_ref().is_some_and(|user| user.is_bot == Some(true)) {
        return None;
    }
    let message = reaction.message()?;
    let given = GivenReaction::of(&reaction.new_reaction);
    let act = given.act(|reaction| StaffAct::Reacted { message, reaction })?;
    let operator = reaction.user.as_ref().and_then(person);
    Some(in_group(group, None, operator, act))
}

/// What happened in this group, with all its messages and its topic as those of the group.
fn in_group(group: GroupKey, topic: Option<i64>, operator: Option<UserId>, act: StaffAct) -> Event {
    let here = |message: MessageId| MessageId::in_group(group, message.0);
    let said = |content: Content| Content {
        message: here(content.message),
        reply: content.reply.map(|reply| Reply { to: here(reply.to), ..reply }),
        ..content
    };
    let act = match act {
        StaffAct::Wrote(content) => StaffAct::Wrote(said(content)),
        StaffAct::Noted { content, edited } => StaffAct::Noted { content: said(content), edited },
        StaffAct::WroteAsChannel { message, channel } => {
            StaffAct::WroteAsChannel { message: here(message), channel }
        }
        StaffAct::Edited(content) => StaffAct::Edited(said(content)),
        StaffAct::Reacted { message, reaction } => {
            StaffAct::Reacted { message: here(message), reaction }
        }
        StaffAct::Commanded { command, message, reply_to } => {
            StaffAct::Commanded { command, message: here(message), reply_to: reply_to.map(here) }
        }
        StaffAct::Pressed { callback, message, press } => {
            StaffAct::Pressed { callback, message: message.map(here), press }
        }
        act @ (StaffAct::ClosedTopic | StaffAct::ReopenedTopic) => act,
    };
    let topic = topic.map(|topic| TopicId::in_group(group, topic));
    Event::Staff(StaffEvent { group, topic, operator, act })
}
