//! The chapter in which the desk is killed.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    actors::{Actors, User},
    process::{Launcher, Process},
    recorder::{Recorder, TimedOut},
    scenario::Begun,
    transcript::Detail,
};

/// Number of messages of each user.
const EACH: usize = 12;
/// Time between two messages.
const EVERY: Duration = Duration::from_millis(60);
/// Interval at which it is looked whether the other desk delivers.
const CHECK: Duration = Duration::from_millis(10);
/// The messages with which the desk is killed and another one is started, counted from 0.
const KILLED_AT: usize = 12;
const STARTED_AT: usize = 18;
/// How the texts of this chapter begin.
const TEXT: &str = "Message";

/// Kills a desk in the midst of its work, and lets another process go on.
pub(super) async fn killed(recorder: &mut Recorder, launcher: &Launcher) -> Result<(), TimedOut> {
    let why = "The desk is a process of its own now. Three users write to it all the time, and in the midst of \
               it the process is killed. As in a power cut, it can neither finish nor save anything. Users and \
               an operator go on writing. Another process on the same store delivers what waits. Lines are \
               summarized.";
    recorder.chapter("kill -9 in the midst of it", why).await;
    recorder.actors.leave_the_group_unlimited();
    recorder.transcript.set_detail(Detail::Summary);
    let begun = Begun::now(recorder);
    let before = recorder.accounting.totals;
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    let users = [ada, ivan, recorder.actors.grace.clone()];

    let mut desk = start(launcher)?;
    let first = desk.id();
    let (mut died, mut delivered, mut gap) = (Instant::now(), 0, None);
    for (number, user) in users.iter().cycle().take(EACH * users.len()).enumerate() {
        if number == STARTED_AT {
            delivered = recorder.accounting.totals.messages.arrived;
            desk = start(launcher)?;
        }
        let text = format!("{TEXT} {} of {EACH}, {}", number / users.len() + 1, user.name);
        user.person.writes(&text);
        if number == 0 {
            let runs = |actors: &Actors| actors.in_topic(user, &text).is_some();
            recorder.reached("the desk delivers", runs).await?;
        }
        if number == KILLED_AT {
            died = Instant::now();
            desk.kill();
            if let Some(topic) = recorder.actors.topic(user) {
                recorder.actors.olga.writes_in(topic, "I have asked the warehouse.");
            }
        }
        let until = Instant::now() + EVERY;
        while Instant::now() < until {
            recorder.observe_for(CHECK).await;
            let next = recorder.accounting.totals.messages.arrived > delivered;
            if number >= STARTED_AT && next && gap.is_none() {
                gap = Some(died.elapsed().as_secs_f64());
            }
        }
    }
    recorder.settled("everything arrives", |_| true).await?;
    recorder.transcript.set_detail(Detail::Every);
    let second = desk.id();
    desk.stop().await;
    let gap = gap.unwrap_or_else(|| died.elapsed().as_secs_f64());
    let answers = recorder.accounting.totals.answers;
    let waited = STARTED_AT - KILLED_AT;
    for remark in [
        format!("process {first} was killed; {waited} messages and 1 answer waited for the next"),
        format!("process {second} delivered the first of them {gap:.1} s after the kill"),
        begun.account(recorder),
        format!(
            "answers: {} written, {} arrived; delivered twice: {}",
            answers.sent - before.answers.sent,
            answers.arrived - before.answers.arrived,
            repeated(&recorder.actors, &users),
        ),
    ] {
        recorder.transcript.remark(&remark);
    }
    Ok(())
}

fn start(launcher: &Launcher) -> Result<Process, TimedOut> {
    launcher.start().map_err(|_| TimedOut::waiting_for("the desk starts as a process of its own"))
}

/// Number of copies that an operator sees although there is one already: a call whose answer died with the process is made again.
fn repeated(actors: &Actors, users: &[User]) -> usize {
    let again = |user: &User| {
        let copies = actors.topic_messages(user).into_iter().filter(|message| message.from_bot);
        let texts = copies.filter_map(|copy| copy.text).filter(|text| text.starts_with(TEXT));
        let texts: Vec<String> = texts.collect();
        texts.len() - texts.iter().collect::<BTreeSet<_>>().len()
    };
    users.iter().map(again).sum()
}
