//! `support-bot import`: the users of the bot in Python, into the store that the settings choose.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::{
    adapters::{
        import::{Lacks, Left, read, user_id},
        redis::{Entry, OldBot},
    },
    app::{AnyStore, release},
    config::Settings,
};
use domain::{Conversation, Millis, Revision, Subject, Topic, TopicId, UserId};
use ports::{Clock as _, Commit, Committed, Ledger as _, SystemClock};

/// So many are written at once.
const PAGE: usize = 200;
/// So many ids are printed of each kind.
const SHOWN: usize = 20;

/// Imports, and prints what was taken and what was left.
pub(super) fn import(settings: &Settings, from: Option<SecretString>) -> anyhow::Result<ExitCode> {
    let url = from.or_else(|| settings.store.redis.as_ref().map(|redis| redis.url.clone()));
    let Some(url) = url else {
        bail!("say where the Redis of the old bot is: --from redis://host:6379/0");
    };
    let report = super::runtime()?.block_on(run(settings, &url))?;
    print!("{}", report.words());
    Ok(ExitCode::SUCCESS)
}

async fn run(settings: &Settings, url: &SecretString) -> anyhow::Result<Report> {
    let old = OldBot::open(url).await.context("the Redis of the old bot")?;
    let entries = old.users().await.context("the users of the old bot cannot be read")?;
    if entries.is_empty() {
        bail!(
            "there are no users of the old bot: check --from, and the number of the database at its end"
        );
    }
    let (mut report, mut users) = sort(entries, SystemClock.now());
    let claimed: Vec<i64> =
        users.values().filter_map(|one| one.topic.id()).map(|topic| topic.0).collect();
    let owners = old.owners(&claimed).await?;
    settle(&mut users, &claimed.into_iter().zip(owners).collect(), &mut report);
    let counter = old.requests().await?;
    report.requests = counter.map(|counter| counter.trim().parse().ok().ok_or(counter));

    let store = match AnyStore::open(settings, true, None).await {
        Err(error) if error.is_running() => {
            bail!("the desk is running and holds the store: stop it first")
        }
        store => store?,
    };
    let mut written = write(&store, users, &mut report).await;
    if written.is_ok() {
        written = requests(&store, &mut report).await;
    }
    release(store).await?;
    written?;
    Ok(report)
}

/// What was taken, and what was left.
#[derive(Debug, Default)]
struct Report {
    read: usize,
    taken: usize,
    with_topic: usize,
    banned: usize,
    silent: usize,
    known: usize,
    /// Nothing of these: why, and the ids that are numbers.
    left: BTreeMap<Left, Vec<Option<i64>>>,
    /// Not all of these.
    lacking: BTreeMap<Why, Vec<i64>>,
    /// The old bot's counter of requests; what it says, if that is no number.
    requests: Option<Result<i64, String>>,
    /// The last number here, after it was taken over.
    last_request: i64,
}

/// Why something of a user was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Value(Lacks),
    /// Several have the topic, or its index names another.
    Shared,
    /// A conversation of this desk has the topic.
    Taken,
}

/// Reads all entries.
fn sort(entries: Vec<Entry>, now: Millis) -> (Report, BTreeMap<UserId, Conversation>) {
    let (mut report, mut users) = (Report::default(), BTreeMap::new());
    let entries: HashMap<Option<String>, Option<String>> = entries.into_iter().collect();
    report.read = entries.len();
    for (id, json) in entries {
        let id = id.unwrap_or_default();
        match read(&id, json.as_deref(), now) {
            Ok(user) => {
                let own = user.conversation.user;
                for lack in user.lacks {
                    report.lacks(Why::Value(lack), own);
                }
                users.insert(own, user.conversation);
            }
            // What is no number might be anything.
            Err(why) => report.left.entry(why).or_default().push(id.parse().ok()),
        }
    }
    (report, users)
}

