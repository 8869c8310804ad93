//! Commits the outcomes of dispatches, many in one commit.
//!
//! Invariant: Telegram has already acted, so a pending commit is never dropped. The store is asked until it accepts
//! it.

use std::{sync::Arc, time::Duration};

use crate::{
    engine::{Desk, instrumentation},
    telemetry::{HealReason, StoreOperation, events},
};
use domain::{Channel, ChatId, Conversation, Effect, Learnt, Link, OutboxLane, Seq, Subject};
use ports::{Commit, Committed, DeadLetter, OutboxItem, Queued, StoreError};

use super::outcome::{NextStep, Outcome, OutcomeEvent};

/// Delay after the store refused a commit because of its own contents.
const PAUSE_WHEN_CORRUPT: Duration = Duration::from_secs(30);

/// The same send in another lane of its conversation. It has already waited as long as it had to.
fn moved(item: &OutboxItem, channel: Channel) -> Queued {
    let lane = OutboxLane { channel, ..item.queued.lane };
    Queued { lane, not_before: None, ..item.queued.clone() }
}

/// The changes that one dispatch leaves to commit.
#[derive(Debug)]
pub(super) struct PendingCommit {
    lane: OutboxLane,
    /// The conversation that the outcome is based on.
    conversation: Option<Arc<Conversation>>,
    learnt: Option<Learnt>,
    links: Vec<Link>,
    queued: Vec<Queued>,
    sent: Vec<Seq>,
    dead: Vec<DeadLetter>,
    group: Option<ChatId>,
    /// Why the topic is considered lost.
    lost: Option<HealReason>,
}

impl PendingCommit {
    /// The changes that an outcome leaves to commit; `None` if there are none.
    pub(super) fn of(
        lane: OutboxLane,
        batch: &[OutboxItem],
        conversation: Option<Arc<Conversation>>,
        outcome: Outcome,
    ) -> Option<Self> {
        let Outcome { learnt, links, effects, dead, group, next_step, counts, .. } = outcome;
        let lost = counts.iter().find_map(|count| match count {
            OutcomeEvent::TopicDeleted => Some(HealReason::Deleted),
            OutcomeEvent::LandedInGeneral => Some(HealReason::General),
            OutcomeEvent::Delivered
            | OutcomeEvent::Failed(_)
            | OutcomeEvent::PossibleRepeat
            | OutcomeEvent::TopicOpened
            | OutcomeEvent::TopicClosed
            | OutcomeEvent::Flood(_) => None,
        });
        let settled = next_step.settles();
        if !settled && learnt.is_none() && effects.is_empty() && group.is_none() {
            return None;
        }
        let Queued { cause, received, .. } = batch.first()?.queued;
        let queue = |effect: Effect| Queued {
            lane: effect.lane(lane.user),
            effect,
            cause,
            received,
            not_before: None,
        };
        let elsewhere =
            if let NextStep::MoveTo(channel) = next_step { Some(channel) } else { None };
        let moved = elsewhere
            .into_iter()
            .flat_map(|channel| batch.iter().map(move |item| moved(item, channel)));
        let queued = effects.into_iter().map(queue).chain(moved).collect();
        let sent = if settled && dead.is_empty() {
            batch.iter().map(|item| item.seq).collect()
        } else {
            Vec::new()
        };
        Some(Self { lane, conversation, learnt, links, queued, sent, dead, group, lost })
    }

    fn commit(&self, desk: &Desk) -> Commit {
        let current = self.conversation.as_deref();
        let learn = |(learnt, current): (&Learnt, &Conversation)| {
            Some(current.clone().learn(learnt.clone())).filter(|next| next != current)
        };
        let next = self.learnt.as_ref().zip(current).and_then(learn);
        Commit {
            expects: next.as_ref().and(current).map(|current| (current.user, current.revision)),
            conversation: next,
            queued: self.queued.clone(),
            sent: self.sent.clone(),
            links: self.links.clone(),
            dead: self.dead.clone(),
            group: self.group.map(|to| desk.group_move(to)),
            ..Commit::default()
        }
    }
}

/// The sends that a pending commit has queued; the pending commit itself if it failed together with others.
pub(super) type Settled = Result<Vec<OutboxItem>, Box<PendingCommit>>;

/// Commits all of them together. Returns, in their order, the sends that each has queued. A pending commit that could
/// not be stored with the others comes back, to be committed alone.
pub(super) async fn settle(desk: &Desk, commits_pending: Vec<PendingCommit>) -> Vec<Settled> {
    let commits: Vec<Commit> = commits_pending.iter().map(|pending| pending.commit(desk)).collect();
    let together = || async {
        match desk.store.commit(commits.clone()).await {
            // One of them cannot be stored. Committing each alone shows which.
            Err(StoreError::Corrupt(_)) => Ok(vec![Committed::Stale; commits.len()]),
            answer => answer,
        }
    };
    let outcomes = desk.until_stored(StoreOperation::Commit, together).await;
    let settled = commits_pending.into_iter().zip(outcomes).zip(&commits);
    settled
        .map(|((pending, outcome), commit)| match outcome {
            Committed::Done { queued, .. } => {
                announce(desk, &pending, commit);
                Ok(queued)
            }
            // Another process sends these now and learns the same.
            Committed::Elsewhere => Ok(Vec::new()),
            Committed::Stale => Err(Box::new(pending)),
        })
        .collect()
}

/// Commits one of them, based on the conversation as it is now: the learnt facts still hold.
pub(super) async fn settle_alone(desk: &Desk, mut pending: Box<PendingCommit>) -> Vec<OutboxItem> {
    loop {
        let subject = Subject::User(pending.lane.user);
        let load = || async {
            match desk.store.load(subject).await {
                // If the conversation cannot be read, the learnt facts are lost; the sends are not.
                Err(StoreError::Corrupt(_)) => Ok(None),
                answer => answer,
            }
        };
        pending.conversation = desk.until_stored(StoreOperation::Load, load).await;
        let commit = pending.commit(desk);
        let alone = || async {
            let answer = desk.store.commit(vec![commit.clone()]).await;
            if let Err(StoreError::Corrupt(_)) = &answer {
                tokio::time::sleep(PAUSE_WHEN_CORRUPT).await;
            }
            answer
        };
        let mut outcome = desk.until_stored(StoreOperation::Commit, alone).await;
        match outcome.pop() {
            Some(Committed::Done { queued, .. }) => {
                announce(desk, &pending, &commit);
                return queued;
            }
            Some(Committed::Elsewhere) => return Vec::new(),
            Some(Committed::Stale) | None => {}
        }
    }
}

/// Passes on what other parts of the engine must know at once.
fn announce(desk: &Desk, pending: &PendingCommit, commit: &Commit) {
    // Two lanes may both find the same topic lost. Only the one that changes the conversation counts.
    if let Some(reason) = pending.lost.filter(|_| commit.conversation.is_some()) {
        events::topic_healed(&desk.metrics, reason);
    }
    if let Some(Learnt::Mailed { newsletter, outcome, .. }) = pending.learnt {
        desk.feedback.settled(newsletter, pending.lane.user, outcome);
        instrumentation::newsletter_outcome(&desk.metrics, outcome);
    }
    if let Some(to) = pending.group {
        desk.group_moved(to);
    }
}
