//! What was taken and what was left, in words.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::adapters::import::{Completed, Lacks, Left, OldTopic};
use domain::{Conversation, UserId};
use ports::Imported;

/// So many ids are printed of each kind.
const SHOWN: usize = 20;

/// What was taken, and what was left.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Nothing of it was done.
    pub dry_run: bool,
    /// The import before this one.
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
    /// Nothing of these: why, and the ids that are numbers.
    pub left: BTreeMap<Left, Vec<Option<i64>>>,
    /// Not all of these.
    lacking: BTreeMap<Why, Vec<i64>>,
    /// The old bot's counter of requests; what it says, if that is no number.
    pub requests: Option<Result<i64, String>>,
    /// The last number here, after it was taken over.
    pub last_request: i64,
}

/// Why something of a user was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    Value(Lacks),
    /// Several have the topic, or its index names another.
    Shared,
    /// A conversation of this desk has the topic.
    Taken,
    /// They have another topic here.
    Former,
    /// They are not banned here, and an earlier import had seen to it.
    Unbanned,
}

impl Report {
    /// Somebody who was not known came.
    pub(super) fn takes(&mut self, one: &Conversation) {
        self.taken += 1;
        self.with_topic += usize::from(one.topic.id().is_some());
        self.banned += usize::from(one.banned);
        self.silent += usize::from(one.silent);
    }

    /// Somebody who was known got what they lacked.
    pub(super) fn completes(&mut self, done: Completed) {
        self.given_topic += usize::from(done.topic == Some(OldTopic::Taken));
        self.given_ban += usize::from(done.banned);
        self.given_silence += usize::from(done.silent);
    }

    /// Something of a user is left.
    pub(super) fn lacks(&mut self, why: Why, user: UserId) {
        self.lacking.entry(why).or_default().push(user.0);
    }

    /// All of it.
    pub(super) fn words(&self) -> String {
        let Self { read, taken, with_topic, banned, silent, known, .. } = self;
        let mut words = String::new();
        if self.dry_run {
            words.push_str("a dry run: this is what would be done, and nothing was written\n");
        }
        let stays = match self.earlier {
            Some(_) => "they stay as they are, since an import was finished before",
            None => "what they have here stays",
        };
        // Writing into text cannot fail.
        let _written = write!(
            words,
            "users of the old bot     {read}\n  taken                  {taken}\n    with their topic     \
             {with_topic}\n    banned               {banned}\n    silent               {silent}\n  known to the \
             desk      {known}: {stays}\n"
        );
        if self.earlier.is_none() && *known > 0 {
            let Self { given_topic, given_ban, given_silence, .. } = self;
            let _written = write!(
                words,
                "    got their old topic  {given_topic}\n    banned now           {given_ban}\n    \
                 silent now           {given_silence}\n"
            );
        }
        for (why, ids) in &self.left {
            let why = match why {
                Left::Id => "left, the id is none of a user",
                Left::Json => "left, what is stored is no JSON object",
                Left::Another => "left, the id inside is another",
            };
            let numbers: Vec<i64> = ids.iter().copied().flatten().collect();
            line(&mut words, why, ids.len(), &numbers);
        }
        for (why, ids) in &self.lacking {
            line(&mut words, why.words(), ids.len(), ids);
        }
        self.counter(&mut words);
        words.push_str("nothing was changed in the Redis of the old bot\n");
        words
    }

    fn counter(&self, words: &mut String) {
        let _written = match &self.requests {
            Some(Ok(last)) if self.dry_run => {
                writeln!(words, "new requests would have numbers above {last}")
            }
            Some(Ok(_)) => {
                let next = self.last_request + 1;
                writeln!(words, "the next request will have the number {next}")
            }
            Some(Err(_)) => writeln!(words, "the counter of requests is left, it is no number"),
            None => Ok(()),
        };
    }
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Value(Lacks::Topic) => "without their topic, which is no number of one",
            Self::Value(Lacks::Ban) => "not banned, since nobody can tell whether they were",
            Self::Value(Lacks::Silence) => "not silent, since nobody can tell whether they were",
            Self::Value(Lacks::Language) => "without a language that the desk speaks",
            Self::Value(Lacks::Name) => "without a name, which is no text",
            Self::Value(Lacks::Since) => "known since now, the moment cannot be read",
            Self::Shared => "without their topic, which may be another's",
            Self::Taken => "without their topic, which is another's in this desk",
            Self::Former => {
                "with another topic in this desk; what operators write in the old one reaches them as well"
            }
            Self::Unbanned => "banned by the old bot and not here; if they should be, use /ban",
        }
    }
}

fn line(words: &mut String, why: &str, count: usize, ids: &[i64]) {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let shown: Vec<String> = ids.iter().take(SHOWN).map(i64::to_string).collect();
    let more = count - shown.len();
    let shown = match (shown.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(": {}", shown.join(", ")),
        (false, more) => format!(": {} and {more} more", shown.join(", ")),
    };
    // Writing into text cannot fail.
    let _written = writeln!(words, "  {why}: {count}{shown}");
}
