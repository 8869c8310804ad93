//! Routing of effects: the urgency, the lane and the payload of each.

use crate::{
    Audience, Channel, Class, Edit, Effect, Former, MessageId, NewsletterCall, NewsletterSend,
    OutboxLane, Relay, Side, Tell, UserId,
};

/// The aspect of a message that a later effect replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replaced {
    /// Text and media of the message.
    Words,
    /// The reaction to the message.
    Reaction,
}

impl Effect {
    /// Returns the message that the effect relays, if it is a relay.
    pub fn relay(&self) -> Option<&Relay> {
        let Self::Relay(relay) = self else { return None };
        Some(relay)
    }

    /// Returns the former topic in which the effect originated; `None` for the present topic.
    pub fn former(&self) -> Option<Former> {
        let (Self::Relay(Relay { former, .. })
        | Self::Edit(Edit { former, .. })
        | Self::Erase { former, .. }
        | Self::Withdraw { former, .. }) = self
        else {
            return None;
        };
        *former
    }

    /// Returns the key under which a later effect replaces this one: of several edits of one message, or several
    /// reactions to it, only the last counts.
    pub fn replaces(&self) -> Option<(Side, MessageId, Replaced)> {
        if let Self::Edit(Edit { from, message, .. }) = self {
            return Some((*from, *message, Replaced::Words));
        }
        if let Self::React { from, message, .. } = self {
            return Some((*from, *message, Replaced::Reaction));
        }
        None
    }

    /// Whether the effect carries something from this side to the other.
    pub fn carries(&self, side: Side) -> bool {
        let (Self::Relay(Relay { from, .. })
        | Self::Edit(Edit { from, .. })
        | Self::React { from, .. }) = self
        else {
            return false;
        };
        *from == side
    }

    /// Sends a notice to operators past what waits for their topic. Nothing else changes.
    pub fn pass(&mut self) {
        if let Self::Tell(Tell { audience: audience @ Audience::Topic, .. }) = self {
            *audience = Audience::Aside;
        }
    }

    /// Returns the maximum number of Telegram messages that the effect creates at once.
    pub fn size(&self) -> usize {
        let (Self::Newsletter(NewsletterSend {
            act: NewsletterCall::Deliver { letter, .. }, ..
        })
        | Self::Preview(letter)) = self
        else {
            return 1;
        };
        letter.messages.len().max(1)
    }

