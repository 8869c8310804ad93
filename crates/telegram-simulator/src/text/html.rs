//! Telegram's HTML, with Telegram's errors.
//!
//! The order of checks is Telegram's, because a bot sees only the first error.

use serde_json::{Map, Value, json};

const TAGS: &[&str] = &[
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    tag: String,
    argument: String,
    /// Where it starts, in UTF-16 units.
    offset: usize,
}

/// Reads HTML into a text and its entities, or says what Telegram would say.
pub(super) fn parse(html: &str) -> Result<(String, Vec<Value>), String> {
    Parser { source: html, at: 0, text: String::with_capacity(html.len()), units: 0 }.run()
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    units: usize,
}

impl Parser<'_> {
    fn run(mut self) -> Result<(String, Vec<Value>), String> {
        let mut open: Vec<Open> = Vec::new();
        let mut entities: Vec<Value> = Vec::new();
        while let Some(next) = self.source[self.at..].chars().next() {
            if next == '&'
                && let Some((decoded, length)) = reference(&self.source[self.at..])
            {
                self.push(decoded);
                self.at += length;
            } else if next != '<' {
                self.push(next);
                self.at += next.len_utf8();
            } else if self.source[self.at..].starts_with("</") {
                let closed = self.end_tag(&mut open)?;
                entities.extend(self.entity(&closed, open.last_mut())?);
            } else {
                let opened = self.start_tag()?;
                open.push(opened);
            }
        }
        if let Some(last) = open.last() {
            return Err(format!("Can't find end tag corresponding to start tag \"{}\"", last.tag));
        }
        entities.sort_by_key(|entity| {
            let number = |name: &str| entity[name].as_i64().unwrap_or(0);
            (number("offset"), -number("length"))
        });
        Ok((self.text, entities))
    }

    fn push(&mut self, character: char) {
        self.units += character.len_utf16();
        self.text.push(character);
    }

    /// The byte at the cursor; 0 at the end, as in a C string.
    fn byte(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        while self.at < self.source.len() && wanted(self.byte()) {
            self.at += 1;
        }
        &self.source[start..self.at]
    }

    fn skip_spaces(&mut self) {
        self.take_while(|byte| byte.is_ascii_whitespace());
    }

    fn start_tag(&mut self) -> Result<Open, String> {
        let begin = self.at;
        self.at += 1;
        let tag = self
            .take_while(|byte| !byte.is_ascii_whitespace() && byte != b'>')
            .to_ascii_lowercase();
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        loop {
            self.skip_spaces();
            if self.byte() == b'>' {
                break;
            }
            let attribute = self
                .take_while(|byte| !byte.is_ascii_whitespace() && byte != b'=' && byte != b'>')
                .to_ascii_lowercase();
            if self.byte() == 0 {
                return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
            }
            if attribute.is_empty() {
                return Err(format!(
                    "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
                ));
            }
            self.skip_spaces();
            let value = if self.byte() == b'=' { self.value(&tag, begin)? } else { String::new() };
            match (tag.as_str(), attribute.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
                ("code", "class") => {
                    if let Some(language) = value.strip_prefix("language-") {
                        language.clone_into(&mut argument);
                    }
                }
                ("span", "class") => {
                    if let Some(class) = value.strip_prefix("tg-") {
                        class.clone_into(&mut argument);
                    }
                }
                ("blockquote", "expandable") => "1".clone_into(&mut argument),
                _ => {}
            }
        }
        if tag == "span" && argument != "spoiler" {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        self.at += 1;
        Ok(Open { tag, argument, offset: self.units })
    }

    fn value(&mut self, tag: &str, begin: usize) -> Result<String, String> {
        self.at += 1;
        self.skip_spaces();
        let quote = self.byte();
        if quote == 0 {
            return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
        }
        if quote != b'"' && quote != b'\'' {
            let start = self.at;
            let token = self
                .take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
                .to_ascii_lowercase();
            if !self.byte().is_ascii_whitespace() && self.byte() != b'>' {
                return Err(format!("Unexpected end of name token at byte offset {start}"));
            }
            return Ok(token);
        }
        self.at += 1;
        let raw = self.take_while(|byte| byte != quote).to_owned();
        self.at += 1;
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        Ok(decode(&raw))
    }

    fn end_tag(&mut self, open: &mut Vec<Open>) -> Result<Open, String> {
        let begin = self.at;
        let Some(last) = open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let found = self
            .take_while(|byte| !byte.is_ascii_whitespace() && byte != b'>')
            .to_ascii_lowercase();
        self.skip_spaces();
        if self.byte() != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        if !found.is_empty() && found != last.tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{found}>\"",
                last.tag
            ));
        }
        self.at += 1;
        Ok(last)
    }

    /// What a closed tag means; nothing if it is empty, and `pre` swallows the `code` it wraps.
    fn entity(&self, closed: &Open, parent: Option<&mut Open>) -> Result<Option<Value>, String> {
        let length = self.units - closed.offset;
        if length == 0 {
            return Ok(None);
        }
        let mut extra = Map::new();
        let kind = match closed.tag.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "blockquote" if closed.argument.is_empty() => "blockquote",
            "blockquote" => "expandable_blockquote",
            "tg-emoji" => {
                if closed.argument.parse::<u64>().map_or(true, |id| id == 0) {
                    return Err("Invalid custom emoji identifier specified".to_owned());
                }
                extra.insert("custom_emoji_id".to_owned(), closed.argument.clone().into());
                "custom_emoji"
            }
            "a" => {
                let url = if closed.argument.is_empty() {
                    self.text
                        .chars()
                        .rev()
                        .take(length)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .collect()
                } else {
                    closed.argument.clone()
                };
                if !url.contains(['.', ':']) {
                    return Ok(None);
                }
                extra.insert("url".to_owned(), url.into());
                "text_link"
            }
            "pre" => {
                if !closed.argument.is_empty() {
                    extra.insert("language".to_owned(), closed.argument.clone().into());
                }
                "pre"
            }
            _ => {
                if let Some(parent) = parent.filter(|p| p.tag == "pre" && p.offset == closed.offset)
                {
                    closed.argument.clone_into(&mut parent.argument);
                    return Ok(None);
                }
                "code"
            }
        };
        let mut entity = json!({ "type": kind, "offset": closed.offset, "length": length });
        if let Some(entity) = entity.as_object_mut() {
            entity.append(&mut extra);
        }
        Ok(Some(entity))
    }
}

