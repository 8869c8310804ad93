//! What operators do in a topic that was the user's before: it works as in the present one, and is answered where it was done.

use crate::{Audience, Edit, Effect, Former, Relay, Tell};

/// What comes of something that was done in a former topic.
pub(super) fn told_there(effects: Vec<Effect>, former: Former) -> Vec<Effect> {
    effects.into_iter().flat_map(|effect| there(effect, former)).collect()
}

fn there(effect: Effect, origin: Former) -> Vec<Effect> {
    let former = Some(origin);
    match effect {
        Effect::Relay(relay) => vec![Effect::Relay(Relay { former, ..relay })],
        Effect::Edit(edit) => vec![Effect::Edit(Edit { former, ..edit })],
        Effect::Erase { message, command, .. } => vec![Effect::Erase { message, command, former }],
        Effect::Withdraw { message, note, .. } => vec![Effect::Withdraw { message, note, former }],
        Effect::Tell(tell) if tell.audience == Audience::Topic => {
            let answer = Tell { audience: Audience::Former(origin), pin: false, ..tell.clone() };
            // What is pinned stands in the present topic as well.
            let pinned = tell.pin.then_some(Effect::Tell(tell));
            pinned.into_iter().chain([Effect::Tell(answer)]).collect()
        }
        Effect::Tell(_)
        | Effect::React { .. }
        | Effect::Scene(_)
        | Effect::Pin { .. }
        | Effect::Unpin { .. }
        | Effect::CloseTopic
        | Effect::ReopenTopic
        | Effect::Refresh
        | Effect::Answer { .. }
        | Effect::RetireButtons { .. }
        | Effect::Report(_)
        | Effect::Track(_)
        | Effect::Mail(_)
        | Effect::Preview(_)
        | Effect::Panel(_)
        | Effect::MailReport(_) => vec![effect],
    }
}
