//! Newsletters survive kills, on a desk that is otherwise idle.

use std::time::{Duration, Instant};

use telegram_simulator::Person;

use crate::{
    faults::memory::MOST,
    harness::{Author, Program, copies, spec},
};

/// Concurrent calls to Telegram; half of them may be for newsletters.
const CALLS_AT_ONCE: usize = 8;

const ADMINISTRATOR: i64 = 4_000_000_003;

/// Creates `count` people who have pressed Start.
async fn people(program: &Program, count: i64) -> Vec<Person> {
    let person = |n| program.telegram.user(spec(10_000 + n, "Somebody", "en"));
    let people: Vec<Person> = (0..count).map(person).collect();
    for person in &people {
        person.starts();
    }
    program.wait_until_idle().await;
    people
}

/// Sends a newsletter to `recipients` people while the program is killed `kills` times. Returns how many recipients
/// have it twice.
async fn recipients_with_repeats(recipients: usize, kills: usize, pace: u32) -> usize {
    // The owner also receives notices about the kills.
    let settings = [
        ("BOT_ADMIN_IDS", ADMINISTRATOR.to_string()),
        ("SEND_CONCURRENCY", CALLS_AT_ONCE.to_string()),
        ("PACE_OVERALL_PER_SECOND", pace.to_string()),
    ];
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (*name, &**value)).collect();
    let mut program = Program::new(&settings).await;
    program.start().await;
    let people = people(&program, i64::try_from(recipients).unwrap() - 2).await;
    let telegram = std::sync::Arc::clone(&program.telegram);
    let author = Author::new(&telegram, ADMINISTRATOR, "en");
    author.person.starts();
    program.wait_until_idle().await;
    author.sends_out("Sale", recipients).await;
    let sent = || usize::try_from(telegram.calls().count("copyMessage")).unwrap();
    let begun = Instant::now();
    for kill in 1..=kills {
        let (enough, since) = (recipients * kill / (kills + 1), Instant::now());
        while sent() < enough {
            assert!(
                since.elapsed() < Duration::from_secs(30),
                "{} of {enough}: {}\n{}",
                sent(),
                author.panel(),
                program.log()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        program.kill();
        program.spawn();
    }
    while !author.panel().contains("Finished") {
        assert!(begun.elapsed() < Duration::from_mins(3), "{}\n{}", author.panel(), program.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let counted: Vec<usize> = people.iter().map(|person| copies(person, "Sale")).collect();
    assert!(counted.iter().all(|copies| *copies > 0), "a recipient was left out");
    let panel = author.panel();
    assert!(panel.contains(&format!("Sent: {recipients} of {recipients}")), "{panel}");
    let twice = counted.iter().map(|copies| copies - 1).sum::<usize>();
    println!("{recipients} recipients, {kills} kills, {twice} twice, {:?}", begun.elapsed());
    assert!(twice <= kills * CALLS_AT_ONCE / 2, "{twice}");
    twice
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_killed_again_and_again_reaches_everybody() {
    recipients_with_repeats(500, 5, 600).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute: `just newsletter`"]
async fn a_newsletter_to_ten_thousand_killed_twenty_times_reaches_everybody() {
    recipients_with_repeats(10_000, 20, 0).await;
}

/// Sends to this number of recipients without limits, and prints the throughput and the memory.
/// `NEWSLETTER_USERS=100000 cargo test --release --test it a_newsletter_to_a_million -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes: `just million`"]
#[expect(
    clippy::disallowed_methods,
    reason = "it selects what is tested and is not a setting of the desk"
)]
async fn a_newsletter_to_a_million_takes_no_more_memory_than_one_to_few() {
    let users = std::env::var("NEWSLETTER_USERS").map_or(1_000_000, |users| users.parse().unwrap());
    let mut program = Program::new(&[("BOT_ADMIN_IDS", &ADMINISTRATOR.to_string())]).await;
    program.start().await;
    let at_rest = program.resident();
    let telegram = std::sync::Arc::clone(&program.telegram);
    let author = Author::new(&telegram, ADMINISTRATOR, "en");
    author.person.starts();
    let (begun, mut starting) = (Instant::now(), 0);
    let mut people = Vec::new();
    for n in 0..users {
        let person = telegram.user(spec(10_000 + n, "S", "en"));
        person.starts();
        people.push(person);
        while n % 1_000 == 0 && telegram.pending_updates() > 20_000 {
            starting = starting.max(program.resident());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    while telegram.pending_updates() > 0 {
        starting = starting.max(program.resident());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{users} have pressed Start after {:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = program.resident();
    author.drafts("Sale").await;
    let begun = Instant::now();
    let recipients = people.len() + 2;
    while !author.panel().contains(&format!("Recipients: {recipients}\n")) {
        assert!(begun.elapsed() < Duration::from_mins(5), "{}", author.panel());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("counted after {:?}", begun.elapsed());
    author.presses("Start…").await;
    author.presses("Yes, start").await;
    let (begun, mut sending) = (Instant::now(), 0);
    while !author.panel().contains("Finished") {
        assert!(begun.elapsed() < Duration::from_mins(30), "{}", author.panel());
        sending = sending.max(program.resident());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let took = begun.elapsed();
    let pace = users as f64 / took.as_secs_f64();
    println!("sent after {took:?}, {pace:.0} messages a second");
    for person in &people {
        assert_eq!(copies(person, "Sale"), 1, "{}", person.id());
    }
    let [at_rest, starting, before, sending] =
        [at_rest, starting, before, sending].map(|bytes| bytes / 1_000_000);
    println!(
        "resident: {at_rest} MB at rest, at most {starting} MB while users start, {before} MB before the newsletter, \
         at most {sending} MB during it"
    );
    assert!(starting.max(sending) <= MOST / 1_000_000);
}
