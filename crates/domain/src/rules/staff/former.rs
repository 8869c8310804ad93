//! Operators act in a former topic of a user: everything works as in the present topic, and is answered in the former
//! one.

use crate::{Audience, Edit, Effect, Former, Relay, Tell};

/// Redirects the effects of an act in a former topic, so that operators see the results there.
pub(in crate::rules) fn told_there(effects: Vec<Effect>, former: Former) -> Vec<Effect> {
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
            // A pinned message belongs in the present topic, too.
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
        | Effect::Newsletter(_)
        | Effect::Preview(_)
        | Effect::Panel(_)
        | Effect::NewsletterReport(_) => vec![effect],
    }
}
