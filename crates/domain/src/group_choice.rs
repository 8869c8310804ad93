//! Which operators' group takes the conversation of a user who has no topic yet.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{GroupKey, Language, UserId, fnv1a_64, splitmix64};

/// A group of operators, with what its owner says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskGroup {
    /// Its number in the store.
    pub key: GroupKey,
    /// Its name, for operators, commands and metrics.
    pub name: String,
    /// The language of cards and notices in it.
    pub language: Language,
    /// How many new conversations it takes, relative to the other groups without rules. With 0 it takes only those that a
    /// rule gives it.
    pub weight: u8,
    /// Which new conversations are its own: those that at least one rule fits. Without rules, it shares the rest with the
    /// other groups without rules.
    pub rules: Vec<GroupRule>,
}

/// A rule by which a group takes new conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupRule {
    /// The user is addressed in this language.
    Language(Language),
    /// The user has answered a question of the welcome so.
    Answer {
        /// The key of the question.
        question: String,
        /// The key of the answer.
        is: String,
    },
    /// The user came by a link with this start parameter.
    Start(String),
}

/// A user who has no topic yet.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// The user.
    pub user: UserId,
    /// The language in which the user is addressed.
    pub language: Language,
    /// The user's answers in the welcome, by question.
    pub answers: &'a BTreeMap<String, String>,
    /// The start parameter of the link by which the user came.
    pub start: Option<&'a str>,
}

/// Whether a group can take new conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupState {
    /// It can.
    Free,
    /// More waits for it than Telegram accepts soon.
    Busy,
    /// The bot cannot write there.
    Lost,
}

impl DeskGroup {
    /// Maximum number of groups of a desk.
    pub const MAX_GROUPS: usize = 100;
    /// Maximum weight of a group.
    pub const MAX_WEIGHT: u8 = 100;

    /// Whether a rule of the group fits this user.
    fn claims(&self, newcomer: &Newcomer<'_>) -> bool {
        self.rules.iter().any(|rule| rule.fits(newcomer))
    }

    /// The highest of as many hashes as the group has weight; `None` if it has none. A group with twice the weight has
    /// the highest of all hashes for twice the users, and the hashes of one group depend on no other group.
    fn score(&self, user: UserId) -> Option<u64> {
        let key = self.key.number().to_le_bytes();
        let hash = |nth: u8| {
            let bytes = key.into_iter().chain([nth]).chain(user.0.to_le_bytes());
            splitmix64(fnv1a_64(bytes))
        };
        (0..self.weight).map(hash).max()
    }
}

impl GroupRule {
    fn fits(&self, newcomer: &Newcomer<'_>) -> bool {
        match self {
            Self::Language(language) => newcomer.language == *language,
            Self::Answer { question, is } => newcomer.answers.get(question) == Some(is),
            Self::Start(parameter) => newcomer.start == Some(parameter),
        }
    }
}

