//! A messenger that performs every call at once and remembers it.

#![expect(clippy::wildcard_enum_match_arm, reason = "most calls need no answer of their own")]

use std::sync::{Arc, Mutex};

use domain::{ChatId, MessageId, TopicId, UserId};
use ports::{Call, Messenger, Receipt, SendError};

/// Succeeds at every call.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Call>>>);

impl Recorder {
    /// The messages of a user that were copied, in order.
    pub(crate) fn copied(&self, user: i64) -> Vec<i64> {
        let calls = self.0.lock().unwrap();
        let copies = calls.iter().flat_map(|call| match call {
            Call::Copy { from, message, .. } if from.0 == user => vec![message.0],
            Call::CopyMany { from, messages, .. } if from.0 == user => {
                messages.iter().map(|message| message.0).collect()
            }
            _ => Vec::new(),
        });
        copies.collect()
    }
}

#[ports::async_trait]
impl Messenger for Recorder {
    async fn perform(&self, call: &Call) -> Result<Receipt, SendError> {
        let mut calls = self.0.lock().unwrap();
        calls.push(call.clone());
        let number = i64::try_from(calls.len()).unwrap() * 100;
        let one = vec![MessageId(number)];
        let many = |count: usize| (number..).take(count).map(MessageId).collect();
        Ok(match call {
            Call::OpenTopic { .. } => {
                Receipt { opened: Some(TopicId(number)), ..Receipt::default() }
            }
            Call::CopyMany { messages, .. } | Call::ForwardMany { messages, .. } => {
                Receipt { messages: many(messages.len()), ..Receipt::default() }
            }
            Call::Album { pieces, .. } => {
                Receipt { messages: many(pieces.len()), ..Receipt::default() }
            }
            Call::Copy { .. } | Call::Forward { .. } | Call::Say { .. } => {
                Receipt { messages: one, ..Receipt::default() }
            }
            _ => Receipt::default(),
        })
    }

    async fn reach(&self) -> Result<(), SendError> {
        Ok(())
    }

    async fn is_member(&self, _: ChatId, _: UserId) -> Result<bool, SendError> {
        Ok(true)
    }

    async fn has_topics(&self, _group: ChatId) -> Result<bool, SendError> {
        Ok(true)
    }
}
