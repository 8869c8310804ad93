//! Watches who adds the bot to a group and who presses Start, before there is a desk.
//!
//! Invariant: no update is confirmed. All stay at Telegram for the desk, so each answer begins with the oldest again.

use std::time::Duration;

use serde::Deserialize;
use teloxide::payloads as theirs;

use super::{
    api::{
        method::Me,
        payloads::{Batch, GetUpdates, MOST_UPDATES},
    },
    client::Client,
    doctor::{InspectedGroup, inspect_group, owner_finding, unreachable_finding},
};
use domain::{ChatId, Finding, UserId};
use ports::PollError;

/// How long Telegram may wait for an update before it answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// A bot that has no desk yet.
#[derive(Debug)]
pub struct Discovery {
    client: Client,
    me: Me,
    /// The newest update that was read.
    read: Option<i64>,
}

/// What an update reveals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// The bot is in this group.
    Group {
        /// The group's id.
        id: ChatId,
        /// The group's title.
        title: String,
        /// The parameter of the link by which the bot was added, if Telegram passed it on.
        code: Option<String>,
    },
    /// The bot is not in this group any more.
    Left(ChatId),
    /// A basic group became a supergroup.
    Moved {
        /// The old id.
        from: ChatId,
        /// The new id.
        to: ChatId,
    },
    /// Somebody opened the bot by a link with a parameter, and pressed Start.
    Started {
        /// The person.
        user: UserId,
        /// The person's first name.
        name: String,
        /// The link's parameter.
        code: String,
    },
}

/// What the updates since the last look reveal, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// One for each update that reveals something.
    pub found: Vec<Sighting>,
    /// Whether so many updates wait that Telegram does not show the newer ones.
    pub full: bool,
    /// Whether no update waits at all.
    pub none_waits: bool,
}

impl Discovery {
    /// Asks Telegram who the bot is. The error is the finding of why that failed.
    pub async fn begin(client: Client) -> Result<Self, Finding> {
        match client.call(&theirs::GetMe::new()).await {
            Ok(me) => Ok(Self { client, me, read: None }),
            Err(error) => Err(unreachable_finding(&error)),
        }
    }

    /// The bot's username.
    pub fn bot(&self) -> &str {
        &self.me.username
    }

    /// Looks at the waiting updates. Waits for a few seconds if there are none; returns at once otherwise.
    pub async fn look(&mut self) -> Result<Sightings, PollError> {
        let method = GetUpdates::new(None, PATIENCE.as_secs());
        let Batch(waiting) = self.client.long_call(&method, PATIENCE).await?;
        let full = waiting.len() >= usize::from(MOST_UPDATES);
        let mut sightings = Sightings { full, none_waits: waiting.is_empty(), found: Vec::new() };
        for raw in waiting {
            let Ok(update) = serde_json::from_str::<Update>(raw.get()) else { continue };
            if self.read.is_none_or(|read| update.id > read) {
                self.read = Some(update.id);
                sightings.found.extend(update.sighting(&self.me.username));
            }
        }
        Ok(sightings)
    }

    /// Checks a group, and the bot's rights in it.
    pub async fn inspect(&self, group: ChatId) -> InspectedGroup {
        inspect_group(&self.client, &self.me, group).await
    }

    /// Checks whether the bot can write to this person, who sees it typing.
    pub async fn reach(&self, owner: UserId) -> Finding {
        owner_finding(&self.client, owner).await
    }
}

#[derive(Deserialize)]
struct Update {
    #[serde(rename = "update_id")]
    id: i64,
    message: Option<Message>,
    my_chat_member: Option<Membership>,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
    from: Option<Author>,
    text: Option<String>,
    migrate_to_chat_id: Option<i64>,
    migrate_from_chat_id: Option<i64>,
}