    /// Returns the urgency of the effect, as if the operators knew the user.
    pub fn class(&self) -> Class {
        match self {
            Self::Answer { .. } => Class::Button,
            Self::React { late: true, .. } => Class::Cosmetic,
            Self::Relay(Relay { from, .. })
            | Self::Edit(Edit { from, .. })
            | Self::React { from, .. } => match from {
                Side::Staff => Class::ToUser,
                Side::User => Class::Known,
            },
            Self::Erase { .. } | Self::Withdraw { .. } => Class::ToUser,
            Self::CloseTopic => Class::Urgent,
            Self::ReopenTopic => Class::Known,
            Self::Tell(Tell { audience: Audience::Topic | Audience::Former(_), text, .. })
                if text.answers_an_operator() =>
            {
                Class::Urgent
            }
            // Includes messages to users: somebody who keeps asking for help must not delay the messages of others.
            Self::Tell(_)
            | Self::Scene(_)
            | Self::Report(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::NewsletterReport(_) => Class::Notice,
            Self::Pin { .. } | Self::Unpin { .. } | Self::Refresh | Self::RetireButtons { .. } => {
                Class::Cosmetic
            }
            Self::Track(_) => Class::Track,
            Self::Newsletter(_) => Class::Newsletter,
        }
    }

    /// Returns the lane of the effect in this user's conversation.
    pub fn lane(&self, user: UserId) -> OutboxLane {
        let channel = match self {
            Self::Answer { .. } => Channel::Button,
            Self::React { late: true, .. } => Channel::Cosmetic,
            Self::Relay(Relay { from, .. })
            | Self::Edit(Edit { from, .. })
            | Self::React { from, .. } => match from {
                Side::Staff => Channel::User,
                Side::User => Channel::Topic,
            },
            Self::Erase { .. }
            | Self::Withdraw { .. }
            | Self::Scene(_)
            | Self::Report(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::NewsletterReport(_) => Channel::User,
            Self::CloseTopic | Self::ReopenTopic => Channel::Topic,
            Self::Tell(tell) => match tell.audience {
                Audience::User => Channel::User,
                Audience::Topic | Audience::Former(_) => Channel::Topic,
                Audience::Aside => Channel::Cosmetic,
                Audience::Chat { .. } => Channel::Desk,
            },
            Self::Pin { .. } | Self::Unpin { .. } | Self::Refresh => Channel::Cosmetic,
            Self::RetireButtons { side: Side::User, .. } => Channel::User,
            Self::RetireButtons { side: Side::Staff, .. } => Channel::Cosmetic,
            Self::Track(_) => Channel::Track,
            Self::Newsletter(_) => Channel::Newsletter,
        };
        OutboxLane { user, channel }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CallbackId, ChatId, ContentKind, Fingerprint, MessageId, NewsletterContent, NewsletterId,
        Panel, Report, SceneLine, Text, Track, Transfer,
    };

    const MESSAGE: MessageId = MessageId(5);

    fn relay(from: Side) -> Effect {
        Effect::Relay(Relay::new(
            from,
            MESSAGE,
            ContentKind::Text,
            Transfer::Copy,
            Fingerprint::default(),
        ))
    }

    fn edit(from: Side) -> Effect {
        Effect::Edit(Edit {
            from,
            message: MESSAGE,
            kind: ContentKind::Text,
            transfer: Transfer::Copy,
            body: crate::Body { text: String::new(), entities: None, preview: None, media: None },
            fingerprint: Fingerprint::default(),
            links: Vec::new(),
            former: None,
        })
    }

    fn react(from: Side) -> Effect {
        Effect::React { from, message: MESSAGE, reaction: None, late: false }
    }

    fn late_reaction() -> Effect {
        Effect::React { from: Side::Staff, message: MESSAGE, reaction: None, late: true }
    }

    fn tell(audience: Audience) -> Effect {
        let (reply_to, buttons) = (None, Vec::new());
        Effect::Tell(Tell { audience, text: Text::Help, reply_to, buttons, pin: false })
    }

    fn answer(side: Side) -> Effect {
        Effect::Answer { callback: CallbackId(String::new()), side, text: None }
    }

    fn content(messages: i64) -> NewsletterContent {
        NewsletterContent {
            messages: (0..messages).map(MessageId).collect(),
            ..NewsletterContent::default()
        }
    }

    fn newsletter(act: NewsletterCall) -> Effect {
        Effect::Newsletter(NewsletterSend { newsletter: NewsletterId(9), act })
    }

    fn deliver(messages: i64) -> Effect {
        newsletter(NewsletterCall::Deliver { author: UserId(1), letter: content(messages) })
    }

    #[test]
    fn each_effect_has_its_urgency_and_its_lane() {
        let scene = SceneLine { words: String::new(), picture: None, buttons: Vec::new() };
        let chat = Audience::Chat { chat: ChatId(-100), topic: None };
        let retire = |side| Effect::RetireButtons { side, message: MESSAGE };
        for (effect, class, channel) in [
            (relay(Side::User), Class::Known, Channel::Topic),
            (relay(Side::Staff), Class::ToUser, Channel::User),
            (edit(Side::User), Class::Known, Channel::Topic),
            (edit(Side::Staff), Class::ToUser, Channel::User),
            (react(Side::User), Class::Known, Channel::Topic),
            (react(Side::Staff), Class::ToUser, Channel::User),
            (late_reaction(), Class::Cosmetic, Channel::Cosmetic),
            (
                Effect::Erase { message: MESSAGE, command: MESSAGE, former: None },
                Class::ToUser,
                Channel::User,
            ),
            (tell(Audience::User), Class::Notice, Channel::User),
            (tell(Audience::Topic), Class::Notice, Channel::Topic),
            (Tell::topic(Text::SilentOn, None), Class::Urgent, Channel::Topic),
            (tell(Audience::Former(crate::TopicId(6).into())), Class::Notice, Channel::Topic),
            (tell(Audience::Aside), Class::Notice, Channel::Cosmetic),
            (tell(chat), Class::Notice, Channel::Desk),
            (Effect::Scene(scene), Class::Notice, Channel::User),
            (Effect::Pin { message: MESSAGE }, Class::Cosmetic, Channel::Cosmetic),
            (Effect::Unpin { message: MESSAGE }, Class::Cosmetic, Channel::Cosmetic),
            (Effect::CloseTopic, Class::Urgent, Channel::Topic),
            (Effect::ReopenTopic, Class::Known, Channel::Topic),
            (Effect::Refresh, Class::Cosmetic, Channel::Cosmetic),
            (answer(Side::User), Class::Button, Channel::Button),
            (answer(Side::Staff), Class::Button, Channel::Button),
            (retire(Side::User), Class::Cosmetic, Channel::User),
            (retire(Side::Staff), Class::Cosmetic, Channel::Cosmetic),
            (Effect::Report(Report::Status), Class::Notice, Channel::User),
            (Effect::Track(Track::Goal(String::new())), Class::Track, Channel::Track),
            (deliver(1), Class::Newsletter, Channel::Newsletter),
            (
                newsletter(NewsletterCall::Recall(vec![MESSAGE])),
                Class::Newsletter,
                Channel::Newsletter,
            ),
            (Effect::Preview(content(1)), Class::Notice, Channel::User),
            (Effect::Panel(Panel::Draft), Class::Notice, Channel::User),
            (Effect::NewsletterReport(NewsletterId(9)), Class::Notice, Channel::User),
        ] {
            let lane = OutboxLane { user: UserId(7), channel };
            assert_eq!((effect.class(), effect.lane(UserId(7))), (class, lane), "{effect:?}");
        }
    }

    #[test]
    fn messages_edits_and_reactions_are_carried_from_their_side() {
        for side in [Side::User, Side::Staff] {
            for effect in [relay(side), edit(side), react(side)] {
                assert!(effect.carries(side), "{effect:?}");
                assert!(!effect.carries(side.other()), "{effect:?}");
            }
        }
        for effect in [answer(Side::User), tell(Audience::User), deliver(1), Effect::Refresh] {
            assert!(!effect.carries(Side::User) && !effect.carries(Side::Staff), "{effect:?}");
        }
        assert!(relay(Side::User).relay().is_some());
        assert_eq!(edit(Side::User).relay(), None);
    }

    #[test]
    fn only_an_album_of_a_newsletter_makes_several_messages_at_once() {
        for (effect, size) in [
            (deliver(3), 3),
            (deliver(0), 1),
            (Effect::Preview(content(3)), 3),
            (newsletter(NewsletterCall::Recall(vec![MESSAGE, MESSAGE])), 1),
            (relay(Side::User), 1),
        ] {
            assert_eq!(effect.size(), size, "{effect:?}");
        }
    }

    #[test]
    fn all_classes_are_listed_the_most_urgent_first() {
        assert!(Class::ALL.is_sorted());
        assert_eq!((Class::ALL[0], Class::ALL[9]), (Class::Button, Class::Newsletter));
    }
}
