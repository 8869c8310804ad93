//! The rules: pure functions from an event and a conversation to a decision.

mod user;
mod staff;
mod buttons;
mod desk_commands;
mod newsletter;
mod welcome;
#[cfg(test)]
mod tests;

use crate::{
    Asker, Audience, Conversation, Decision, Effect, Event, Former, Language, Millis, Opaque,
    Press, Scene, StaffAct, StaffEvent, Tell, Text, Track, UserAct, UserEvent, Zones,
};
pub use user::flood::Pace;

/// What a decision depends on besides the event and the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The current time.
    pub now: Millis,
    /// The owner's welcome, if there is one.
    pub scene: Option<&'a Scene>,
    /// The clocks of the scene's time zones, if there is a scene.
    pub zones: Option<&'a (dyn Zones + Sync)>,
    /// The language for users whose own language is unknown.
    pub language: Language,
    /// The update as Telegram sent it, if a tracker is configured.
    pub tracked: Option<&'a str>,
    /// How fast the user writes; `None` if nothing is held, however fast.
    pub pace: Option<Pace>,
    /// Number of the user's messages, edits and reactions that wait for the topic, if an operator drops them.
    pub waiting: u32,
    /// Whether so many new users write that they must wait for more than a minute until operators can read them.
    pub rush: bool,
}

impl Context<'_> {
    /// How far the clock of this conversation's time zone is ahead of UTC at a moment, in minutes.
    fn offset(&self, conversation: &Conversation, at: Millis) -> i32 {
        let zone = self.scene.map_or(0, |scene| scene.zone(conversation.welcome.zone.as_deref()));
        self.zones.map_or(0, |zones| zones.offset(zone, at))
    }

    /// Returns the report of a goal, if the goal has a name and a tracker is configured.
    fn goal(&self, name: Option<&String>) -> Option<Effect> {
        self.tracked.and(name).map(|name| Effect::Track(Track::Goal(name.clone())))
    }
}

/// Decides what an event means for its conversation. `conversation` is the stored conversation that [`Event::subject`]
/// names; `None` if it is not stored yet.
pub fn decide(event: Event, conversation: Option<Conversation>, ctx: &Context<'_>) -> Decision {
    match event {
        Event::User(event) => user_event(event, conversation, ctx),
        Event::Staff(event) => staff_event(event, conversation, ctx),
        Event::Due(_) => conversation
            .map_or_else(Decision::ignored, |conversation| welcome::due(conversation, ctx)),
        Event::AskedForIds { chat, topic, user, asker, message } => {
            let text = match asker {
                Asker::Person => Text::Ids { chat, topic, user },
                Asker::Anonymous => Text::IdsAnonymous { chat, topic },
                Asker::Channel => Text::IdsAsChannel { chat, topic },
            };
            Decision::only(vec![Effect::Tell(Tell {
                audience: Audience::Chat { chat, topic },
                text,
                reply_to: Some(message),
                buttons: Vec::new(),
                pin: false,
            })])
        }
        // Anyone who has the webhook's secret can forge this update, so the engine asks Telegram before it believes it.
        Event::GroupMigrated(_) => Decision::default(),
        Event::Ignored => Decision::ignored(),
    }
}

fn user_event(event: UserEvent, conversation: Option<Conversation>, ctx: &Context<'_>) -> Decision {
    let update = ctx.tracked.filter(|_| is_tracked(&event.act));
    let mut decision = user_act(event, conversation, ctx);
    if let Some(update) = update {
        decision.ignored = false;
        decision.effects.push(Effect::Track(Track::Update(Opaque(update.to_owned()))));
    }
    decision
}

/// Whether the tracker gets the whole update: it counts users who start, block the bot, or return.
fn is_tracked(act: &UserAct) -> bool {
    match act {
        UserAct::Started | UserAct::Left | UserAct::Returned => true,
        UserAct::Wrote(_)
        | UserAct::Happened(_)
        | UserAct::Edited(_)
        | UserAct::Reacted { .. }
        | UserAct::AskedForHelp
        | UserAct::AskedForLanguages
        | UserAct::Commanded(_)
        | UserAct::Pressed { .. } => false,
    }
}

