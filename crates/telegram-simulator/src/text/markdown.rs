//! Telegram's `MarkdownV2`, with Telegram's errors.
//!
//! The legacy Markdown is not known. A quotation ends before the line break that ends it: the
//! documentation does not say on which side the break is.

use serde_json::{Value, json};

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    Link,
    Emoji,
    Quote,
}

impl Kind {
    /// Its name in Telegram's errors.
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::Link => "TextUrl",
            Self::Emoji => "CustomEmoji",
            Self::Quote => "BlockQuote",
        }
    }

    /// The mark that ends it.
    fn end(self) -> &'static str {
        match self {
            Self::Bold => "*",
            Self::Italic => "_",
            Self::Underline => "__",
            Self::Strikethrough => "~",
            Self::Spoiler => "||",
            Self::Code => "`",
            Self::Pre => "```",
            Self::Link | Self::Emoji => "]",
            Self::Quote => "\n",
        }
    }
}

struct Open {
    kind: Kind,
    language: String,
    /// Where it starts, in UTF-16 units of the text.
    offset: usize,
    /// Where it starts, in bytes of the text.
    begin: usize,
    /// Where its mark stands, in bytes of the source.
    mark: usize,
}

/// Reads `MarkdownV2` into a text and its entities, or says what Telegram would say.
pub(super) fn parse(source: &str) -> Result<(String, Vec<Value>), String> {
    let parser = Parser {
        source,
        at: 0,
        text: String::with_capacity(source.len()),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
        at_line_start: true,
        expandable: false,
    };
    parser.run()
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Value>,
    /// Whether a quotation may begin.
    at_line_start: bool,
    /// Whether the quotation that ends here has the mark of an expandable one.
    expandable: bool,
}

