//! Texts as Telegram reads them: HTML, `MarkdownV2`, entities, lengths in UTF-16 units.

mod entities;
mod formatted;
mod html;
mod markdown;

pub(crate) use entities::{detect, utf16_len, utf16_position};
pub(crate) use formatted::Formatted;
