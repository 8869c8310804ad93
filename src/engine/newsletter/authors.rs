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
const TELL: Duration = Duration::from_secs(3);

/// The progress that an author saw last.
#[derive(Debug, Clone, Copy)]
struct Told {
    at: Instant,
    tally: Progress,
}

/// The authors of newsletters.
#[derive(Debug, Default)]
pub(super) struct Authors {
    /// The counts of drafts' recipients that are not finished.
    counting: HashMap<UserId, AudienceCount>,
    /// The progress that each author saw last, and when.
    told: HashMap<NewsletterId, Told>,
}

impl Authors {
    /// Updates all newsletters of an author whose conversation belongs to this process. Returns whether there is more
    /// to do.
    pub(super) async fn look_after(
        &mut self,
        author: &Arc<Conversation>,
        writer: &Writer,
    ) -> Result<bool, StoreError> {
        let desk = &*writer.desk;
        let now = desk.now();
        let mut next = Conversation::clone(author);
        let mut effects = Vec::new();
        for mailing in
            next.authoring.newsletters.iter_mut().filter(|mailing| mailing.is_under_way())
        {
            let (moved, tally) = self.advance(mailing, now, desk).await?;
            let panel = Effect::Panel(Panel::Newsletter(mailing.id));
            if moved {
                effects.push(panel);
                if mailing.state == NewsletterState::Over
                    || mailing.state == NewsletterState::Undone
                {
                    effects.push(Effect::NewsletterReport(mailing.id));
                }
            } else if self.is_news(mailing.id, tally, desk) {
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
        mailing: &mut Newsletter,
        now: Millis,
        desk: &Desk,
    ) -> Result<(bool, Progress), StoreError> {
        let Some(round) = mailing.round() else {
            let begins = now >= mailing.at;
            if begins {
                mailing.state = NewsletterState::Running;
            }
            return Ok((begins, Progress::default()));
        };
        let whole = progress::read(&*desk.store, mailing.id, round);
        let whole = desk.stored(StoreOperation::Read, whole).await?;
        let all_done = whole.done == PartitionSet::ALL;
        let next = match mailing.state {
            NewsletterState::Running if whole.tally.vanished > 0 => Some(NewsletterState::Vanished),
            NewsletterState::Running if all_done => Some(NewsletterState::Over),
            NewsletterState::Running if whole.tally.is_refused() => Some(NewsletterState::Paused),
            NewsletterState::Running | NewsletterState::Paused | NewsletterState::Vanished
                if mailing.is_late(now) =>
            {
                mailing.cancelled = true;
                Some(NewsletterState::Stopping)
            }
            NewsletterState::Stopping
                if whole.known == PartitionSet::ALL && whole.tally.queued == 0 =>
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
            mailing.state = next;
            if next == NewsletterState::Over {
                mailing.ended = Some(now);
            }
            if !mailing.is_under_way() {
                // When a newsletter is recalled, the count of messages sent before is kept.
                mailing.last = match round {
                    SendOrRecall::Out => whole.tally,
                    SendOrRecall::Back => Progress {
                        recalled: whole.tally.recalled,
                        kept: whole.tally.kept,
                        ..mailing.last
                    },
                };
                self.told.remove(&mailing.id);
                desk.post.goes(mailing.id, None);
            }
        }
        Ok((next.is_some(), whole.tally))
    }

    /// Whether the author should see new progress. Also measures the speed.
    fn is_news(&mut self, id: NewsletterId, tally: Progress, desk: &Desk) -> bool {
        let now = Instant::now();
        let Some(told) = self.told.get(&id).copied() else {
            self.told.insert(id, Told { at: now, tally });
            return false;
        };
        let since = now.duration_since(told.at);
        if since < TELL {
            return false;
        }
        self.told.insert(id, Told { at: now, tally });
        let went = tally.settled().saturating_sub(told.tally.settled());
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX).max(1);
        let pace = u32::try_from(went.saturating_mul(1000) / millis).unwrap_or(u32::MAX);
        desk.post.goes(id, (pace > 0).then_some(pace));
        tally != told.tally
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
