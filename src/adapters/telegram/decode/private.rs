//! Decodes updates from a user's private chat with the bot.

use super::{
    GivenReaction,
    command::{Command, UserCommand},
    content, profile,
    wire::{Callback, Chat, Membership, Message, Reaction, Str, User},
};
use domain::{
    CallbackId, ContentKind, Event, MessageId, Press, Role, Roles, Side, TopicId, UserAct,
    UserEvent, UserId,
};

pub(super) fn wrote(
    message: &Message<'_>,
    chat: &Chat<'_>,
    edited: bool,
    me: &str,
    roles: &Roles,
) -> Option<Event> {
    let from = message.from.as_ref();
    let happened = match message.service {
        Some(row) => Some(row.kind).filter(|_| row.told),
        None if message.is_bare() && !edited => Some(ContentKind::Other),
        None => None,
    };
    if let Some(kind) = happened.filter(|_| !edited) {
        return event(from, chat, roles, UserAct::Happened(kind), None);
    }
    // A service message is not written by the user, and an ephemeral message has no id to copy or edit it by.
    if message.service.is_some() || message.ephemeral {
        return None;
    }
    let role = roles.of(UserId(chat.id));
    let content = content::content(message, Side::User, edited || role >= Role::Administrator)?;
    let act = if edited {
        UserAct::Edited(content)
    } else {
        match command(message, me, role) {
            Some(UserCommand::Start) => UserAct::Started,
            Some(UserCommand::Help) => UserAct::AskedForHelp,
            Some(UserCommand::Language) => UserAct::AskedForLanguages,
            Some(UserCommand::Desk(command)) => UserAct::Commanded(command),
            None => UserAct::Wrote(content),
        }
    };
    // An edit does not show where the user is now: the message may be in an older topic.
    let thread = message.topic().filter(|_| !edited);
    event(from, chat, roles, act, thread)
}

/// The command, if this role has it. Any other command is an ordinary message.
fn command(message: &Message<'_>, me: &str, role: Role) -> Option<UserCommand> {
    let Str(text) = message.text.as_ref().filter(|_| message.is_plain_text())?;
    Command::parse(text).filter(|command| command.is_for(me))?.in_private(role)
}

pub(super) fn pressed(callback: &Callback<'_>, chat: &Chat<'_>, roles: &Roles) -> Option<Event> {
    let thread = callback.message.as_ref().and_then(Message::topic);
    let (callback_id, message, press) = press(callback);
    let act = UserAct::Pressed { callback: callback_id, message, press };
    event(callback.from.as_ref(), chat, roles, act, thread)
}

/// The parts of a press of a button, in a private chat or in the group.
pub(super) fn press(callback: &Callback<'_>) -> (CallbackId, Option<MessageId>, Press) {
    // The date is 0 if Telegram no longer has the message.
    let there = callback.message.as_ref().filter(|message| message.date != Some(0));
    let message = there.and_then(Message::own_id);
    let press = callback.data.as_ref().map_or(Press::Unknown, |Str(data)| Press::parse(data));
    (CallbackId(callback.id.0.clone().into_owned()), message, press)
}

pub(super) fn reacted(reaction: &Reaction<'_>, roles: &Roles) -> Option<Event> {
    let message = reaction.message()?;
    let given = GivenReaction::of(&reaction.new_reaction);
    let act = given.act(|reaction| UserAct::Reacted { message, reaction })?;
    event(reaction.user.as_ref(), &reaction.chat, roles, act, None)
}

/// The user blocked or unblocked the bot. The doctor checks the bot's status in groups.
pub(super) fn membership(membership: &Membership<'_>, roles: &Roles) -> Option<Event> {
    if membership.chat.id <= 0 {
        return None;
    }
    let act = match membership.new_chat_member.status.0.as_ref() {
        "kicked" | "left" => UserAct::Left,
        "member" => UserAct::Returned,
        _ => return None,
    };
    event(membership.from.as_ref(), &membership.chat, roles, act, None)
}

fn event(
    from: Option<&User<'_>>,
    chat: &Chat<'_>,
    roles: &Roles,
    act: UserAct,
    thread: Option<i64>,
) -> Option<Event> {
    if from.is_some_and(|user| user.is_bot == Some(true)) {
        return None;
    }
    let user = UserId(chat.id);
    let (role, profile) = (roles.of(user), profile(from, chat));
    Some(Event::User(UserEvent { user, role, profile, thread: thread.map(TopicId), act }))
}
