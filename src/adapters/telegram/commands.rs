//! Registers the commands that Telegram's apps offer, per audience and language.
//!
//! The texts come from the caller.

use teloxide::{
    payloads as theirs,
    types::{BotCommand, BotCommandScope, ChatId as TheirChatId},
};
use tracing::info;

use super::{
    client::Client,
    errors::{ChatKind, classify},
};
use domain::{ChatId, Language, UserId};
use ports::SendError;

/// Who sees a set of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandsFor {
    /// Users, in their private chats.
    Users,
    /// Everyone in the operators' group.
    Operators,
    /// One user, in their private chat.
    Only(UserId),
}

/// The commands for one audience in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSet {
    /// Who sees the commands.
    pub audience: CommandsFor,
    /// The app language that selects this set. `None` is the default set, for all other languages.
    pub language: Option<Language>,
    /// Command names, without the slash, and their descriptions.
    pub commands: Vec<(String, String)>,
}

/// Registers the sets; each replaces the previous one for its audience and language. Idempotent.
pub async fn register_commands(
    client: &Client,
    group: ChatId,
    sets: &[CommandSet],
) -> Result<(), SendError> {
    for set in sets {
        let (scope, place) = match set.audience {
            CommandsFor::Users => (BotCommandScope::AllPrivateChats, ChatKind::Private),
            CommandsFor::Operators => {
                let chat_id = TheirChatId(group.0).into();
                (BotCommandScope::Chat { chat_id }, ChatKind::Group)
            }
            CommandsFor::Only(user) => {
                let chat_id = TheirChatId(user.0).into();
                (BotCommandScope::Chat { chat_id }, ChatKind::Private)
            }
        };
        let commands = set.commands.iter().map(|(name, what)| BotCommand::new(name, what));
        let mut method = theirs::SetMyCommands::new(commands);
        method.scope = Some(scope);
        method.language_code = set.language.map(|language| language.code().to_owned());
        match client.call(&method).await.map_err(|error| classify(error, place)) {
            Ok(_) => {}
            // Someone who has never written to the bot has no chat with it. The next start tries again.
            Err(SendError::Gone) if matches!(set.audience, CommandsFor::Only(_)) => {
                info!(
                    "an administrator has not written to the bot yet, and gets no menu of commands"
                );
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
