//! What people send: every kind of the Bot API, and whatever may come after it.

use serde_json::{Value, json};

use crate::{
    text::detect,
    world::{Fields, file_value},
};

/// The content of a message that is not sent yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub(super) fields: Fields,
    pub(super) protected: bool,
    pub(super) origin: Option<Value>,
    pub(super) markup: Option<Value>,
}

impl Content {
    /// Any fields of `Message`, known to the Bot API or not.
    pub fn raw(fields: Value) -> Self {
        let fields = if let Value::Object(fields) = fields { fields } else { Fields::new() };
        Self { fields, protected: false, origin: None, markup: None }
    }

    /// A text; commands, mentions and links in it become entities.
    pub fn text(text: &str) -> Self {
        let entities = detect(text);
        let content = Self::raw(json!({ "text": text }));
        if entities.is_empty() { content } else { content.with("entities", entities.into()) }
    }

    fn file(kind: &str, file_id: &str) -> Self {
        Self::raw(json!({ kind: file_value(kind, file_id, &format!("{kind}.bin")) }))
    }

    /// A photo whose largest size has this id.
    pub fn photo(file_id: &str) -> Self {
        Self::file("photo", file_id)
    }

    /// A video.
    pub fn video(file_id: &str) -> Self {
        Self::file("video", file_id)
    }

    /// An animation, which Telegram shows as a document too.
    pub fn animation(file_id: &str) -> Self {
        Self::file("animation", file_id)
            .with("document", file_value("document", file_id, "animation.mp4"))
    }

    /// A piece of music.
    pub fn audio(file_id: &str) -> Self {
        Self::file("audio", file_id)
    }

    /// A voice message.
    pub fn voice(file_id: &str) -> Self {
        Self::file("voice", file_id)
    }

    /// A round video.
    pub fn video_note(file_id: &str) -> Self {
        Self::file("video_note", file_id)
    }

    /// A file.
    pub fn document(file_id: &str) -> Self {
        Self::file("document", file_id)
    }

    /// A sticker.
    pub fn sticker(file_id: &str) -> Self {
        Self::file("sticker", file_id)
    }

    /// A contact.
    pub fn contact(phone_number: &str, first_name: &str) -> Self {
        Self::raw(json!({ "contact": { "phone_number": phone_number, "first_name": first_name } }))
    }

    /// A point on the map.
    pub fn location(latitude: f64, longitude: f64) -> Self {
        Self::raw(json!({ "location": { "latitude": latitude, "longitude": longitude } }))
    }

    /// A place with a name.
    pub fn venue(title: &str) -> Self {
        let location = json!({ "latitude": 52.5, "longitude": 13.4 });
        Self::raw(json!({
            "location": location,
            "venue": { "location": location, "title": title, "address": "Somewhere 1" },
        }))
    }

    /// A poll.
    pub fn poll(question: &str, options: &[&str]) -> Self {
        let options: Vec<Value> = options
            .iter()
            .enumerate()
            .map(|(n, text)| json!({ "persistent_id": n.to_string(), "text": text, "voter_count": 0 }))
            .collect();
        Self::raw(json!({ "poll": {
            "id": "5001", "question": question, "options": options, "total_voter_count": 0,
            "is_closed": false, "is_anonymous": true, "type": "regular",
            "allows_multiple_answers": false, "allows_revoting": true, "members_only": false,
        } }))
    }

    /// A quiz; the bot sees the right answer only if it is given here.
    pub fn quiz(question: &str, options: &[&str], correct: Option<usize>) -> Self {
        let mut quiz = Self::poll(question, options);
        if let Some(poll) = quiz.fields.get_mut("poll") {
            poll["type"] = "quiz".into();
            if let Some(correct) = correct {
                poll["correct_option_ids"] = json!([correct]);
            }
        }
        quiz
    }

    /// A dice that has shown this.
    pub fn dice(value: i64) -> Self {
        Self::raw(json!({ "dice": { "emoji": "🎲", "value": value } }))
    }

