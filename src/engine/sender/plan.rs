//! Which call comes next for the sends at a lane's head, and what its success will mean.

use tokio::time::Instant;

use crate::engine::Desk;
use domain::{
    Audience, Body, Button, Change, ChatId, Conversation, Edit, Effect, Fingerprint, Language,
    Learnt, Link, LinkKey, MessageId, NewsletterId, OutboxLane, Outcome, Panel, Relay, Reply, Side,
    Tell, Text, Topic, TopicId, Transfer,
};
use ports::{Address, Call, Keys, OutboxItem, Resolved, Store, StoreError};

use super::{hints::Hints, mail, scene};

/// The next call, or none.
#[derive(Debug)]
pub(super) enum Step {
    /// Make this call.
    Call(Call, Then),
    /// Remember this first.
    Learn(Learnt),
    /// Nothing is left to do.
    Nothing,
    /// Nothing can be done; say this in the topic instead.
    Tell(Text, Option<MessageId>),
}

/// What the success of a call means.
#[derive(Debug)]
pub(super) enum Then {
    /// The topic is open; the sends come next.
    TopicOpened { title: String },
    /// The topic is open again; the sends come next.
    TopicReopened,
    /// The messages arrived: pairs are learnt.
    Relayed,
    /// The copy shows the new contents.
    Edited { link: Link },
    /// The new version arrived as a message of its own.
    Resent { link: Link },
    /// The message is deleted.
    Erased { command: MessageId },
    /// It was said.
    Told { pin: bool },
    /// The topic has the name.
    Renamed { title: String },
    /// The topic's card is there, and so is the topic.
    Probed,
    /// The card is there, and must be pinned.
    CardSent { hash: u32 },
    /// The card shows this.
    CardEdited { card: MessageId, hash: u32 },
    /// The newsletter is there, or taken back.
    Mailed { newsletter: NewsletterId, outcome: Outcome },
    /// The author sees what recipients get.
    Previewed,
    /// The panel is there.
    PanelSent(Panel),
    /// The panel shows how it is now.
    PanelEdited,
    /// It is done.
    Done,
}

/// The next step for a run. Reads pairs of messages; changes nothing.
pub(super) async fn next<S: Store, M>(
    desk: &Desk<S, M>,
    lane: OutboxLane,
    run: &[OutboxItem],
    hints: Hints,
    conversation: Option<&Conversation>,
) -> Result<Step, StoreError> {
    let Some(head) = run.first() else { return Ok(Step::Nothing) };
    let group = desk.group();
    let planner = Planner { desk, lane, hints, conversation, group };
    if let Some(learnt) = scene::number(desk, &head.queued.effect, conversation).await? {
        return Ok(Step::Learn(learnt));
    }
    if conversation.is_some_and(|conversation| conversation.banned)
        && head.queued.effect.carries(Side::User)
    {
        // What waited when the user was banned goes nowhere either: a flood ends at once.
        return Ok(Step::Nothing);
    }
    match &head.queued.effect {
        Effect::Relay(relay) => planner.relay(relay, run).await,
        Effect::Edit(edit) => planner.edit(edit).await,
        Effect::React { from, message, reaction } => {
            let Some(link) = planner.link(*from, *message).await? else { return Ok(Step::Nothing) };
            let (chat, message) = planner.counterpart(&link, from.other());
            Ok(Step::Call(Call::React { chat, message, reaction: reaction.clone() }, Then::Done))
        }
        Effect::Erase { message, command } => {
            let Some(link) = planner.link(Side::Staff, *message).await? else {
                return Ok(Step::Tell(Text::NothingToDelete, Some(*command)));
            };
            let (chat, message) = planner.counterpart(&link, Side::User);
            Ok(Step::Call(Call::Delete { chat, message }, Then::Erased { command: *command }))
        }
        Effect::Tell(tell) => Ok(planner.tell(tell)),
        Effect::Scene(said) => Ok(planner.scene(said)),
        // What is no longer shown is not pinned any more.
        Effect::Pin { message } if !planner.shows(*message) => Ok(Step::Nothing),
        Effect::Pin { message } => {
            Ok(planner.in_topic(|_| Call::Pin { chat: group, message: *message }))
        }
        Effect::Unpin { message } => {
            Ok(planner.in_topic(|_| Call::Unpin { chat: group, message: *message }))
        }
        Effect::CloseTopic => Ok(planner.in_topic(|topic| Call::CloseTopic { chat: group, topic })),
        Effect::ReopenTopic => {
            Ok(planner.in_topic(|topic| Call::ReopenTopic { chat: group, topic }))
        }
        Effect::Refresh => Ok(planner.refresh()),
        Effect::Answer { callback, side, text } => {
            let language = match side {
                Side::User => planner.user_language(),
                Side::Staff => desk.settings.operators_language,
            };
            let text = text.as_ref().map(|text| desk.texts.plain(text, language));
            Ok(Step::Call(Call::Answer { callback: callback.clone(), text }, Then::Done))
        }
        Effect::RetireButtons { side, message } => {
            let chat = planner.chat(*side);
            Ok(Step::Call(Call::RemoveKeys { chat, message: *message }, Then::Done))
        }
        Effect::Report(report) => Ok(planner.report(*report).await),
        Effect::Mail(mail) => Ok(planner.mail(mail)),
        Effect::Preview(letter) => {
            Ok(Step::Call(mail::bring(letter, lane.user, lane.user), Then::Previewed))
        }
        Effect::Panel(panel) => planner.panel(*panel).await,
        Effect::MailReport(newsletter) => planner.mail_report(*newsletter).await,
        // It is no call of Telegram's: `track` does it.
        Effect::Track(_) => Ok(Step::Nothing),
    }
}