/// Takes topics from those whom they may not belong to: an answer must not go to somebody else.
fn settle(
    users: &mut BTreeMap<UserId, Conversation>,
    owners: &HashMap<i64, Option<String>>,
    report: &mut Report,
) {
    let mut claims: HashMap<TopicId, usize> = HashMap::new();
    for topic in users.values().filter_map(|one| one.topic.id()) {
        *claims.entry(topic).or_default() += 1;
    }
    for one in users.values_mut() {
        let Some(topic) = one.topic.id() else { continue };
        let owner = owners.get(&topic.0).and_then(Option::as_deref).map(user_id);
        let theirs = match owner {
            Some(owner) => owner == Some(one.user),
            None => claims.get(&topic) == Some(&1),
        };
        if !theirs {
            without_topic(one);
            report.lacks(Why::Shared, one.user);
        }
    }
}

fn without_topic(one: &mut Conversation) {
    one.topic = Topic::None;
    one.silent_notice = None;
}

/// Stores those whom the desk does not know.
async fn write(
    store: &AnyStore,
    users: BTreeMap<UserId, Conversation>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut users = users.into_values().peekable();
    while users.peek().is_some() {
        let mut page = Vec::new();
        for mut one in users.by_ref().take(PAGE) {
            if store.load(Subject::User(one.user)).await?.is_some() {
                report.known += 1;
                continue;
            }
            if let Some(topic) = one.topic.id()
                && store.load(Subject::Topic(topic)).await?.is_some()
            {
                without_topic(&mut one);
                report.lacks(Why::Taken, one.user);
            }
            page.push(one);
        }
        let commits = page.iter().map(|one| Commit {
            expects: Some((one.user, Revision::default())),
            conversation: Some(one.clone()),
            ..Commit::default()
        });
        let committed = store.commit(commits.collect()).await?;
        for (one, committed) in page.iter().zip(committed) {
            match committed {
                Committed::Done { .. } => report.takes(one),
                Committed::Stale => report.known += 1,
                Committed::Elsewhere => {
                    bail!(
                        "the store was lost to another process: stop the desk, and run this again"
                    )
                }
            }
        }
    }
    Ok(())
}

/// New requests get numbers above those that the old bot has given.
async fn requests(store: &AnyStore, report: &mut Report) -> anyhow::Result<()> {
    if let Some(Ok(last)) = report.requests {
        report.last_request = store.requests_from(last).await?;
    }
    Ok(())
}

impl Report {
    fn takes(&mut self, one: &Conversation) {
        self.taken += 1;
        self.with_topic += usize::from(one.topic.id().is_some());
        self.banned += usize::from(one.banned);
        self.silent += usize::from(one.silent);
    }

    fn lacks(&mut self, why: Why, user: UserId) {
        self.lacking.entry(why).or_default().push(user.0);
    }

    fn words(&self) -> String {
        let Self { read, taken, with_topic, banned, silent, known, .. } = self;
        let mut words = format!(
            "users of the old bot     {read}\n  taken                  {taken}\n    with their topic     \
             {with_topic}\n    banned               {banned}\n    silent               {silent}\n  known to the \
             desk      {known}: they stay as they are here\n"
        );
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
            let why = match why {
                Why::Value(Lacks::Topic) => "without their topic, which is no number of one",
                Why::Value(Lacks::Ban) => "not banned, since nobody can tell whether they were",
                Why::Value(Lacks::Silence) => "not silent, since nobody can tell whether they were",
                Why::Value(Lacks::Language) => "without a language that the desk speaks",
                Why::Value(Lacks::Name) => "without a name, which is no text",
                Why::Value(Lacks::Since) => "known since now, the moment cannot be read",
                Why::Shared => "without their topic, which may be another's",
                Why::Taken => "without their topic, which is another's in this desk",
            };
            line(&mut words, why, ids.len(), ids);
        }
        match &self.requests {
            Some(Ok(_)) => {
                let last = self.last_request;
                let _written =
                    writeln!(words, "the next request will have the number {}", last + 1);
            }
            Some(Err(_)) => words.push_str("the counter of requests is left, it is no number\n"),
            None => {}
        }
        words.push_str("nothing was changed in the Redis of the old bot\n");
        words
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
