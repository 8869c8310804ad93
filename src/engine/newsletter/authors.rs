//! Updates the authors' conversations: newsletters begin and end, and authors see their progress.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{engine::Desk, telemetry::StoreOperation};
use domain::{
    Conversation, Effect, Millis, Newsletter, NewsletterId, NewsletterState, Panel, PartitionSet,
    Progress, SendOrRecall, UpdateId, UserId,
};
use ports::{Commit, Queued, StoreError};

use super::{audience::AudienceCount, progress, writer::Writer};

/// Shortest interval between two progress messages to an author.
const PANEL_INTERVAL: Duration = Duration::from_secs(3);

/// The progress that an author saw last.
#[derive(Debug, Clone, Copy)]
struct LastShown {
    at: Instant,
    progress: Progress,
}

/// The authors of newsletters.
#[derive(Debug, Default)]
pub(super) struct Authors {
    /// The counts of drafts' recipients that are not finished.
    counting: HashMap<UserId, AudienceCount>,
    /// The progress that each author saw last, and when.
    last_shown: HashMap<NewsletterId, LastShown>,
}

impl Authors {
    /// Updates all newsletters of an author whose conversation belongs to this process. Returns whether there is more
    /// to do.
    pub(super) async fn update(
        &mut self,
        author: &Arc<Conversation>,
        writer: &Writer,
    ) -> Result<bool, StoreError> {
        let desk = &*writer.desk;
        let now = desk.now();
        let mut next = Conversation::clone(author);
        let mut effects = Vec::new();
        for newsletter in
            next.authoring.newsletters.iter_mut().filter(|newsletter| newsletter.is_under_way())
        {
            let (advanced, progress) = self.advance(newsletter, now, desk).await?;
            let panel = Effect::Panel(Panel::Newsletter(newsletter.id));
            if advanced {
                effects.push(panel);
                if newsletter.state == NewsletterState::Over
                    || newsletter.state == NewsletterState::Undone
                {
                    effects.push(Effect::NewsletterReport(newsletter.id));
                }
            } else if self.is_panel_due(newsletter.id, progress, desk) {
                effects.push(panel);
            }
        }
        let counted = self.count(author, desk).await?;
        let busy = self.counting.contains_key(&author.user);
        if let (Some(counted), Some(draft)) = (counted, &mut next.authoring.draft) {
            draft.recipients = Some(counted);
            effects.push(Effect::Panel(Panel::Draft));
        }
        if effects.is_empty() {
            return Ok(busy);
        }
        let changed = next != **author;
        let queue = |effect: Effect| Queued {
            lane: effect.lane(author.user),
            effect,
            cause: UpdateId(0),
            received: now,
            not_before: None,
        };
        let commit = Commit {
            expects: changed.then_some((author.user, author.revision)),
            conversation: changed.then_some(next),
            queued: effects.into_iter().map(queue).collect(),
            ..Commit::default()
        };
        // A stale commit is tried again in the next round.
        writer.write(vec![commit]).await;
        Ok(busy)
    }

    /// Advances the state of a newsletter. Returns whether it changed, and the progress.
    async fn advance(
        &mut self,
        newsletter: &mut Newsletter,
        now: Millis,
        desk: &Desk,
    ) -> Result<(bool, Progress), StoreError> {
        let Some(round) = newsletter.round() else {
            let begins = now >= newsletter.at;
            if begins {
                newsletter.state = NewsletterState::Running;
            }
            return Ok((begins, Progress::default()));
        };
        let total = progress::read(&*desk.store, newsletter.id, round);
        let total = desk.stored(StoreOperation::Read, total).await?;
        let all_done = total.done == PartitionSet::ALL;
        let next = match newsletter.state {
            NewsletterState::Running if total.sum.vanished > 0 => Some(NewsletterState::Vanished),
            NewsletterState::Running if all_done => Some(NewsletterState::Over),
            NewsletterState::Running if total.sum.is_refused() => Some(NewsletterState::Paused),
            NewsletterState::Running | NewsletterState::Paused | NewsletterState::Vanished
                if newsletter.is_late(now) =>
            {
                newsletter.cancelled = true;
                Some(NewsletterState::Stopping)
            }
            NewsletterState::Stopping
                if total.known == PartitionSet::ALL && total.sum.queued == 0 =>
            {
                Some(NewsletterState::Over)
            }
            NewsletterState::Undoing if all_done => Some(NewsletterState::Undone),
            NewsletterState::Planned
            | NewsletterState::Running
            | NewsletterState::Paused
            | NewsletterState::Vanished
            | NewsletterState::Stopping
            | NewsletterState::Over
            | NewsletterState::Undoing
            | NewsletterState::Undone => None,
        };
        if let Some(next) = next {
            newsletter.state = next;
            if next == NewsletterState::Over {
                newsletter.ended = Some(now);
            }
            if !newsletter.is_under_way() {
                // When a newsletter is recalled, the count of messages sent before is kept.
                newsletter.last = match round {
                    SendOrRecall::Out => total.sum,
                    SendOrRecall::Back => Progress {
                        recalled: total.sum.recalled,
                        kept: total.sum.kept,
                        ..newsletter.last
                    },
                };
                self.last_shown.remove(&newsletter.id);
                desk.feedback.set_rate(newsletter.id, None);
            }
        }
        Ok((next.is_some(), total.sum))
    }

    /// Whether the author should see new progress. Also measures the speed.
    fn is_panel_due(&mut self, id: NewsletterId, progress: Progress, desk: &Desk) -> bool {
        let now = Instant::now();
        let Some(last) = self.last_shown.get(&id).copied() else {
            self.last_shown.insert(id, LastShown { at: now, progress });
            return false;
        };
        let since = now.duration_since(last.at);
        if since < PANEL_INTERVAL {
            return false;
        }
        self.last_shown.insert(id, LastShown { at: now, progress });
        let settled = progress.settled().saturating_sub(last.progress.settled());
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = u32::try_from(settled.saturating_mul(1000) / millis).unwrap_or(u32::MAX);
        desk.feedback.set_rate(id, (rate > 0).then_some(rate));
        progress != last.progress
    }

    /// Counts the recipients of an author's draft. Returns the number once it is known.
    async fn count(
        &mut self,
        author: &Conversation,
        desk: &Desk,
    ) -> Result<Option<u64>, StoreError> {
        let draft = author.authoring.draft.as_ref().filter(|draft| draft.is_to_be_counted());
        let before = self.counting.remove(&author.user);
        let Some(draft) = draft else { return Ok(None) };
        let mut counting = before
            .filter(|counting| counting.is_for(draft))
            .unwrap_or_else(|| AudienceCount::new(draft));
        let counted = counting.step(desk).await?;
        if counted.is_none() {
            self.counting.insert(author.user, counting);
        }
        Ok(counted)
    }

    /// Forgets the counts of drafts by others than these authors.
    pub(super) fn retain(&mut self, authors: &[Arc<Conversation>]) {
        self.counting.retain(|author, _| authors.iter().any(|known| known.user == *author));
    }
}
