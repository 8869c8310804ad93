//! What the owner of a group does with it and with the bot in it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fields::{Fields, Refusal};
use crate::{
    Group, Rights, Shared,
    actors::Author,
    world::{ChatKind, Standing},
};

/// Carries out an act of the group's owner and answers its result; nothing if there is no such act.
pub(super) fn perform(
    shared: &Arc<Shared>,
    chat: i64,
    kind: ChatKind,
    act: &str,
    fields: &mut Fields,
) -> Option<Result<Value, Refusal>> {
    let act: fn(&Group, &mut Fields) -> Result<Value, Refusal> = match act {
        "kick_bot" => |group, fields| plain(fields, || group.kick_bot()),
        "return_bot" => |group, fields| plain(fields, || group.set_bot_rights(Rights::all())),
        "delete_group" => |group, fields| plain(fields, || group.delete()),
        "migrate" => migrate,
        _ => return None,
    };
    if kind == ChatKind::Private {
        return Some(Err(Refusal::bad("a private chat is no group")));
    }
    let group = Group::of(Author { shared: Arc::clone(shared), user: owner(shared, chat), chat });
    Some(act(&group, fields))
}

/// The owner's id; 0 once the group is deleted.
fn owner(shared: &Shared, chat: i64) -> i64 {
    let world = shared.world();
    let members = world.chats.get(&chat).into_iter().flat_map(|chat| &chat.members);
    let mut owners = members.filter(|(_, standing)| **standing == Standing::Owner);
    owners.next().map_or(0, |(user, _)| *user)
}

/// An act without fields that answers nothing.
fn plain(fields: &Fields, act: impl FnOnce()) -> Result<Value, Refusal> {
    fields.end()?;
    act();
    Ok(json!({}))
}

fn migrate(group: &Group, fields: &mut Fields) -> Result<Value, Refusal> {
    let renumbered = fields.flag("new_ids")?.unwrap_or(false);
    fields.end()?;
    Ok(json!({ "id": if renumbered { group.migrate_renumbered() } else { group.migrate() } }))
}
