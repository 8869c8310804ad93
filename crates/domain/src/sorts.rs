//! Sorts of effects: how urgent each is, where it waits, what it carries.

use super::{Audience, Channel, Edit, Effect, Mail, MailAct, OutboxLane, Relay, Side, UserId};

/// Which sends go first when Telegram's limits make them wait. Lower is sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Answers to buttons: they expire.
    Button,
    /// From an operator to the user.
    ToUser,
    /// From the user to the topic.
    ToTopic,
    /// What the desk itself says.
    Notice,
    /// Names, cards, pins.
    Cosmetic,
    /// Reports to the tracker.
    Track,
    /// Newsletters: they take what all the others leave.
    Newsletter,
}

impl Class {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Button,
        Self::ToUser,
        Self::ToTopic,
        Self::Notice,
        Self::Cosmetic,
        Self::Track,
        Self::Newsletter,
    ];
}

impl Effect {
    /// The message that it brings to the other side, if it does.
    pub fn relay(&self) -> Option<&Relay> {
        match self {
            Self::Relay(relay) => Some(relay),
            Self::Edit(_)
            | Self::React { .. }
            | Self::Erase { .. }
            | Self::Tell(_)
            | Self::Scene(_)
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::CloseTopic
            | Self::ReopenTopic
            | Self::Refresh
            | Self::Answer { .. }
            | Self::RetireButtons { .. }
            | Self::Report(_)
            | Self::Track(_)
            | Self::Mail(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::MailReport(_) => None,
        }
    }

    /// Whether it brings something of this side to the other.
    pub fn carries(&self, side: Side) -> bool {
        match self {
            Self::Relay(Relay { from, .. })
            | Self::Edit(Edit { from, .. })
            | Self::React { from, .. } => *from == side,
            Self::Erase { .. }
            | Self::Tell(_)
            | Self::Scene(_)
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::CloseTopic
            | Self::ReopenTopic
            | Self::Refresh
            | Self::Answer { .. }
            | Self::RetireButtons { .. }
            | Self::Report(_)
            | Self::Track(_)
            | Self::Mail(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::MailReport(_) => false,
        }
    }

    /// How many messages of Telegram's it makes at once, at the most.
    pub fn size(&self) -> usize {
        match self {
            Self::Mail(Mail { act: MailAct::Deliver { letter, .. }, .. })
            | Self::Preview(letter) => letter.messages.len().max(1),
            Self::Mail(Mail { act: MailAct::Recall(_), .. })
            | Self::Relay(_)
            | Self::Edit(_)
            | Self::React { .. }
            | Self::Erase { .. }
            | Self::Tell(_)
            | Self::Scene(_)
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::CloseTopic
            | Self::ReopenTopic
            | Self::Refresh
            | Self::Answer { .. }
            | Self::RetireButtons { .. }
            | Self::Report(_)
            | Self::Track(_)
            | Self::Panel(_)
            | Self::MailReport(_) => 1,
        }
    }

    /// How urgent it is.
    pub fn class(&self) -> Class {
        match self {
            Self::Answer { .. } => Class::Button,
            Self::Relay(Relay { from, .. })
            | Self::Edit(Edit { from, .. })
            | Self::React { from, .. } => match from {
                Side::Staff => Class::ToUser,
                Side::User => Class::ToTopic,
            },
            Self::Erase { .. } => Class::ToUser,
            Self::CloseTopic | Self::ReopenTopic => Class::ToTopic,
            // To users as well: who asks for help again and again must not hold up others' words.
            Self::Tell(_)
            | Self::Scene(_)
            | Self::Report(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::MailReport(_) => Class::Notice,
            Self::Pin { .. } | Self::Unpin { .. } | Self::Refresh | Self::RetireButtons { .. } => {
                Class::Cosmetic
            }
            Self::Track(_) => Class::Track,
            Self::Mail(_) => Class::Newsletter,
        }
    }

    /// The lane it waits in, within this conversation.
    pub fn lane(&self, user: UserId) -> OutboxLane {
        let channel = match self {
            Self::Answer { .. } => Channel::Button,
            Self::Relay(Relay { from, .. })
            | Self::Edit(Edit { from, .. })
            | Self::React { from, .. } => match from {
                Side::Staff => Channel::User,
                Side::User => Channel::Topic,
            },
            Self::Erase { .. }
            | Self::Scene(_)
            | Self::Report(_)
            | Self::Preview(_)
            | Self::Panel(_)
            | Self::MailReport(_) => Channel::User,
            Self::CloseTopic | Self::ReopenTopic => Channel::Topic,
            Self::Tell(tell) => match tell.audience {
                Audience::User => Channel::User,
                Audience::Topic => Channel::Topic,
                Audience::Chat { .. } => Channel::Desk,
            },
            Self::Pin { .. } | Self::Unpin { .. } | Self::Refresh => Channel::Cosmetic,
            Self::RetireButtons { side: Side::User, .. } => Channel::User,
            Self::RetireButtons { side: Side::Staff, .. } => Channel::Cosmetic,
            Self::Track(_) => Channel::Track,
            Self::Mail(_) => Channel::Newsletter,
        };
        OutboxLane { user, channel }
    }
}
