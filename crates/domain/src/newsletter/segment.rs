//! The recipients of a newsletter.

use std::time::Duration;

use super::Recipient;
use crate::{Language, Millis};

/// Conditions that must all hold; without conditions, the newsletter is for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// Users addressed in this language.
    pub language: Option<Language>,
    /// Users who gave this answer to this question of the welcome.
    pub answer: Option<(String, String)>,
    /// Users who were active within this number of days before the start.
    pub active_days: Option<u32>,
}

impl Segment {
    /// The spans that can be selected.
    const DAYS: [u32; 3] = [7, 30, 90];

    /// Whether a newsletter that starts at `begins` is for this user. Users who come later are excluded, so that the
    /// newsletter ends.
    pub fn includes(&self, user: &Recipient<'_>, begins: Millis) -> bool {
        let speaks = self.language.is_none_or(|language| user.language == language);
        let answered = self
            .answer
            .as_ref()
            .is_none_or(|(question, answer)| user.answers.get(question) == Some(answer));
        let active = self.active_days.is_none_or(|days| {
            user.last_active > begins.before(Duration::from_hours(24) * days.saturating_add(1))
        });
        user.since <= begins && speaks && answered && active
    }

    /// Selects the next language; after the last, all languages.
    pub fn select_next_language(&mut self) {
        self.language = after(&Language::ALL, self.language.as_ref()).copied();
    }

    /// Selects the next span; after the last, no span.
    pub fn select_next_days(&mut self) {
        self.active_days = after(&Self::DAYS, self.active_days.as_ref()).copied();
    }

    /// Selects the next of these answers; after the last, any answer.
    pub fn select_next_answer(&mut self, answers: &[(String, String)]) {
        self.answer = after(answers, self.answer.as_ref()).cloned();
    }
}

/// Returns the element after this one: the first after `None`, and `None` after the last.
fn after<'a, T: PartialEq>(all: &'a [T], one: Option<&T>) -> Option<&'a T> {
    let place = one.and_then(|one| all.iter().position(|other| other == one));
    match (one, place) {
        (None, _) => all.first(),
        (Some(_), Some(place)) => all.get(place + 1),
        (Some(_), None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn all_conditions_must_hold() {
        let begins = Millis(1_790_000_000_000);
        let answers = BTreeMap::from([("city".to_owned(), "kazan".to_owned())]);
        let user = Recipient {
            since: Millis(0),
            last_active: Millis(0),
            language: Language::English,
            answers: &answers,
            reachable: true,
            received: &[],
        };
        let mut segment = Segment::default();
        assert!(segment.includes(&user, begins));
        segment.answer = Some(("city".to_owned(), "kazan".to_owned()));
        segment.language = Some(Language::English);
        assert!(segment.includes(&user, begins));
        segment.active_days = Some(7);
        assert!(!segment.includes(&user, begins), "never active");
        let last_active = begins.before(Duration::from_hours(7 * 24));
        let user = Recipient { last_active, ..user };
        assert!(segment.includes(&user, begins), "days are whole days");
        let russian = Recipient { language: Language::Russian, ..user };
        assert!(!segment.includes(&russian, begins));
        let elsewhere = BTreeMap::from([("city".to_owned(), "omsk".to_owned())]);
        assert!(!segment.includes(&Recipient { answers: &elsewhere, ..user }, begins));
        let late = Recipient { since: begins.plus(Duration::from_millis(1)), ..user };
        assert!(!Segment::default().includes(&late, begins), "a user who came after the start");
    }

    #[test]
    fn presses_cycle_through_the_choices() {
        let mut segment = Segment::default();
        let mut spans = Vec::new();
        for _ in 0..4 {
            segment.select_next_days();
            spans.push(segment.active_days);
        }
        assert_eq!(spans, [Some(7), Some(30), Some(90), None]);
        segment.answer = Some(("gone".to_owned(), "gone".to_owned()));
        segment.select_next_answer(&[("a".to_owned(), "b".to_owned())]);
        assert_eq!(segment.answer, None, "the owner changed the welcome in the meantime");
    }
}
