//! Decodes Telegram's updates into events.
//!
//! teloxide's `Update` is not used: one entity of an unknown kind, and it drops the text of the whole message.

mod wire;
mod kinds;
mod fingerprint;
mod content;
mod rare_parts;
mod command;
mod envelope;
mod private;
mod group;

use serde_json::value::RawValue;

use domain::{
    ChatId, Event, GroupChats, Incoming, Millis, Opaque, Profile, Roles, UpdateId, UserId,
};
use ports::{DecodeError, Decoder, Envelope};

use wire::{Chat, Str, Update, User};

/// Telegram's ids have at most 52 bits; the stored keys of lanes rely on it.
const GREATEST_ID: u64 = 1 << 52;

/// The bot's account, as Telegram reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotProfile {
    /// The bot's user id.
    pub id: UserId,
    /// The bot's username, without the `@`.
    pub username: String,
}

/// Decodes Telegram's updates for one bot.
#[derive(Debug, Clone)]
pub struct TelegramDecoder {
    bot: BotProfile,
    roles: Roles,
}

impl TelegramDecoder {
    /// Creates a decoder for this bot. Its username distinguishes its commands from those for other bots; `roles`
    /// decide who may use which commands in private.
    pub fn new(bot: BotProfile, roles: Roles) -> Self {
        Self { bot, roles }
    }

    fn event(&self, update: &Update<'_>, groups: &GroupChats) -> Result<Event, DecodeError> {
        let of = |part: &str| DecodeError(part.to_owned());
        if chat(update).is_some_and(|chat| chat.id.unsigned_abs() > GREATEST_ID) {
            return Err(of("a chat with a number that no chat has"));
        }
        let (me, roles) = (self.bot.username.as_str(), &self.roles);
        if let Some((message, edited)) = message(update) {
            let chat = message.chat.as_ref().ok_or_else(|| of("a message without its chat"))?;
            if message.id.is_none() {
                return Err(of("a message without its id"));
            }
            let event = if chat.id > 0 {
                private::wrote(message, chat, edited, me, roles)
            } else {
                group::wrote(message, ChatId(chat.id), edited, groups, me)
            };
            return Ok(event.unwrap_or(Event::Ignored));
        }
        let event = if let Some(callback) = &update.callback_query {
            match callback.message.as_ref().and_then(|message| message.chat.as_ref()) {
                Some(chat) if chat.id > 0 => private::pressed(callback, chat, roles),
                Some(chat) => {
                    groups.group(ChatId(chat.id)).map(|group| group::pressed(callback, group))
                }
                None => None,
            }
        } else if let Some(reaction) = &update.message_reaction {
            match reaction.chat.id {
                id if id > 0 => private::reacted(reaction, roles),
                id => groups.group(ChatId(id)).and_then(|group| group::reacted(reaction, group)),
            }
        } else if let Some(membership) = &update.my_chat_member {
            private::membership(membership, roles)
        } else {
            None
        };
        Ok(event.unwrap_or(Event::Ignored))
    }
}

impl Decoder for TelegramDecoder {
    fn envelope(&self, raw: &str, groups: &GroupChats) -> Envelope {
        envelope::read(raw, groups)
    }

    fn decode(&self, raw: &str, groups: &GroupChats) -> Result<Incoming, DecodeError> {
        let update: Update<'_> = serde_json::from_str(raw).map_err(|error| broken(&error))?;
        Ok(Incoming {
            update: UpdateId(update.update_id),
            happened: happened(&update),
            event: self.event(&update, groups)?,
        })
    }
}

/// Reports only the kind and the place of an error: `serde_json` quotes contents in its messages.
fn broken(error: &serde_json::Error) -> DecodeError {
    let kind = match error.classify() {
        serde_json::error::Category::Io | serde_json::error::Category::Syntax => "it is not JSON",
        serde_json::error::Category::Data => "a part is missing or malformed",
        serde_json::error::Category::Eof => "it ends too early",
    };
    DecodeError(format!("{kind}, at column {} of line {}", error.column(), error.line()))
}

/// The message of an update, and whether it was edited.
fn message<'u, 'a>(update: &'u Update<'a>) -> Option<(&'u wire::Message<'a>, bool)> {
    let edited = || update.edited_message.as_ref().map(|message| (message, true));
    update.message.as_ref().map(|message| (message, false)).or_else(edited)
}

/// The chat that an update comes from.
fn chat<'u, 'a>(update: &'u Update<'a>) -> Option<&'u Chat<'a>> {
    let pressed = || update.callback_query.as_ref().and_then(|callback| callback.message.as_ref());
    let said = message(update).map(|(message, _)| message).or_else(pressed);
    let reacted = || update.message_reaction.as_ref().map(|reaction| &reaction.chat);
    let joined = || update.my_chat_member.as_ref().map(|membership| &membership.chat);
    said.and_then(|message| message.chat.as_ref()).or_else(reacted).or_else(joined)
}

/// When the update happened, by Telegram's clock.
fn happened(update: &Update<'_>) -> Option<Millis> {
    let date = match message(update) {
        Some((message, true)) => message.edited.or(message.date),
        Some((message, false)) => message.date,
        None => None,
    };
    let reaction = || update.message_reaction.as_ref().and_then(|reaction| reaction.date);
    let membership = || update.my_chat_member.as_ref().and_then(|membership| membership.date);
    let seconds = date.or_else(reaction).or_else(membership)?;
    Some(Millis(seconds.saturating_mul(1000)))
}

/// The profile of a user. If Telegram leaves out the user, the names are those of the private chat.
fn profile(user: Option<&User<'_>>, chat: &Chat<'_>) -> Profile {
    let owned = |text: &Option<Str<'_>>| text.as_ref().map(|Str(text)| text.clone().into_owned());
    let name = |first: &Option<Str<'_>>, last: &Option<Str<'_>>| {
        let names = [first, last].into_iter().flatten().map(|Str(name)| name.trim());
        names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
    };
    match user {
        Some(user) => Profile {
            name: name(&user.first_name, &user.last_name),
            username: owned(&user.username),
            language_code: owned(&user.language_code),
        },
        None => Profile {
            name: name(&chat.first_name, &chat.last_name),
            username: owned(&chat.username),
            language_code: None,
        },
    }
}

/// The reactions to a message after a change, as far as a bot can repeat them: it may set one reaction, and no paid one.
enum GivenReaction<'a> {
    Removed,
    One(&'a RawValue),
    OnlyPaid,
}

impl<'a> GivenReaction<'a> {
    fn of(reactions: &[&'a RawValue]) -> Self {
        #[derive(serde::Deserialize)]
        struct Reaction<'a> {
            #[serde(borrow, rename = "type")]
            kind: Str<'a>,
        }
        let free = |raw: &&&RawValue| {
            !serde_json::from_str::<Reaction<'_>>(raw.get())
                .is_ok_and(|reaction| reaction.kind.0 == "paid")
        };
        match reactions.iter().find(free) {
            Some(reaction) => Self::One(reaction),
            None if reactions.is_empty() => Self::Removed,
            None => Self::OnlyPaid,
        }
    }

    /// Applies `act` to the reaction to set, or to `None` to remove it. Returns `None` if a bot cannot repeat the
    /// change.
    fn act<T>(self, act: impl FnOnce(Option<Opaque>) -> T) -> Option<T> {
        match self {
            Self::Removed => Some(act(None)),
            Self::One(raw) => Some(act(Some(Opaque(raw.get().to_owned())))),
            Self::OnlyPaid => None,
        }
    }
}

#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "a test panics at whatever it did not expect")]
#[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
mod tests;
#[cfg(test)]
mod fuzz;
