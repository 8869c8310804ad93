//! Tests how every field of the Bot API's `Message` is treated in a user's private chat.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::adapters::telegram::decode::{kinds, wire::Message};
use domain::ContentKind::{self, *};

/// The simulator's copy of the Bot API documentation.
const BOT_API: &str = include_str!("../../../../../crates/telegram-simulator/src/spec/botapi.txt");

/// How the desk treats a field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Is {
    /// Read by name: sender, chat, time, or text that accompanies the content.
    Read,
    /// Content of this kind, which opens a topic.
    Words(ContentKind),
    /// A service message that is reported if there is a topic.
    Told(ContentKind),
    /// A service message that is not reported.
    Quiet,
    /// Irrelevant.
    Aside,
}
use Is::{Aside, Quiet, Read, Told, Words};

const FIELDS: &[(&str, Is)] = &[
    ("message_id", Read),
    ("message_thread_id", Read),
    ("direct_messages_topic", Aside),
    ("from", Read),
    ("sender_chat", Read),
    ("sender_boost_count", Aside),
    ("sender_business_bot", Aside),
    ("sender_tag", Aside),
    ("date", Read),
    ("guest_query_id", Aside),
    ("business_connection_id", Aside),
    ("chat", Read),
    ("forward_origin", Read),
    ("is_topic_message", Read),
    ("is_automatic_forward", Read),
    ("reply_to_message", Read),
    ("external_reply", Read),
    ("quote", Read),
    ("reply_to_story", Aside),
    ("reply_to_checklist_task_id", Aside),
    ("reply_to_poll_option_id", Aside),
    ("via_bot", Read),
    ("guest_bot_caller_user", Aside),
    ("guest_bot_caller_chat", Aside),
    ("edit_date", Read),
    ("has_protected_content", Read),
    ("is_from_offline", Aside),
    ("is_paid_post", Aside),
    ("media_group_id", Read),
    ("author_signature", Aside),
    ("paid_star_count", Aside),
    ("text", Words(Text)),
    ("entities", Read),
    ("link_preview_options", Read),
    ("suggested_post_info", Aside),
    ("effect_id", Aside),
    ("rich_message", Words(Other)),
    ("animation", Words(Animation)),
    ("audio", Words(Audio)),
    ("document", Words(Document)),
    ("live_photo", Words(Other)),
    ("paid_media", Words(PaidMedia)),
    ("photo", Words(Photo)),
    ("sticker", Words(Sticker)),
    ("story", Words(Story)),
    ("video", Words(Video)),
    ("video_note", Words(VideoNote)),
    ("voice", Words(Voice)),
    ("caption", Read),
    ("caption_entities", Read),
    ("show_caption_above_media", Read),
    ("has_media_spoiler", Read),
    ("checklist", Words(Checklist)),
    ("contact", Words(Contact)),
    ("dice", Words(Dice)),
    ("game", Words(Game)),
    ("poll", Words(Poll)),
    ("venue", Words(Venue)),
    ("location", Words(Location)),
    ("new_chat_members", Quiet),
    ("left_chat_member", Quiet),
    ("chat_owner_left", Quiet),
    ("chat_owner_changed", Quiet),
    ("new_chat_title", Quiet),
    ("new_chat_photo", Quiet),
    ("delete_chat_photo", Quiet),
    ("group_chat_created", Quiet),
    ("supergroup_chat_created", Quiet),
    ("channel_chat_created", Quiet),
    ("message_auto_delete_timer_changed", Quiet),
    ("migrate_to_chat_id", Quiet),
    ("migrate_from_chat_id", Quiet),
    ("pinned_message", Quiet),
    ("invoice", Words(Invoice)),
    ("successful_payment", Told(Payment)),
    ("refunded_payment", Told(Payment)),
    ("users_shared", Told(Service)),
    ("chat_shared", Told(Service)),
    ("gift", Told(Gift)),
    ("unique_gift", Told(Gift)),
    ("gift_upgrade_sent", Told(Gift)),
    ("connected_website", Quiet),
    ("write_access_allowed", Quiet),
    ("passport_data", Told(Passport)),
    ("proximity_alert_triggered", Quiet),
    ("boost_added", Quiet),
    ("chat_background_set", Quiet),
    ("checklist_tasks_done", Quiet),
    ("checklist_tasks_added", Quiet),
    ("direct_message_price_changed", Quiet),
    ("forum_topic_created", Quiet),
    ("forum_topic_edited", Quiet),
    ("forum_topic_closed", Quiet),
    ("forum_topic_reopened", Quiet),
    ("general_forum_topic_hidden", Quiet),
    ("general_forum_topic_unhidden", Quiet),
    ("giveaway_created", Told(Giveaway)),
    ("giveaway", Words(Giveaway)),
    ("giveaway_winners", Words(Giveaway)),
    ("giveaway_completed", Told(Giveaway)),
    ("managed_bot_created", Quiet),
    ("paid_message_price_changed", Quiet),
    ("poll_option_added", Quiet),
    ("poll_option_deleted", Quiet),
    ("suggested_post_approved", Quiet),
    ("suggested_post_approval_failed", Quiet),
    ("suggested_post_declined", Quiet),
    ("suggested_post_paid", Quiet),
    ("suggested_post_refunded", Quiet),
    ("video_chat_scheduled", Quiet),
    ("video_chat_started", Quiet),
    ("video_chat_ended", Quiet),
    ("video_chat_participants_invited", Quiet),
    ("web_app_data", Told(Service)),
    ("reply_markup", Read),
    ("receiver_user", Aside),
    ("ephemeral_message_id", Read),
    ("community_chat_added", Quiet),
    ("community_chat_removed", Quiet),
    ("community_chat_joined", Quiet),
];

