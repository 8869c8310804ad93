//! One newsletter, sent by several processes.

use std::sync::Arc;

use support_bot::simulator::Person;

use super::fleet::{CALLS_AT_ONCE, Replicas};
use crate::harness::{Author, copies, spec};

const ADMINISTRATOR: i64 = 4_000_000_003;
const RECIPIENTS: i64 = 600;

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_of_several_processes_reaches_everybody_whoever_is_killed() {
    let settings =
        [("BOT_ADMIN_IDS", &*ADMINISTRATOR.to_string()), ("PACE_OVERALL_PER_SECOND", "300")];
    let off = support_bot::simulator::Limits::off();
    let mut replicas = Replicas::start_limited(2, false, off, &settings).await;
    let telegram = Arc::clone(&replicas.all[0].telegram);
    let person = |n| telegram.user(spec(10_000 + n, "Somebody", "en"));
    let people: Vec<Person> = (0..RECIPIENTS).map(person).collect();
    let author = Author::of(&telegram, ADMINISTRATOR, "en");
    for person in people.iter().chain([&author.person]) {
        person.starts();
    }
    replicas.all[0].rests().await;
    let recipients = usize::try_from(RECIPIENTS + 2).unwrap();
    author.sends_out("Sale", recipients).await;
    let sent = || telegram.calls().count("copyMessage");
    for (victim, enough) in [(0, 100), (1, 300)] {
        replicas.all[victim].until("some have it", async |_| sent() >= enough).await;
        replicas.all[victim].kill();
        replicas.all[victim].spawn();
    }
    author.until("Over since").await;
    let panel = author.panel();
    assert!(panel.contains(&format!("Sent: {recipients} of {recipients}")), "{panel}");
    let counted: Vec<usize> = people.iter().map(|person| copies(person, "Sale")).collect();
    assert!(counted.iter().all(|copies| *copies > 0), "somebody was left out");
    let twice = counted.iter().map(|copies| copies - 1).sum::<usize>();
    println!("{twice} have it twice");
    assert!(twice as u64 <= 2 * CALLS_AT_ONCE, "{twice}");
    replicas.all[0].rests().await;
}
