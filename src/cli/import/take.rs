//! Stores the old bot's users: new users completely, known users with the data that they lack.

use anyhow::Result;

use crate::adapters::import::{Completed, OldTopic, complete};
use domain::{Conversation, Effect, Revision, Subject, UpdateId};
use ports::{Clock as _, Commit, Queued, SystemClock};

use super::{
    old::{Users, without_topic},
    progress::Progress,
    report::{Report, Why},
    target::Target,
};

/// Number of users per write.
const PAGE: usize = 200;

/// A pending write for a user.
#[derive(Debug)]
struct Change {
    commit: Commit,
    /// The data that a known user gets; `None` for a new user.
    done: Option<Completed>,
}

/// Stores new users, and completes known ones.
pub(super) async fn take(target: &Target, users: Users, report: &mut Report) -> Result<()> {
    let mut progress = Progress::of("users taken over", Some(users.len()));
    let (mut users, mut so_far) = (users.into_values().peekable(), 0);
    while users.peek().is_some() {
        let mut changes = Vec::new();
        for one in users.by_ref().take(PAGE) {
            so_far += 1;
            changes.extend(change(target, one, report).await?);
        }
        let commits = changes.iter().map(|change| change.commit.clone()).collect();
        let written = target.write(commits).await?;
        for (change, written) in changes.iter().zip(written) {
            match (change.done, &change.commit.conversation) {
                (None, Some(one)) if written => report.takes(one),
                (None, _) => report.known += 1,
                (Some(done), _) if written => report.completes(done),
                (Some(_), _) => {}
            }
        }
        progress.at(so_far);
    }
    Ok(())
}

/// The write for a user, if one is needed.
async fn change(
    target: &Target,
    mut old: Conversation,
    report: &mut Report,
) -> Result<Option<Change>> {
    let known = target.load(Subject::User(old.user)).await?;
    report.known += usize::from(known.is_some());
    if let Some(known) = &known
        && report.earlier.is_some()
    {
        // The missing data may have been removed here on purpose.
        if old.moderation.banned && !known.moderation.banned {
            report.lacks(Why::Unbanned, old.user);
        }
        return Ok(None);
    }
    if let Some(topic) = old.topic.id()
        && let Some(holder) = target.load(Subject::Topic(topic)).await?
        && holder.user != old.user
    {
        without_topic(&mut old);
        report.lacks(Why::Taken, old.user);
    }
    let Some(known) = known else {
        let expects = Some((old.user, Revision::default()));
        let commit = Commit { expects, conversation: Some(old), ..Commit::default() };
        return Ok(Some(Change { commit, done: None }));
    };
    let mut here = (*known).clone();
    let done = complete(&mut here, &old);
    if done.topic == Some(OldTopic::Former) {
        report.lacks(Why::Former, here.user);
    }
    Ok(done.changes().then(|| Change { commit: over(here, done), done: Some(done) }))
}

/// A commit of the completed conversation, with a refresh of its card.
fn over(here: Conversation, done: Completed) -> Commit {
    let effect = Effect::Refresh;
    let refresh = (done.shows() && here.topic.id().is_some()).then(|| Queued {
        lane: effect.lane(here.user),
        effect,
        cause: UpdateId(0),
        received: SystemClock.now(),
        not_before: None,
    });
    Commit {
        expects: Some((here.user, here.revision)),
        queued: refresh.into_iter().collect(),
        conversation: Some(here),
        ..Commit::default()
    }
}
