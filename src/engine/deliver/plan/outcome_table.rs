//! A newsletter's outcomes by recipient, as comma-separated values, which every spreadsheet reads.

use std::collections::BTreeSet;

use domain::{Conversation, NewsletterId, Progress, RecipientOutcome, UserId};

/// Limit of lines in a table, so that people can read it.
const LINES: usize = 100_000;

/// Recipients who got the newsletter, and recipients who did not. Each user appears once, even if several of the
/// store's pages contain the user.
#[derive(Debug)]
pub(in crate::engine::deliver) struct OutcomeTable {
    newsletter: NewsletterId,
    lines: usize,
    missed: BTreeSet<(&'static str, UserId)>,
    reached: BTreeSet<UserId>,
}

impl OutcomeTable {
    pub(in crate::engine::deliver) const fn new(newsletter: NewsletterId) -> Self {
        Self { newsletter, lines: LINES, missed: BTreeSet::new(), reached: BTreeSet::new() }
    }

    /// Adds a user's line, if the user is a recipient and there is room.
    pub(in crate::engine::deliver) fn add(&mut self, conversation: &Conversation) {
        let Some(received) = conversation.received(self.newsletter) else { return };
        if received.outcome == RecipientOutcome::Sent && self.reached.len() < self.lines {
            self.reached.insert(conversation.user);
        } else if received.outcome != RecipientOutcome::Sent && self.missed.len() < self.lines {
            self.missed.insert((received.outcome.name(), conversation.user));
        }
    }

    /// Writes the table: recipients who did not get the newsletter first, by outcome. The last line says how many of
    /// the `whole` had no room.
    pub(in crate::engine::deliver) fn into_csv(self, whole: &Progress) -> String {
        let missed = self.missed.into_iter().map(|(outcome, user)| (user, outcome));
        let reached = self.reached.into_iter().map(|user| (user, RecipientOutcome::Sent.name()));
        let lines: Vec<_> = missed.chain(reached).take(self.lines).collect();
        let more = whole.settled().saturating_sub(lines.len() as u64);
        let lines = lines.into_iter().map(|(user, outcome)| format!("{user},{outcome}\n"));
        let end = (more > 0).then(|| format!("and {more} more,\n"));
        std::iter::once("user_id,outcome\n".to_owned()).chain(lines).chain(end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Millis, Profile, Received};

    const NEWSLETTER: NewsletterId = NewsletterId(3);

    fn user(id: i64, newsletter: NewsletterId, outcome: RecipientOutcome) -> Conversation {
        let profile = Profile { name: "Ada".to_owned(), username: None, language_code: None };
        let mut conversation = Conversation::new(UserId(id), profile, Millis(0));
        let (copies, at) = (Vec::new(), Millis(0));
        conversation.received = vec![Received { newsletter, outcome, copies, at }];
        conversation
    }

    fn table(lines: usize) -> OutcomeTable {
        let mut table = OutcomeTable { lines, ..OutcomeTable::new(NEWSLETTER) };
        table.add(&user(9, NEWSLETTER, RecipientOutcome::Sent));
        table.add(&user(8, NEWSLETTER, RecipientOutcome::Sent));
        table.add(&user(7, NEWSLETTER, RecipientOutcome::Failed));
        table.add(&user(6, NEWSLETTER, RecipientOutcome::Blocked));
        table.add(&user(5, NEWSLETTER, RecipientOutcome::Failed));
        table.add(&user(5, NEWSLETTER, RecipientOutcome::Failed));
        table.add(&user(4, NewsletterId(2), RecipientOutcome::Sent));
        table
    }

    #[test]
    fn missed_recipients_come_first_and_each_user_once() {
        let whole = Progress { sent: 2, failed: 2, blocked: 1, ..Progress::default() };
        let csv = "user_id,outcome\n6,blocked\n5,failed\n7,failed\n8,sent\n9,sent\n";
        assert_eq!(table(10).into_csv(&whole), csv);
        assert_eq!(table(5).into_csv(&whole), csv);
    }

    #[test]
    fn lines_beyond_the_limit_are_counted() {
        let whole = Progress { sent: 2, failed: 2, blocked: 1, ..Progress::default() };
        let csv = "user_id,outcome\n6,blocked\n5,failed\n7,failed\n8,sent\nand 1 more,\n";
        assert_eq!(table(4).into_csv(&whole), csv);
        let csv = "user_id,outcome\n6,blocked\n7,failed\nand 3 more,\n";
        assert_eq!(table(2).into_csv(&whole), csv);
    }
}
