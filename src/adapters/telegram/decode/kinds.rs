//! The fields of a message, sorted: what it is, what service it tells of, what goes without saying.
//!
//! A field that stands nowhere here is newer than we are; a message made of such fields is still copied.

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

/// What a field tells.
#[derive(Debug)]
pub(super) enum Field {
    Content(&'static ContentRow),
    Service(&'static str, ContentKind),
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

const SERVICES: &[(&str, ContentKind)] = &[
    ("successful_payment", ContentKind::Payment),
    ("refunded_payment", ContentKind::Payment),
    ("gift", ContentKind::Gift),
    ("unique_gift", ContentKind::Gift),
    ("gift_upgrade_sent", ContentKind::Gift),
    ("passport_data", ContentKind::Passport),
    ("giveaway_created", ContentKind::Giveaway),
    ("giveaway_completed", ContentKind::Giveaway),
    ("migrate_to_chat_id", ContentKind::Service),
    ("migrate_from_chat_id", ContentKind::Service),
    ("forum_topic_created", ContentKind::Service),
    ("forum_topic_edited", ContentKind::Service),
    ("forum_topic_closed", ContentKind::Service),
    ("forum_topic_reopened", ContentKind::Service),
    ("general_forum_topic_hidden", ContentKind::Service),
    ("general_forum_topic_unhidden", ContentKind::Service),
    ("pinned_message", ContentKind::Service),
    ("new_chat_members", ContentKind::Service),
    ("left_chat_member", ContentKind::Service),
    ("chat_owner_left", ContentKind::Service),
    ("chat_owner_changed", ContentKind::Service),
    ("new_chat_title", ContentKind::Service),
    ("new_chat_photo", ContentKind::Service),
    ("delete_chat_photo", ContentKind::Service),
    ("group_chat_created", ContentKind::Service),
    ("supergroup_chat_created", ContentKind::Service),
    ("channel_chat_created", ContentKind::Service),
    ("message_auto_delete_timer_changed", ContentKind::Service),
    ("users_shared", ContentKind::Service),
    ("chat_shared", ContentKind::Service),
    ("connected_website", ContentKind::Service),
    ("write_access_allowed", ContentKind::Service),
    ("proximity_alert_triggered", ContentKind::Service),
    ("boost_added", ContentKind::Service),
    ("chat_background_set", ContentKind::Service),
    ("checklist_tasks_done", ContentKind::Service),
    ("checklist_tasks_added", ContentKind::Service),
    ("direct_message_price_changed", ContentKind::Service),
    ("managed_bot_created", ContentKind::Service),
    ("paid_message_price_changed", ContentKind::Service),
    ("poll_option_added", ContentKind::Service),
    ("poll_option_deleted", ContentKind::Service),
    ("suggested_post_approved", ContentKind::Service),
    ("suggested_post_approval_failed", ContentKind::Service),
    ("suggested_post_declined", ContentKind::Service),
    ("suggested_post_paid", ContentKind::Service),
    ("suggested_post_refunded", ContentKind::Service),
    ("video_chat_scheduled", ContentKind::Service),
    ("video_chat_started", ContentKind::Service),
    ("video_chat_ended", ContentKind::Service),
    ("video_chat_participants_invited", ContentKind::Service),
    ("web_app_data", ContentKind::Service),
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
    } else if let Some((name, kind)) = SERVICES.iter().find(|(field, _)| *field == name) {
        Field::Service(name, *kind)
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
