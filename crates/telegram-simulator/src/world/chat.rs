//! Private chats, groups, and their topics.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Message, Reply};

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the Bot API has one flag per right")]
pub struct Rights {
    /// `can_manage_topics`
    pub manage_topics: bool,
    /// `can_delete_messages`
    pub delete_messages: bool,
    /// `can_pin_messages`
    pub pin_messages: bool,
    /// `can_change_info`
    pub change_info: bool,
    /// `can_restrict_members`
    pub restrict_members: bool,
    /// `can_invite_users`
    pub invite_users: bool,
}

impl Rights {
    /// Every right.
    pub const fn all() -> Self {
        Self {
            manage_topics: true,
            delete_messages: true,
            pin_messages: true,
            change_info: true,
            restrict_members: true,
            invite_users: true,
        }
    }

    /// An administrator in name only.
    pub const fn none() -> Self {
        Self {
            manage_topics: false,
            delete_messages: false,
            pin_messages: false,
            change_info: false,
            restrict_members: false,
            invite_users: false,
        }
    }

    /// As `ChatMemberAdministrator`.
    pub(crate) fn member(self, user: &Value) -> Value {
        let mut member = self.fields();
        member["status"] = "administrator".into();
        member["can_be_edited"] = false.into();
        member["user"] = user.clone();
        member
    }

    /// As `ChatAdministratorRights`.
    pub(crate) fn fields(self) -> Value {
        json!({
            "is_anonymous": false, "can_manage_chat": true,
            "can_delete_messages": self.delete_messages, "can_manage_video_chats": false,
            "can_restrict_members": self.restrict_members, "can_promote_members": false,
            "can_send_welcome_messages": false,
            "can_change_info": self.change_info, "can_invite_users": self.invite_users,
            "can_post_stories": false, "can_edit_stories": false, "can_delete_stories": false,
            "can_pin_messages": self.pin_messages, "can_manage_topics": self.manage_topics,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChatKind {
    Private,
    Group,
    Supergroup { forum: bool },
}

/// How the bot stands in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BotStatus {
    /// A person who has never written to the bot.
    Unstarted,
    /// A private chat that works.
    Open,
    Blocked,
    Deactivated,
    Admin(Rights),
    Member,
    /// A member who may not write.
    Muted,
    Left,
    Kicked,
}

/// How a person stands in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Owner,
    Admin(Rights),
    Member,
    Left,
}

impl Standing {
    pub(crate) fn is_admin(self) -> bool {
        matches!(self, Self::Owner | Self::Admin(_))
    }
}

/// A topic as Telegram keeps it.
#[derive(Debug, Clone)]
pub(crate) struct TopicState {
    pub(crate) name: String,
    pub(crate) icon: Option<String>,
    pub(crate) closed: bool,
    pub(crate) deleted: bool,
    pub(crate) creator: i64,
}

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) kind: ChatKind,
    pub(crate) title: String,
    /// How the bot stands here.
    pub(crate) bot: BotStatus,
    pub(crate) members: BTreeMap<i64, Standing>,
    pub(crate) topics: BTreeMap<i64, TopicState>,
    pub(crate) messages: BTreeMap<i64, Message>,
    pub(crate) pinned: Vec<i64>,
    pub(crate) next_message: i64,
    pub(crate) migrated_to: Option<i64>,
    /// Whether its owner has deleted it.
    pub(crate) deleted: bool,
    pub(crate) protected: bool,
    pub(crate) description: Option<String>,
}

impl Chat {
    pub(crate) fn new(id: i64, kind: ChatKind, title: &str, bot: BotStatus) -> Self {
        Self {
            id,
            kind,
            title: title.to_owned(),
            bot,
            members: BTreeMap::new(),
            topics: BTreeMap::new(),
            messages: BTreeMap::new(),
            pinned: Vec::new(),
            next_message: 0,
            migrated_to: None,
            deleted: false,
            protected: false,
            description: None,
        }
    }

    /// Takes over another chat's topics and messages; each id rises by `shift`.
    pub(crate) fn take_over(&mut self, other: &Self, shift: i64) {
        let topics = other.topics.iter();
        self.topics = topics.map(|(id, topic)| (id + shift, topic.clone())).collect();
        let messages = other.messages.values().cloned();
        self.messages = messages
            .map(|mut message| {
                message.id += shift;
                message.topic = message.topic.map(|topic| topic + shift);
                if let Some(Reply::Here { message, .. }) = &mut message.reply {
                    *message += shift;
                }
                (message.id, message)
            })
            .collect();
        self.pinned = other.pinned.iter().map(|id| id + shift).collect();
        self.next_message = other.next_message + shift;
    }

    pub(crate) fn is_forum(&self) -> bool {
        self.kind == ChatKind::Supergroup { forum: true }
    }

    /// What the bot may do here; an administrator's rights, or none.
    pub(crate) fn rights(&self) -> Option<Rights> {
        if let BotStatus::Admin(rights) = self.bot { Some(rights) } else { None }
    }

    /// Whether the bot gets updates about this chat.
    pub(crate) fn is_visible_to_bot(&self) -> bool {
        match self.bot {
            BotStatus::Open | BotStatus::Admin(_) | BotStatus::Member | BotStatus::Muted => true,
            BotStatus::Unstarted
            | BotStatus::Blocked
            | BotStatus::Deactivated
            | BotStatus::Left
            | BotStatus::Kicked => false,
        }
    }

    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            ChatKind::Private => "private",
            ChatKind::Group => "group",
            ChatKind::Supergroup { .. } => "supergroup",
        }
    }

    /// As `Chat` in the Bot API; a private chat takes its names from the person.
    pub(crate) fn value(&self, person: Option<&super::User>) -> Value {
        let mut chat = Map::new();
        chat.insert("id".to_owned(), self.id.into());
        chat.insert("type".to_owned(), self.type_name().into());
        if let Some(person) = person.filter(|_| self.kind == ChatKind::Private) {
            chat.insert("first_name".to_owned(), person.first_name.as_str().into());
            for (name, value) in [("last_name", &person.last_name), ("username", &person.username)]
            {
                if let Some(value) = value {
                    chat.insert(name.to_owned(), value.as_str().into());
                }
            }
        } else {
            chat.insert("title".to_owned(), self.title.as_str().into());
        }
        if self.is_forum() {
            chat.insert("is_forum".to_owned(), true.into());
        }
        Value::Object(chat)
    }

    /// As `ChatMember` for the bot itself.
    pub(crate) fn bot_member(status: BotStatus, me: &Value) -> Value {
        match status {
            BotStatus::Open | BotStatus::Member => json!({ "status": "member", "user": me }),
            BotStatus::Admin(rights) => rights.member(me),
            BotStatus::Muted => restricted(me),
            BotStatus::Unstarted | BotStatus::Left | BotStatus::Deactivated => {
                json!({ "status": "left", "user": me })
            }
            BotStatus::Blocked | BotStatus::Kicked => {
                json!({ "status": "kicked", "user": me, "until_date": 0 })
            }
        }
    }
}

fn restricted(me: &Value) -> Value {
    json!({
        "status": "restricted", "user": me, "is_member": true, "until_date": 0,
        "can_send_messages": false, "can_send_audios": false, "can_send_documents": false,
        "can_send_photos": false, "can_send_videos": false, "can_send_video_notes": false,
        "can_send_voice_notes": false, "can_send_polls": false, "can_send_other_messages": false,
        "can_add_web_page_previews": false, "can_react_to_messages": false,
        "can_edit_tag": false, "can_change_info": false, "can_invite_users": false,
        "can_pin_messages": false, "can_manage_topics": false,
    })
}
