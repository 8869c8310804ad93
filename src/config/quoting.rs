//! Values in a `.env` file: how they are read, and how to write them.
//!
//! Docker Compose reads the same file by rules of its own. So a value is read only if both read the same from it; any
//! other is a mistake. After `NAME=`, spaces and tabs around the value do not count, and there may be:
//!
//! ```text
//! value   = [ bare | single | double ] [ " #" comment ]
//! bare    = visible characters and spaces, except ' " $ \ and #
//! single  = "'" characters, except ' "'"         (does not end with a backslash)
//! double  = '"' characters, except " $ \ '"'     (those three as \" \$ \\)
//! ```
//!
//! Nothing is substituted, and no value holds a control character. `tests.rs` beside the reader of the file has what
//! Compose reads from values of each form.

/// The reason why a value is not read. None holds any part of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Unclear {
    /// A `$`, which Compose replaces together with the word after it.
    Dollar,
    /// A `#` that does not begin a comment.
    Hash,
    /// A quotation mark inside a bare value.
    Quote,
    /// A backslash that is read differently from one program to the next.
    Backslash,
    /// A quotation mark that is not closed on the same line.
    Unclosed,
    /// Something other than a comment after the closing quotation mark.
    Rest,
    /// A control character, or an invisible one in a bare value.
    Invisible,
}

impl Unclear {
    /// A fragment that fits "NAME …".
    pub(in crate::config) fn wrong(self) -> &'static str {
        match self {
            Self::Dollar => {
                "holds a $, which Docker Compose replaces together with the word after it"
            }
            Self::Hash => "holds a #, which some programs take for the beginning of a comment",
            Self::Quote => "holds a quotation mark in the middle",
            Self::Backslash => "holds a backslash, which not every program reads the same",
            Self::Unclosed => "begins with a quotation mark that is not closed on this line",
            Self::Rest => "goes on after the closing quotation mark",
            Self::Invisible => "holds an invisible character, probably copied with the value",
        }
    }
}

/// How a value must be written after `NAME=` in a `.env` file, so that the desk and Docker Compose read it back
/// unchanged. `None` if no way exists: it holds a control character, such as a line break.
pub fn quoted(value: &str) -> Option<String> {
    if value.chars().any(char::is_control) {
        return None;
    }
    let bare = value.trim_matches(' ') == value && value.chars().all(is_plain);
    if bare {
        return Some(value.to_owned());
    }
    if !value.contains('\'') && !value.ends_with('\\') {
        return Some(format!("'{value}'"));
    }
    let mut double = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '$' | '\\') {
            double.push('\\');
        }
        double.push(c);
    }
    double.push('"');
    Some(double)
}

/// The value that stands after `NAME=` on a line.
pub(in crate::config) fn unquoted(text: &str) -> Result<String, Unclear> {
    let text = text.trim_matches([' ', '\t']);
    match text.chars().next() {
        Some('\'') => single(&text[1..]),
        Some('"') => double(&text[1..]),
        _ => bare(text),
    }
}

fn bare(text: &str) -> Result<String, Unclear> {
    let value = text.split_once(" #").map_or(text, |(value, _comment)| value);
    let value = value.trim_end_matches([' ', '\t']);
    let mut unclear = value.chars().filter(|c| !is_plain(*c)).map(|c| match c {
        '$' => Unclear::Dollar,
        '#' => Unclear::Hash,
        '\'' | '"' => Unclear::Quote,
        '\\' => Unclear::Backslash,
        _invisible => Unclear::Invisible,
    });
    // What people see is named first.
    match unclear.clone().find(|unclear| *unclear != Unclear::Invisible).or_else(|| unclear.next())
    {
        Some(unclear) => Err(unclear),
        None => Ok(value.to_owned()),
    }
}

/// The value whose opening `'` has been read.
fn single(text: &str) -> Result<String, Unclear> {
    let (value, rest) = text.split_once('\'').ok_or(Unclear::Unclosed)?;
    if value.ends_with('\\') {
        return Err(Unclear::Backslash);
    }
    closed(value.to_owned(), rest)
}

/// The value whose opening `"` has been read.
fn double(text: &str) -> Result<String, Unclear> {
    let mut value = String::new();
    let mut chars = text.chars();
    // What is unclear inside counts only if there is an end: otherwise the missing end is the mistake.
    let mut unclear = None;
    while let Some(c) = chars.next() {
        match c {
            '"' => return unclear.map_or_else(|| closed(value, chars.as_str()), Err),
            '$' => unclear = unclear.or(Some(Unclear::Dollar)),
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '$' | '\\')) => value.push(escaped),
                Some(_) => unclear = unclear.or(Some(Unclear::Backslash)),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err(Unclear::Unclosed)
}

/// Checks what follows the closing quotation mark.
fn closed(value: String, rest: &str) -> Result<String, Unclear> {
    let comment = rest.trim_start_matches([' ', '\t']);
    if !comment.is_empty() && (comment.len() == rest.len() || !comment.starts_with('#')) {
        Err(Unclear::Rest)
    } else if value.chars().any(char::is_control) {
        Err(Unclear::Invisible)
    } else {
        Ok(value)
    }
}

/// Whether a character needs no quotation marks.
fn is_plain(c: char) -> bool {
    !matches!(c, '\'' | '"' | '$' | '\\' | '#') && !is_invisible(c)
}

/// Whether nobody sees a character, other than a space. Programs differ in which of them they take for spaces.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(value in r#"([^\x00-\x1f\x7f-\x9f]|['"$\\# ]|\$\{|\\')*"#) {
            let written = quoted(&value).unwrap();
            prop_assert_eq!(unquoted(&written), Ok(value.clone()));
            // Compose takes a comment without a value for the value.
            if !written.is_empty() {
                prop_assert_eq!(unquoted(&format!(" {written}\t # it's $HOME")), Ok(value));
            }
        }

        #[test]
        fn anything_is_read_or_refused(text in any::<String>()) {
            if let Ok(value) = unquoted(&text) {
                let written = quoted(&value);
                prop_assert_eq!(unquoted(&written.unwrap()), Ok(value));
            }
        }
    }

    #[test]
    fn the_plainest_form_is_chosen() {
        for (value, written) in [
            ("plain", "plain"),
            ("my shop", "my shop"),
            ("", ""),
            (" a", "' a'"),
            ("pa$word#1", "'pa$word#1'"),
            ("C:\\desk", "'C:\\desk'"),
            ("a\"b", "'a\"b'"),
            ("it's", "\"it's\""),
            ("C:\\", "\"C:\\\\\""),
            ("it's $5", "\"it's \\$5\""),
            ("a\u{a0}b", "'a\u{a0}b'"),
        ] {
            assert_eq!(quoted(value).as_deref(), Some(written), "{value}");
        }
        for value in ["a\nb", "a\rb", "a\tb", "\0", "\u{85}"] {
            assert_eq!(quoted(value), None, "{value:?}");
        }
    }
}
