//! Plans the call that relays messages to the other side, and any call that must come before it.

use domain::{Body, LinkRows, MessageId, Relay, Reply, Side, Text, Transfer};
use ports::{Address, Call, Keys, OutboxItem, Resolved};

use super::{
    Planner,
    step::{Step, Then},
};

fn relays(batch: &[OutboxItem]) -> impl Iterator<Item = &Relay> {
    batch.iter().filter_map(|item| item.queued.effect.relay())
}

/// The reply of a batch: that of its first message that has one.
pub(in crate::engine::deliver) fn batch_reply(batch: &[OutboxItem]) -> Option<&Reply> {
    relays(batch).find_map(|relay| relay.reply.as_ref())
}

impl Planner<'_> {
    pub(in crate::engine::deliver) fn relay(&self, first: &Relay, batch: &[OutboxItem]) -> Step {
        let to = match self.address(first.from.other()) {
            Ok(to) => to,
            Err(step) => return step,
        };
        if let Some(introduction) = self.introduction(batch, to) {
            return introduction;
        }
        let call = self.relay_call(first, batch, to);
        if let Call::Copy { to, .. } | Call::CopyMany { to, .. } = &call
            && let Some(probe) = self.probe(*to)
        {
            return probe;
        }
        Step::Call(call, Then::Relayed)
    }

    /// The call that carries the batch.
    fn relay_call(&self, first: &Relay, batch: &[OutboxItem], to: Address) -> Call {
        let from = self.chat(first.from, first.message);
        let reply = batch_reply(batch).and_then(|reply| self.reply(first.from, reply));
        let messages = || -> Vec<MessageId> { relays(batch).map(|relay| relay.message).collect() };
        match (self.transfer(first.transfer), batch.len(), reply) {
            (Transfer::Forward, 1, _) => Call::Forward { to, from, message: first.message },
            (Transfer::Forward, ..) => Call::ForwardMany { to, from, messages: messages() },
            (Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Notice, 1, reply) => {
                let links = self.links(&first.links);
                Call::Copy { to, from, message: first.message, reply, links }
            }
            (Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Notice, _, None) => {
                Call::CopyMany { to, from, messages: messages() }
            }
            (Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Notice, _, Some(reply)) => {
                match pieces(relays(batch)) {
                    Some(pieces) => Call::Album { to, pieces, reply: Some(reply) },
                    None => Call::CopyMany { to, from, messages: messages() },
                }
            }
        }
    }

    /// A text before messages that reply to a message of another chat, which is not in the topic. It is a separate
    /// call, so that the pieces of an album stay together in the lane.
    fn introduction(&self, batch: &[OutboxItem], to: Address) -> Option<Step> {
        let elsewhere = relays(batch).find_map(|relay| relay.elsewhere.as_ref())?;
        if self.hints.introduced {
            return None;
        }
        let text = Text::AnswersElsewhere(elsewhere.clone());
        let html = self.texts.render(&text, self.settings.operators_language);
        let say = Call::Say { to, html, reply: None, keys: Keys::new() };
        Some(Step::Call(say, Then::Introduced))
    }

    /// The buttons below a copy.
    pub(in crate::engine::deliver) fn links(&self, links: &LinkRows) -> LinkRows {
        if self.hints.bare { LinkRows::new() } else { links.clone() }
    }

    /// The actual kind of transfer, given the planned kind and the result of looking up the author.
    pub(in crate::engine::deliver) fn transfer(&self, planned: Transfer) -> Transfer {
        match planned {
            _ if self.hints.forward => Transfer::Forward,
            Transfer::ForwardOf(_) if self.stranger => Transfer::Forward,
            Transfer::ForwardOf(_) => Transfer::Copy,
            Transfer::Copy | Transfer::Forward | Transfer::Notice => planned,
        }
    }

    /// The call before a copy into a topic that has not been seen for long: the topic may be gone. A topic's card is
    /// deleted with it. Removing a reaction that was never set shows whether the card exists; it costs nothing, and
    /// nobody notices. A missing card is sent anew: Telegram's answer says where it landed.
    fn probe(&self, to: Address) -> Option<Step> {
        to.topic.filter(|_| !self.hints.probed && self.doubtful)?;
        let conversation = self.conversation?;
        if let Some(message) = conversation.topic.card {
            let ask = Call::React { chat: to.chat, message, reaction: None };
            return Some(Step::Call(ask, Then::Probed));
        }
        let (html, hash) = self.card(conversation);
        let say = Call::Say { to, html, reply: None, keys: Keys::new() };
        Some(Step::Call(say, Then::CardSent { hash }))
    }

    fn reply(&self, side: Side, reply: &Reply) -> Option<Resolved> {
        let link = self.link.filter(|_| self.hints.may_reply())?;
        let quote = reply.quote.clone().filter(|_| !self.hints.without_quote);
        let to = link.on(side.other());
        let group = self.conversation.map(|one| one.topic.group).unwrap_or_default();
        let is_here = side == Side::Staff || to.group() == group;
        is_here.then_some(Resolved { to, quote })
    }
}

/// The contents of an album's pieces; `None` if a piece cannot be sent by its file id.
fn pieces<'a>(relays: impl Iterator<Item = &'a Relay>) -> Option<Vec<Body>> {
    relays.map(|relay| relay.body.clone().filter(|body| body.media.is_some())).collect()
}
