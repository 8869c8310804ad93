//! Terminal output of the transcript: as wide as the terminal is at that moment, coloured only on terminals.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde_json::Value;

use telegram_simulator::SeenMessage;

use super::layout::{
    BAR, Columns, INDENT, Layout, TIME, UNKNOWN_WIDTH, broken, clipped, width_of, wrapped,
};

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
    Plain,
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
    /// Width of the page, if standard output is no terminal that can be asked, in cells.
    fallback: usize,
    /// Whether the current line is a transient one, which the next line overwrites.
    transient: bool,
}

impl Terminal {
    /// Opens standard output, with colours if it is a terminal and `plain` is not set. `columns` is the width of the page
    /// where there is no terminal to ask, in cells.
    pub(super) fn new(format: Format, plain: bool, columns: Option<usize>) -> Self {
        let reader = if io::stdout().is_terminal() { Reader::Person } else { Reader::Options };
        let coloured = reader == Reader::Person && !plain;
        let fallback = columns.filter(|columns| *columns > 0).unwrap_or(UNKNOWN_WIDTH);
        Self { reader, format, coloured, fallback, transient: false }
    }

    /// The page as wide as the terminal is now: it may have been resized.
    pub(super) fn layout(&self) -> Layout {
        let asked = || rustix::termios::tcgetwinsize(io::stdout()).ok();
        let asked = if self.is_terminal() { asked() } else { None };
        let width = asked.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
        Layout::new(width.unwrap_or(self.fallback))
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
        let text = clipped(text, self.layout().width());
        self.write(&format!("\r\x1b[K{text}"));
    }

    /// Writes a text over as many lines as it needs, in this style and with this indentation.
    pub(super) fn prose(&mut self, style: Style, indent: usize, text: &str) {
        let room = self.layout().width().min(UNKNOWN_WIDTH - 2) - indent;
        for line in broken(text, room, "") {
            let line = format!("{}{}", " ".repeat(indent), self.paint(style, &line));
            self.line(&line);
        }
    }

    /// Writes a line whose words are set in columns, or, where it is too long for the page, as plain text.
    pub(super) fn set_line(&mut self, text: &str) {
        if width_of(text) <= self.layout().width() {
            self.line(text);
        } else {
            self.prose(Style::Plain, 3, text);
        }
    }

    /// Colours a text, if colours are on.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if !self.coloured || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Plain => return text.to_owned(),
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
        let columns = self.layout().columns();
        let width = match (columns, side) {
            (Columns::Two { left, .. }, Side::Users) => left,
            (Columns::Two { right, .. }, Side::Operators) => right,
            (Columns::One { users, .. }, Side::Users) => users,
            (Columns::One { operators, .. }, Side::Operators) => operators,
        };
        let mut lines = wrapped(&format!("{label} {what}"), width);
        let buttons = buttons.map(|buttons| broken(buttons, width - 2, "")).unwrap_or_default();
        lines.extend(buttons.into_iter().map(|line| format!("  {line}")));
        let bar = self.paint(Style::Faint, BAR);
        for (number, line) in lines.into_iter().enumerate() {
            let time = if number == 0 { format!("{second:6.1}") } else { " ".repeat(TIME - 2) };
            let time = self.paint(Style::Faint, &time);
            let gap = " ".repeat(width.saturating_sub(width_of(&line)));
            let line = match line.strip_prefix(label).filter(|_| number == 0) {
                Some(rest) => format!("{}{rest}", self.paint(style, label)),
                None => line,
            };
            let row = match (columns, side) {
                (Columns::Two { .. }, Side::Users) => format!("{time}  {line}{gap} {bar}"),
                (Columns::Two { left, .. }, Side::Operators) => {
                    format!("{time}  {} {bar} {line}", " ".repeat(left))
                }
                (Columns::One { .. }, Side::Users) => format!("{time}  {line}"),
                (Columns::One { .. }, Side::Operators) => {
                    format!("{time}  {}{bar} {line}", " ".repeat(INDENT))
                }
            };
            self.line(&row);
        }
    }

    /// Writes the headings of the two sides.
    pub(super) fn columns(&mut self, users: &str, operators: &str) {
        let headings = match self.layout().columns() {
            Columns::Two { left, .. } => {
                let gap = " ".repeat(left.saturating_sub(width_of(users)));
                vec![format!("seconds {users}{gap} {BAR} {operators}")]
            }
            Columns::One { .. } => {
                let indent = " ".repeat(TIME + INDENT);
                vec![format!("seconds {users}"), format!("{indent}{BAR} {operators}")]
            }
        };
        for heading in headings {
            let heading = self.paint(Style::Faint, &heading);
            self.line(&heading);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_one_short_line() {
        assert_eq!(shortened("\n\nhello\nworld"), "hello");
        assert_eq!(shortened("a sentence that goes on and on"), "a sentence that goes…");
    }
}
