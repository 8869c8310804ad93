//! An operator closed or reopened a topic in a Telegram app.

use crate::{Conversation, Decision, Fact, Topic, TopicId, WelcomeEnd};

pub(in crate::rules) fn closed(mut conversation: Conversation, topic: Option<TopicId>) -> Decision {
    match conversation.topic.current {
        Topic::Open(open) if Some(open) == topic => {
            conversation.topic.current = Topic::Closed(open);
            conversation.waiting_since = None;
            conversation.close_request();
            let ended = conversation.welcome.end(WelcomeEnd::Closed).map(Fact::WelcomeEnded);
            let facts = ended.into_iter().collect();
            Decision { next: Some(conversation), facts, ..Decision::default() }
        }
        Topic::None | Topic::Open(_) | Topic::Closed(_) => Decision::ignored(),
    }
}

pub(in crate::rules) fn reopened(
    mut conversation: Conversation,
    topic: Option<TopicId>,
) -> Decision {
    match conversation.topic.current {
        Topic::Closed(closed) if Some(closed) == topic => {
            conversation.topic.current = Topic::Open(closed);
            Decision { next: Some(conversation), ..Decision::default() }
        }
        Topic::None | Topic::Open(_) | Topic::Closed(_) => Decision::ignored(),
    }
}