impl Parser<'_> {
    fn run(mut self) -> Result<(String, Vec<Value>), String> {
        while let Some(next) = self.rest().chars().next() {
            let last = self.open.last().map(|open| open.kind);
            let escaped = self.rest().strip_prefix('\\').and_then(|rest| rest.chars().next());
            if let Some(escaped) = escaped.filter(char::is_ascii) {
                self.at += 1;
                self.take(escaped);
            } else if next == '\n' && self.is_quoting() {
                self.end_of_quoted_line()?;
            } else if matches!(last, Some(Kind::Code | Kind::Pre)) && next != '`' {
                self.take(next);
            } else if let Some(kind) = last.filter(|kind| self.ends(*kind)) {
                self.at += kind.end().len();
                self.close()?;
            } else if RESERVED.contains(next) {
                self.begin(next)?;
            } else {
                self.take(next);
                self.at_line_start = next == '\n';
            }
        }
        self.end_quote_before_end()?;
        if let Some(open) = self.open.last() {
            return Err(format!(
                "Can't find end of {} entity at byte offset {}",
                open.kind.name(),
                open.mark
            ));
        }
        self.entities.sort_by_key(|entity| {
            let number = |name: &str| entity[name].as_i64().unwrap_or(0);
            (number("offset"), -number("length"))
        });
        Ok((self.text, self.entities))
    }

    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    /// Takes a character of the source into the text.
    fn take(&mut self, character: char) {
        self.at += character.len_utf8();
        self.units += character.len_utf16();
        self.text.push(character);
        self.at_line_start = false;
    }

    /// Whether what ends an entity stands here; `__` is never two ends of italics.
    fn ends(&self, kind: Kind) -> bool {
        let rest = self.rest();
        let is_other_mark = kind == Kind::Italic && rest.starts_with("__");
        kind != Kind::Quote && rest.starts_with(kind.end()) && !is_other_mark
    }

    fn is_quoting(&self) -> bool {
        self.open.iter().any(|open| open.kind == Kind::Quote)
    }

    fn begin(&mut self, next: char) -> Result<(), String> {
        let rest = self.rest();
        let (kind, length) = match next {
            '_' if rest.starts_with("__") => (Kind::Underline, 2),
            '_' => (Kind::Italic, 1),
            '*' => (Kind::Bold, 1),
            '~' => (Kind::Strikethrough, 1),
            '|' if self.ends_expandable_quote() => {
                self.at += 2;
                self.expandable = true;
                return Ok(());
            }
            '|' if rest.starts_with("||") => (Kind::Spoiler, 2),
            '[' => (Kind::Link, 1),
            '!' if rest.starts_with("![") => (Kind::Emoji, 2),
            '`' if rest.starts_with("```") => (Kind::Pre, 3),
            '`' => (Kind::Code, 1),
            '>' if self.at_line_start => (Kind::Quote, 1),
            _ => {
                return Err(format!(
                    "Character '{next}' is reserved and must be escaped with the preceding '\\'"
                ));
            }
        };
        let mark = self.at;
        self.at += length;
        let language = if kind == Kind::Pre { self.language() } else { String::new() };
        let (offset, begin) = (self.units, self.text.len());
        self.open.push(Open { kind, language, offset, begin, mark });
        Ok(())
    }

    /// The language after the mark of a block of code; the line break after it is no part of the code.
    fn language(&mut self) -> String {
        let rest = self.rest();
        let word = rest.split(|c: char| c.is_whitespace() || c == '`').next().unwrap_or_default();
        let is_language = !rest[word.len()..].starts_with('`') && rest.len() > word.len();
        let word = if is_language { word.to_owned() } else { String::new() };
        self.at += word.len();
        for line_break in ["\r\n", "\n\r", "\n", "\r"] {
            if self.rest().starts_with(line_break) {
                self.at += line_break.len();
                break;
            }
        }
        word
    }

    /// `||` where a quotation ends makes it expandable.
    fn ends_expandable_quote(&self) -> bool {
        let Some(after) = self.rest().strip_prefix("||") else { return false };
        let is_last = self.open.last().is_some_and(|open| open.kind == Kind::Quote);
        is_last && (after.is_empty() || after.starts_with('\n') && !after.starts_with("\n>"))
    }

    /// A line break goes on with the quotation if the next line is quoted too.
    fn end_of_quoted_line(&mut self) -> Result<(), String> {
        if self.rest().starts_with("\n>") {
            self.take('\n');
            self.at += 1;
            return Ok(());
        }
        self.end_quote_before_end()?;
        if self.is_quoting() {
            // An entity within the quotation is still open: an error at the end.
            let found = self.open.last().map_or((Kind::Quote, 0), |open| (open.kind, open.mark));
            let (kind, mark) = (found.0.name(), found.1);
            return Err(format!("Can't find end of {kind} entity at byte offset {mark}"));
        }
        self.take('\n');
        self.at_line_start = true;
        Ok(())
    }

    fn end_quote_before_end(&mut self) -> Result<(), String> {
        if self.open.last().is_some_and(|open| open.kind == Kind::Quote) {
            self.close()
        } else {
            Ok(())
        }
    }

    /// Ends the last entity; an empty one is dropped.
    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let is_expandable = std::mem::take(&mut self.expandable);
        let has_address = matches!(open.kind, Kind::Link | Kind::Emoji);
        let has_address = has_address && self.rest().starts_with('(');
        let address = if has_address { Some(self.address()?) } else { None };
        let length = self.units - open.offset;
        let mut entity = json!({ "offset": open.offset, "length": length });
        entity["type"] = match open.kind {
            Kind::Bold => "bold",
            Kind::Italic => "italic",
            Kind::Underline => "underline",
            Kind::Strikethrough => "strikethrough",
            Kind::Spoiler => "spoiler",
            Kind::Code => "code",
            Kind::Pre => "pre",
            Kind::Quote if is_expandable => "expandable_blockquote",
            Kind::Quote => "blockquote",
            Kind::Link => {
                let url = address.unwrap_or_else(|| self.text[open.begin..].to_owned());
                if !url.contains(['.', ':']) {
                    return Ok(());
                }
                entity["url"] = url.into();
                "text_link"
            }
            Kind::Emoji => {
                let id = address.as_deref().and_then(|url| url.strip_prefix("tg://emoji?id="));
                let id = id.filter(|id| id.parse::<u64>().is_ok_and(|id| id > 0));
                let id = id.ok_or("Custom emoji entity must contain a tg://emoji URL")?;
                entity["custom_emoji_id"] = id.into();
                "custom_emoji"
            }
        }
        .into();
        if !open.language.is_empty() {
            entity["language"] = open.language.into();
        }
        if length > 0 {
            self.entities.push(entity);
        }
        Ok(())
    }

    /// What stands in the brackets after a link's text.
    fn address(&mut self) -> Result<String, String> {
        self.at += 1;
        let begin = self.at;
        let mut address = String::new();
        loop {
            let mut rest = self.rest().chars();
            let (first, second) = (rest.next(), rest.next().filter(char::is_ascii));
            match (first, second) {
                (None, _) => return Err(format!("Can't find end of a URL at byte offset {begin}")),
                (Some(')'), _) => break,
                (Some('\\'), Some(escaped)) => {
                    self.at += 2;
                    address.push(escaped);
                }
                (Some(other), _) => {
                    self.at += other.len_utf8();
                    address.push(other);
                }
            }
        }
        self.at += 1;
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, and the kinds of its entities with what each covers.
    fn read(source: &str) -> (String, Vec<(String, String)>) {
        let (text, entities) = parse(source).unwrap();
        let units: Vec<u16> = text.encode_utf16().collect();
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let entities = entities.iter().map(|entity| {
            let begin = number(&entity["offset"]);
            let covered = &units[begin..begin + number(&entity["length"])];
            (entity["type"].as_str().unwrap().to_owned(), String::from_utf16(covered).unwrap())
        });
        (text.clone(), entities.collect())
    }

    #[test]
    fn every_documented_mark_becomes_its_entity() {
        for (source, text, entities) in [
            ("*bold \\*text*", "bold *text", vec![("bold", "bold *text")]),
            (
                "_it_ __un__ ~st~ ||sp||",
                "it un st sp",
                vec![
                    ("italic", "it"),
                    ("underline", "un"),
                    ("strikethrough", "st"),
                    ("spoiler", "sp"),
                ],
            ),
            ("*a _b_ c*", "a b c", vec![("bold", "a b c"), ("italic", "b")]),
            ("🙂 `x.y`", "🙂 x.y", vec![("code", "x.y")]),
            ("```python\nx = 1\n```", "x = 1\n", vec![("pre", "x = 1\n")]),
            ("[here](https://a.example/\\))", "here", vec![("text_link", "here")]),
            ("![👍](tg://emoji?id=5)", "👍", vec![("custom_emoji", "👍")]),
            (">a\n>b\nc", "a\nb\nc", vec![("blockquote", "a\nb")]),
            (">a\n>b||", "a\nb", vec![("expandable_blockquote", "a\nb")]),
            (">a ||b||", "a b", vec![("blockquote", "a b"), ("spoiler", "b")]),
            ("**>a", "a", vec![("blockquote", "a")]),
        ] {
            let (found, marks) = read(source);
            assert_eq!(found, text, "{source}");
            let marks: Vec<_> =
                marks.iter().map(|(kind, part)| (kind.as_str(), part.as_str())).collect();
            assert_eq!(marks, entities, "{source}");
        }
    }

    #[test]
    fn errors_are_telegrams() {
        for (source, why) in [
            ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("a *b", "Can't find end of Bold entity at byte offset 2"),
            ("[a](b", "Can't find end of a URL at byte offset 4"),
            ("![a](b)", "Custom emoji entity must contain a tg://emoji URL"),
        ] {
            assert_eq!(parse(source).unwrap_err(), why, "{source}");
        }
    }
}
