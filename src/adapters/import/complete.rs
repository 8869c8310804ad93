//! Completes a conversation with the old bot's data of the same user.
//!
//! Invariant: existing data stays; only missing data is added.

use domain::{Conversation, WelcomeEnd};

/// What was taken from the old bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Completed {
    /// What happened to the old topic; `None` if there was nothing to do.
    pub topic: Option<OldTopic>,
    /// The user is banned now and was not before.
    pub banned: bool,
    /// Silent mode is on now and was not before.
    pub silent: bool,
    /// The language or the date of the first contact was added.
    pub more: bool,
}

/// What happened to the topic that a user had with the old bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldTopic {
    /// It is now the user's topic.
    Taken,
    /// The user has another topic here; the old one is now a former topic.
    Former,
}

impl Completed {
    /// Whether the conversation has changed.
    pub fn changes(self) -> bool {
        self.banned || self.silent || self.more || self.topic.is_some()
    }

    /// Whether the card in an existing topic must be updated.
    pub fn shows(self) -> bool {
        (self.banned || self.silent) && self.topic != Some(OldTopic::Taken)
    }
}

/// Adds the missing data.
pub fn complete(here: &mut Conversation, old: &Conversation) -> Completed {
    let banned = old.moderation.banned && !here.moderation.banned;
    if banned {
        here.moderation.banned = true;
        here.waiting_since = None;
        here.welcome.end(WelcomeEnd::Banned);
    }
    let silent = old.moderation.silent && !here.moderation.silent;
    here.moderation.silent |= old.moderation.silent;
    let topic = take_topic(here, old);
    let more = (here.language.is_none() && old.language.is_some()) || old.since < here.since;
    here.language = here.language.or(old.language);
    here.since = here.since.min(old.since);
    Completed { topic, banned, silent, more }
}

/// Makes the old topic the user's, or a former topic if the user has another one here, which stays.
fn take_topic(here: &mut Conversation, old: &Conversation) -> Option<OldTopic> {
    let theirs = old.topic.id()?;
    match here.topic.id() {
        None => {
            here.topic.current = old.topic.current;
            here.moderation.silent_notice =
                old.moderation.silent_notice.filter(|_| here.moderation.silent);
            here.firsts.message = true;
            Some(OldTopic::Taken)
        }
        Some(own) if own == theirs || here.topic.former.contains(&theirs) => None,
        Some(_) => {
            here.topic.remember_former(theirs);
            Some(OldTopic::Former)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Language, MessageId, Millis, Moderation, Profile, ScenePosition, Topic, TopicId, UserId,
        WelcomeRun,
    };

    fn known(topic: Topic) -> Conversation {
        let mut here = Conversation::new(UserId(7), Profile::default(), Millis(900));
        here.topic.current = topic;
        here
    }

    /// The conversation as the old bot stored it.
    fn old() -> Conversation {
        let mut old = known(Topic::Open(TopicId(12)));
        old.moderation =
            Moderation { banned: true, silent: true, silent_notice: Some(MessageId(40)) };
        old.language = Some(Language::Russian);
        old.since = Millis(100);
        old
    }

    #[test]
    fn who_is_known_gets_the_ban_the_silence_the_topic_and_the_language_that_they_lack() {
        let mut here = known(Topic::None);
        here.waiting_since = Some(Millis(950));
        let done = complete(&mut here, &old());
        let mut expected = old();
        expected.firsts.message = true;
        assert_eq!(here, expected);
        let topic = Some(OldTopic::Taken);
        assert_eq!(done, Completed { topic, banned: true, silent: true, more: true });
        assert!(done.changes() && !done.shows());
        assert_eq!(complete(&mut here, &old()), Completed::default(), "once");
    }

    #[test]
    fn who_has_a_topic_here_keeps_it_and_gets_the_ban() {
        let mut here = known(Topic::Closed(TopicId(30)));
        let done = complete(&mut here, &old());
        assert_eq!(
            (here.topic.current, here.moderation.silent_notice),
            (Topic::Closed(TopicId(30)), None)
        );
        assert!(here.moderation.banned && here.moderation.silent);
        assert_eq!(
            (done.topic, &here.topic.former[..]),
            (Some(OldTopic::Former), &[TopicId(12)][..])
        );
        assert!(done.shows());
        assert_eq!(complete(&mut here, &old()), Completed::default(), "once");
    }

    #[test]
    fn what_is_set_here_stays() {
        let mut here = known(Topic::Open(TopicId(12)));
        here.moderation.banned = true;
        here.moderation.silent = true;
        here.moderation.silent_notice = Some(MessageId(55));
        here.language = Some(Language::English);
        here.since = Millis(50);
        let before = here.clone();
        let mut mild = old();
        mild.moderation.banned = false;
        mild.moderation.silent = false;
        for from in [old(), mild] {
            assert_eq!(complete(&mut here, &from), Completed::default());
            assert_eq!(here, before);
        }
    }

    #[test]
    fn a_ban_ends_the_welcome_that_is_being_played() {
        let mut here = known(Topic::None);
        here.welcome.due = Some(Millis(1_000));
        here.welcome.run =
            Some(WelcomeRun { number: 1, shape: 1, position: ScenePosition::Waiting(1) });
        complete(&mut here, &old());
        assert_eq!(here.welcome.due, None);
    }
}
