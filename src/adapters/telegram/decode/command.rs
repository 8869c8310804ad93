//! Parses commands as Telegram's clients do: a slash, a name, optionally the bot that it addresses.
//!
//! A path like `/usr/bin` is not a command. Names of commands and bots are case-insensitive.

use domain::{DeskCommand, Report, Role, StaffCommand};

/// A command at the start of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command<'a> {
    name: &'a str,
    bot: Option<&'a str>,
}

/// A command in a private chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserCommand {
    Start,
    Help,
    Language,
    Desk(DeskCommand),
}

impl UserCommand {
    fn role(self) -> Role {
        match self {
            Self::Start | Self::Help | Self::Language => Role::User,
            Self::Desk(command) => command.role(),
        }
    }
}

impl<'a> Command<'a> {
    /// Parses the command at the start of a text.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        const LONGEST: usize = 64;
        let (name, rest) = word(text.strip_prefix('/')?);
        if name.is_empty() || name.len() > LONGEST {
            return None;
        }
        let (bot, rest) = match rest.strip_prefix('@').map(word) {
            Some((bot, rest)) if !bot.is_empty() => (Some(bot), rest),
            Some(_) | None => (None, rest),
        };
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '<' | '>'));
        ends.then_some(Self { name, bot })
    }

    /// Whether the command addresses this bot, or no bot in particular.
    pub(super) fn is_for(&self, username: &str) -> bool {
        self.bot.is_none_or(|bot| bot.eq_ignore_ascii_case(username))
    }

    /// Whether the command asks for ids.
    pub(super) fn is_id(&self) -> bool {
        self.is("id")
    }

    /// The command in private that has this name; `None` if this role has no such command.
    pub(super) fn in_private(&self, role: Role) -> Option<UserCommand> {
        const ALL: [(&str, UserCommand); 6] = [
            ("start", UserCommand::Start),
            ("help", UserCommand::Help),
            ("language", UserCommand::Language),
            ("status", UserCommand::Desk(DeskCommand::Report(Report::Status))),
            ("newsletter", UserCommand::Desk(DeskCommand::Newsletter)),
            ("doctor", UserCommand::Desk(DeskCommand::Report(Report::Doctor))),
        ];
        let (_, command) = ALL.into_iter().find(|(name, _)| self.is(name))?;
        (role >= command.role()).then_some(command)
    }

    /// The operators' command that has this name.
    pub(super) fn of_staff(&self) -> StaffCommand {
        const ALL: [(&str, StaffCommand); 7] = [
            ("ban", StaffCommand::Ban),
            ("silent", StaffCommand::Silent),
            ("information", StaffCommand::Information),
            ("delete", StaffCommand::Delete),
            ("close", StaffCommand::Close),
            ("reopen", StaffCommand::Reopen),
            ("help", StaffCommand::Help),
        ];
        let known = ALL.into_iter().find(|(name, _)| self.is(name));
        known.map_or(StaffCommand::Unknown, |(_, command)| command)
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Splits a text after its leading letters, digits and underscores.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_clients_mark_them() {
        let command = |name, bot| Some(Command { name, bot });
        for (text, expected) in [
            ("/ban", command("ban", None)),
            ("/ban.", command("ban", None)),
            ("/Ban@Our_Bot now", command("Ban", Some("Our_Bot"))),
            ("/ban@", command("ban", None)),
            ("/start payload", command("start", None)),
            ("/usr/bin/env", None),
            ("/баня", None),
            ("/banя", None),
            ("/", None),
            ("//note", None),
            ("ban", None),
        ] {
            assert_eq!(Command::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_command_above_ones_role_is_none() {
        let of = |text, role| Command::parse(text).unwrap().in_private(role);
        for text in ["/status", "/STATUS now"] {
            assert_eq!(of(text, Role::User), None);
            let status = Some(UserCommand::Desk(DeskCommand::Report(Report::Status)));
            assert_eq!([of(text, Role::Administrator), of(text, Role::Owner)], [status, status]);
        }
        let doctor = Some(UserCommand::Desk(DeskCommand::Report(Report::Doctor)));
        let roles = [Role::User, Role::Administrator, Role::Owner];
        assert_eq!(roles.map(|role| of("/doctor", role)), [None, None, doctor]);
        assert_eq!(of("/help", Role::User), Some(UserCommand::Help));
        assert_eq!(of("/ban", Role::Owner), None, "it is one of the group");
    }

    #[test]
    fn commands_have_no_case_and_know_their_bot() {
        let command = Command::parse("/BAN@support_BOT").unwrap();
        assert!(command.is_for("Support_Bot") && !command.is_for("other_bot"));
        assert_eq!(command.of_staff(), StaffCommand::Ban);
        assert_eq!(Command::parse("/bans").unwrap().of_staff(), StaffCommand::Unknown);
    }
}