/// Decodes one character reference; `None` if `&` just stands for itself.
fn reference(text: &str) -> Option<(char, usize)> {
    for (name, character) in [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')] {
        if text.starts_with(name) {
            return Some((character, name.len()));
        }
    }
    let digits = text.strip_prefix("&#")?;
    let (digits, radix, prefix) = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, 3),
        None => (digits, 10, 2),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let character = char::from_u32(u32::from_str_radix(&digits[..length], radix).ok()?)?;
    let semicolon = usize::from(digits[length..].starts_with(';'));
    (character != '\0').then_some((character, prefix + length + semicolon))
}

fn decode(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(next) = rest.chars().next() {
        let (character, length) = reference(rest).unwrap_or((next, next.len_utf8()));
        text.push(character);
        rest = &rest[length..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_becomes_its_entity() {
        for (html, text, entity) in [
            ("<b>x</b>", "x", json!({"type": "bold", "offset": 0, "length": 1})),
            ("😀<EM>x</em>", "😀x", json!({"type": "italic", "offset": 2, "length": 1})),
            ("<u>a&lt;</u>", "a<", json!({"type": "underline", "offset": 0, "length": 2})),
            ("<del>x</del>", "x", json!({"type": "strikethrough", "offset": 0, "length": 1})),
            (
                "<span class=\"tg-spoiler\">x</span>",
                "x",
                json!({"type": "spoiler", "offset": 0, "length": 1}),
            ),
            (
                "<a href=\"tg://user?id=1&amp;x\">x</a>",
                "x",
                json!({"type": "text_link", "offset": 0, "length": 1, "url": "tg://user?id=1&x"}),
            ),
            (
                "<blockquote expandable>x</blockquote>",
                "x",
                json!({"type": "expandable_blockquote", "offset": 0, "length": 1}),
            ),
            (
                "<pre><code class=\"language-rust\">x</code></pre>",
                "x",
                json!({"type": "pre", "offset": 0, "length": 1, "language": "rust"}),
            ),
            (
                "<tg-emoji emoji-id=\"5\">👍</tg-emoji>",
                "👍",
                json!({"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5"}),
            ),
        ] {
            assert_eq!(parse(html), Ok((text.to_owned(), vec![entity])), "{html}");
        }
    }

    #[test]
    fn errors_are_telegrams() {
        for (html, complaint) in [
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("<br>", "Unsupported start tag \"br\" at byte offset 0"),
            ("x <b", "Unclosed start tag at byte offset 2"),
            ("<a href", "Unclosed start tag \"a\" at byte offset 0"),
            ("<a href=\"x\"", "Unclosed start tag at byte offset 0"),
            ("<a =\"x\">y</a>", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("<a href=x/>y</a>", "Unexpected end of name token at byte offset 8"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<tg-emoji emoji-id=\"x\">y</tg-emoji>", "Invalid custom emoji identifier specified"),
        ] {
            assert_eq!(parse(html), Err(complaint.to_owned()), "{html}");
        }
    }
}
