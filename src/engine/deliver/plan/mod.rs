//! Plans the next call for the sends at a lane's head.

mod discretion;
mod dropped;
mod edit;
mod newsletter;
mod outcome_table;
mod relay;
mod report;
mod scene;
mod step;

use tokio::time::Instant;

use crate::{engine::DeskSettings, i18n::Texts};
use domain::{
    Audience, Button, Channel, ChatId, Conversation, Effect, Fingerprint, GroupChats, Language,
    Link, LinkKey, MessageId, Millis, OutboxLane, Side, Tell, Text, Topic, TopicId,
};
use ports::{Address, Call, Keys, OutboxItem, Resolved, StoreError, Welcomes};

use super::Sending;
use crate::engine::lanes::Hints;
use relay::batch_reply;
pub(super) use step::{Step, Then};

/// Returns the next step for a batch. Reads the data that planning needs; changes nothing.
pub(super) async fn next(
    context: &Sending,
    lane: OutboxLane,
    batch: &[OutboxItem],
    hints: Hints,
    conversation: Option<&Conversation>,
) -> Result<Step, StoreError> {
    let desk = &*context.desk;
    let Some(head) = batch.first() else { return Ok(Step::Nothing) };
    let effect = &head.queued.effect;
    if let Some(learnt) = scene::assign_request_number(desk, effect, conversation).await? {
        return Ok(Step::Learn(learnt));
    }
    if let Some(step) = conversation.and_then(|one| dropped::pass_over(one, batch)) {
        return Ok(step);
    }
    let banned = conversation.is_some_and(|conversation| is_from_the_banned(conversation, effect));
    if banned || hints.superseded || context.latest.outdated(&head.queued) {
        return Ok(Step::Nothing);
    }
    let link = match link_needed(batch, hints) {
        Some((side, message)) => desk.store.link(LinkKey::on(side, lane.user, message)).await?,
        None => None,
    };
    let groups = desk.groups();
    let topic = conversation.and_then(|conversation| conversation.topic.id());
    let doubtful = |topic| desk.topics.doubtful(topic, Instant::now());
    let planner = Planner {
        texts: &context.texts,
        settings: &desk.settings,
        welcome: context.welcome.as_deref(),
        groups: &groups,
        now: desk.now(),
        lane,
        hints,
        conversation,
        link: link.filter(|link| link.user == lane.user),
        doubtful: effect.relay().is_some_and(|relay| relay.from == Side::User)
            && topic.is_some_and(doubtful),
        stranger: discretion::is_of_a_stranger(context, effect).await?,
    };
    // The contents of these are read when they are sent.
    if let Effect::Report(report) = effect {
        return Ok(planner.report(context, *report).await);
    }
    if let Effect::Panel(panel) = effect {
        return planner.panel(desk, *panel).await;
    }
    if let Effect::NewsletterReport(newsletter) = effect {
        return planner.newsletter_report(desk, *newsletter).await;
    }
    let elsewhere =
        if let Effect::Tell(Tell { audience: Audience::Chat { chat, topic }, .. }) = effect {
            Some(Address { chat: desk.groups.present(*chat), topic: *topic })
        } else {
            None
        };
    Ok(planner.step(batch, elsewhere))
}

/// Whether a banned user wrote it. This covers messages from before the ban too, so a ban ends a flood at once.
fn is_from_the_banned(conversation: &Conversation, effect: &Effect) -> bool {
    conversation.moderation.banned && effect.carries(Side::User)
}

/// The message whose link the next step of the batch depends on.
fn link_needed(batch: &[OutboxItem], hints: Hints) -> Option<(Side, MessageId)> {
    match &batch.first()?.queued.effect {
        Effect::Relay(first) if hints.may_reply() => Some((first.from, batch_reply(batch)?.to)),
        Effect::Edit(edit) => Some((edit.from, edit.message)),
        Effect::React { from, message, .. } => Some((*from, *message)),
        Effect::Erase { message, .. } | Effect::Withdraw { message, .. } => {
            Some((Side::Staff, *message))
        }
        Effect::Relay(_)
        | Effect::Tell(_)
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
        | Effect::NewsletterReport(_) => None,
    }
}

/// Everything that a step depends on, read beforehand. Planning is pure: `tests/` is its table.
pub(super) struct Planner<'a> {
    pub(super) texts: &'a Texts,
    pub(super) settings: &'a DeskSettings,
    pub(super) welcome: Option<&'a dyn Welcomes>,
    pub(super) groups: &'a GroupChats,
    pub(super) now: Millis,
    pub(super) lane: OutboxLane,
    pub(super) hints: Hints,
    pub(super) conversation: Option<&'a Conversation>,
    /// The link of the message that [`link_needed`] names.
    pub(super) link: Option<Link>,
    /// Whether the topic has not been seen for long and may be gone.
    pub(super) doubtful: bool,
    /// Whether the author of the forwarded message is neither an operator nor a user.
    pub(super) stranger: bool,
}

