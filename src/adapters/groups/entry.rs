//! Reads a single group of the file.

use domain::{ChatId, DeskGroup, GroupKey, GroupRule, Language};

use super::{
    super::toml_file::{Reading, Table, Value, suggestion, whole},
    surroundings::Surroundings,
};

/// A group of the file. The store gives it its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    /// Its id at Telegram, as the owner wrote it; Telegram may have changed it since.
    pub chat: ChatId,
    /// Its name: at most 32 of a-z, 0-9, `_` and `-`.
    pub name: String,
    /// The language of cards and notices in it.
    pub language: Language,
    /// Its weight, from 1 to [`DeskGroup::MAX_WEIGHT`].
    pub weight: u8,
    /// Its rules; empty for a group that takes whom no rule fits.
    pub rules: Vec<GroupRule>,
}

/// What could be read of a group.
#[derive(Debug, Default)]
pub(super) struct Draft<'t, 'a> {
    /// The id, and its value.
    pub chat: Option<(ChatId, &'t Value<'a>)>,
    /// The name, and its value.
    pub name: Option<(String, &'t Value<'a>)>,
    /// Whether there is a rule, even one with a mistake.
    pub has_rules: bool,
    /// The group, unless there was a mistake in it.
    pub entry: Option<GroupEntry>,
}

const KEYS: &[&str] = &["id", "name", "language", "weight", "rules"];
const RULES: &[&str] = &["language", "answer", "start"];
/// Ids of supergroups are below this.
const SUPERGROUPS: i64 = -1_000_000_000_000;
/// Length limits of a name and of a start parameter, the latter Telegram's.
const NAME: usize = 32;
const PARAMETER: usize = 64;
/// The name under which metrics count the groups past their limit.
const RESERVED: &str = "other";

impl GroupEntry {
    /// The group under the key that the store gave it.
    pub fn keyed(self, key: GroupKey) -> DeskGroup {
        let Self { chat: _, name, language, weight, rules } = self;
        DeskGroup { key, name, language, weight, rules }
    }
}

/// Reads a group; `None` if it is no table.
pub(super) fn draft<'t, 'a>(
    r: &mut Reading<'a>,
    group: &'t Value<'a>,
    surroundings: &Surroundings<'_>,
) -> Option<Draft<'t, 'a>> {
    let table = r.table(group, "group")?;
    r.only(table, KEYS);
    for (key, example) in [("id", "id = -1001234567890"), ("name", "name = \"support\"")] {
        if !table.contains_key(key) {
            r.mistake(&group.span(), format!("the group lacks `{key}`: write {example}"));
        }
    }
    let chat = table.get("id").and_then(|id| Some((chat(r, id)?, id)));
    let name = name(r, table);
    let language = if table.contains_key("language") {
        r.language(table, "language")
    } else {
        Some(surroundings.language)
    };
    let weight = if table.contains_key("weight") {
        r.number(table, "weight", 1..=DeskGroup::MAX_WEIGHT)
    } else {
        Some(1)
    };
    let list = r.list(table, "rules");
    let rules: Vec<_> = list.iter().map(|value| rule(r, value, surroundings)).collect();
    let entry = || {
        Some(GroupEntry {
            chat: chat.as_ref()?.0,
            name: name.as_ref()?.0.clone(),
            language: language?,
            weight: weight?,
            rules: rules.into_iter().collect::<Option<_>>()?,
        })
    };
    let entry = entry();
    Some(Draft { chat, name, has_rules: !list.is_empty(), entry })
}

/// Reads the id of a supergroup.
fn chat(r: &mut Reading<'_>, value: &Value<'_>) -> Option<ChatId> {
    let Some(id) = whole(value) else {
        r.mistake(&value.span(), "`id` must be a number without quotes, like -1001234567890");
        return None;
    };
    let remedy = match id {
        ..SUPERGROUPS => return Some(ChatId(id)),
        SUPERGROUPS..0 => {
            "is the id of a basic group, which has no topics, or lacks the 100 after the minus sign: turn topics on in the group's settings, then send /id in the group and copy its answer"
        }
        0.. => {
            "is not the id of a group, which begins with -100: send /id in the group and copy its answer"
        }
    };
    r.mistake(&value.span(), format!("`{id}` {remedy}"));
    None
}