fn of_the_bot_api() -> BTreeSet<&'static str> {
    let fields = BOT_API.lines().skip_while(|line| *line != "type Message").skip(1);
    let fields = fields.map_while(|line| line.strip_prefix("  "));
    fields.filter_map(|field| field.split(['!', '?']).next()).collect()
}

#[test]
fn every_field_of_the_bot_api_has_a_row() {
    let rows: BTreeSet<_> = FIELDS.iter().map(|(field, _)| *field).collect();
    assert_eq!(rows.len(), FIELDS.len(), "a field has two rows");
    assert_eq!(rows, of_the_bot_api());
}

#[test]
fn only_a_users_words_are_written() {
    let ignored = Event::Ignored;
    for (field, is) in FIELDS {
        let raw = json!({ *field: {"x": 1} }).to_string();
        let message: Message<'_> = serde_json::from_str(&raw).unwrap();
        assert!(message.unknown.is_empty(), "{field} is not known");
        let known = !matches!(kinds::field(field), kinds::Field::Unknown);
        assert_eq!(known, *is != Read, "{field}");
        let alone = || decode(&update("message", from_user(json!({ *field: {"x": 1} }))));
        let edited = || decode(&update("edited_message", from_user(json!({ *field: {"x": 1} }))));
        match is {
            Words(kind) => {
                assert_eq!(user_content(json!({ *field: {"x": 1} })).kind, *kind, "{field}");
            }
            Told(kind) => {
                let Event::User(event) = alone() else { panic!("{field}") };
                assert_eq!((event.act, event.thread), (UserAct::Happened(*kind), None), "{field}");
                assert_eq!(edited(), ignored, "{field}");
            }
            Quiet => assert_eq!([alone(), edited()], [ignored.clone(), ignored.clone()], "{field}"),
            Aside => {
                let content = user_content(json!({ *field: {"x": 1}, "text": "hi" }));
                assert_eq!(content.kind, Text, "{field}");
            }
            Read => {}
        }
    }
}

#[test]
fn what_is_newer_than_the_desk_is_words_if_it_holds_anything() {
    let act = |extra: Value| user_act("message", from_user(extra));
    for extra in [
        json!({}),
        json!({"telepathy_allowed": {}}),
        json!({"telepathy_allowed": true}),
        json!({"telepathy_level": 7, "moods": []}),
    ] {
        assert_eq!(act(extra.clone()), UserAct::Happened(Other), "{extra}");
    }
    for extra in [
        json!({"hologram": {"file_id": "h"}}),
        json!({"telepathy_allowed": true, "hologram": {"file_id": "h"}}),
        json!({"thought": "?"}),
        json!({"holograms": [{}, {}]}),
        json!({"media_group_id": "g"}),
        json!({"caption": "look"}),
        json!({"forward_origin": {"type": "hidden_user"}}),
        json!({"reply_to_message": {"message_id": 3}}),
        json!({"has_protected_content": true}),
    ] {
        assert!(matches!(act(extra.clone()), UserAct::Wrote(_)), "{extra}");
    }
    let edited = user_act("edited_message", from_user(json!({})));
    assert!(matches!(edited, UserAct::Edited(_)), "{edited:?}");
}
