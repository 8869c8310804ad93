//! Newsletters through kills, on a desk that is otherwise at rest.

use std::time::{Duration, Instant};

use support_bot::simulator::Person;

use crate::harness::{Author, Program, copies, spec};

/// Calls to Telegram at once; half of the places are for newsletters.
const CALLS_AT_ONCE: usize = 8;

const ADMINISTRATOR: i64 = 4_000_000_003;

/// So many people, who have pressed Start.
async fn people(program: &Program, count: i64) -> Vec<Person> {
    let person = |n| program.telegram.user(spec(10_000 + n, "Somebody", "en"));
    let people: Vec<Person> = (0..count).map(person).collect();
    for person in &people {
        person.starts();
    }
    program.rests().await;
    people
}

/// Sends a newsletter to so many, and kills the program so often while it goes on. Returns how many have it twice.
async fn killed(recipients: usize, kills: usize, pace: u32) -> usize {
    // To the owner the desk also tells of its kills.
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
    let author = Author::of(&telegram, ADMINISTRATOR, "en");
    author.person.starts();
    program.rests().await;
    author.sends_out("Sale", recipients).await;
    let sent = || usize::try_from(telegram.calls().count("copyMessage")).unwrap();
    let begun = Instant::now();
    for kill in 1..=kills {
        let enough = recipients * kill / (kills + 1);
        while sent() < enough {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
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
    while !author.panel().contains("Over since") {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}\n{}", author.panel(), program.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let counted: Vec<usize> = people.iter().map(|person| copies(person, "Sale")).collect();
    assert!(counted.iter().all(|copies| *copies > 0), "somebody was left out");
    let panel = author.panel();
    assert!(panel.contains(&format!("Sent: {recipients} of {recipients}")), "{panel}");
    let twice = counted.iter().map(|copies| copies - 1).sum::<usize>();
    println!("{recipients} recipients, {kills} kills, {twice} twice, {:?}", begun.elapsed());
    assert!(twice <= kills * CALLS_AT_ONCE / 2, "{twice}");
    twice
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_killed_again_and_again_reaches_everybody() {
    killed(500, 5, 600).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute: `just newsletter`"]
async fn a_newsletter_to_ten_thousand_killed_twenty_times_reaches_everybody() {
    killed(10_000, 20, 0).await;
}
