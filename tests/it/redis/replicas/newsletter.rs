//! One newsletter, sent by several replicas, and one on a store that fails.

use std::{sync::Arc, time::Duration};

use telegram_simulator::Person;

use crate::{
    harness::{Author, Program, copies, spec},
    redis::{CALLS_AT_ONCE, Replicas, Server},
};

const ADMINISTRATOR: i64 = 4_000_000_003;
const RECIPIENTS: i64 = 600;

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_of_several_processes_reaches_all_recipients_through_kills() {
    let settings =
        [("BOT_ADMIN_IDS", &*ADMINISTRATOR.to_string()), ("PACE_OVERALL_PER_SECOND", "300")];
    let off = telegram_simulator::Limits::off();
    let mut replicas = Replicas::start_limited(2, false, off, &settings).await;
    let telegram = Arc::clone(&replicas.all[0].telegram);
    let person = |n| telegram.user(spec(10_000 + n, "Somebody", "en"));
    let people: Vec<Person> = (0..RECIPIENTS).map(person).collect();
    let author = Author::new(&telegram, ADMINISTRATOR, "en");
    for person in people.iter().chain([&author.person]) {
        person.starts();
    }
    replicas.all[0].wait_until_idle().await;
    let recipients = usize::try_from(RECIPIENTS + 2).unwrap();
    author.sends_out("Sale", recipients).await;
    let sent = || telegram.calls().count("copyMessage");
    for (victim, enough) in [(0, 100), (1, 300)] {
        replicas.all[victim].until("some recipients have it", async |_| sent() >= enough).await;
        replicas.all[victim].kill();
        replicas.all[victim].spawn();
    }
    author.until("Finished").await;
    let panel = author.panel();
    assert!(panel.contains(&format!("Sent: {recipients} of {recipients}")), "{panel}");
    let counted: Vec<usize> = people.iter().map(|person| copies(person, "Sale")).collect();
    assert!(counted.iter().all(|copies| *copies > 0), "a recipient was left out");
    let twice = counted.iter().map(|copies| copies - 1).sum::<usize>();
    println!("{twice} recipients have it twice");
    assert!(twice as u64 <= 2 * CALLS_AT_ONCE, "{twice}");
    replicas.all[0].wait_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_whose_redis_refuses_now_and_then_skips_nobody_and_ends() {
    // Several pages of conversations.
    const MANY: i64 = 1_800;
    let server = Server::start();
    let settings = [
        ("BOT_ADMIN_IDS", &*ADMINISTRATOR.to_string()),
        ("REDIS_URL", &*server.url()),
        ("PACE_OVERALL_PER_SECOND", "0"),
    ];
    let mut program = Program::new(&settings).await;
    program.start().await;
    let telegram = Arc::clone(&program.telegram);
    let person = |n| telegram.user(spec(10_000 + n, "Somebody", "en"));
    let people: Vec<Person> = (0..MANY).map(person).collect();
    let author = Author::new(&telegram, ADMINISTRATOR, "en");
    for person in people.iter().chain([&author.person]) {
        person.starts();
    }
    program.wait_until_idle().await;
    let recipients = usize::try_from(MANY + 2).unwrap();
    author.sends_out("Sale", recipients).await;
    let sent = || telegram.calls().count("copyMessage");
    let may = |what: &[&str]| {
        let answer = server.ask(&[&["ACL", "SETUSER", "default"], what].concat());
        assert_eq!(answer.trim(), "OK");
    };
    // The scan of recipients fails in the middle of a page.
    for enough in [50, 900] {
        program.until("some recipients have it", async |_| sent() >= enough).await;
        may(&["-hscan"]);
        let mut before = 0;
        while sent() > before {
            before = sent();
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        assert!(before < MANY.unsigned_abs(), "the newsletter was not interrupted");
        may(&["+hscan"]);
    }
    // The end of the newsletter cannot be stored.
    program.until("most recipients have it", async |_| sent() >= 1_500).await;
    may(&["resetkeys", "~*:{*", "~*:topic:*", "~*:staff:*", "~*:heard"]);
    let has_it = |person: &Person| copies(person, "Sale") > 0;
    program.until("all recipients have it", async |_| people.iter().all(has_it)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!author.panel().contains("Finished"), "{}", author.panel());
    may(&["allkeys"]);
    author.until("Finished").await;
    assert!(people.iter().all(|person| copies(person, "Sale") == 1), "a recipient has it twice");
    let panel = author.panel();
    assert!(panel.contains(&format!("Sent: {recipients} of {recipients}")), "{panel}");
}
