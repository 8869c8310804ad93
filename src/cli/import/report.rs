//! The report of an import: what was taken and what was skipped.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::adapters::import::{Completed, Lacks, OldTopic, Skipped};
use domain::{Conversation, UserId};
use ports::Imported;

/// Maximum number of ids to print per reason.
const MAX_IDS: usize = 20;

/// Counts of an import.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The previous import, if there was one.
    pub earlier: Option<Imported>,
    pub read: usize,
    pub taken: usize,
    with_topic: usize,
    banned: usize,
    silent: usize,
    pub known: usize,
    given_topic: usize,
    given_ban: usize,
    given_silence: usize,
    /// Skipped users by reason. A key that is not a number is `None`.
    pub skipped: BTreeMap<Skipped, Vec<Option<i64>>>,
    /// Users who were taken in part, by reason.
    missing: BTreeMap<Reason, Vec<i64>>,
    /// The old bot's counter of requests, or its text if that is not a number.
    pub requests: Option<Result<i64, String>>,
    /// The last request number of this desk, after the import.
    pub last_request: i64,
}

/// Reason a part of a user's data was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    Value(Lacks),
    /// Several users have the topic, or its index names another user.
    Shared,
    /// A conversation in this desk already has the topic.
    Taken,
    /// The user already has another topic here.
    Former,
    /// The user is not banned here, although an earlier import could have banned them.
    Unbanned,
}

impl Report {
    /// Counts a new user.
    pub(super) fn count_new(&mut self, one: &Conversation) {
        self.taken += 1;
        self.with_topic += usize::from(one.topic.id().is_some());
        self.banned += usize::from(one.moderation.banned);
        self.silent += usize::from(one.moderation.silent);
    }

    /// Counts a known user whose missing data was added.
    pub(super) fn count_completed(&mut self, completed: Completed) {
        self.given_topic += usize::from(completed.topic == Some(OldTopic::Taken));
        self.given_ban += usize::from(completed.banned);
        self.given_silence += usize::from(completed.silent);
    }

    /// Counts a part of a user's data that was not taken.
    pub(super) fn count_missing(&mut self, reason: Reason, user: UserId) {
        self.missing.entry(reason).or_default().push(user.0);
    }

    /// Formats the report.
    pub(super) fn text(&self) -> String {
        let Self { read, taken, with_topic, banned, silent, known, .. } = self;
        let mut text = String::new();
        if self.dry_run {
            text.push_str("a dry run: this is what would be done, and nothing was written\n");
        }
        let stays = match self.earlier {
            Some(_) => "unchanged, because an earlier import was finished",
            None => "their existing data stays",
        };
        // Writing to a `String` cannot fail.
        let _written = write!(
            text,
            "users of the old bot     {read}\n  taken                  {taken}\n    with their topic     \
             {with_topic}\n    banned               {banned}\n    silent               {silent}\n  known to the \
             desk      {known}: {stays}\n"
        );
        if self.earlier.is_none() && *known > 0 {
            let Self { given_topic, given_ban, given_silence, .. } = self;
            let _written = write!(
                text,
                "    got their old topic  {given_topic}\n    banned now           {given_ban}\n    \
                 silent now           {given_silence}\n"
            );
        }
        for (why, ids) in &self.skipped {
            let why = match why {
                Skipped::Id => "skipped, the id is not a user id",
                Skipped::Json => "skipped, the value is not a JSON object",
                Skipped::Another => "skipped, the value has another id",
            };
            let numbers: Vec<i64> = ids.iter().copied().flatten().collect();
            line(&mut text, why, ids.len(), &numbers);
        }
        for (reason, ids) in &self.missing {
            line(&mut text, reason.text(), ids.len(), ids);
        }
        self.counter(&mut text);
        text.push_str("nothing was changed in the Redis of the old bot\n");
        text
    }

    fn counter(&self, text: &mut String) {
        let _written = match &self.requests {
            Some(Ok(last)) if self.dry_run => {
                writeln!(text, "new requests would have numbers above {last}")
            }
            Some(Ok(_)) => {
                let next = self.last_request + 1;
                writeln!(text, "the next request will have the number {next}")
            }
            Some(Err(_)) => {
                writeln!(text, "the counter of requests was skipped, because it is not a number")
            }
            None => Ok(()),
        };
    }
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::Value(Lacks::Topic) => "without their topic, which is not a valid id",
            Self::Value(Lacks::Ban) => "not banned, because the stored value is unclear",
            Self::Value(Lacks::Silence) => "not silent, because the stored value is unclear",
            Self::Value(Lacks::Language) => "without a language that the desk speaks",
            Self::Value(Lacks::Name) => "without a name, which is not text",
            Self::Value(Lacks::Since) => {
                "first contact set to now, because the stored date cannot be read"
            }
            Self::Shared => "without their topic, which may belong to another user",
            Self::Taken => "without their topic, which belongs to another user in this desk",
            Self::Former => {
                "with another topic in this desk; messages in the old one reach them as well"
            }
            Self::Unbanned => "banned by the old bot but not here; use /ban to ban them",
        }
    }
}

fn line(text: &mut String, why: &str, count: usize, ids: &[i64]) {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let shown: Vec<String> = ids.iter().take(MAX_IDS).map(i64::to_string).collect();
    let more = count - shown.len();
    let shown = match (shown.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(": {}", shown.join(", ")),
        (false, more) => format!(": {} and {more} more", shown.join(", ")),
    };
    // Writing to a `String` cannot fail.
    let _written = writeln!(text, "  {why}: {count}{shown}");
}
