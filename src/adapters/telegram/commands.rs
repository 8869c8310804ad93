//! The commands that Telegram's apps offer, per audience and language.
//!
//! Their words come from outside; here is only where they are registered.

use teloxide::{
    payloads as theirs,
    types::{BotCommand, BotCommandScope, ChatId as TheirChatId},
};
use tracing::info;

use super::{
    client::Client,
    errors::{Place, classify},
};
use domain::{ChatId, Language, UserId};
use ports::SendError;

/// Who is offered commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandsFor {
    /// Users, in their private chats.
    Users,
    /// Whoever writes in the operators' group.
    Operators,
    /// One user, in their private chat.
    Only(UserId),
}

/// The commands for one audience in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSet {
    /// For whom.
    pub audience: CommandsFor,
    /// For those whose app speaks it; `None` for all for whom there is no other set.
    pub language: Option<Language>,
    /// Names without the slash, and what they do.
    pub commands: Vec<(String, String)>,
}

/// Registers each set in place of the one before. Done again, it changes nothing.
pub async fn register_commands(
    client: &Client,
    group: ChatId,
    sets: &[CommandSet],
) -> Result<(), SendError> {
    for set in sets {
        let (scope, place) = match set.audience {
            CommandsFor::Users => (BotCommandScope::AllPrivateChats, Place::Private),
            CommandsFor::Operators => {
                let chat_id = TheirChatId(group.0).into();
                (BotCommandScope::Chat { chat_id }, Place::Group)
            }
            CommandsFor::Only(user) => {
                let chat_id = TheirChatId(user.0).into();
                (BotCommandScope::Chat { chat_id }, Place::Private)
            }
        };
        let commands = set.commands.iter().map(|(name, what)| BotCommand::new(name, what));
        let mut method = theirs::SetMyCommands::new(commands);
        method.scope = Some(scope);
        method.language_code = set.language.map(|language| language.code().to_owned());
        match client.call(&method).await.map_err(|error| classify(error, place)) {
            Ok(_) => {}
            // Who has never written to the bot has no chat with it; the next start tries again.
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
