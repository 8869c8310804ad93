//! Terminal output of the transcript: two columns, a hundred characters wide, coloured only on terminals.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde_json::Value;

use telegram_simulator::SeenMessage;

/// Width of the users' column, in characters.
const LEFT: usize = 43;
/// Width of the operators' column, in characters.
const RIGHT: usize = 44;

/// Maximum number of lines of a text. Longer texts are cut: the transcript only shows that they arrive.
const LINES: usize = 4;

/// Format of the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// Two columns, for people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// A column of the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Users,
    Operators,
}

/// A style of text, visible only in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Faint,
    User,
    Operator,
    Bot,
    Alarm,
}

/// The reader of standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Person,
    Options,
    Nobody,
}

/// Standard output. After its reader is gone, writing does nothing.
#[derive(Debug)]
pub(super) struct Terminal {
    reader: Reader,
    format: Format,
    coloured: bool,
    /// Whether the current line is a transient one, which the next line overwrites.
    transient: bool,
}

impl Terminal {
    /// Opens standard output, with colours if it is a terminal and `plain` is not set.
    pub(super) fn new(format: Format, plain: bool) -> Self {
        let reader = if io::stdout().is_terminal() { Reader::Person } else { Reader::Options };
        Self { reader, format, coloured: reader == Reader::Person && !plain, transient: false }
    }

    /// Whether standard output is a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.reader == Reader::Person
    }

    /// Whether the reader of standard output is gone, for example after `| head`.
    pub(super) fn is_unread(&self) -> bool {
        self.reader == Reader::Nobody
    }

    /// Format of the transcript.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Writes a record. In the format for people it does nothing.
    pub(super) fn record(&mut self, record: &Value) {
        match self.format {
            Format::Text => {}
            Format::Json => self.write(&format!("{record}\n")),
        }
    }

    /// Writes a line. In the format for programs it does nothing.
    pub(super) fn line(&mut self, text: &str) {
        if self.format == Format::Json {
            return;
        }
        let wipe = if std::mem::take(&mut self.transient) { "\r\x1b[K" } else { "" };
        self.write(&format!("{wipe}{text}\n"));
    }

    /// Writes a line that the next one overwrites. For terminals only; in the format for programs it does nothing.
    pub(super) fn transient(&mut self, text: &str) {
        if self.format == Format::Json {
            return;
        }
        self.transient = true;
        self.write(&format!("\r\x1b[K{text}"));
    }

    /// Colours a text, if colours are on.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if !self.coloured || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Faint => "2",
            Style::User => "36",
            Style::Operator => "33",
            Style::Bot => "32",
            Style::Alarm => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Writes an event: its second, its side, the coloured name of its author, its text, and the buttons below it.
    pub(super) fn entry(
        &mut self,
        second: f64,
        side: Side,
        who: (Style, &str),
        what: &str,
        buttons: Option<&str>,
    ) {
        let (style, label) = who;
        let width = if side == Side::Users { LEFT } else { RIGHT };
        let mut lines = wrapped(&format!("{label} {what}"), width);
        lines.extend(buttons.map(|buttons| format!("  {buttons}")));
        for (number, line) in lines.into_iter().enumerate() {
            let time = if number == 0 { format!("{second:6.1}") } else { " ".repeat(6) };
            let time = self.paint(Style::Faint, &time);
            let gap = LEFT.saturating_sub(width_of(&line));
            let line = match line.strip_prefix(label).filter(|_| number == 0) {
                Some(rest) => format!("{}{rest}", self.paint(style, label)),
                None => line,
            };
            let bar = self.paint(Style::Faint, "│");
            let row = match side {
                Side::Users => format!("{time}  {line}{} {bar}", " ".repeat(gap)),
                Side::Operators => format!("{time}  {} {bar} {line}", " ".repeat(LEFT)),
            };
            self.line(&row);
        }
    }

    /// Writes the headings of the two columns.
    pub(super) fn columns(&mut self, users: &str, operators: &str) {
        let gap = LEFT.saturating_sub(width_of(users));
        let heading = format!("seconds {users}{} │ {operators}", " ".repeat(gap));
        let heading = self.paint(Style::Faint, &heading);
        self.line(&heading);
    }

    fn write(&mut self, text: &str) {
        let mut out = io::stdout().lock();
        if self.reader != Reader::Nobody
            && out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err()
        {
            self.reader = Reader::Nobody;
        }
    }
}

/// A message's text with marks for its formatting.
pub(super) fn with_marks(text: &str, message: Option<&SeenMessage>) -> String {
    let Some(message) = message.filter(|message| message.text.as_deref() == Some(text)) else {
        return text.to_owned();
    };
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut marks: Vec<(usize, &str)> = Vec::new();
    for entity in &message.entities {
        let mark = match entity["type"].as_str() {
            Some("bold") => "*",
            Some("italic") => "_",
            Some("code") => "`",
            Some("strikethrough") => "~",
            Some("spoiler") => "||",
            _ => continue,
        };
        let number = |name: &str| {
            entity[name].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
        };
        let start = number("offset");
        marks.extend([(start, mark), (start + number("length"), mark)]);
    }
    marks.sort_by_key(|(at, _)| *at);
    let mut shown = String::new();
    let mut from = 0;
    for (at, mark) in marks {
        let at = at.clamp(from, units.len());
        shown.push_str(&String::from_utf16_lossy(&units[from..at]));
        shown.push_str(mark);
        from = at;
    }
    shown.push_str(&String::from_utf16_lossy(&units[from..]));
    shown
}

/// The beginning of a text, as a reference to it.
pub(super) fn shortened(text: &str) -> String {
    const LENGTH: usize = 22;
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if line.chars().count() <= LENGTH {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LENGTH - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Wraps a text to lines of at most this width. All lines but the first are indented.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let fresh = || if lines.is_empty() { String::new() } else { INDENT.to_owned() };
        let mut line = fresh();
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            if !empty && width_of(&line) + 1 + width_of(word) > width {
                lines.push(std::mem::replace(&mut line, INDENT.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line);
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            while width_of(last) + 2 > width {
                last.pop();
            }
            last.push_str(" …");
        }
    }
    lines
}

/// The width of a text in terminal cells.
pub(super) fn width_of(text: &str) -> usize {
    text.chars()
        .map(|letter| match letter {
            '\u{200d}' | '\u{fe0f}' => 0,
            '\u{1f300}'..='\u{1faff}' => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words_and_cut_when_it_is_long() {
        assert_eq!(wrapped("Ada ▸ one two three", 12), ["Ada ▸ one", "  two three"]);
        let long = wrapped(&"word ".repeat(50), 20);
        assert_eq!(long.len(), LINES);
        assert!(long.iter().all(|line| width_of(line) <= 20), "{long:?}");
        assert!(long.last().unwrap().ends_with('…'));
    }

    #[test]
    fn an_emoji_takes_two_cells_and_its_joints_none() {
        assert_eq!(width_of("Привет 👍\u{fe0f}"), 9);
    }

    #[test]
    fn a_beginning_is_one_short_line() {
        assert_eq!(shortened("\n\nhello\nworld"), "hello");
        assert_eq!(shortened("a sentence that goes on and on"), "a sentence that goes…");
    }
}
