//! Classifies the fields of a message: content, service message, or irrelevant.
//!
//! Only content opens a topic. A service message that operators should know of is reported if the user has a topic.
//! A field that is not listed here is newer than this program; a message with only unlisted fields is still copied,
//! unless they are empty.

use domain::{ContentKind, Transfer};

/// A content field, and how its messages are sent on.
#[derive(Debug)]
pub(super) struct ContentRow {
    field: &'static str,
    pub(super) kind: ContentKind,
    /// How a user's message is sent to the operators.
    pub(super) to_staff: Transfer,
    /// How an operator's message is sent to the user, who must not see the operator's name.
    pub(super) to_user: Transfer,
}

/// A field of a service message, which Telegram writes itself.
#[derive(Debug)]
pub(super) struct ServiceRow {
    pub(super) field: &'static str,
    pub(super) kind: ContentKind,
    /// Whether the operators are told of it, if the user has a topic.
    pub(super) told: bool,
}

/// The class of a field.
#[derive(Debug)]
pub(super) enum Field {
    Content(&'static ContentRow),
    Service(&'static ServiceRow),
    /// A known field that is irrelevant here.
    Aside,
    Unknown,
}

const fn copied(field: &'static str, kind: ContentKind) -> ContentRow {
    ContentRow { field, kind, to_staff: Transfer::Copy, to_user: Transfer::Copy }
}

/// Content that a copy would impair, or that a bot may not send itself.
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

/// Content fields by rank, highest first: a message with an animation also has a document, and a message with a venue
/// also has a location.
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
    // Gifts, which have a value.
    told("gift", ContentKind::Gift),
    told("unique_gift", ContentKind::Gift),
    told("gift_upgrade_sent", ContentKind::Gift),
    // Documents that someone is waiting for.
    told("passport_data", ContentKind::Passport),
    // Prizes.
    told("giveaway_created", ContentKind::Giveaway),
    told("giveaway_completed", ContentKind::Giveaway),
    // Shared on purpose, with a keyboard button.
    told("users_shared", ContentKind::Service),
    told("chat_shared", ContentKind::Service),
    told("web_app_data", ContentKind::Service),
    // Not reported: settings of the chat itself.
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
    // Not reported: permissions, which the user gives to the bot and not to an operator.
    quiet("write_access_allowed"),
    quiet("connected_website"),
    quiet("managed_bot_created"),
    // Not reported: changes to another message, whose copy in the topic stays as it was.
    quiet("checklist_tasks_done"),
    quiet("checklist_tasks_added"),
    quiet("poll_option_added"),
    quiet("poll_option_deleted"),
    quiet("proximity_alert_triggered"),
    // Not reported: events of groups, channels and communities.
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

/// Classifies a field that [`super::wire::Message`] does not read by name.
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
    /// The position in the order of rank; lower wins.
    pub(super) fn rank(&self) -> usize {
        CONTENT.iter().position(|row| row.field == self.field).unwrap_or(CONTENT.len())
    }
}
