//! Kinds of files, and how to tell a file by its id.

use serde_json::Value;

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

/// A file of Telegram's.
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
