//! The page of the transcript: how wide it is, whether it has two columns or one, and how texts are broken into lines.

use std::mem;

/// Width of a page whose reader has not said how wide it is, in cells.
pub(super) const UNKNOWN_WIDTH: usize = 100;

/// The narrowest page with two columns.
const TWO_COLUMNS: usize = 100;
/// The accounts at the end need this much.
const NARROWEST: usize = 54;
/// In a wider page, the eye would lose the line.
const WIDEST: usize = 140;

/// Width of the time in front of an event, with the space behind it.
pub(super) const TIME: usize = 8;
/// What stands between two columns, and in front of the operators' side where there is one column only.
pub(super) const BAR: &str = "│";
/// Indentation of the operators' side where there is one column only.
pub(super) const INDENT: usize = 4;

/// Maximum number of lines of a text. Longer texts are cut: the transcript only shows that they arrive.
const LINES: usize = 4;
/// Indentation of all lines of a text but the first.
const HANGING: &str = "  ";

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Width of the terminal, in cells.
    terminal: usize,
}

/// The room for the texts of users and operators, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// Users on the left, operators on the right.
    Two { left: usize, right: usize },
    /// Users on the left, operators indented.
    One { users: usize, operators: usize },
}

impl Layout {
    /// The page of a terminal of this width.
    pub(super) fn new(terminal: usize) -> Self {
        Self { terminal: terminal.clamp(NARROWEST, WIDEST) }
    }

    /// The longest line.
    pub(super) fn width(self) -> usize {
        self.terminal - 2
    }

    /// The columns of the page.
    pub(super) fn columns(self) -> Columns {
        let room = self.width() - TIME;
        if self.terminal < TWO_COLUMNS {
            return Columns::One { users: room, operators: room - INDENT - 2 };
        }
        let left = (room - 3) / 2;
        Columns::Two { left, right: room - 3 - left }
    }
}

/// Breaks a text between words into lines of at most this width; a word that is longer is broken, too. All lines but the
/// first are indented.
pub(super) fn broken(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut line = if lines.is_empty() { String::new() } else { indent.to_owned() };
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            if !empty && width_of(&line) + 1 + width_of(word) > width {
                lines.push(mem::replace(&mut line, indent.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            for letter in word.chars() {
                if !empty && width_of(&line) + width_of_letter(letter) > width {
                    lines.push(mem::replace(&mut line, indent.to_owned()));
                }
                line.push(letter);
                empty = false;
            }
        }
        lines.push(line);
    }
    lines
}

/// Breaks the text of a message into a few lines, and cuts what is longer.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = broken(text, width, HANGING);
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} …", beginning(last, width - 2));
        }
    }
    lines
}

/// The text if it fits into this width, or as much of it as does, with a mark.
pub(super) fn clipped(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    format!("{}…", beginning(text, width - 1))
}

fn beginning(text: &str, width: usize) -> String {
    let mut text = text.to_owned();
    while width_of(&text) > width {
        text.pop();
    }
    text
}

/// The width of a text in terminal cells.
pub(super) fn width_of(text: &str) -> usize {
    text.chars().map(width_of_letter).sum()
}

fn width_of_letter(letter: char) -> usize {
    match letter {
        '\u{200d}' | '\u{fe0f}' => 0,
        '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    }
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
    fn a_word_that_is_longer_than_a_line_is_broken() {
        assert_eq!(broken("see abcdefghij", 6, "  "), ["see", "  abcd", "  efgh", "  ij"]);
    }

    #[test]
    fn an_emoji_takes_two_cells_and_its_joints_none() {
        assert_eq!(width_of("Привет 👍\u{fe0f}"), 9);
    }

    #[test]
    fn a_status_line_is_clipped() {
        assert_eq!((clipped("12345", 5), clipped("123456", 5)), ("12345".into(), "1234…".into()));
    }

    #[test]
    fn a_page_has_two_columns_from_a_hundred_cells_on_and_fills_its_width() {
        assert_eq!(Layout::new(100).columns(), Columns::Two { left: 43, right: 44 });
        for terminal in 1..200 {
            let layout = Layout::new(terminal);
            let filled = match layout.columns() {
                Columns::Two { left, right } => left + 3 + right,
                Columns::One { users, operators } => {
                    assert_eq!(operators + INDENT + 2, users, "{terminal}");
                    users
                }
            };
            assert_eq!(TIME + filled, layout.width(), "{terminal}");
            assert!(layout.width() <= terminal.max(NARROWEST), "{terminal}");
            assert_eq!(matches!(layout.columns(), Columns::Two { .. }), terminal >= 100);
        }
    }
}
