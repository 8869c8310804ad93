//! Splits a script of the book into simple commands. It knows what the pages use, and no more of a shell.

use std::{iter::Peekable, mem, str::Chars};

/// A command with its arguments, without quotes, redirections and leading assignments.
pub(super) type Words = Vec<String>;

/// The simple commands of a script, those in `$(…)` included.
pub(super) fn commands(script: &str) -> Vec<Words> {
    let mut reader = Reader {
        signs: script.chars().peekable(),
        found: Vec::new(),
        words: Vec::new(),
        word: None,
        redirects: false,
    };
    reader.read();
    let mut found = reader.found;
    for words in &mut found {
        let assigned = words.iter().take_while(|word| is_assignment(word)).count();
        words.drain(..assigned);
    }
    found.retain(|words| !words.is_empty());
    found
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

struct Reader<'a> {
    signs: Peekable<Chars<'a>>,
    found: Vec<Words>,
    words: Words,
    /// None between two words.
    word: Option<String>,
    /// Whether the next word is the file of a redirection.
    redirects: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(sign) = self.signs.next() {
            match sign {
                '#' if self.word.is_none() => {
                    while self.signs.next_if(|next| *next != '\n').is_some() {}
                }
                '\n' | ';' | '&' | '|' => self.end_command(),
                ' ' | '\t' => self.end_word(),
                '<' | '>' => self.redirect(),
                '\\' => self.escaped(),
                '\'' => self.quoted(),
                '"' => self.double_quoted(),
                '$' if self.signs.peek() == Some(&'(') => self.substitution(),
                _ => self.word.get_or_insert_default().push(sign),
            }
        }
        self.end_command();
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !mem::take(&mut self.redirects) {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.found.push(mem::take(&mut self.words));
    }

    /// A number right before it is that of a stream.
    fn redirect(&mut self) {
        if self.word.as_ref().is_some_and(|word| word.chars().all(|sign| sign.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        while self.signs.next_if(|next| ['>', '&'].contains(next)).is_some() {}
        self.redirects = true;
    }

    fn escaped(&mut self) {
        match self.signs.next() {
            Some('\n') | None => {}
            Some(sign) => self.word.get_or_insert_default().push(sign),
        }
    }

    fn quoted(&mut self) {
        let word = self.word.get_or_insert_default();
        word.extend(self.signs.by_ref().take_while(|sign| *sign != '\''));
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(sign) = self.signs.next() {
            match sign {
                '"' => return,
                '\\' => self.escaped(),
                '$' if self.signs.peek() == Some(&'(') => self.substitution(),
                _ => self.word.get_or_insert_default().push(sign),
            }
        }
        panic!("a quote without its end");
    }

    fn substitution(&mut self) {
        self.signs.next();
        let mut depth = 1;
        let inner = self.signs.by_ref().take_while(|sign| {
            depth += i32::from(*sign == '(') - i32::from(*sign == ')');
            depth > 0
        });
        let inner: String = inner.collect();
        self.word.get_or_insert_default().push_str("$()");
        self.found.extend(commands(&inner));
    }
}

#[test]
fn a_script_is_split_into_its_commands() {
    let split = |script: &str| -> Vec<String> {
        commands(script).iter().map(|words| words.join(" | ")).collect()
    };
    let cases: &[(&str, &[&str])] = &[
        ("a b   # a comment; c\n# d\n\ne", &["a | b", "e"]),
        ("[ -s x ] || openssl rand -hex 32 > x", &["[ | -s | x | ]", "openssl | rand | -hex | 32"]),
        ("printf '%s\\n' \"$a b\" >>x; unset a", &["printf | %s\\n | $a b", "unset | a"]),
        (
            "tar -cz c | age -r k >s-$(date +%F).gz",
            &["tar | -cz | c", "date | +%F", "age | -r | k"],
        ),
        ("docker run \\\n    -v \"$PWD/c:/c\" 2>/dev/null", &["docker | run | -v | $PWD/c:/c"]),
        ("A=1 B=2 just fuzz --x=y", &["just | fuzz | --x=y"]),
        ("A=1", &[]),
        ("x=$(nproc --all) make", &["nproc | --all", "make"]),
    ];
    for (script, expected) in cases {
        assert_eq!(split(script), *expected, "{script}");
    }
}
