//! Splits Rust source into words and signs, without comments, strings, numbers and lifetimes.
//!
//! It is enough to find the names in a file; it does not parse the grammar.

use std::{iter::Peekable, str::Chars};

/// A token of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(String),
    /// `::`.
    Path,
    /// Any other sign.
    Sign(char),
}

impl Token {
    /// The name, if the token is a word.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Path | Self::Sign(_) => None,
        }
    }

    /// Whether the token is this sign.
    pub(super) fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// The tokens of a source.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut rest = source.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(first) = rest.next() {
        match first {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => skip_string(&mut rest),
            '\'' => skip_quote(&mut rest),
            ':' if rest.peek() == Some(&':') => {
                rest.next();
                tokens.push(Token::Path);
            }
            '0'..='9' => while rest.next_if(|c| is_of_word(*c)).is_some() {},
            c if is_of_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_of_word(*c)) {
                    word.push(c);
                }
                match (word.as_str(), rest.peek()) {
                    ("r" | "br" | "cr", Some('"' | '#')) => skip_raw(&mut rest, &mut tokens),
                    ("b" | "c", Some('"' | '\'')) => {}
                    _ => tokens.push(Token::Word(word)),
                }
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Skips a comment after `/*`; comments nest.
fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 0;
    let mut before = '/';
    for c in rest.by_ref() {
        match (before, c) {
            ('/', '*') => (depth, before) = (depth + 1, ' '),
            ('*', '/') => (depth, before) = (depth - 1, ' '),
            _ => before = c,
        }
        if depth == 0 {
            return;
        }
    }
}

/// Skips a string after its opening quote.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// Skips a character literal or a lifetime after its quote.
fn skip_quote(rest: &mut Peekable<Chars<'_>>) {
    let Some(first) = rest.next() else { return };
    if first == '\\' {
        rest.next();
        while rest.next().is_some_and(|c| c != '\'') {}
    } else if rest.next_if_eq(&'\'').is_none() {
        while rest.next_if(|c| is_of_word(*c)).is_some() {}
    }
}

/// Skips the rest of `r"…"`, `r#"…"#` or `r#name` after the `r`.
fn skip_raw(rest: &mut Peekable<Chars<'_>>, tokens: &mut Vec<Token>) {
    let mut hashes = 0;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        let mut word = String::new();
        while let Some(c) = rest.next_if(|c| is_of_word(*c)) {
            word.push(c);
        }
        return tokens.push(Token::Word(word));
    }
    while let Some(c) = rest.next() {
        if c == '"' && (0..hashes).all(|_| rest.next_if_eq(&'#').is_some()) {
            return;
        }
    }
}

#[test]
fn comments_strings_numbers_and_lifetimes_are_no_words() {
    for (source, words) in [
        ("a /* b /* c */ d */ e // f\n g", "a e g"),
        (r#"a("b \" c", b"d", 'e', '\'', '\u{1F600}', b'f') g"#, "a g"),
        (r##"a(r"b", r#"c " d"#, br"e\", r#type) f"##, "a type f"),
        ("fn a<'b>(c: &'b str) -> &'static d { 'e: loop { 1_000u32; 0x7f } }", "fn a c str d loop"),
        ("/// a\n//! b\nc", "c"),
    ] {
        let tokens = tokens(source);
        let found: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
        assert_eq!(found.join(" "), words, "{source}");
    }
}
