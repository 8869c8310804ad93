//! The command menus that Telegram shows.

use std::sync::Arc;

use tracing::warn;

use crate::{
    adapters::telegram::{Client, CommandSet, CommandsFor, register_commands},
    i18n::Texts,
};
use domain::{ChatId, Language, Role, Roles};

/// Registers the commands for each audience and language. A desk without command menus still works.
pub(super) async fn register_menus(client: Client, group: ChatId, roles: Roles, texts: Arc<Texts>) {
    let languages = Language::ALL.into_iter().map(|language| (Some(language), language));
    let mut sets = Vec::new();
    for (code, language) in std::iter::once((None, Language::English)).chain(languages) {
        let mut add =
            |audience, commands| sets.push(CommandSet { audience, language: code, commands });
        add(CommandsFor::Users, texts.private_commands(Role::User, language));
        add(CommandsFor::Operators, texts.staff_commands(language));
        for user in std::iter::once(&roles.owner).chain(&roles.administrators) {
            let commands = texts.private_commands(roles.of(*user), language);
            add(CommandsFor::Only(*user), commands);
        }
    }
    if let Err(failed) = register_commands(&client, group, &sets).await {
        warn!(
            error = &failed as &dyn std::error::Error,
            "the command menus could not be registered"
        );
    }
}
