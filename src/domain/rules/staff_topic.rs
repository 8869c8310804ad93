//! A topic was closed or opened again in an operator's client.

use crate::domain::{Conversation, Decision, Topic, TopicId};

pub(super) fn closed(mut conversation: Conversation, topic: Option<TopicId>) -> Decision {
    match conversation.topic {
        Topic::Open(open) if Some(open) == topic => {
            conversation.topic = Topic::Closed(open);
            conversation.waiting_since = None;
            Decision { next: Some(conversation), ..Decision::default() }
        }
        Topic::None | Topic::Open(_) | Topic::Closed(_) => Decision::ignored(),
    }
}

pub(super) fn reopened(mut conversation: Conversation, topic: Option<TopicId>) -> Decision {
    match conversation.topic {
        Topic::Closed(closed) if Some(closed) == topic => {
            conversation.topic = Topic::Open(closed);
            Decision { next: Some(conversation), ..Decision::default() }
        }
        Topic::None | Topic::Open(_) | Topic::Closed(_) => Decision::ignored(),
    }
}
