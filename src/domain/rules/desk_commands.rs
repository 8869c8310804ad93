//! Commands of those who look after the desk. None of them opens a topic.

use crate::domain::{Conversation, Decision, DeskCommand, Effect};

pub(super) fn decide(conversation: Conversation, command: DeskCommand) -> Decision {
    let effect = match command {
        DeskCommand::Report(report) => Effect::Report(report),
    };
    Decision { next: Some(conversation), effects: vec![effect], ..Decision::default() }
}
