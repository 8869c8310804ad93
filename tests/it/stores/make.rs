//! Makes the stores of a release: its program works until something of each kind is there, and is killed with work
//! waiting.

use std::{path::Path, time::Duration};

use serde_json::json;
use telegram_simulator::{Content, Fault, Matcher, Person, Times, What};

use super::{NEWS, PEOPLE, UNREADABLE, files, world};
use crate::{
    harness::{Author, Program, copies, spec},
    redis::Server,
};

/// Methods that send something or change how a topic looks.
const SENDS: [&str; 12] = [
    "copyMessage",
    "copyMessages",
    "forwardMessage",
    "forwardMessages",
    "sendMessage",
    "sendPhoto",
    "sendMediaGroup",
    "createForumTopic",
    "editForumTopic",
    "reopenForumTopic",
    "editMessageText",
    "pinChatMessage",
];

/// Who writes for the first time when Telegram carries nothing out any more.
const NEW: [&str; 2] = ["Hugo", "Ivan"];

/// What one of them writes at once, right before the kill.
const BURST: u32 = 60;

/// `STORES_PROGRAM=…` names the release's program, `STORES_RELEASE=…` the folder.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes fixtures with the program of an earlier release: `just stores PROGRAM COMMIT`"]
async fn make_the_stores_of_a_release() {
    let asked = |name: &str| std::env::var_os(name).unwrap().into_string().unwrap();
    let (binary, release) = (asked("STORES_PROGRAM"), asked("STORES_RELEASE"));
    let scratch = tempfile::tempdir().unwrap();
    let backup = scratch.path().join("desk.backup");

    let program = work(Path::new(&binary), &[("REDIS_URL", "")]).await;
    files::keep_folder(&program.data(), &release);
    let note = world::note(&program.telegram, &program.group);
    files::keep(note.to_string().as_bytes(), &release, "sqlite/world.json");
    succeeds(&program, &["backup", &backup.display().to_string()]);
    files::keep(&std::fs::read(backup).unwrap(), &release, "sqlite/desk.backup");

    let server = Server::start();
    let program = work(Path::new(&binary), &[("REDIS_URL", &server.url())]).await;
    files::keep_redis(&server, &release);
    let note = world::note(&program.telegram, &program.group);
    files::keep(note.to_string().as_bytes(), &release, "redis/world.json");
}

/// Lets the program work, and kills it.
async fn work(binary: &Path, settings: &[(&str, &str)]) -> Program {
    let mut program = Program::new(settings).await;
    program.set_binary(binary);
    program.set("ALBUM_WINDOW_MS", "10000");
    import(&program);
    program.start().await;
    let people = PEOPLE.map(|(id, name)| program.telegram.user(spec(id, name, "en")));
    let [ada, bea, cleo, dora, _, _, gwen, hugo, ivan, ..] = &people;
    for (person, (_, name)) in people.iter().zip(PEOPLE) {
        if NEW.contains(&name) {
            continue;
        }
        person.starts();
        person.writes(&format!("hello of {name}"));
    }
    program.wait_until_idle().await;
    conversations(&program, ada, cleo).await;
    newsletter(&program, ada, gwen).await;

    // Telegram carries nothing out any more, so everything waits.
    let on = Matcher::methods(SENDS);
    let what = What::Status(502, "bad gateway".to_owned());
    program.telegram.inject(Fault { on, what, times: Times::Always });
    ada.writes("waits 1");
    ada.writes("waits 2");
    bea.writes("waits of Bea");
    cleo.writes("waits of Cleo");
    dora.writes("is banned");
    hugo.writes("waits of Hugo");
    program.operator.writes_in(topic(&program, "Ada"), "answer that waits");
    program.operator.writes_in(topic(&program, "Eve"), "silent answer");
    let idle = async |program: &Program| program.telegram.pending_updates() == 0;
    program.until("all updates are stored", idle).await;
    // No release shows from outside that all is decided.
    tokio::time::sleep(Duration::from_secs(2)).await;
    // The album waits: its pieces are still collected.
    gwen.sends_album(vec![Content::photo("one"), Content::photo("two")]);
    for number in 1..=BURST {
        ivan.writes(&format!("burst {number}"));
    }
    // Unreadable updates wait in the inbox, from which they go one by one.
    for _ in 0..UNREADABLE {
        program.telegram.push_update(json!({ "message": { "message_id": "broken" } }));
    }
    while program.telegram.pending_updates() > 0 {
        tokio::task::yield_now().await;
    }
    program.kill();
    program
}

