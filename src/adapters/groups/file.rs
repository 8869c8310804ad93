//! The file as a whole: how many groups, and which.

use std::{collections::HashMap, path::Path};

use domain::DeskGroup;

use super::{
    super::toml_file::{self, FileMistakes, Reading, Table, Value},
    entry::{GroupEntry, draft},
    surroundings::Surroundings,
};

/// The groups of a desk, as its owner has written them down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupsFile {
    /// The groups, in the file's order, which is that of their rules. `BOT_GROUP_ID` is among them.
    pub groups: Vec<GroupEntry>,
}

impl GroupsFile {
    /// Reads the file, and reports all mistakes at once.
    pub fn load(path: &Path, surroundings: &Surroundings<'_>) -> Result<Self, FileMistakes> {
        toml_file::load(path, |reading, table| read(reading, table, surroundings))
    }
}

/// Reads the groups; `None` after a mistake.
fn read<'a>(
    r: &mut Reading<'a>,
    table: &Table<'a>,
    surroundings: &Surroundings<'_>,
) -> Option<GroupsFile> {
    r.only(table, &["group"]);
    let list = r.list(table, "group");
    let over = list.get(DeskGroup::MAX_GROUPS);
    if let Some(over) = over {
        let what = format!("there are more than {} groups", DeskGroup::MAX_GROUPS);
        r.mistake(&over.span(), what);
    }
    let drafts: Vec<_> =
        list.iter().map(|group| draft(r, group, surroundings).unwrap_or_default()).collect();
    let ids: Vec<_> = drafts.iter().filter_map(|draft| draft.chat.as_ref()).collect();
    once(r, "id", ids.iter().map(|(chat, at)| (chat, *at)));
    let names = drafts.iter().filter_map(|draft| draft.name.as_ref());
    once(r, "name", names.map(|(name, at)| (name, *at)));
    if table.get("group").is_none_or(|list| list.get_ref().is_array()) {
        // A mistake in an id may be the reason why none is the first.
        let all_read = ids.len() == list.len();
        if let Some(first) = surroundings.first
            && all_read
            && !ids.iter().any(|(chat, _)| *chat == first)
        {
            r.mistake_of_file(format!(
                "no [[group]] has the id of BOT_GROUP_ID: add one with id = {first}, which has the topics of the desk until now"
            ));
        }
        if !drafts.is_empty() && drafts.iter().all(|draft| draft.has_rules) {
            r.mistake_of_file(
                "every [[group]] has rules, so users whom none fits would have no group: leave one without rules",
            );
        }
    }
    let groups = drafts.into_iter().map(|draft| draft.entry).collect::<Option<Vec<_>>>()?;
    Some(GroupsFile { groups })
}

/// Reports what several groups have, though only one may. Each comes with its value in the file.
fn once<'v, 'a: 'v, T: Eq + std::hash::Hash + std::fmt::Display + 'v>(
    r: &mut Reading<'a>,
    key: &str,
    all: impl Iterator<Item = (&'v T, &'v Value<'a>)>,
) {
    let mut seen = HashMap::new();
    for (one, value) in all {
        let line = r.line(&value.span());
        match seen.get(one) {
            Some(first) => {
                let what = format!(
                    "the group in line {first} already has the {key} `{one}`: each has its own"
                );
                r.mistake(&value.span(), what);
            }
            None => {
                seen.insert(one, line);
            }
        }
    }
}
