//! Progress of a newsletter.

use super::RecipientOutcome;

/// Number of recipients by outcome. The sum of the partitions' numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Not queued yet.
    pub pending: u64,
    /// In the outbox.
    pub queued: u64,
    /// Delivered.
    pub sent: u64,
    /// The user blocked the bot, or deleted the account.
    pub blocked: u64,
    /// Refused by Telegram.
    pub failed: u64,
    /// The author's message was deleted.
    pub vanished: u64,
    /// Skipped, because the user was already banned or unreachable.
    pub skipped: u64,
    /// Recalled.
    pub recalled: u64,
    /// Could not be recalled.
    pub kept: u64,
}

impl Progress {
    /// Counts one more recipient with this outcome.
    pub fn count(&mut self, outcome: RecipientOutcome) {
        let count = match outcome {
            RecipientOutcome::Queued | RecipientOutcome::Recalling => &mut self.queued,
            RecipientOutcome::Sent => &mut self.sent,
            RecipientOutcome::Blocked => &mut self.blocked,
            RecipientOutcome::Failed => &mut self.failed,
            RecipientOutcome::Vanished => &mut self.vanished,
            RecipientOutcome::Recalled => &mut self.recalled,
            RecipientOutcome::Kept => &mut self.kept,
        };
        *count = count.saturating_add(1);
    }

    /// Whether Telegram has refused so many sends, without accepting any, that continuing is pointless.
    pub fn is_refused(&self) -> bool {
        const MIN_FAILURES: u64 = 20;
        self.sent == 0 && self.failed >= MIN_FAILURES
    }

    /// Returns the number of all recipients, without the skipped users.
    pub fn recipients(&self) -> u64 {
        self.pending.saturating_add(self.queued).saturating_add(self.settled())
    }

    /// Returns the number of recipients whose outcome is known.
    pub fn settled(&self) -> u64 {
        let all = [self.sent, self.blocked, self.failed, self.vanished, self.recalled, self.kept];
        all.into_iter().fold(0, u64::saturating_add)
    }

    /// Returns the sum of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let add = |one: [u64; 9], other: [u64; 9]| {
            let mut sum = one;
            sum.iter_mut().zip(other).for_each(|(one, other)| *one = one.saturating_add(other));
            sum
        };
        Self::of(add(self.parts(), other.parts()))
    }

    /// Encodes the progress as text, for processes that hold other partitions.
    pub fn written(&self) -> String {
        self.parts().map(|part| part.to_string()).join(" ")
    }

    /// Decodes [`Progress::written`].
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = [0; 9];
        let mut words = text.split(' ');
        for part in &mut parts {
            *part = words.next()?.parse().ok()?;
        }
        Some(Self::of(parts))
    }

    fn parts(&self) -> [u64; 9] {
        let Self { pending, queued, sent, blocked, failed, vanished, skipped, recalled, kept } =
            *self;
        [pending, queued, sent, blocked, failed, vanished, skipped, recalled, kept]
    }

    fn of(parts: [u64; 9]) -> Self {
        let [pending, queued, sent, blocked, failed, vanished, skipped, recalled, kept] = parts;
        Self { pending, queued, sent, blocked, failed, vanished, skipped, recalled, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_as_it_was_written_and_adds_up() {
        let mut progress = Progress { pending: 3, skipped: 9, ..Progress::default() };
        for outcome in RecipientOutcome::ALL {
            progress.count(outcome);
        }
        assert_eq!(progress.recipients(), 3 + 8);
        assert_eq!(Progress::read(&progress.written()), Some(progress));
        assert_eq!(progress.and(progress).settled(), 2 * progress.settled());
        assert_eq!(Progress::read("1 2"), None);
    }
}
