//! The command menus that Telegram shows.

use std::sync::Arc;

use tracing::warn;

use crate::{
    adapters::telegram::{Client, CommandSet, CommandsFor, register_commands},
    i18n::Texts,
};
use domain::{ChatId, Language, Role, Roles};

/// The languages of menus for those whose app speaks none of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct MenuLanguages {
    /// `DEFAULT_LANGUAGE`, in private chats.
    pub(super) users: Language,
    /// `OPERATORS_LANGUAGE`, in the group.
    pub(super) operators: Language,
}

/// Registers the commands for each audience and language. A desk without command menus still works.
pub(super) async fn register_menus(
    client: Client,
    group: ChatId,
    roles: Roles,
    texts: Arc<Texts>,
    others: MenuLanguages,
) {
    let languages = Language::ALL.into_iter().map(|language| (Some(language), language, language));
    let mut sets = Vec::new();
    let others = std::iter::once((None, others.users, others.operators));
    for (code, language, operators) in others.chain(languages) {
        let mut add =
            |audience, commands| sets.push(CommandSet { audience, language: code, commands });
        add(CommandsFor::Users, texts.private_commands(Role::User, language));
        add(CommandsFor::Operators, texts.staff_commands(operators));
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