#[derive(Deserialize)]
struct Membership {
    chat: Chat,
    new_chat_member: Standing,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Author {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    first_name: String,
}

#[derive(Deserialize)]
struct Standing {
    status: String,
}

impl Chat {
    fn is_group(&self) -> bool {
        matches!(self.kind.as_str(), "group" | "supergroup")
    }
}

impl Update {
    fn sighting(self, bot: &str) -> Option<Sighting> {
        match self {
            Self { message: Some(message), .. } => message.sighting(bot),
            Self { my_chat_member: Some(Membership { chat, new_chat_member }), .. } => {
                let id = ChatId(chat.id);
                if !chat.is_group() {
                    return None;
                }
                Some(match new_chat_member.status.as_str() {
                    "left" | "kicked" => Sighting::Left(id),
                    _member => Sighting::Group { id, title: chat.title, code: None },
                })
            }
            Self { .. } => None,
        }
    }
}

impl Message {
    fn sighting(self, bot: &str) -> Option<Sighting> {
        let Self { chat, from, text, migrate_to_chat_id, migrate_from_chat_id } = self;
        let id = ChatId(chat.id);
        if let Some(to) = migrate_to_chat_id {
            return Some(Sighting::Moved { from: id, to: ChatId(to) });
        }
        if let Some(from) = migrate_from_chat_id {
            return Some(Sighting::Moved { from: ChatId(from), to: id });
        }
        let code = text.as_deref().and_then(|text| start_parameter(text, bot));
        if chat.is_group() {
            return Some(Sighting::Group { id, title: chat.title, code });
        }
        let author = from.filter(|author| !author.is_bot && author.id == chat.id)?;
        Some(Sighting::Started { user: UserId(author.id), name: author.first_name, code: code? })
    }
}

/// The parameter of `/start`, which a link to the bot carries.
fn start_parameter(text: &str, bot: &str) -> Option<String> {
    let (command, parameter) = text.split_once(' ')?;
    let is_ours = command == "/start"
        || command.strip_prefix("/start@").is_some_and(|name| name.eq_ignore_ascii_case(bot));
    (is_ours && !parameter.contains(' ')).then(|| parameter.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(update: &str) -> Option<Sighting> {
        serde_json::from_str::<Update>(update).unwrap().sighting("desk_bot")
    }

    #[test]
    fn only_a_private_start_with_a_parameter_names_a_person() {
        let start = |chat: &str, from: &str, text: &str| {
            seen(&format!(
                r#"{{"update_id":1,"message":{{"message_id":1,"date":1,"chat":{chat},"from":{from},"text":"{text}"}}}}"#
            ))
        };
        let (chat, ada) =
            (r#"{"id":7,"type":"private"}"#, r#"{"id":7,"is_bot":false,"first_name":"Ada"}"#);
        let code = "c0de".to_owned();
        let started = Sighting::Started { user: UserId(7), name: "Ada".to_owned(), code };
        assert_eq!(start(chat, ada, "/start c0de"), Some(started));
        assert_eq!(start(chat, ada, "/start"), None);
        assert_eq!(start(chat, ada, "c0de"), None);
        assert_eq!(start(chat, ada, "/start c0de and more"), None);
        assert_eq!(start(chat, r#"{"id":8,"is_bot":true}"#, "/start c0de"), None);
    }

    #[test]
    fn groups_are_seen_with_the_code_of_their_link() {
        let wrote = |text: &str| {
            seen(&format!(
                r#"{{"update_id":1,"message":{{"chat":{{"id":-5,"type":"group","title":"Desk"}},"text":"{text}"}}}}"#
            ))
        };
        let group = |code: Option<&str>| {
            let (id, title) = (ChatId(-5), "Desk".to_owned());
            Some(Sighting::Group { id, title, code: code.map(str::to_owned) })
        };
        assert_eq!(wrote("/start@Desk_Bot c0de"), group(Some("c0de")));
        assert_eq!(wrote("/start@other_bot c0de"), group(None));
        assert_eq!(wrote("hello"), group(None));
    }

    #[test]
    fn the_bots_standing_and_migrations_are_seen() {
        let member = |status: &str| {
            seen(&format!(
                r#"{{"update_id":1,"my_chat_member":{{"chat":{{"id":-5,"type":"supergroup","title":"Desk"}},"new_chat_member":{{"status":"{status}"}}}}}}"#
            ))
        };
        assert!(matches!(member("administrator"), Some(Sighting::Group { .. })));
        assert_eq!(member("kicked"), Some(Sighting::Left(ChatId(-5))));
        let moved = Some(Sighting::Moved { from: ChatId(-5), to: ChatId(-1_005) });
        let old = r#"{"update_id":1,"message":{"chat":{"id":-5,"type":"group"},"migrate_to_chat_id":-1005}}"#;
        let new = r#"{"update_id":1,"message":{"chat":{"id":-1005,"type":"supergroup"},"migrate_from_chat_id":-5}}"#;
        assert_eq!((seen(old), seen(new)), (moved.clone(), moved));
        assert_eq!(seen(r#"{"update_id":1,"callback_query":{}}"#), None);
    }
}