fn name<'t, 'a>(r: &mut Reading<'a>, table: &'t Table<'a>) -> Option<(String, &'t Value<'a>)> {
    let value = table.get("name")?;
    let name = r.text(table, "name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let what = if name.len() > NAME || !name.chars().all(plain) {
        format!(
            "the name `{name}` must have at most {NAME} of a-z, 0-9, _ and -: commands and metrics use it"
        )
    } else if name == RESERVED {
        format!("the name `{name}` is taken: metrics use it for groups that they do not name")
    } else {
        return Some((name.to_owned(), value));
    };
    r.mistake(&value.span(), what);
    None
}

fn rule<'a>(
    r: &mut Reading<'a>,
    value: &Value<'a>,
    surroundings: &Surroundings<'_>,
) -> Option<GroupRule> {
    let table = r.table(value, "rule")?;
    r.only(table, RULES);
    let mut known = RULES.iter().filter(|key| table.contains_key(**key));
    let (Some(key), None) = (known.next(), known.next()) else {
        let what = "a rule has one condition: { language = \"ru\" }, { answer = { question = \"topic\", is = \"billing\" } }, or { start = \"shop\" }; write a rule for each";
        // An unknown key alone has been reported.
        if table.is_empty() || table.len() > 1 {
            r.mistake(&value.span(), what);
        }
        return None;
    };
    match *key {
        "language" => r.language(table, "language").map(GroupRule::Language),
        "answer" => answer(r, table.get("answer")?, surroundings),
        _start => start(r, table),
    }
}

/// Reads a rule about an answer, and checks that the welcome can lead to it.
fn answer<'a>(
    r: &mut Reading<'a>,
    value: &Value<'a>,
    surroundings: &Surroundings<'_>,
) -> Option<GroupRule> {
    let table = r.table(value, "answer")?;
    r.only(table, &["question", "is"]);
    for key in ["question", "is"] {
        if !table.contains_key(key) {
            r.mistake(&value.span(), format!("the answer lacks `{key}`"));
        }
    }
    let (question, is) = (r.text(table, "question"), r.text(table, "is"));
    let (question, is) = (question?, is?);
    if let Some(known) = surroundings.questions.all() {
        let names: Vec<&str> = known.iter().map(|(question, _)| *question).collect();
        let what = match known.iter().find(|(known, _)| *known == question) {
            None if known.is_empty() => Some(
                "there is no welcome that asks anything: set WELCOME_FILE, or remove the rule"
                    .to_owned(),
            ),
            None => Some(format!(
                "the welcome has no question `{question}`; {}",
                suggestion(question, &names)
            )),
            Some((_, answers)) if !answers.contains(&is) => Some(format!(
                "the question `{question}` has no answer `{is}`; {}",
                suggestion(is, answers)
            )),
            Some(_) => None,
        };
        if let Some(what) = what {
            r.mistake(&value.span(), what);
            return None;
        }
    }
    Some(GroupRule::Answer { question: question.to_owned(), is: is.to_owned() })
}

fn start<'a>(r: &mut Reading<'a>, table: &Table<'a>) -> Option<GroupRule> {
    let parameter = r.text(table, "start")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if parameter.len() > PARAMETER || !parameter.chars().all(plain) {
        let at = table.get("start").map_or(0..0, Value::span);
        let what = format!(
            "`start` must be what follows ?start= in a link to the bot: at most {PARAMETER} of A-Z, a-z, 0-9, _ and -"
        );
        r.mistake(&at, what);
        return None;
    }
    Some(GroupRule::Start(parameter.to_owned()))
}
