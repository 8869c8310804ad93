//! The catalogue of texts in the locale files: where each is shown, and which placeholders it must have.

use super::sanitize;

/// The requirements for a text.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) place: TextFormat,
    /// The placeholders that the text must contain. It cannot contain others.
    pub(super) shows: &'static [&'static str],
}

/// Where a text is shown. It determines the markup and the maximum length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFormat {
    /// A message: Telegram's HTML.
    Message,
    /// The answer to a press of a button: plain text.
    Answer,
    /// The label of a button: plain text.
    Button,
    /// A command's description in Telegram's menu: plain text.
    Command,
    /// Words inside another text: plain text.
    Words,
    /// A date inside words: plain text.
    Date,
    /// A moment with its time zone: plain text.
    Moment,
    /// The finding of a check, with the remedy in a second line: plain text.
    Finding,
}

impl TextFormat {
    /// The maximum length, in UTF-16 units.
    pub(super) fn limit(self) -> usize {
        match self {
            Self::Message => 4096,
            Self::Answer => 200,
            Self::Command => 256,
            // Several findings must fit into a message.
            Self::Finding => sanitize::LONGEST_FINDING,
            // Telegram documents no limit for labels, but phones show no more. Words are used in labels too.
            Self::Button | Self::Words => 64,
            // A moment, which is words, is a date and more.
            Self::Date => 40,
            Self::Moment => 100,
        }
    }
}

/// The commands of users.
pub(super) const USER_COMMANDS: [&str; 3] = ["start", "help", "language"];

/// The additional commands of administrators in private.
pub(super) const ADMINISTRATOR_COMMANDS: [&str; 2] = ["status", "newsletter"];
/// The additional commands of the owner in private.
pub(super) const OWNER_COMMANDS: [&str; 1] = ["doctor"];

/// The commands of operators in the group.
pub(super) const STAFF_COMMANDS: [&str; 8] =
    ["ban", "silent", "information", "delete", "close", "reopen", "help", "id"];

/// The maximum length of a placeholder's content, in UTF-16 units.
pub(super) fn longest(placeholder: &str) -> usize {
    match placeholder {
        "name" | "username" => sanitize::LONGEST_NAME + "@".len(),
        "language" => TextFormat::Words.limit(),
        "status" => 3 * TextFormat::Words.limit() + 2 * ", ".len(),
        "words" => sanitize::LONGEST_SAID,
        "source" => sanitize::LONGEST_SOURCE,
        "quote" => sanitize::LONGEST_QUOTE,
        "answers" => sanitize::LONGEST_ANSWERS,
        "since" | "date" => TextFormat::Date.limit(),
        "day" | "month" => "31".len(),
        "year" => "9999".len(),
        "missing" | "kept" | "count" => "4294967295".len(),
        "place" | "task" | "file" => sanitize::LONGEST_NAME,
        "moment" => TextFormat::Moment.limit(),
        "zone" => TextFormat::Date.limit(),
        "city" => 24,
        "offset" => "+12:45".len(),
        "version" => "255.255.255-rc.255".len(),
        "age" | "uptime" => "4294967295 min".len(),
        "class" => TextFormat::Words.limit(),
        "parts" => "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15".len(),
        "time" => "23:59".len(),
        "bar" => 20,
        "percent" => "100".len(),
        "question" | "answer" => 64,
        "why" => sanitize::LONGEST_REASON,
        "bot" | "kind" => sanitize::LONGEST_NAME,
        "kinds" => 140,
        "rights" => 9 * (25 + ", ".len()),
        "check" => TextFormat::Words.limit(),
        _ => "-9223372036854775808".len(), // an id
    }
}
