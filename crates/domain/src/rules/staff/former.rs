//! Operators act in a former topic of a user: everything works as in the present topic, and is answered in the former
//! one.

use crate::{Audience, Edit, Effect, Former, Relay, Tell};

/// Redirects the effects of an act in a former topic, so that operators see the results there.
pub(in crate::rules) fn redirect(effects: Vec<Effect>, former: Former) -> Vec<Effect> {
    effects.into_iter().flat_map(|effect| redirect_one(effect, former)).collect()
}

fn redirect_one(mut effect: Effect, origin: Former) -> Vec<Effect> {
    if let Effect::Relay(Relay { former, .. })
    | Effect::Edit(Edit { former, .. })
    | Effect::Erase { former, .. }
    | Effect::Withdraw { former, .. } = &mut effect
    {
        *former = Some(origin);
        return vec![effect];
    }
    let Effect::Tell(tell) = effect else { return vec![effect] };
    if tell.audience != Audience::Topic {
        return vec![Effect::Tell(tell)];
    }
    let answer = Tell { audience: Audience::Former(origin), pin: false, ..tell.clone() };
    // A pinned message belongs in the present topic, too.
    let pinned = tell.pin.then_some(Effect::Tell(tell));
    pinned.into_iter().chain([Effect::Tell(answer)]).collect()
}
