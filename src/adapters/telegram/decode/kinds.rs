//! The fields of a message, sorted: what it is, what service it tells of, what goes without saying.
//!
//! Only what a user has written opens a topic; of the rest, what is worth an operator's knowing is told where a topic is.
//! A field that stands nowhere here is newer than we are; a message made of such fields is still copied, if they hold anything.

use domain::{ContentKind, Transfer};

/// A field that says what a message is.
#[derive(Debug)]
pub(super) struct ContentRow {
    field: &'static str,
    pub(super) kind: ContentKind,
    /// How it travels from a user to the operators.
    pub(super) to_staff: Transfer,
    /// How it travels from an operator to the user, who must not see the operator's name.
    pub(super) to_user: Transfer,
}

/// A field that says what Telegram tells of, in its own name.
#[derive(Debug)]
pub(super) struct ServiceRow {
    pub(super) field: &'static str,
    pub(super) kind: ContentKind,
    /// Whether a user's is told to the operators, if there is a topic to tell it in.
    pub(super) told: bool,
}

/// What a field tells.
#[derive(Debug)]
pub(super) enum Field {
    Content(&'static ContentRow),
    Service(&'static ServiceRow),
    /// Nothing that matters here.
    Aside,
    Unknown,
}

const fn copied(field: &'static str, kind: ContentKind) -> ContentRow {
    ContentRow { field, kind, to_staff: Transfer::Copy, to_user: Transfer::Copy }
}

/// What loses by copying, or which a bot may not send itself.
const fn shown(field: &'static str, kind: ContentKind) -> ContentRow {
    ContentRow { field, kind, to_staff: Transfer::Forward, to_user: Transfer::Copy }
}

const fn noticed(field: &'static str, kind: ContentKind) -> ContentRow {
    ContentRow { field, kind, to_staff: Transfer::Notice, to_user: Transfer::Notice }
}

const fn told(field: &'static str, kind: ContentKind) -> ServiceRow {
    ServiceRow { field, kind, told: true }
}

const fn quiet(field: &'static str) -> ServiceRow {
    ServiceRow { field, kind: ContentKind::Service, told: false }
}

/// In order of rank: a message with an animation also has a document, one with a venue a location.
static CONTENT: [ContentRow; 23] = [
    noticed("paid_media", ContentKind::PaidMedia),
    noticed("invoice", ContentKind::Invoice),
    noticed("giveaway", ContentKind::Giveaway),
    noticed("giveaway_winners", ContentKind::Giveaway),
    shown("story", ContentKind::Story),
    shown("dice", ContentKind::Dice),
    shown("game", ContentKind::Game),
    shown("checklist", ContentKind::Checklist),
    copied("live_photo", ContentKind::Other),
    copied("rich_message", ContentKind::Other),
    copied("animation", ContentKind::Animation),
    copied("venue", ContentKind::Venue),
    copied("poll", ContentKind::Poll),
    copied("contact", ContentKind::Contact),
    copied("location", ContentKind::Location),
    copied("sticker", ContentKind::Sticker),
    copied("video_note", ContentKind::VideoNote),
    copied("voice", ContentKind::Voice),
    copied("audio", ContentKind::Audio),
    copied("video", ContentKind::Video),
    copied("photo", ContentKind::Photo),
    copied("document", ContentKind::Document),
    copied("text", ContentKind::Text),
];

static SERVICES: &[ServiceRow] = &[
    // Money.
    told("successful_payment", ContentKind::Payment),
    told("refunded_payment", ContentKind::Payment),
    // Presents: of value.
    told("gift", ContentKind::Gift),
    told("unique_gift", ContentKind::Gift),
    told("gift_upgrade_sent", ContentKind::Gift),
    // Documents that somebody waits for.
    told("passport_data", ContentKind::Passport),
    // Prizes.
    told("giveaway_created", ContentKind::Giveaway),
    told("giveaway_completed", ContentKind::Giveaway),
    // Handed over on purpose, by a button of the chat.
    told("users_shared", ContentKind::Service),
    told("chat_shared", ContentKind::Service),
    told("web_app_data", ContentKind::Service),
    // Not told. The chat itself, arranged.
    quiet("message_auto_delete_timer_changed"),
    quiet("chat_background_set"),
    quiet("pinned_message"),
    quiet("new_chat_title"),
    quiet("new_chat_photo"),
    quiet("delete_chat_photo"),
    quiet("forum_topic_created"),
    quiet("forum_topic_edited"),
    quiet("forum_topic_closed"),
    quiet("forum_topic_reopened"),
    quiet("general_forum_topic_hidden"),
    quiet("general_forum_topic_unhidden"),
    // Not told. Permissions, which the user gives to the bot and not to an operator.
    quiet("write_access_allowed"),
    quiet("connected_website"),
    quiet("managed_bot_created"),
    // Not told. Done to another message, which the topic shows as it was.
    quiet("checklist_tasks_done"),
    quiet("checklist_tasks_added"),
    quiet("poll_option_added"),
    quiet("poll_option_deleted"),
    quiet("proximity_alert_triggered"),
    // Not told. Of groups, channels and communities.
    quiet("migrate_to_chat_id"),
    quiet("migrate_from_chat_id"),
    quiet("new_chat_members"),
    quiet("left_chat_member"),
    quiet("chat_owner_left"),
    quiet("chat_owner_changed"),
    quiet("group_chat_created"),
    quiet("supergroup_chat_created"),
    quiet("channel_chat_created"),
    quiet("boost_added"),
    quiet("direct_message_price_changed"),
    quiet("paid_message_price_changed"),
    quiet("suggested_post_approved"),
    quiet("suggested_post_approval_failed"),
    quiet("suggested_post_declined"),
    quiet("suggested_post_paid"),
    quiet("suggested_post_refunded"),
    quiet("video_chat_scheduled"),
    quiet("video_chat_started"),
    quiet("video_chat_ended"),
    quiet("video_chat_participants_invited"),
    quiet("community_chat_added"),
    quiet("community_chat_joined"),
    quiet("community_chat_removed"),
];

const ASIDE: &[&str] = &[
    "author_signature",
    "business_connection_id",
    "direct_messages_topic",
    "effect_id",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "guest_query_id",
    "is_from_offline",
    "is_paid_post",
    "paid_star_count",
    "receiver_user",
    "reply_to_checklist_task_id",
    "reply_to_poll_option_id",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "suggested_post_info",
];

/// What a field tells, of those that [`super::wire::Message`] does not read itself.
pub(super) fn field(name: &str) -> Field {
    if let Some(row) = CONTENT.iter().find(|row| row.field == name) {
        Field::Content(row)
    } else if let Some(row) = SERVICES.iter().find(|row| row.field == name) {
        Field::Service(row)
    } else if ASIDE.contains(&name) {
        Field::Aside
    } else {
        Field::Unknown
    }
}

impl ContentRow {
    /// Lower goes first.
    pub(super) fn rank(&self) -> usize {
        CONTENT.iter().position(|row| row.field == self.field).unwrap_or(CONTENT.len())
    }
}
