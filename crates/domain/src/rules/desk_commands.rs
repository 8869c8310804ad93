//! Commands of the owner and the administrators. None of them opens a topic.

use super::{Context, newsletter};
use crate::{Conversation, Decision, DeskCommand, Effect};

pub(super) fn decide(
    conversation: Conversation,
    command: DeskCommand,
    ctx: &Context<'_>,
) -> Decision {
    match command {
        DeskCommand::Report(report) => {
            let effects = vec![Effect::Report(report)];
            Decision { next: Some(conversation), effects, ..Decision::default() }
        }
        DeskCommand::Newsletter => newsletter::show_panels(conversation, ctx),
    }
}