/// Takes over three users of the old bot: one with a topic, a banned one, a silent one.
fn import(program: &Program) {
    let old = Server::start();
    let topic = program.operator.opens_topic("Imported").to_string();
    let users = [
        (
            "1101",
            format!(r#"{{"id": 1101, "full_name": "Imported", "message_thread_id": {topic}}}"#),
        ),
        ("1102", r#"{"id": 1102, "full_name": "Banned before", "is_banned": true}"#.to_owned()),
        ("1103", r#"{"id": 1103, "message_silent_mode": true}"#.to_owned()),
    ];
    for (id, user) in &users {
        old.ask(&["HSET", "users", id, user]);
    }
    old.ask(&["SET", &format!("users_index_{topic}"), "1101"]);
    old.ask(&["SET", "request_id_counter", "42"]);
    succeeds(program, &["import", "--from", &old.url()]);
}

/// Makes each conversation what it is to be.
async fn conversations(program: &Program, ada: &Person, cleo: &Person) {
    let operator = &program.operator;
    let in_group = Matcher::method("copyMessage").in_chat(program.group.id());
    let once = |on, description: &str| {
        let what = What::Error { code: 400, description: description.to_owned() };
        program.telegram.inject(Fault { on, what, times: Times::N(1) });
    };
    operator.writes_in(topic(program, "Ada"), "answer to Ada");
    operator.writes_in(topic(program, "Bea"), "/close");
    operator.writes_in(topic(program, "Silent before"), "/close");
    operator.writes_in(topic(program, "Dora"), "/ban");
    operator.writes_in(topic(program, "Eve"), "/silent");
    // The topic is lost to the bot, and still there for operators.
    once(in_group, "Bad Request: message thread not found");
    cleo.writes("again");
    program.wait_until_idle().await;
    once(Matcher::method("copyMessage").in_chat(1006), "Bad Request: VOICE_MESSAGES_FORBIDDEN");
    operator.writes_in(topic(program, "Finn"), "is refused at first");
    program.wait_until_idle().await;
    let answer = ada.sees().last().unwrap().id;
    ada.replies_to(answer, "thank you");
    ada.reacts(answer, Some("👍"));
    program.telegram.push_update(json!({ "message": { "message_id": "broken" } }));
    program.wait_until_idle().await;
}

/// Starts a newsletter, which has reached some.
async fn newsletter(program: &Program, ada: &Person, gwen: &Person) {
    let on = Matcher::method("copyMessage").in_chat(gwen.id());
    let what = What::Status(502, "bad gateway".to_owned());
    program.telegram.inject(Fault { on, what, times: Times::Always });
    let owner = Author::owner(&program.telegram);
    owner.drafts(NEWS).await;
    owner.until("Recipients: ").await;
    // The recipients may still be counted.
    while owner.presses("Start…").await.is_some() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    owner.presses("Yes, start").await;
    program.until("some have it", async |_| copies(ada, NEWS) == 1).await;
}

/// The newest topic of this name.
fn topic(program: &Program, name: &str) -> i64 {
    let topics = program.group.topics();
    topics.iter().rfind(|topic| topic.name == name).unwrap().id
}

fn succeeds(program: &Program, arguments: &[&str]) {
    let output = program.run(arguments);
    assert!(output.status.success(), "{output:?}");
}
