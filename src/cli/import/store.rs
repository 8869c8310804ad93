//! Stores the old bot's users: new users completely, known users with the data that they lack.

use anyhow::Result;

use crate::{
    adapters::import::{Completed, OldTopic, complete},
    cli::progress::Progress,
};
use domain::{Conversation, Effect, Revision, Subject, UpdateId};
use ports::{Clock as _, Commit, Queued, SystemClock};

use super::{
    old_users::{Users, remove_topic},
    report::{Reason, Report},
    target::Target,
};

/// Number of users per write.
const BATCH: usize = 200;

/// A pending write for a user.
#[derive(Debug)]
struct Change {
    commit: Commit,
    /// The data that a known user gets; `None` for a new user.
    completed: Option<Completed>,
}

/// Stores new users, and completes known ones.
pub(super) async fn store_users(target: &Target, users: Users, report: &mut Report) -> Result<()> {
    let mut progress = Progress::new("users taken over", Some(users.len() as u64));
    let (mut users, mut so_far) = (users.into_values().peekable(), 0_u64);
    while users.peek().is_some() {
        let mut changes = Vec::new();
        for one in users.by_ref().take(BATCH) {
            so_far += 1;
            changes.extend(change(target, one, report).await?);
        }
        let commits = changes.iter().map(|change| change.commit.clone()).collect();
        let written = target.write(commits).await?;
        for (change, written) in changes.iter().zip(written) {
            match (change.completed, &change.commit.conversation) {
                (None, Some(one)) if written => report.count_new(one),
                (None, _) => report.known += 1,
                (Some(completed), _) if written => report.count_completed(completed),
                (Some(_), _) => {}
            }
        }
        progress.report(so_far);
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
            report.count_missing(Reason::Unbanned, old.user);
        }
        return Ok(None);
    }
    if let Some(topic) = old.topic.id()
        && let Some(holder) = target.load(Subject::Topic(topic)).await?
        && holder.user != old.user
    {
        remove_topic(&mut old);
        report.count_missing(Reason::Taken, old.user);
    }
    let Some(known) = known else {
        let expects = Some((old.user, Revision::default()));
        let commit = Commit { expects, conversation: Some(old), ..Commit::default() };
        return Ok(Some(Change { commit, completed: None }));
    };
    let mut here = (*known).clone();
    let completed = complete(&mut here, &old);
    if completed.topic == Some(OldTopic::Former) {
        report.count_missing(Reason::Former, here.user);
    }
    Ok(completed
        .changes()
        .then(|| Change { commit: commit_of(here, completed), completed: Some(completed) }))
}

/// A commit of the completed conversation, with a refresh of its card.
fn commit_of(here: Conversation, completed: Completed) -> Commit {
    let effect = Effect::Refresh;
    let refresh = (completed.shows() && here.topic.id().is_some()).then(|| Queued {
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
