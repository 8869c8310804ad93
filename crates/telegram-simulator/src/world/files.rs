//! Files: what a `file_id` means. A bot may send again any file that it has seen.

use serde_json::{Value, json};

/// Kinds of content that are a file, and how Telegram calls such a file in errors.
pub(super) const FILES: &[(&str, &str)] = &[
    ("animation", "Animation"),
    ("audio", "Audio"),
    ("document", "Document"),
    ("live_photo", "LivePhoto"),
    ("photo", "Photo"),
    ("sticker", "Sticker"),
    ("video", "Video"),
    ("video_note", "VideoNote"),
    ("voice", "VoiceNote"),
];

/// A file that Telegram knows.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// The field of `Message` it belongs in.
    pub(crate) kind: &'static str,
    /// What that field holds.
    pub(crate) value: Value,
}

impl File {
    /// As Telegram calls it in errors.
    pub(crate) fn type_name(kind: &str) -> &'static str {
        FILES.iter().find(|(name, _)| *name == kind).map_or("Document", |(_, name)| *name)
    }
}

/// The id of a file in a field of `Message`; of a photo, that of its largest size.
pub(crate) fn file_id(value: &Value) -> Option<&str> {
    let file = value.as_array().map_or(Some(value), |sizes| sizes.last())?;
    file["file_id"].as_str()
}

/// A plausible file of a kind.
pub(crate) fn file_value(kind: &str, id: &str, name: &str) -> Value {
    let unique = format!("u-{id}");
    let mut file = json!({ "file_id": id, "file_unique_id": unique, "file_size": 1000 });
    let extra = match kind {
        "photo" => {
            let small = format!("{id}-s");
            return json!([
                { "file_id": small, "file_unique_id": format!("u-{small}"), "width": 90, "height": 60, "file_size": 100 },
                { "file_id": id, "file_unique_id": unique, "width": 900, "height": 600, "file_size": 1000 },
            ]);
        }
        "animation" | "video" => {
            json!({ "width": 320, "height": 200, "duration": 3, "file_name": name, "mime_type": "video/mp4" })
        }
        "live_photo" => {
            json!({ "width": 320, "height": 200, "duration": 3, "mime_type": "video/mp4" })
        }
        "audio" => json!({ "duration": 60, "file_name": name, "mime_type": "audio/mpeg" }),
        "voice" => json!({ "duration": 4, "mime_type": "audio/ogg" }),
        "video_note" => json!({ "length": 240, "duration": 5 }),
        "sticker" => json!({
            "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": "👍",
        }),
        _ => json!({ "file_name": name, "mime_type": "application/octet-stream" }),
    };
    if let (Some(file), Value::Object(mut extra)) = (file.as_object_mut(), extra) {
        file.append(&mut extra);
    }
    file
}