fn user_act(event: UserEvent, conversation: Option<Conversation>, ctx: &Context<'_>) -> Decision {
    let now = ctx.now;
    let UserEvent { user, role, profile, thread, act } = event;
    let known = conversation.is_some();
    let before = conversation.unwrap_or_else(|| Conversation::new(user, profile.clone(), now));
    if before.moderation.banned {
        return user::presence::of_the_banned(before, &act);
    }
    let mut conversation = before.clone();
    // With an act other than a message (a block, a reaction), the profile may be incomplete. It is stored all the same.
    let renamed = conversation.profile != profile;
    conversation.profile = profile;
    if act != UserAct::Left && !matches!(act, UserAct::Happened(_)) {
        conversation.record_activity(now);
    }
    if thread.is_some() || is_new_message(&act) {
        conversation.thread = thread;
    }
    let mut decision = match act {
        UserAct::Wrote(content) if newsletter::belongs_to_draft(&conversation, role, ctx) => {
            newsletter::wrote(conversation, &content, ctx)
        }
        UserAct::Wrote(content) => {
            user::flood::hold(user::wrote::decide(conversation, content, ctx), ctx)
        }
        UserAct::Happened(_) if !known => Decision::ignored(),
        UserAct::Happened(kind) => user::presence::happened(conversation, kind),
        UserAct::Edited(content) => {
            user::flood::hold(user::follow_ups::edited(conversation, content), ctx)
        }
        UserAct::Reacted { message, reaction } => {
            user::flood::hold(user::follow_ups::reacted(conversation, message, reaction), ctx)
        }
        UserAct::Started => user::commands::started(conversation, ctx),
        UserAct::AskedForHelp => user::commands::asked_for_help(conversation),
        UserAct::AskedForLanguages => user::commands::asked_for_languages(conversation),
        UserAct::Commanded(command) => desk_commands::decide(conversation, command, ctx),
        UserAct::Pressed { callback, message, press: Press::Newsletter(button) } => {
            newsletter::pressed(conversation, role, (callback, message), button, ctx)
        }
        UserAct::Pressed { callback, message, press } => {
            buttons::by_user(conversation, callback, message, press, ctx)
        }
        UserAct::Left => user::presence::left(conversation),
        UserAct::Returned => user::presence::returned(conversation),
    };
    if renamed
        && known
        && before.topic.id().is_some()
        && !decision.effects.contains(&Effect::Refresh)
    {
        decision.effects.push(Effect::Refresh);
    }
    decision.next = decision.next.filter(|next| !known || *next != before);
    decision
}

/// Whether the act is a new message. If it has no thread id, it was written outside the topics of the private chat.
fn is_new_message(act: &UserAct) -> bool {
    match act {
        UserAct::Wrote(_)
        | UserAct::Started
        | UserAct::AskedForHelp
        | UserAct::AskedForLanguages
        | UserAct::Commanded(_) => true,
        UserAct::Happened(_)
        | UserAct::Edited(_)
        | UserAct::Reacted { .. }
        | UserAct::Pressed { .. }
        | UserAct::Left
        | UserAct::Returned => false,
    }
}

fn staff_event(
    event: StaffEvent,
    conversation: Option<Conversation>,
    ctx: &Context<'_>,
) -> Decision {
    let StaffEvent { topic, operator, act, .. } = event;
    let now = ctx.now;
    if let StaffAct::Pressed { callback, message, press } = act {
        let mut decision = buttons::by_staff(conversation.clone(), callback, message, press, ctx);
        decision.next = decision.next.filter(|next| Some(next) != conversation.as_ref());
        return decision;
    }
    let Some(before) = conversation else {
        // A topic without a user, or General: operators among themselves.
        return Decision::ignored();
    };
    let conversation = before.clone();
    let former = topic.filter(|topic| before.topic.former.contains(topic));
    let mut decision = match act {
        StaffAct::Wrote(content) => staff::wrote::wrote(conversation, content, now),
        StaffAct::Noted { content, edited } => staff::notes::noted(conversation, &content, edited),
        StaffAct::WroteAsChannel { message, channel } => {
            staff::wrote::wrote_as_channel(conversation, message, channel)
        }
        StaffAct::Edited(content) => staff::edited::edited(&conversation, content, now),
        StaffAct::Reacted { message, reaction } => {
            staff::wrote::reacted(&conversation, message, reaction)
        }
        StaffAct::Commanded { command, message, reply_to } => {
            staff::commands::decide(conversation, command, message, reply_to)
        }
        StaffAct::ClosedTopic => staff::topic::closed(conversation, topic),
        StaffAct::ReopenedTopic => staff::topic::reopened(conversation, topic),
        StaffAct::Pressed { .. } => Decision::ignored(),
    };
    if let Some(topic) = former {
        let former = Former { topic, operator };
        decision.effects = staff::former::redirect(decision.effects, former);
    }
    user::flood::pass(&mut decision.effects, &before, ctx);
    decision.next = decision.next.filter(|next| *next != before);
    decision
}