pub(super) struct Planner<'a, S, M> {
    pub(super) desk: &'a Desk<S, M>,
    pub(super) lane: OutboxLane,
    pub(super) hints: Hints,
    pub(super) conversation: Option<&'a Conversation>,
    pub(super) group: ChatId,
}

impl<S: Store, M> Planner<'_, S, M> {
    async fn relay(&self, first: &Relay, run: &[OutboxItem]) -> Result<Step, StoreError> {
        let to = match self.address(first.from.other()) {
            Ok(to) => to,
            Err(step) => return Ok(step),
        };
        let from = self.chat(first.from);
        let relays = || run.iter().filter_map(|item| item.queued.effect.relay());
        let reply = match relays().find_map(|relay| relay.reply.as_ref()) {
            Some(reply) => self.reply(first.from, reply).await?,
            None => None,
        };
        let messages = || relays().map(|relay| relay.message).collect();
        let call = match (first.transfer, run.len(), reply) {
            (Transfer::Forward, 1, _) => Call::Forward { to, from, message: first.message },
            (Transfer::Forward, ..) => Call::ForwardMany { to, from, messages: messages() },
            (Transfer::Copy | Transfer::Notice, 1, reply) => {
                Call::Copy { to, from, message: first.message, reply }
            }
            (Transfer::Copy | Transfer::Notice, _, None) => {
                Call::CopyMany { to, from, messages: messages() }
            }
            (Transfer::Copy | Transfer::Notice, _, Some(reply)) => match pieces(relays()) {
                Some(pieces) => Call::Album { to, pieces, reply: Some(reply) },
                None => Call::CopyMany { to, from, messages: messages() },
            },
        };
        if let Call::Copy { to, .. } | Call::CopyMany { to, .. } = &call
            && let Some(probe) = self.probe(*to)
        {
            return Ok(probe);
        }
        Ok(Step::Call(call, Then::Relayed))
    }

    /// What must come before a copy into a topic that was not seen for long. Its card goes with the topic: taking back
    /// a reaction that was never given finds out, costs nothing, and nobody notices. A card that is missing is sent
    /// anew, and of that Telegram says where it landed.
    fn probe(&self, to: Address) -> Option<Step> {
        let doubtful = |topic: &TopicId| self.desk.topics.doubtful(*topic, Instant::now());
        to.topic.filter(|topic| !self.hints.probed && doubtful(topic))?;
        let conversation = self.conversation?;
        if let Some(message) = conversation.card {
            let ask = Call::React { chat: to.chat, message, reaction: None };
            return Some(Step::Call(ask, Then::Probed));
        }
        let (html, hash) = self.card(conversation);
        let say = Call::Say { to, html, reply: None, keys: Keys::new() };
        Some(Step::Call(say, Then::CardSent { hash }))
    }

    async fn edit(&self, edit: &Edit) -> Result<Step, StoreError> {
        let Some(link) = self.link(edit.from, edit.message).await? else {
            return Ok(Step::Nothing);
        };
        if link.origin != edit.from {
            // Our own copy was edited by us; nothing of the other side changed.
            return Ok(Step::Nothing);
        }
        let (chat, message) = self.counterpart(&link, edit.from.other());
        let body = edit.body.clone();
        let change = Change::between(link.fingerprint, edit.fingerprint, &body);
        let link = Link { fingerprint: edit.fingerprint, at: self.desk.now(), ..link };
        let call = match change {
            Change::None => return Ok(Step::Nothing),
            Change::Resend => return Ok(self.resend(edit, link, message)),
            // What travels as a forward cannot be edited into a copy.
            _ if self.hints.resend || edit.transfer == Transfer::Forward => {
                return Ok(self.resend(edit, link, message));
            }
            Change::Text => Call::EditText { chat, message, body },
            Change::Caption => Call::EditCaption { chat, message, body },
            Change::Media => Call::EditMedia { chat, message, body },
        };
        Ok(Step::Call(call, Then::Edited { link }))
    }

    fn resend(&self, edit: &Edit, link: Link, old: MessageId) -> Step {
        let to = match self.address(edit.from.other()) {
            Ok(to) => to,
            Err(step) => return step,
        };
        let from = self.chat(edit.from);
        let reply = (!self.hints.without_reply).then_some(Resolved { to: old, quote: None });
        let call = match edit.transfer {
            Transfer::Forward => Call::Forward { to, from, message: edit.message },
            Transfer::Copy | Transfer::Notice => {
                Call::Copy { to, from, message: edit.message, reply }
            }
        };
        Step::Call(call, Then::Resent { link })
    }

    fn tell(&self, tell: &Tell) -> Step {
        let Tell { audience, text, reply_to, buttons, pin } = tell;
        let (to, language) = match audience {
            Audience::Chat { chat, topic } => (
                Address { chat: self.desk.moved(*chat), topic: *topic },
                self.desk.settings.operators_language,
            ),
            Audience::User => match self.address(Side::User) {
                Ok(to) => (to, self.user_language()),
                Err(step) => return step,
            },
            Audience::Topic => match self.address(Side::Staff) {
                Ok(to) => (to, self.desk.settings.operators_language),
                Err(step) => return step,
            },
        };
        let html = match (text, self.conversation) {
            // A card shows what is so now, in the words of the pinned one.
            (Text::Card { .. }, Some(conversation)) => self.card(conversation).0,
            (Text::WelcomeSaid { lines }, _) => {
                let lines = lines.iter().map(|line| self.filled(line)).collect();
                self.desk.texts.render(&Text::WelcomeSaid { lines }, language)
            }
            (text, _) => self.desk.texts.render(text, language),
        };
        let reply = reply_to
            .filter(|_| !self.hints.without_reply)
            .map(|message| Resolved { to: message, quote: None });
        let label = |button: &Button| self.desk.texts.plain(&button.label, language);
        let keys = buttons.iter().map(|button| (label(button), button.action.data())).collect();
        Step::Call(Call::Say { to, html, reply, keys }, Then::Told { pin: *pin })
    }

    /// Name first, then the card: each is one call, and the lane comes back for the next.
    fn refresh(&self) -> Step {
        let Some(conversation) = self.conversation else { return Step::Nothing };
        let Some(topic) = conversation.topic.id() else { return Step::Nothing };
        let chat = self.group;
        let title = conversation.title();
        if conversation.title_shown.as_ref() != Some(&title) && !self.hints.plain_title {
            return Step::Call(
                Call::RenameTopic { chat, topic, title: title.clone() },
                Then::Renamed { title },
            );
        }
        let (html, hash) = self.card(conversation);
        let keys = Keys::new();
        match conversation.card {
            None => {
                let to = Address { chat, topic: Some(topic) };
                Step::Call(Call::Say { to, html, reply: None, keys }, Then::CardSent { hash })
            }
            Some(card) if conversation.card_shown != hash => Step::Call(
                Call::EditSaid { chat, message: card, html, keys },
                Then::CardEdited { card, hash },
            ),
            Some(_) => Step::Nothing,
        }
    }

    /// What the card must show, and its hash.
    fn card(&self, conversation: &Conversation) -> (String, u32) {
        let text = conversation.card_text(self.desk.settings.default_language);
        let mut html = self.desk.texts.render(&text, self.desk.settings.operators_language);
        for line in scene::card_lines(conversation) {
            html.push_str("\n\n");
            html.push_str(&self.desk.texts.render(&line, self.desk.settings.operators_language));
        }
        let hash = Fingerprint::hash([html.as_str()]);
        (html, hash)
    }

    /// A call for the topic as it is; nothing if there is none.
    fn in_topic(&self, call: impl FnOnce(TopicId) -> Call) -> Step {
        match self.conversation.and_then(|conversation| conversation.topic.id()) {
            Some(topic) => Step::Call(call(topic), Then::Done),
            None => Step::Nothing,
        }
    }

    /// Where a side is written to; the step that must come first if it is not there yet.
    #[expect(clippy::result_large_err, reason = "the step is made at once or thrown away")]
    fn address(&self, side: Side) -> Result<Address, Step> {
        let chat = self.chat(side);
        if side == Side::User {
            return Ok(Address { chat, topic: None });
        }
        let Some(conversation) = self.conversation else { return Err(Step::Nothing) };
        match conversation.topic {
            Topic::None => {
                let title = if self.hints.plain_title {
                    conversation.plain_title()
                } else {
                    conversation.title()
                };
                // An icon that Telegram does not take must not keep the topic shut.
                let icon =
                    self.desk.settings.topic_icon.clone().filter(|_| !self.hints.without_icon);
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

    pub(super) fn chat(&self, side: Side) -> ChatId {
        match side {
            Side::User => self.lane.user.chat(),
            Side::Staff => self.group,
        }
    }

    /// Whether a message of ours is the card, or the notice of the silent mode.
    fn shows(&self, message: MessageId) -> bool {
        self.conversation.is_some_and(|conversation| {
            [conversation.card, conversation.silent_notice].contains(&Some(message))
        })
    }

    fn counterpart(&self, link: &Link, side: Side) -> (ChatId, MessageId) {
        (self.chat(side), link.on(side))
    }

    /// The pair of a message of this conversation.
    async fn link(&self, side: Side, message: MessageId) -> Result<Option<Link>, StoreError> {
        let link = self.desk.store.link(LinkKey::on(side, self.lane.user, message)).await?;
        Ok(link.filter(|link| link.user == self.lane.user))
    }

    async fn reply(&self, side: Side, reply: &Reply) -> Result<Option<Resolved>, StoreError> {
        if self.hints.without_reply {
            return Ok(None);
        }
        let link = self.link(side, reply.to).await?;
        let quote = reply.quote.clone().filter(|_| !self.hints.without_quote);
        Ok(link.map(|link| Resolved { to: link.on(side.other()), quote }))
    }

    pub(super) fn user_language(&self) -> Language {
        let default = self.desk.settings.default_language;
        self.conversation.map_or(default, |conversation| conversation.speaks(default))
    }
}

/// The contents of an album's pieces; `None` if one of them cannot be sent by its file.
fn pieces<'a>(relays: impl Iterator<Item = &'a Relay>) -> Option<Vec<Body>> {
    relays.map(|relay| relay.body.clone().filter(|body| body.media.is_some())).collect()
}
