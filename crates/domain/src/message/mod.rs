//! The contents of messages: those of people, and those of the desk.

mod content;
mod name;
mod text;
mod url_button;

pub use content::{
    AlbumId, Body, Content, ContentKind, Elsewhere, Fingerprint, LinkRows, Media, Opaque, Quote,
    Reply, Transfer,
};
pub use name::{is_blank, is_unseen, on_one_line, seen_name, turns_text};
pub use text::{FailureReason, Text};
pub use url_button::UrlButton;