    /// A story that was shared.
    pub fn story() -> Self {
        let chat = json!({ "id": -1_009_999, "type": "channel", "title": "Stories" });
        Self::raw(json!({ "story": { "chat": chat, "id": 3 } }))
    }

    /// Media that cost Stars.
    pub fn paid_media() -> Self {
        Self::raw(json!({ "paid_media": {
            "star_count": 5, "paid_media": [{ "type": "preview", "width": 90, "height": 60 }],
        } }))
    }

    /// A giveaway.
    pub fn giveaway() -> Self {
        Self::raw(json!({ "giveaway": {
            "chats": [], "winners_selection_date": 2_000_000_000, "winner_count": 1,
        } }))
    }

    /// An invoice.
    pub fn invoice(title: &str) -> Self {
        Self::raw(json!({ "invoice": {
            "title": title, "description": "Things", "start_parameter": "x", "currency": "EUR", "total_amount": 100,
        } }))
    }

    /// A game.
    pub fn game(title: &str) -> Self {
        Self::raw(json!({ "game": {
            "title": title, "description": "Fun", "photo": file_value("photo", "game-photo", ""),
        } }))
    }

    /// A checklist.
    pub fn checklist(title: &str, tasks: &[&str]) -> Self {
        let tasks: Vec<Value> = tasks
            .iter()
            .enumerate()
            .map(|(n, text)| json!({ "id": n + 1, "text": text }))
            .collect();
        Self::raw(json!({ "checklist": { "title": title, "tasks": tasks } }))
    }

    /// A rich text of one paragraph.
    pub fn rich(text: &str) -> Self {
        Self::raw(json!({ "rich_message": { "blocks": [{ "type": "paragraph", "text": text }] } }))
    }

    /// A video with a photo in it.
    pub fn live_photo(file_id: &str) -> Self {
        Self::file("live_photo", file_id)
    }

    /// The same with a caption.
    #[must_use]
    pub fn caption(self, caption: &str) -> Self {
        let entities = detect(caption);
        let content = self.with("caption", caption.into());
        if entities.is_empty() {
            content
        } else {
            content.with("caption_entities", entities.into())
        }
    }

    /// The same with these entities, of the text or of the caption.
    #[must_use]
    pub fn entities(self, entities: Value) -> Self {
        let name = if self.fields.contains_key("text") { "entities" } else { "caption_entities" };
        self.with(name, entities)
    }

    /// The same with one more field of `Message`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// The same, written by an inline bot that they have asked, with these rows of `InlineKeyboardButton`.
    #[must_use]
    pub fn via_bot(self, name: &str, rows: &Value) -> Self {
        let username = format!("{name}_bot");
        let bot = json!({ "id": 4_200, "is_bot": true, "first_name": name, "username": username });
        let markup = Some(json!({ "inline_keyboard": rows }));
        Self { markup, ..self.with("via_bot", bot) }
    }

    /// The same, not to be forwarded or saved.
    #[must_use]
    pub fn protected(self) -> Self {
        Self { protected: true, ..self }
    }

    /// The same, forwarded from somebody who hides their account.
    #[must_use]
    pub fn forwarded_from(self, name: &str) -> Self {
        let origin =
            json!({ "type": "hidden_user", "sender_user_name": name, "date": 1_700_000_000 });
        Self { origin: Some(origin), ..self }
    }

    /// The same, forwarded from a public channel.
    #[must_use]
    pub fn forwarded_from_channel(self, id: i64, title: &str) -> Self {
        let chat = json!({ "id": id, "type": "channel", "title": title });
        let origin =
            json!({ "type": "channel", "chat": chat, "message_id": 7, "date": 1_700_000_000 });
        Self { origin: Some(origin), ..self }
    }

    /// The same, forwarded from somebody who lets it be seen.
    #[must_use]
    pub fn forwarded_from_user(self, id: i64, name: &str) -> Self {
        let user = json!({ "id": id, "is_bot": false, "first_name": name });
        let origin = json!({ "type": "user", "sender_user": user, "date": 1_700_000_000 });
        Self { origin: Some(origin), ..self }
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
