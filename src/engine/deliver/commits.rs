//! Commits the outcomes of dispatches, many in one commit.
//!
//! Invariant: Telegram has already acted, so an outcome is never dropped. The store is asked until it accepts it.

use std::time::Duration;

use crate::{
    engine::{Desk, instrumentation},
    telemetry::{HealReason, StoreOperation, events},
};
use domain::{Channel, Conversation, Effect, Learnt, OutboxLane, Subject};
use ports::{Commit, Committed, OutboxItem, Queued, StoreError};

use super::{
    dispatch::DispatchResult,
    outcome::{NextStep, OutcomeEvent},
};

/// Delay after the store refused a commit because of its own contents, or panicked at it.
pub(super) const PAUSE_AFTER_REFUSED_COMMIT: Duration = Duration::from_secs(30);

impl DispatchResult {
    /// Whether the outcome must be committed before the lane goes on.
    pub(super) fn has_changes(&self) -> bool {
        let outcome = &self.outcome;
        outcome.settles()
            || outcome.learnt.is_some()
            || !outcome.effects.is_empty()
            || outcome.group.is_some()
    }

    /// The commit of the outcome, based on the conversation as it was last loaded.
    fn commit(&self, desk: &Desk) -> Commit {
        let Self { batch, outcome, .. } = self;
        let current = self.conversation.as_deref();
        let learn = |(learnt, current): (&Learnt, &Conversation)| {
            Some(current.clone().learn(learnt.clone())).filter(|next| next != current)
        };
        let next = outcome.learnt.as_ref().zip(current).and_then(learn);
        let new_lane = match outcome.next_step {
            NextStep::MoveTo(channel) => Some(channel),
            NextStep::Done
            | NextStep::Retry(..)
            | NextStep::Throttled(_)
            | NextStep::CosmeticThrottled(_)
            | NextStep::PauseBucket(_)
            | NextStep::PauseAll(_) => None,
        };
        let moved = new_lane
            .into_iter()
            .flat_map(|channel| batch.iter().map(move |item| moved(item, channel)));
        let is_done = outcome.settles() && outcome.dead.is_empty();
        let done = batch.iter().filter(|_| is_done);
        Commit {
            expects: next.as_ref().and(current).map(|current| (current.user, current.revision)),
            conversation: next,
            queued: outcome
                .effects
                .iter()
                .filter_map(|effect| self.follow_up(desk, effect))
                .chain(moved)
                .collect(),
            sent: done.map(|item| item.seq).collect(),
            links: outcome.links.clone(),
            dead: outcome.dead.clone(),
            group: outcome.group.map(|(group, to)| desk.groups.move_of(group, to, desk.now())),
            ..Commit::default()
        }
    }

    /// The send for an effect that follows.
    fn follow_up(&self, desk: &Desk, effect: &Effect) -> Option<Queued> {
        let Queued { cause, received, .. } = self.batch.first()?.queued;
        let mut effect = effect.clone();
        // Notices to operators do not wait behind what a flood holds.
        let flood = self.conversation.as_ref().and_then(|conversation| conversation.flood);
        if flood.is_some_and(|flood| flood.is_on(desk.now(), desk.settings.hold_times)) {
            effect.pass();
        }
        Some(Queued {
            lane: effect.lane(self.lane.user),
            effect,
            cause,
            received,
            not_before: None,
        })
    }

    /// Passes on what other parts of the engine must know at once.
    fn announce(&self, desk: &Desk, commit: &Commit) {
        // Two lanes may both find the same topic lost. Only the one that changes the conversation counts.
        if commit.conversation.is_some()
            && let Some(reason) = self.outcome.counts.iter().copied().find_map(topic_lost)
        {
            events::topic_healed(&desk.metrics, reason);
        }
        if let Some(Learnt::Mailed { newsletter, outcome, .. }) = self.outcome.learnt {
            desk.feedback.settled(newsletter, self.lane.user, outcome);
            instrumentation::newsletter_outcome(&desk.metrics, outcome);
        }
        if let Some((group, to)) = self.outcome.group {
            desk.group_moved(group, to);
        }
    }
}

/// The same send in another lane of its conversation. It has already waited as long as it had to.
fn moved(item: &OutboxItem, channel: Channel) -> Queued {
    let lane = OutboxLane { channel, ..item.queued.lane };
    Queued { lane, not_before: None, ..item.queued.clone() }
}

/// Why the topic is considered lost, if this event says so.
fn topic_lost(event: OutcomeEvent) -> Option<HealReason> {
    match event {
        OutcomeEvent::TopicDeleted => Some(HealReason::Deleted),
        OutcomeEvent::LandedInGeneral => Some(HealReason::General),
        OutcomeEvent::Delivered
        | OutcomeEvent::Failed(_)
        | OutcomeEvent::PossibleRepeat
        | OutcomeEvent::TopicOpened
        | OutcomeEvent::TopicClosed
        | OutcomeEvent::Flood(_) => None,
    }
}

/// Commits all of them together. Returns, in their order, the sends that each has queued; `None` for one that could not
/// be stored with the others and must be committed alone.
pub(super) async fn commit_together(
    desk: &Desk,
    results: &[DispatchResult],
) -> Vec<Option<Vec<OutboxItem>>> {
    let commits: Vec<Commit> = results.iter().map(|result| result.commit(desk)).collect();
    let attempt = || async {
        match desk.store.commit(commits.clone()).await {
            // One of them cannot be stored. Committing each alone shows which.
            Err(StoreError::Corrupt(_)) => Ok(vec![Committed::Stale; commits.len()]),
            answer => answer,
        }
    };
    let outcomes = desk.until_stored(StoreOperation::Commit, attempt).await;
    let committed = results.iter().zip(&commits).zip(outcomes);
    committed
        .map(|((result, commit), outcome)| match outcome {
            Committed::Done(written) => {
                result.announce(desk, commit);
                Some(written.queued)
            }
            // Another process sends these now and learns the same.
            Committed::Elsewhere => Some(Vec::new()),
            Committed::Stale => None,
        })
        .collect()
}

/// Commits one of them, based on the conversation as it is now: the learnt facts still hold.
pub(super) async fn commit_alone(desk: &Desk, result: &mut DispatchResult) -> Vec<OutboxItem> {
    loop {
        let subject = Subject::User(result.lane.user);
        let load = || desk.store.load(subject);
        // If the conversation cannot be read, the learnt facts are lost; the sends are not.
        result.conversation =
            desk.until_written(StoreOperation::Load, load).await.unwrap_or_default();
        let commit = result.commit(desk);
        let attempt = || async {
            let answer = desk.store.commit(vec![commit.clone()]).await;
            if let Err(StoreError::Corrupt(_)) = &answer {
                tokio::time::sleep(PAUSE_AFTER_REFUSED_COMMIT).await;
            }
            answer
        };
        let mut outcome = desk.until_stored(StoreOperation::Commit, attempt).await;
        match outcome.pop() {
            Some(Committed::Done(written)) => {
                result.announce(desk, &commit);
                return written.queued;
            }
            Some(Committed::Elsewhere) => return Vec::new(),
            Some(Committed::Stale) | None => {}
        }
    }
}
