//! A user writes faster than the rate: what they write is held until they pause, and goes together.
//!
//! Operators are never held. While a flood is held, notices to them go past it.

use std::time::Duration;

use crate::rules::Context;
use crate::{
    Audience, Button, ButtonAction, CallbackId, Channel, Conversation, Decision, Effect, Fact,
    Flood, FloodButton, FloodChoice, HoldTimes, MessageId, Side, Tell, Text, WelcomeEnd,
};

/// The number of held writes past which operators are asked what to do.
const ASK_PAST: u32 = 200;

/// How long the buttons of the question have an effect.
const BUTTONS_LAST: Duration = Duration::from_hours(1);

/// What the desk knows of the rate of the user's writes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Whether the user has written more than the rate allows in the last minute.
    pub over_rate: bool,
    /// How long a flood is held.
    pub times: HoldTimes,
}

/// Holds a user's message, edit or reaction, if there is a flood.
pub(in crate::rules) fn hold(mut decision: Decision, ctx: &Context<'_>) -> Decision {
    let goes_to_the_topic =
        |effect: &Effect| effect.lane(crate::UserId(0)).channel == Channel::Topic;
    let Some(conversation) = &mut decision.next else { return decision };
    let before = conversation.flood.take();
    let Some(Pace { over_rate, times }) = ctx.pace else { return decision };
    let before = before.filter(|flood| flood.is_on(ctx.now, times));
    let mut flood = match before {
        Some(flood) => flood,
        None if over_rate => Flood::new(ctx.now, times),
        None => return decision,
    };
    if !decision.effects.iter().any(goes_to_the_topic) {
        conversation.flood = before;
        return decision;
    }
    if flood.needs_new_hold(ctx.now, times) {
        if !over_rate {
            // The user has calmed down without pausing: this goes behind what is held for less than another minute.
            conversation.flood = Some(flood);
            return decision;
        }
        flood.begin_hold(ctx.now, times);
    }
    flood.hold(ctx.now);
    if before.is_none() {
        decision.effects.push(Tell::user(Text::FloodHeld));
    }
    if flood.held() > ASK_PAST && !flood.asked {
        flood.asked = true;
        decision.effects.push(question(ctx));
    }
    conversation.flood = Some(flood);
    decision.hold_until = Some(flood.hold.until);
    decision
}

/// Asks operators what to do with what is held.
fn question(ctx: &Context<'_>) -> Effect {
    let button = |choice| Button {
        label: match choice {
            FloodChoice::Show => Text::FloodShowButton,
            FloodChoice::Drop => Text::FloodDropButton,
            FloodChoice::Ban => Text::FloodBanButton,
        },
        action: ButtonAction::Flood(FloodButton { choice, asked: ctx.now }),
    };
    Effect::Tell(Tell {
        audience: Audience::Aside,
        text: Text::FloodAsks { limit: ASK_PAST },
        reply_to: None,
        buttons: FloodChoice::ALL.map(button).into(),
        pin: false,
    })
}

/// Sends notices to operators past what is held.
pub(in crate::rules) fn pass(
    effects: &mut [Effect],
    conversation: &Conversation,
    ctx: &Context<'_>,
) {
    let Some((flood, Pace { times, .. })) = conversation.flood.zip(ctx.pace) else { return };
    if flood.is_on(ctx.now, times) {
        effects.iter_mut().for_each(Effect::pass);
    }
}

/// An operator answered the question.
pub(in crate::rules) fn answered(
    conversation: Option<Conversation>,
    (callback, message): (CallbackId, Option<MessageId>),
    FloodButton { choice, asked }: FloodButton,
    ctx: &Context<'_>,
) -> Decision {
    let answer = |text| Effect::Answer { callback, side: Side::Staff, text };
    let retire = message.map(|message| Effect::RetireButtons { side: Side::Staff, message });
    let (Some(mut conversation), true) = (conversation, ctx.now.since(asked) < BUTTONS_LAST) else {
        let effects = std::iter::once(answer(Some(Text::ButtonExpired))).chain(retire).collect();
        return Decision::only(effects);
    };
    let release = conversation.flood.map(|flood| flood.hold.until);
    if let (Some(flood), Some(Pace { times, .. })) = (&mut conversation.flood, ctx.pace) {
        flood.settle(ctx.now, times);
    }
    let dropped = Tell::aside(Text::FloodDropped { count: ctx.waiting });
    let mut facts = Vec::new();
    let (text, more) = match choice {
        FloodChoice::Show => (Some(Text::FloodShown), Vec::new()),
        FloodChoice::Drop => {
            conversation.dropped_until = Some(ctx.now);
            (None, vec![dropped])
        }
        FloodChoice::Ban => {
            conversation.dropped_until = Some(ctx.now);
            conversation.flood = None;
            let banned = std::mem::replace(&mut conversation.moderation.banned, true);
            conversation.waiting_since = None;
            facts.extend(conversation.welcome.end(WelcomeEnd::Banned).map(Fact::WelcomeEnded));
            let ban = [Tell::aside(Text::Banned), Effect::Refresh];
            (None, ban.into_iter().filter(|_| !banned).chain([dropped]).collect())
        }
    };
    let effects = std::iter::once(answer(text)).chain(retire).chain(more).collect();
    Decision { next: Some(conversation), effects, facts, release, ..Decision::default() }
}
