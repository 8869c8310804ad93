//! Checks whether a group has topics, when one of them seems to be lost.
//!
//! While topics are switched off, Telegram reports each of them as not found. All of them return once topics are
//! switched on again, so none may be forgotten meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};
use tracing::debug;

use domain::ChatId;
use ports::Messenger;

/// How long an answer is valid: topics lost within this time cause no second question.
const VALID_FOR: Duration = Duration::from_secs(15);

/// The last answer about each group.
#[derive(Debug, Default)]
pub(in crate::engine) struct Forum(std::sync::Mutex<HashMap<ChatId, LastAnswer>>);

/// Locked during a question, so that no group waits for the answer about another.
type LastAnswer = Arc<Mutex<Option<Answer>>>;

#[derive(Debug, Clone, Copy)]
struct Answer {
    at: Instant,
    has_topics: bool,
}

impl Forum {
    /// Whether the group has topics. A failed question counts as no: a topic that is not forgotten can be used later.
    pub(in crate::engine) async fn has_topics(
        &self,
        messenger: &dyn Messenger,
        group: ChatId,
        now: Instant,
    ) -> bool {
        let last = {
            let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry(group).or_default())
        };
        // Held during the call on purpose: other tasks that have lost a topic wait for the same answer.
        let mut last = last.lock().await;
        let fresh = |last: &Answer| now.saturating_duration_since(last.at) < VALID_FOR;
        if let Some(known) = last.filter(fresh) {
            return known.has_topics;
        }
        let has_topics = match messenger.has_topics(group).await {
            Ok(has_topics) => has_topics,
            Err(error) => {
                debug!(%error, "Telegram does not say whether the group has topics");
                false
            }
        };
        *last = Some(Answer { at: now, has_topics });
        has_topics
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use ports::{Call, Receipt, SendError};

    /// A fake that gives these answers, the last one first.
    #[derive(Debug)]
    struct FakeMessenger(Mutex<Vec<Result<bool, SendError>>>);

    #[ports::async_trait]
    impl Messenger for FakeMessenger {
        async fn perform(&self, _call: &Call) -> Result<Receipt, SendError> {
            Ok(Receipt::default())
        }

        async fn reach(&self) -> Result<(), SendError> {
            Ok(())
        }

        async fn is_member(&self, _: ChatId, _: domain::UserId) -> Result<bool, SendError> {
            unreachable!("no member is looked up here")
        }

        async fn has_topics(&self, _group: ChatId) -> Result<bool, SendError> {
            self.0.lock().unwrap().pop().unwrap()
        }
    }

    #[tokio::test]
    async fn the_answer_is_cached_and_a_failed_question_counts_as_no() {
        let unavailable = SendError::Unavailable { why: "down".to_owned(), perhaps_done: false };
        let messenger =
            FakeMessenger(Mutex::new(vec![Ok(true), Err(unavailable), Ok(false), Ok(true)]));
        let (forum, group, start) = (Forum::default(), ChatId(-100), Instant::now());
        for (nth, expected) in (0..).zip([true, false, false, true]) {
            for part in 0..3 {
                let now = start + VALID_FOR * nth + VALID_FOR / 4 * part;
                assert_eq!(
                    forum.has_topics(&messenger, group, now).await,
                    expected,
                    "{nth} {part}"
                );
            }
        }
        assert!(messenger.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_answer_about_another_group_does_not_count() {
        let messenger = FakeMessenger(Mutex::new(vec![Ok(false), Ok(true)]));
        let (forum, now) = (Forum::default(), Instant::now());
        assert!(forum.has_topics(&messenger, ChatId(-100), now).await);
        assert!(!forum.has_topics(&messenger, ChatId(-200), now).await);
    }
}
