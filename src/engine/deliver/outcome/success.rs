//! Interprets success: the facts, links and effects that follow from it.

use crate::engine::{deliver::plan::Then, lanes::Hints};
use domain::{Channel, Effect, Learnt, Link, MessageId, Relay, Side, Tell, Text, TopicId};
use ports::{Address, Call, Receipt};

use super::{Attempt, NextStep, Outcome, OutcomeEvent, retry};

impl Attempt<'_> {
    /// The outcome of a successful call.
    pub(in crate::engine::deliver) fn succeeded(
        &self,
        call: &Call,
        then: Then,
        receipt: &Receipt,
    ) -> Outcome {
        if let Some(outcome) = self.misplaced(call, receipt) {
            return outcome;
        }
        let first = receipt.messages.first().copied();
        match then {
            Then::TopicOpened { title } => Outcome {
                learnt: receipt.opened.map(|topic| Learnt::TopicOpened { topic, title }),
                effects: [Effect::Refresh].into_iter().chain(self.pointers(receipt)).collect(),
                next_step: NextStep::Retry(self.hints, None),
                counts: vec![OutcomeEvent::TopicOpened],
                ..Outcome::default()
            },
            Then::TopicReopened => Outcome {
                next_step: NextStep::Retry(
                    Hints { reopen: false, reopened: true, ..self.hints },
                    None,
                ),
                counts: vec![OutcomeEvent::TopicClosed],
                ..Outcome::default()
            },
            Then::Introduced => retry(Hints { introduced: true, ..self.hints }),
            Then::Relayed => self.relayed(receipt),
            Then::Edited { link } => Outcome { links: vec![link], ..Outcome::default() },
            Then::Resent { link } => {
                let links = first.map(|copy| match link.origin {
                    Side::User => Link { staff_message: copy, ..link },
                    Side::Staff => Link { user_message: copy, ..link },
                });
                // A forward cannot be a reply, so a separate notice names the outdated copy.
                let forwarded = matches!(call, Call::Forward { .. }) && link.origin == Side::User;
                let notice =
                    forwarded.then(|| Tell::topic(Text::EditedAnew, Some(link.staff_message)));
                Outcome {
                    links: links.into_iter().collect(),
                    effects: notice.into_iter().collect(),
                    ..Outcome::default()
                }
            }
            Then::Erased { confirm: None } => Outcome::default(),
            Then::Erased { confirm } => self.notice_instead(Text::Deleted, confirm),
            Then::TextSent { pin } => match first.filter(|_| pin) {
                Some(message) => {
                    let before =
                        self.conversation.and_then(|before| before.moderation.silent_notice);
                    let unpin = before.map(|message| Effect::Unpin { message });
                    Outcome {
                        learnt: Some(Learnt::SilentNotice(message)),
                        effects: unpin.into_iter().chain([Effect::Pin { message }]).collect(),
                        ..Outcome::default()
                    }
                }
                None => Outcome::default(),
            },
            Then::Renamed { title } => Outcome {
                learnt: Some(Learnt::TitleShown(title)),
                next_step: NextStep::Retry(self.hints, None),
                ..Outcome::default()
            },
            Then::Probed => self.probed(),
            Then::CardSent { hash } => Outcome {
                learnt: first.map(|card| Learnt::CardShown { card, hash }),
                effects: first.map(|message| Effect::Pin { message }).into_iter().collect(),
                ..self.probed()
            },
            Then::CardEdited { card, hash } => {
                Outcome { learnt: Some(Learnt::CardShown { card, hash }), ..Outcome::default() }
            }
            Then::NewsletterSettled { newsletter, outcome } => {
                self.newsletter_settled(newsletter, outcome, receipt)
            }
            Then::PanelSent(panel) => Outcome {
                learnt: first.map(|message| Learnt::Panel { panel, message }),
                ..Outcome::default()
            },
            Then::Previewed | Then::PanelEdited | Then::Done => Outcome::default(),
        }
    }

    /// A topic was opened in place of a former one: a notice in each links to the other.
    fn pointers(&self, receipt: &Receipt) -> impl Iterator<Item = Effect> {
        let chat = |topic: TopicId| self.groups.chat(topic.group());
        let before = self.conversation.and_then(|before| before.topic.former.last().copied());
        before.zip(receipt.opened).into_iter().flat_map(move |(old, new)| {
            let here = Tell::topic(Text::ContinuedFrom { group: chat(old), topic: old }, None);
            let there = Text::GoesOnIn { group: chat(new), topic: new };
            [here, Tell::operators(Some(old.into()), there, None)]
        })
    }

    /// The probe has shown that the topic exists: the messages come next. A card that was not sent as a probe is
    /// done.
    pub(super) fn probed(&self) -> Outcome {
        let next_step = if self.head() == Some(&Effect::Refresh) {
            NextStep::Done
        } else {
            NextStep::Retry(Hints { probed: true, ..self.hints }, None)
        };
        Outcome { next_step, ..Outcome::default() }
    }

    fn relayed(&self, receipt: &Receipt) -> Outcome {
        let relays: Vec<&Relay> =
            self.batch.iter().filter_map(|item| item.queued.effect.relay()).collect();
        let counts = vec![OutcomeEvent::Delivered; receipt.messages.len().min(relays.len())];
        let missing = relays.len().saturating_sub(receipt.messages.len());
        if missing > 0 {
            // Telegram does not say which message is missing. No link is better than a wrong one.
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            return Outcome { counts, ..self.notice_instead(Text::SomeMissing { missing }, None) };
        }
        let pair = |(relay, copy): (&&Relay, &MessageId)| {
            let (user_message, staff_message) = match relay.from {
                Side::User => (relay.message, *copy),
                Side::Staff => (*copy, relay.message),
            };
            Link {
                user: self.lane.user,
                user_message,
                staff_message,
                origin: relay.from,
                fingerprint: relay.fingerprint,
                at: self.now,
            }
        };
        // A copy whose sending Telegram has deferred has the id 0 until it is sent. Several copies may have it, so it
        // makes no link.
        let numbered = |(_, copy): &(&&Relay, &MessageId)| copy.0 != 0;
        let links = relays.iter().zip(&receipt.messages).filter(numbered).map(pair).collect();
        Outcome { links, counts, ..Outcome::default() }
    }

    /// A message for a topic that landed in General: it is deleted there and sent to a new topic.
    fn misplaced(&self, call: &Call, receipt: &Receipt) -> Option<Outcome> {
        let to = self.intended_address(call).filter(|_| self.is_misplaced(call, receipt))?;
        let stray = receipt
            .messages
            .first()
            .map(|message| Call::Delete { chat: to.chat, message: *message });
        if self.switched_off {
            return Some(Outcome { stray, ..Self::pause_bucket() });
        }
        if let Some(outcome) = self.former_unusable() {
            return Some(Outcome { stray, ..outcome });
        }
        Some(Outcome { stray, ..self.topic_lost(OutcomeEvent::LandedInGeneral) })
    }

    /// Whether a message for a topic landed elsewhere in the group.
    pub(super) fn is_misplaced(&self, call: &Call, receipt: &Receipt) -> bool {
        let intended = self.intended_address(call).and_then(|to| to.topic);
        intended.zip(receipt.landed).is_some_and(|(intended, landed)| landed != Some(intended))
    }

    /// The address of a message of the conversation, for calls whose answers say where the message landed.
    fn intended_address(&self, call: &Call) -> Option<Address> {
        let (Call::Say { to, .. }
        | Call::Forward { to, .. }
        | Call::ForwardMany { to, .. }
        | Call::Album { to, .. }) = call
        else {
            return None;
        };
        // In a private chat the user reads the message in any topic.
        let ours = !self.is_private(call) && self.lane.channel != Channel::Desk;
        ours.then_some(*to)
    }
}
