//! Telegram did what it was asked to: what is learnt from it.

use crate::engine::sender::{hints::Hints, step::Then};
use domain::{Channel, Effect, Learnt, Link, MessageId, Relay, Side, Tell, Text};
use ports::{Address, Call, Receipt};

use super::{Case, Count, Fate, Judgement, again};

impl Case<'_> {
    /// Telegram did it.
    pub(in crate::engine::sender) fn succeeded(
        &self,
        call: &Call,
        then: Then,
        receipt: &Receipt,
    ) -> Judgement {
        if let Some(judgement) = self.strayed(call, receipt) {
            return judgement;
        }
        let first = receipt.messages.first().copied();
        match then {
            Then::TopicOpened { title } => Judgement {
                learnt: receipt.opened.map(|topic| Learnt::TopicOpened { topic, title }),
                effects: [Effect::Refresh].into_iter().chain(self.pointers(receipt)).collect(),
                fate: Fate::Again(self.hints, None),
                counts: vec![Count::TopicOpened],
                ..Judgement::default()
            },
            Then::TopicReopened => Judgement {
                fate: Fate::Again(Hints { reopen: false, reopened: true, ..self.hints }, None),
                counts: vec![Count::TopicClosed],
                ..Judgement::default()
            },
            Then::Introduced => again(Hints { introduced: true, ..self.hints }),
            Then::Relayed => self.relayed(receipt),
            Then::Edited { link } => Judgement { links: vec![link], ..Judgement::default() },
            Then::Resent { link } => {
                let links = first.map(|copy| match link.origin {
                    Side::User => Link { staff_message: copy, ..link },
                    Side::Staff => Link { user_message: copy, ..link },
                });
                // A forward answers nothing: which copy is outdated is told beside it.
                let forwarded = matches!(call, Call::Forward { .. }) && link.origin == Side::User;
                let told =
                    forwarded.then(|| Tell::topic(Text::EditedAnew, Some(link.staff_message)));
                Judgement {
                    links: links.into_iter().collect(),
                    effects: told.into_iter().collect(),
                    ..Judgement::default()
                }
            }
            Then::Erased { told: None } => Judgement::default(),
            Then::Erased { told } => self.told_instead(Text::Deleted, told),
            Then::Told { pin } => match first.filter(|_| pin) {
                Some(message) => {
                    let before = self.conversation.and_then(|before| before.silent_notice);
                    let unpin = before.map(|message| Effect::Unpin { message });
                    Judgement {
                        learnt: Some(Learnt::SilentNotice(message)),
                        effects: unpin.into_iter().chain([Effect::Pin { message }]).collect(),
                        ..Judgement::default()
                    }
                }
                None => Judgement::default(),
            },
            Then::Renamed { title } => Judgement {
                learnt: Some(Learnt::TitleShown(title)),
                fate: Fate::Again(self.hints, None),
                ..Judgement::default()
            },
            Then::Probed => self.probed(),
            Then::CardSent { hash } => Judgement {
                learnt: first.map(|card| Learnt::CardShown { card, hash }),
                effects: first.map(|message| Effect::Pin { message }).into_iter().collect(),
                ..self.probed()
            },
            Then::CardEdited { card, hash } => {
                Judgement { learnt: Some(Learnt::CardShown { card, hash }), ..Judgement::default() }
            }
            Then::Mailed { newsletter, outcome } => self.mailed(newsletter, outcome, receipt),
            Then::PanelSent(panel) => Judgement {
                learnt: first.map(|message| Learnt::Panel { panel, message }),
                ..Judgement::default()
            },
            Then::Previewed | Then::PanelEdited | Then::Done => Judgement::default(),
        }
    }

    /// A topic was opened in the place of another: each is told where the other is.
    fn pointers(&self, receipt: &Receipt) -> impl Iterator<Item = Effect> + use<> {
        let group = self.group;
        let before = self.conversation.and_then(|before| before.former.last().copied());
        before.zip(receipt.opened).into_iter().flat_map(move |(old, new)| {
            let here = Tell::topic(Text::ContinuedFrom { group, topic: old }, None);
            let there = Text::GoesOnIn { group, topic: new };
            [here, Tell::operators(Some(old.into()), there, None)]
        })
    }

    /// The question whether the topic is there was answered: what was to be sent comes next. A card that was sent for
    /// its own sake is done.
    pub(super) fn probed(&self) -> Judgement {
        let fate = if self.head() == Some(&Effect::Refresh) {
            Fate::Done
        } else {
            Fate::Again(Hints { probed: true, ..self.hints }, None)
        };
        Judgement { fate, ..Judgement::default() }
    }

    fn relayed(&self, receipt: &Receipt) -> Judgement {
        let relays: Vec<&Relay> =
            self.run.iter().filter_map(|item| item.queued.effect.relay()).collect();
        let counts = vec![Count::Delivered; receipt.messages.len().min(relays.len())];
        let missing = relays.len().saturating_sub(receipt.messages.len());
        if missing > 0 {
            // Which of them is missing, Telegram does not say: no pair is better than a wrong one.
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            return Judgement { counts, ..self.told_instead(Text::SomeMissing { missing }, None) };
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
        // A copy that Telegram has put off has the number 0 until it is there, as have others.
        let numbered = |(_, copy): &(&&Relay, &MessageId)| copy.0 != 0;
        let links = relays.iter().zip(&receipt.messages).filter(numbered).map(pair).collect();
        Judgement { links, counts, ..Judgement::default() }
    }

    /// A message for a topic that arrived in General instead: taken back there, and sent to a new topic.
    fn strayed(&self, call: &Call, receipt: &Receipt) -> Option<Judgement> {
        let to = self.meant(call).filter(|_| self.is_astray(call, receipt))?;
        let stray = receipt
            .messages
            .first()
            .map(|message| Call::Delete { chat: to.chat, message: *message });
        if self.switched_off {
            return Some(Judgement { stray, ..Self::waits() });
        }
        if let Some(judgement) = self.former_takes_nothing() {
            return Some(Judgement { stray, ..judgement });
        }
        Some(Judgement { stray, ..self.topic_lost(Count::LandedInGeneral) })
    }

    /// Whether a message for a topic has arrived elsewhere in the group.
    pub(super) fn is_astray(&self, call: &Call, receipt: &Receipt) -> bool {
        let meant = self.meant(call).and_then(|to| to.topic);
        meant.zip(receipt.landed).is_some_and(|(meant, landed)| landed != Some(meant))
    }

    /// Where a message of the conversation was to go, if Telegram says of such where they have landed.
    fn meant(&self, call: &Call) -> Option<Address> {
        let (Call::Say { to, .. }
        | Call::Forward { to, .. }
        | Call::ForwardMany { to, .. }
        | Call::Album { to, .. }) = call
        else {
            return None;
        };
        // Wherever it is in the user's chat, the user reads it.
        let ours = !self.is_private(call) && self.lane.channel != Channel::Desk;
        ours.then_some(*to)
    }
}
