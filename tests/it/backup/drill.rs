//! The restore drill: a busy desk is backed up, killed, restored elsewhere, and continues without loss.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::UserId;
use ports::Record;
use support_bot::adapters::{redis::RedisStore, sqlite::ReadOnlyStore};
use telegram_simulator::{Fault, Matcher, Times, What};

use crate::{
    contract::records,
    harness::{Load, Program, spec},
    redis::Server,
};

use super::{records_of, stdout_of};

const SEED: u64 = 20_261_123;

/// Methods that create a message or change how a topic looks.
const SENDS: [&str; 14] = [
    "copyMessage",
    "copyMessages",
    "forwardMessage",
    "forwardMessages",
    "sendMessage",
    "sendMediaGroup",
    "createForumTopic",
    "editForumTopic",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "pinChatMessage",
    "setMessageReaction",
    "getChat",
];

/// Where a store lives.
enum StoreUnderTest {
    Folder(PathBuf),
    Redis(Server),
}

impl StoreUnderTest {
    async fn records(&self) -> Vec<Record> {
        match self {
            Self::Folder(folder) => {
                records(ReadOnlyStore::open(folder).unwrap().snapshot().unwrap()).await
            }
            Self::Redis(server) => {
                let store = RedisStore::open_read_only(&server.options()).await.unwrap();
                records(store.snapshot().await.unwrap()).await
            }
        }
    }

    /// The setting that names this place.
    fn setting(&self) -> (&'static str, String) {
        match self {
            Self::Folder(folder) => ("DATA_DIR", folder.display().to_string()),
            Self::Redis(server) => ("REDIS_URL", server.url()),
        }
    }
}

/// Checks facts that hold for a store at any single moment, and that a mixture of two moments almost surely breaks.
fn assert_consistent(records: &[Record], in_parts: bool) {
    let (mut known, mut people, mut offset) = (HashSet::new(), HashSet::new(), None);
    for record in records {
        match record {
            Record::Facts(facts) => offset = facts.offset,
            Record::Conversation(conversation) => drop(people.insert(conversation.user)),
            Record::Known(update) => drop(known.insert(update.update)),
            Record::Update(item) => assert!(known.contains(&item.update.update), "{item:?}"),
            Record::Send(item) => {
                let user = item.queued.lane.user;
                assert!(user == UserId(0) || people.contains(&user), "{item:?}");
            }
            Record::Group(_) | Record::Link(_) | Record::Dead(_) => {}
        }
    }
    let numbers = || known.iter().map(|update| update.0).filter(|number| *number > 0);
    let (first, last) = (numbers().min().unwrap(), numbers().max().unwrap());
    let below = offset.unwrap().0 - first;
    let there = numbers().filter(|number| *number < offset.unwrap().0).count();
    assert_eq!(i64::try_from(there), Ok(below), "every update below the offset is in the backup");
    assert!(
        in_parts || offset.unwrap().0 == last + 1,
        "the offset is stored together with the updates before it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_in_sqlite_restored_from_a_backup_continues_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| StoreUnderTest::Folder(folder.path().join(name)));
    drill(old, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_in_redis_restored_from_a_backup_continues_where_it_was() {
    drill(StoreUnderTest::Redis(Server::start()), StoreUnderTest::Redis(Server::start())).await;
}

async fn drill(old: StoreUnderTest, new: StoreUnderTest) {
    let in_parts = matches!(old, StoreUnderTest::Redis(_));
    let mut program = Program::new(&[]).await;
    let (name, value) = old.setting();
    program.set(name, &value);
    program.start().await;
    let someone = |id, name| program.telegram.user(spec(id, name, "en"));
    let (ada, bea, dora) = (someone(1001, "Ada"), someone(1002, "Bea"), someone(1003, "Dora"));
    let asked = ada.writes("Ada was here");
    bea.writes("Bea was here");
    dora.writes("Dora was here");
    program.wait_until_idle().await;
    let topic = |name: &str| {
        let topics = program.group.topics();
        topics.iter().find(|topic| topic.name == name).map(|topic| topic.id).unwrap()
    };
    let [topic_of_ada, topic_of_bea, topic_of_dora] = ["Ada", "Bea", "Dora"].map(topic);
    program.operator.writes_in(topic_of_bea, "/ban");
    let refusal = "Bad Request: VOICE_MESSAGES_FORBIDDEN".to_owned();
    let what = What::Error { code: 400, description: refusal };
    let on = Matcher::method("copyMessage").in_chat(1003);
    program.telegram.inject(Fault { on, what, times: Times::N(1) });
    program.operator.writes_in(topic_of_dora, "is refused at first");
    program.wait_until_idle().await;

    // The backup runs under load, like a nightly one.
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    let backup = program.spawn_command(&["backup", &path("under load")]);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(500)).await;
    stdout_of(&tokio::task::spawn_blocking(|| backup.wait_with_output().unwrap()).await.unwrap());
    let held = records_of(Path::new(&path("under load"))).await.unwrap();
    assert_consistent(&held, in_parts);
    assert!(held.iter().any(|record| matches!(record, Record::Dead(_))));

    // Telegram accepts nothing any more, so that everything waits.
    program.wait_until_idle().await;
    let what = What::Status(502, "bad gateway".to_owned());
    let outage =
        program.telegram.inject(Fault { on: Matcher::methods(SENDS), what, times: Times::Always });
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    program
        .until("all updates are decided", async |program| {
            let undecided = |record: &Record| matches!(record, Record::Update(_));
            program.telegram.pending_updates() == 0 && !old.records().await.iter().any(undecided)
        })
        .await;
    stdout_of(&program.run(&["backup", &path("waiting")]));
    program.kill();
    let dead = stdout_of(&program.run(&["dead", "list"]));
    let before = old.records().await;
    let sends = before.iter().filter(|record| matches!(record, Record::Send(_))).count();
    assert!(sends > 20, "too few sends wait: {sends}");
    assert_eq!(records_of(Path::new(&path("waiting"))).await.unwrap(), before);

    let (name, value) = new.setting();
    program.set(name, &value);
    stdout_of(&program.run(&["restore", &path("waiting")]));
    assert_eq!(new.records().await, before, "every record is counted");
    assert_eq!(stdout_of(&program.run(&["dead", "list"])), dead);
    assert!(dead.contains("send of conversation 1003"), "{dead}");

    outage.remove();
    program.start().await;
    let account = program.settled(&load).await;
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!(account.repeats, 0, "{account:?}");

    let copies = program.group.messages(topic_of_ada);
    let copy = copies.iter().find(|seen| seen.text.as_deref() == Some("Ada was here")).unwrap().id;
    program.operator.replies_in(topic_of_ada, copy, "and is answered");
    bea.writes("let me in");
    let notices = program.group.messages(topic_of_dora);
    let mut buttons = notices.iter().flat_map(|seen| seen.all_buttons().map(|one| (seen.id, one)));
    let (notice, button) = buttons.next().unwrap();
    program.operator.presses(notice, button.data.as_ref().unwrap());
    program.wait_until_idle().await;
    let sees = ada.sees();
    let answer = sees.iter().find(|seen| seen.text.as_deref() == Some("and is answered")).unwrap();
    assert_eq!(answer.reply_to, Some(asked), "the reply refers to its message");
    let heard = program.group.messages(topic_of_bea);
    assert!(heard.iter().all(|seen| seen.text.as_deref() != Some("let me in")), "still banned");
    let read = dora.reads();
    assert!(
        read.iter().any(|text| text == "is refused at first"),
        "the number in the button is valid"
    );
}
