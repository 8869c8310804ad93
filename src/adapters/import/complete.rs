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
    let banned = old.banned && !here.banned;
    if banned {
        here.banned = true;
        here.waiting_since = None;
        here.end_welcome(WelcomeEnd::Banned);
    }
    let silent = old.silent && !here.silent;
    here.silent |= old.silent;
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
            here.topic = old.topic;
            here.silent_notice = old.silent_notice.filter(|_| here.silent);
            here.firsts.message = true;
            Some(OldTopic::Taken)
        }
        Some(own) if own == theirs || here.former.contains(&theirs) => None,
        Some(_) => {
            here.remember_former(theirs);
            Some(OldTopic::Former)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Language, MessageId, Millis, Profile, ScenePlace, Topic, TopicId, UserId, Welcome,
    };

    fn known(topic: Topic) -> Conversation {
        Conversation { topic, ..Conversation::new(UserId(7), Profile::default(), Millis(900)) }
    }

    /// The conversation as the old bot stored it.
    fn old() -> Conversation {
        Conversation {
            topic: Topic::Open(TopicId(12)),
            banned: true,
            silent: true,
            silent_notice: Some(MessageId(40)),
            language: Some(Language::Russian),
            since: Millis(100),
            ..known(Topic::None)
        }
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
        assert_eq!((here.topic, here.silent_notice), (Topic::Closed(TopicId(30)), None));
        assert!(here.banned && here.silent);
        assert_eq!((done.topic, &here.former[..]), (Some(OldTopic::Former), &[TopicId(12)][..]));
        assert!(done.shows());
        assert_eq!(complete(&mut here, &old()), Completed::default(), "once");
    }

    #[test]
    fn what_is_set_here_stays() {
        let mut here = Conversation {
            banned: true,
            silent: true,
            silent_notice: Some(MessageId(55)),
            language: Some(Language::English),
            since: Millis(50),
            ..known(Topic::Open(TopicId(12)))
        };
        let before = here.clone();
        let mild = Conversation { banned: false, silent: false, ..old() };
        for from in [old(), mild] {
            assert_eq!(complete(&mut here, &from), Completed::default());
            assert_eq!(here, before);
        }
    }

    #[test]
    fn a_ban_ends_the_welcome_that_is_being_played() {
        let mut here = known(Topic::None);
        here.due = Some(Millis(1_000));
        here.welcome = Some(Welcome { run: 1, shape: 1, place: ScenePlace::Waiting(1) });
        complete(&mut here, &old());
        assert_eq!(here.due, None);
    }
}
