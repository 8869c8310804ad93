//! Every text that the locale files hold: where it is shown, and what it must show.

use super::{entries::ENTRIES, words};

/// What is known of a text before its words are.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) place: Place,
    /// The placeholders that it must show, and the only ones that it can.
    pub(super) shows: &'static [&'static str],
}

/// Where a text is shown, which decides how it is written and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A message: Telegram's HTML.
    Message,
    /// The answer to the press of a button: plain.
    Answer,
    /// The label of a button: plain.
    Button,
    /// A command's description in Telegram's menu: plain.
    Command,
    /// Words inside another text: plain.
    Words,
    /// What a check has found, and in a second line what to do about it: plain.
    Finding,
}

impl Place {
    /// The most that Telegram takes there, in UTF-16 units.
    pub(super) fn limit(self) -> usize {
        match self {
            Self::Message => 4096,
            Self::Answer => 200,
            Self::Command => 256,
            // Some of them fit into a message.
            Self::Finding => words::LONGEST_FINDING,
            // Telegram names no limit for labels, but phones show no more; words go where labels go.
            Self::Button | Self::Words => 64,
        }
    }
}

/// The commands of users, as they are typed.
pub(super) const USER_COMMANDS: [&str; 3] = ["start", "help", "language"];

/// The commands of administrators in private beside those of users, as they are typed.
pub(super) const ADMINISTRATOR_COMMANDS: [&str; 2] = ["status", "newsletter"];
/// The commands of the owner beside those.
pub(super) const OWNER_COMMANDS: [&str; 1] = ["doctor"];

/// The commands of operators, as they are typed.
pub(super) const STAFF_COMMANDS: [&str; 8] =
    ["ban", "silent", "information", "delete", "close", "reopen", "help", "id"];

/// The text of this id.
pub(super) fn entry(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// The longest that a placeholder's content can be, in UTF-16 units.
pub(super) fn longest(placeholder: &str) -> usize {
    match placeholder {
        "name" | "username" => words::LONGEST_NAME + "@".len(),
        "language" => Place::Words.limit(),
        "status" => 3 * Place::Words.limit() + 2 * ", ".len(),
        "words" => words::LONGEST_SAID,
        "source" => words::LONGEST_SOURCE,
        "quote" => words::LONGEST_QUOTE,
        "answers" => words::LONGEST_ANSWERS,
        "since" => "9999-12-31".len(),
        "missing" | "kept" | "count" => "4294967295".len(),
        "place" | "task" | "file" => words::LONGEST_NAME,
        "moment" => "9999-12-31 23:59:59 UTC".len(),
        "version" => "255.255.255-rc.255".len(),
        "age" | "uptime" => "4294967295 min".len(),
        "class" => Place::Words.limit(),
        "parts" => "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15".len(),
        "time" => "23:59".len(),
        "bar" => 20,
        "percent" => "100".len(),
        "question" | "answer" => 64,
        "why" => words::LONGEST_REASON,
        "bot" | "kind" => words::LONGEST_NAME,
        "kinds" => 140,
        "rights" => 9 * (25 + ", ".len()),
        "check" => Place::Words.limit(),
        _ => "-9223372036854775808".len(), // an id
    }
}