impl Planner<'_> {
    /// Returns the next step. `elsewhere` is the address for texts that belong to no conversation.
    fn step(&self, batch: &[OutboxItem], elsewhere: Option<Address>) -> Step {
        let Some(head) = batch.first() else { return Step::Nothing };
        let effect = &head.queued.effect;
        match effect {
            Effect::Relay(relay) => {
                self.without_notes(batch).unwrap_or_else(|| self.relay(relay, batch))
            }
            Effect::Edit(edit) if self.withholds(edit.from, edit.message, None) => Step::Nothing,
            Effect::Edit(edit) => self.edit(edit),
            Effect::React { from, reaction, .. } => {
                let Some(link) = &self.link else { return Step::Nothing };
                let (chat, message) = self.counterpart(link, from.other());
                Step::Call(Call::React { chat, message, reaction: reaction.clone() }, Then::Done)
            }
            Effect::Erase { command, .. } => {
                let Some(link) = &self.link else {
                    return Step::Tell(Text::NothingToDelete, Some(*command));
                };
                let (chat, message) = self.counterpart(link, Side::User);
                Step::Call(Call::Delete { chat, message }, Then::Erased { confirm: Some(*command) })
            }
            Effect::Withdraw { note, .. } => {
                // A message without a link never reached the user.
                let Some(link) = &self.link else { return Step::Nothing };
                let (chat, message) = self.counterpart(link, Side::User);
                Step::Call(Call::Delete { chat, message }, Then::Erased { confirm: *note })
            }
            Effect::Tell(tell) => self.tell(tell, elsewhere),
            Effect::Scene(line) => self.welcome_line(line),
            // A message that has been replaced meanwhile is not pinned.
            Effect::Pin { message } if !self.is_current(*message) => Step::Nothing,
            Effect::Pin { message } => self.in_topic(|_, _| {
                let chat = self.chat(Side::Staff, *message);
                Call::Pin { chat, message: *message }
            }),
            Effect::Unpin { message } => self.in_topic(|_, _| {
                let chat = self.chat(Side::Staff, *message);
                Call::Unpin { chat, message: *message }
            }),
            Effect::CloseTopic => self.in_topic(|chat, topic| Call::CloseTopic { chat, topic }),
            Effect::ReopenTopic => self.in_topic(|chat, topic| Call::ReopenTopic { chat, topic }),
            Effect::Refresh => self.refresh(),
            Effect::Answer { callback, side, text } => {
                let language = match side {
                    Side::User => self.user_language(),
                    Side::Staff => self.settings.operators_language,
                };
                let text = text.as_ref().map(|text| self.texts.plain(text, language));
                Step::Call(Call::Answer { callback: callback.clone(), text }, Then::Done)
            }
            Effect::RetireButtons { side, message } => {
                let chat = self.chat(*side, *message);
                Step::Call(Call::RemoveKeys { chat, message: *message }, Then::Done)
            }
            Effect::Newsletter(send) => self.deliver_newsletter(send),
            Effect::Preview(letter) => {
                let author = self.lane.user;
                Step::Call(
                    newsletter::newsletter_call(letter, author, self.private()),
                    Then::Previewed,
                )
            }
            // `next` handles the first three. Reports to the tracker are no calls of Telegram's: no lane of the sender
            // holds any.
            Effect::Report(_)
            | Effect::Panel(_)
            | Effect::NewsletterReport(_)
            | Effect::Track(_) => Step::Nothing,
        }
    }

    fn tell(&self, tell: &Tell, elsewhere: Option<Address>) -> Step {
        let Tell { audience, text, reply_to, buttons, pin } = tell;
        let (to, language) = match audience {
            Audience::Chat { .. } => match elsewhere {
                Some(to) => (to, self.settings.operators_language),
                None => return Step::Nothing,
            },
            Audience::User => match self.address(Side::User) {
                Ok(to) => (to, self.user_language()),
                Err(step) => return step,
            },
            Audience::Former(former) if !self.hints.in_present => {
                let chat = self.groups.chat(former.topic.group());
                let to = Address { chat, topic: Some(former.topic) };
                (to, self.settings.operators_language)
            }
            Audience::Topic | Audience::Aside | Audience::Former(_) => {
                match self.address(Side::Staff) {
                    Ok(to) => (to, self.settings.operators_language),
                    Err(step) => return step,
                }
            }
        };
        let html = match (text, self.conversation) {
            // A card shows the present state, in the same words as the pinned card.
            (Text::Card { .. }, Some(conversation)) => self.card(conversation).0,
            (Text::WelcomeSaid { lines }, _) => {
                let lines = lines.iter().map(|line| self.fill_in(line)).collect();
                self.texts.render(&Text::WelcomeSaid { lines }, language)
            }
            (text, _) => self.texts.render(text, language),
        };
        let html = match audience {
            Audience::Former(former) if self.hints.in_present => {
                let about = Text::AboutFormer { operator: former.operator };
                format!("{}\n{html}", self.texts.render(&about, language))
            }
            Audience::User
            | Audience::Topic
            | Audience::Aside
            | Audience::Former(_)
            | Audience::Chat { .. } => html,
        };
        let reply = reply_to
            .filter(|_| !self.hints.without_reply && !self.hints.in_present)
            // A reply cannot name a message of another group, which the conversation has left.
            .filter(|message| to.topic.is_none_or(|topic| topic.group() == message.group()))
            .map(|message| Resolved { to: message, quote: None });
        let label = |button: &Button| self.texts.plain(&button.label, language);
        let keys = buttons.iter().map(|button| (label(button), button.action.data())).collect();
        Step::Call(Call::Say { to, html, reply, keys }, Then::TextSent { pin: *pin })
    }

    /// Renames the topic first, then updates the card. Each is one call, and the lane is dispatched again for the
    /// second.
    fn refresh(&self) -> Step {
        let Some(conversation) = self.conversation else { return Step::Nothing };
        let Some(topic) = conversation.topic.id() else { return Step::Nothing };
        let chat = self.groups.chat(topic.group());
        let title = conversation.title();
        if conversation.topic.title.as_ref() != Some(&title) && !self.hints.plain_title {
            return Step::Call(
                Call::RenameTopic { chat, topic, title: title.clone() },
                Then::Renamed { title },
            );
        }
        let (html, hash) = self.card(conversation);
        let keys = Keys::new();
        match conversation.topic.card {
            None => {
                let to = Address { chat, topic: Some(topic) };
                Step::Call(Call::Say { to, html, reply: None, keys }, Then::CardSent { hash })
            }
            Some(card) if conversation.topic.card_hash != hash => Step::Call(
                Call::EditSaid { chat, message: card, html, keys },
                Then::CardEdited { card, hash },
            ),
            Some(_) => Step::Nothing,
        }
    }

    /// The card's text and its hash.
    pub(super) fn card(&self, conversation: &Conversation) -> (String, u32) {
        let text = conversation.card_text(self.settings.default_language);
        let mut html = self.texts.render(&text, self.settings.operators_language);
        for line in self.card_lines(conversation) {
            html.push_str("\n\n");
            html.push_str(&self.texts.render(&line, self.settings.operators_language));
        }
        let hash = Fingerprint::hash([html.as_str()]);
        (html, hash)
    }

    /// A call for the existing topic; [`Step::Nothing`] if the user has no topic.
    fn in_topic(&self, call: impl FnOnce(ChatId, TopicId) -> Call) -> Step {
        match self.conversation.and_then(|conversation| conversation.topic.id()) {
            Some(topic) => Step::Call(call(self.groups.chat(topic.group()), topic), Then::Done),
            None => Step::Nothing,
        }
    }

    /// The address of a side, or the step that must come first if it does not exist yet.
    #[expect(clippy::result_large_err, reason = "the step is taken at once or dropped")]
    pub(super) fn address(&self, side: Side) -> Result<Address, Step> {
        if side == Side::User {
            return Ok(self.private());
        }
        let Some(conversation) = self.conversation else { return Err(Step::Nothing) };
        let chat = self.groups.chat(conversation.topic.group);
        match conversation.topic.current {
            // Only the lane to the topic opens one: two lanes would open two.
            Topic::None if matches!(self.lane.channel, Channel::Stuck | Channel::Cosmetic) => {
                Err(Step::ReturnToOwnLane)
            }
            Topic::None => {
                let title = if self.hints.plain_title {
                    conversation.plain_title()
                } else {
                    conversation.title()
                };
                // An icon that Telegram rejects must not prevent the topic.
                let icon = self.settings.topic_icon.clone().filter(|_| !self.hints.without_icon);
                Err(Step::Call(
                    Call::OpenTopic { chat, title: title.clone(), icon },
                    Then::TopicOpened { title },
                ))
            }
            Topic::Open(topic) | Topic::Closed(topic) if self.hints.reopen => {
                Err(Step::Call(Call::ReopenTopic { chat, topic }, Then::TopicReopened))
            }
            Topic::Open(topic) | Topic::Closed(topic) => Ok(Address { chat, topic: Some(topic) }),
        }
    }

    /// The user's private chat, in the topic that the user last wrote in.
    pub(super) fn private(&self) -> Address {
        let thread = self.conversation.and_then(|conversation| conversation.thread);
        let topic = thread.filter(|_| !self.hints.without_thread);
        Address { chat: self.lane.user.chat(), topic }
    }

    /// The chat that holds this message of a side. A message of operators may be in another group than the topic.
    pub(super) fn chat(&self, side: Side, message: MessageId) -> ChatId {
        match side {
            Side::User => self.lane.user.chat(),
            Side::Staff => self.groups.chat(message.group()),
        }
    }

    /// Whether a message of the bot is the current card or the current notice of silent mode.
    fn is_current(&self, message: MessageId) -> bool {
        self.conversation.is_some_and(|conversation| {
            [conversation.topic.card, conversation.moderation.silent_notice]
                .contains(&Some(message))
        })
    }

    pub(super) fn counterpart(&self, link: &Link, side: Side) -> (ChatId, MessageId) {
        let message = link.on(side);
        (self.chat(side, message), message)
    }

    pub(super) fn user_language(&self) -> Language {
        let default = self.settings.default_language;
        self.conversation.map_or(default, |conversation| conversation.language_or(default))
    }
}

#[cfg(test)]
mod tests;