/// Chooses the group for the conversation of a user who never had a topic. `groups` are in the order of the owner's file.
///
/// The first group with a rule that fits takes the user, however busy it is, unless it is lost. Whom no rule fits is
/// shared among the groups without rules, by their weights and the user's id: the same user comes to the same group on
/// every machine, after a restart too. A new group, or a changed weight, moves nobody between the other groups. Busy
/// groups are passed over if another is free. No user waits for a lost group while any group works.
pub fn choose_group(
    groups: &[DeskGroup],
    newcomer: &Newcomer<'_>,
    state: impl Fn(GroupKey) -> GroupState,
) -> GroupKey {
    let works = |group: &DeskGroup| state(group.key) != GroupState::Lost;
    let own = groups.iter().find(|group| group.claims(newcomer) && works(group));
    if let Some(group) = own {
        return group.key;
    }
    let highest = |among: &dyn Fn(&DeskGroup) -> bool| {
        let scored = groups.iter().filter(|group| among(group));
        let scored = scored.filter_map(|group| Some((group.score(newcomer.user)?, group.key)));
        scored.max_by_key(|(score, key)| (*score, Reverse(*key))).map(|(_, key)| key)
    };
    let open = |group: &DeskGroup| group.rules.is_empty();
    highest(&|group| open(group) && state(group.key) == GroupState::Free)
        .or_else(|| highest(&|group| open(group) && works(group)))
        .or_else(|| highest(&works))
        .or_else(|| highest(&open))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: i64 = 30_000;

    fn key(number: u16) -> GroupKey {
        GroupKey::new(number).unwrap()
    }

    fn group(number: u16, weight: u8, rules: Vec<GroupRule>) -> DeskGroup {
        let (name, language) = (format!("g{number}"), Language::English);
        DeskGroup { key: key(number), name, language, weight, rules }
    }

    /// Groups without rules, numbered from 0, with these weights.
    fn open(weights: &[u8]) -> Vec<DeskGroup> {
        (0..).zip(weights).map(|(number, weight)| group(number, *weight, Vec::new())).collect()
    }

    fn answer(question: &str, is: &str) -> GroupRule {
        GroupRule::Answer { question: question.to_owned(), is: is.to_owned() }
    }

    fn free(_: GroupKey) -> GroupState {
        GroupState::Free
    }

    /// Ids as Telegram gives them: some in a row, others far apart.
    fn users() -> impl Iterator<Item = UserId> {
        let near = (0..USERS / 2).map(|nth| UserId(5_000_000_000 + nth));
        near.chain((0..USERS / 2).map(|nth| UserId(100_000 + nth * 487_651)))
    }

    fn chosen_of(
        groups: &[DeskGroup],
        user: UserId,
        state: impl Fn(GroupKey) -> GroupState,
    ) -> GroupKey {
        let answers = BTreeMap::new();
        let newcomer =
            Newcomer { user, language: Language::English, answers: &answers, start: None };
        choose_group(groups, &newcomer, state)
    }

    fn chosen(groups: &[DeskGroup]) -> Vec<GroupKey> {
        users().map(|user| chosen_of(groups, user, free)).collect()
    }

    /// The pairs of groups between which users move.
    fn moves(before: &[GroupKey], after: &[GroupKey]) -> Vec<(u16, u16)> {
        let pairs = before.iter().zip(after).filter(|(from, to)| from != to);
        let mut pairs: Vec<_> = pairs.map(|(from, to)| (from.number(), to.number())).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    #[test]
    fn the_first_group_with_a_rule_that_fits_takes_the_user() {
        let start = |parameter: &str| GroupRule::Start(parameter.to_owned());
        let groups = [
            group(0, 1, Vec::new()),
            group(1, 1, vec![answer("topic", "billing"), start("shop")]),
            group(2, 1, vec![GroupRule::Language(Language::Russian)]),
            group(3, 1, vec![start("shop"), answer("topic", "delivery")]),
        ];
        let (en, ru) = (Language::English, Language::Russian);
        for (language, topic, start, lost, expected) in [
            (en, None, None, &[][..], 0),
            (en, Some("other"), Some("shopping"), &[], 0),
            (en, Some("billing"), None, &[], 1),
            (ru, Some("billing"), None, &[], 1),
            (en, None, Some("shop"), &[], 1),
            (en, Some("delivery"), Some("shop"), &[], 1),
            (ru, None, None, &[], 2),
            (ru, Some("delivery"), None, &[], 2),
            (en, Some("delivery"), None, &[], 3),
            // A lost group is passed over.
            (ru, Some("billing"), None, &[1], 2),
            (en, None, Some("shop"), &[1], 3),
            (en, None, Some("shop"), &[1, 3], 0),
        ] {
            let answers = topic.map(|topic| ("topic".to_owned(), topic.to_owned()));
            let answers = answers.into_iter().collect();
            let newcomer = Newcomer { user: UserId(7), language, answers: &answers, start };
            // A rule holds even if its group is busy.
            let state = |key: GroupKey| {
                let is_lost = lost.contains(&key.number());
                if is_lost { GroupState::Lost } else { GroupState::Busy }
            };
            let case = (language, topic, start, lost);
            assert_eq!(choose_group(&groups, &newcomer, state), key(expected), "{case:?}");
        }
    }

    #[test]
    fn busy_and_lost_groups_are_passed_over_while_others_can_take_users() {
        use GroupState::{Busy, Free, Lost};
        let mut groups = open(&[1, 1, 1]);
        groups.push(group(3, 1, vec![answer("topic", "billing")]));
        for (states, expected) in [
            ([Free, Free, Free, Free], &[0, 1, 2][..]),
            ([Free, Busy, Lost, Free], &[0]),
            ([Lost, Free, Free, Free], &[1, 2]),
            ([Busy, Busy, Lost, Free], &[0, 1]),
            ([Busy, Busy, Busy, Free], &[0, 1, 2]),
            ([Lost, Lost, Lost, Busy], &[3]),
            ([Lost, Lost, Lost, Lost], &[0, 1, 2]),
        ] {
            let state = |key: GroupKey| states[usize::from(key.number())];
            let found = users().take(200).map(|user| chosen_of(&groups, user, state).number());
            let found: std::collections::BTreeSet<u16> = found.collect();
            assert_eq!(found, expected.iter().copied().collect(), "{states:?}");
        }
    }

    #[test]
    fn users_are_shared_by_weight() {
        for weights in [&[1, 1][..], &[2, 1], &[5, 3], &[1, 1, 1], &[3, 2, 1], &[30, 20, 20]] {
            let chosen = chosen(&open(weights));
            let total: i64 = weights.iter().copied().map(i64::from).sum();
            for (number, weight) in (0..).zip(weights) {
                let got = chosen.iter().filter(|group| **group == key(number)).count();
                let got = i64::try_from(got).unwrap();
                let due = USERS * i64::from(*weight) / total;
                let off = (got - due).abs() * 100;
                assert!(off <= due * 3, "{weights:?}: group {number} has {got}, not {due}");
            }
        }
    }

    #[test]
    fn a_change_of_one_group_moves_nobody_between_the_others() {
        let before = chosen(&open(&[2, 2, 1]));
        let heavier = chosen(&open(&[2, 3, 1]));
        assert_eq!(moves(&before, &heavier), [(0, 1), (2, 1)]);
        let lighter = chosen(&open(&[2, 1, 1]));
        assert_eq!(moves(&before, &lighter), [(1, 0), (1, 2)]);
        let retired = chosen(&open(&[2, 0, 1]));
        assert_eq!(moves(&before, &retired), [(1, 0), (1, 2)]);
        let larger = chosen(&open(&[2, 2, 1, 2]));
        assert_eq!(moves(&before, &larger), [(0, 3), (1, 3), (2, 3)]);
        let mut reordered = open(&[2, 2, 1]);
        reordered.rotate_left(1);
        assert_eq!(chosen(&reordered), before);
    }

    #[test]
    fn a_user_has_the_same_group_in_every_build() {
        let groups = open(&[2, 1, 3, 1]);
        let numbers = [1, 7, 100_000, 5_000_000_000, 5_000_000_001, 7_999_999_999, (1 << 52) - 1];
        let chosen = numbers.map(|user| chosen_of(&groups, UserId(user), free).number());
        // What this release chose when it was made. A change would only move users without a topic.
        assert_eq!(chosen, [0, 2, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn a_desk_without_a_file_has_its_first_group() {
        assert_eq!(chosen_of(&[], UserId(7), free), GroupKey::FIRST);
        assert_eq!(chosen_of(&open(&[0]), UserId(7), free), GroupKey::FIRST);
    }
}
