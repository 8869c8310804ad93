//! A text with its entities, as parameters give it and messages keep it.

use serde_json::{Map, Value};

use super::{detect, html, markdown, utf16_len};
use crate::error::ApiError;

/// A text after entity parsing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) entities: Vec<Value>,
}

impl Formatted {
    /// Reads a text under a parse mode or with entities, trimmed as Telegram trims.
    ///
    /// HTML and `MarkdownV2` are known to the simulator; the legacy Markdown is refused by name.
    pub(crate) fn read(
        text: &str,
        parse_mode: Option<&str>,
        entities: Option<&Value>,
    ) -> Result<Self, ApiError> {
        let mut formatted = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => {
                let entities = entities.and_then(Value::as_array).cloned().unwrap_or_default();
                Self { text: text.to_owned(), entities }
            }
            Some("html") => {
                let (text, entities) = html::parse(text)
                    .map_err(|why| ApiError::bad(format!("can't parse entities: {why}")))?;
                Self { text, entities }
            }
            Some("markdownv2") => {
                let (text, entities) = markdown::parse(text)
                    .map_err(|why| ApiError::bad(format!("can't parse entities: {why}")))?;
                Self { text, entities }
            }
            Some("markdown") => {
                return Err(ApiError::not_implemented("the legacy Markdown, only MarkdownV2"));
            }
            Some(_) => return Err(ApiError::bad("unsupported parse_mode")),
        };
        formatted.trim();
        if formatted.entities.is_empty() {
            formatted.entities = detect(&formatted.text);
        }
        Ok(formatted)
    }

    /// Its length in UTF-16 units.
    pub(crate) fn len(&self) -> usize {
        utf16_len(&self.text)
    }

    /// Puts text and entities under the given names.
    pub(crate) fn put(self, fields: &mut Map<String, Value>, text: &str, entities: &str) {
        fields.insert(text.to_owned(), self.text.into());
        if !self.entities.is_empty() {
            fields.insert(entities.to_owned(), self.entities.into());
        }
    }

    fn trim(&mut self) {
        let start = self.text.len() - self.text.trim_start().len();
        let cut = utf16_len(&self.text[..start]);
        let trimmed = self.text.trim().to_owned();
        if trimmed.len() == self.text.len() {
            return;
        }
        self.text = trimmed;
        let total = self.len();
        self.entities.retain_mut(|entity| {
            let number = |name: &str| {
                entity[name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
            };
            let begin = number("offset");
            let end = (begin + number("length")).saturating_sub(cut).min(total);
            let begin = begin.saturating_sub(cut);
            entity["offset"] = begin.into();
            entity["length"] = end.saturating_sub(begin).into();
            end > begin
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spaces_around_are_trimmed_and_entities_follow() {
        let read = Formatted::read(" \n<b>hi </b> ", Some("HTML"), None).unwrap();
        assert_eq!(read.text, "hi");
        assert_eq!(read.entities, [json!({"type": "bold", "offset": 0, "length": 2})]);
    }

    #[test]
    fn a_wrong_mark_up_is_telegrams_error() {
        let error = Formatted::read("<b>", Some("html"), None).unwrap_err();
        assert_eq!(
            error.description,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
        );
    }
}
