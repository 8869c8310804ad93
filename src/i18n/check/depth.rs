//! Measures how deeply a text nests placeables: Fluent's parser recurses once per level, without a limit of its own.

/// Deeper than any text that somebody reads.
const DEEPEST: usize = 32;

/// The line, counted from 1, on which placeables and calls are nested deeper than anybody writes them.
///
/// Not exact, since what is text and what is not only the parser knows; but never less than what the parser goes down.
pub(super) fn too_deep(source: &str) -> Option<usize> {
    let (mut depth, mut calls, mut before) = (0_usize, 0_usize, ' ');
    for (at, line) in source.lines().enumerate() {
        if begins_entry(line) {
            // The parser begins anew with each.
            (depth, calls) = (0, 0);
        }
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            match c {
                '{' => {
                    depth += 1;
                    skip_words(&mut rest);
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    calls = if depth == 0 { 0 } else { calls };
                }
                // Behind a name, and whatever blank is between.
                '(' if depth > 0 && in_name(before) => calls += 1,
                ')' => calls = calls.saturating_sub(1),
                _ => {}
            }
            before = if c.is_whitespace() { before } else { c };
            if depth + calls > DEEPEST {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Whether a name may end with this.
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Whether a message or a term begins on this line.
fn begins_entry(line: &str) -> bool {
    let name = line.strip_prefix('-').unwrap_or(line);
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    let (name, rest) = name.split_at(end.unwrap_or(name.len()));
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.trim_start().starts_with('=')
}

/// Goes on behind words in quotation marks, in which braces are braces: `{ "{" }`.
fn skip_words(rest: &mut std::str::Chars<'_>) {
    let mut words = rest.clone().skip_while(|c| *c == ' ');
    if words.next() != Some('"') {
        return;
    }
    let mut escaped = false;
    let mut ahead = rest.as_str().trim_start_matches(' ').chars();
    ahead.next();
    while let Some(c) = ahead.next() {
        if c == '"' && !escaped {
            *rest = ahead;
            return;
        }
        escaped = c == '\\' && !escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_deep() {
        let braces = format!("a = {}\n", r#"{ "{" } sad :( face "#.repeat(100));
        let chosen = "b = { $n ->\n    [one] { $n } :( F(\n   *[other] { -c(case: \"x\") }\n}\n";
        let broken = "c = { $n\n".repeat(100);
        for source in [braces, chosen.repeat(100), broken] {
            assert_eq!(too_deep(&source), None, "{source}");
        }
        for source in
            [include_str!("../../../locales/en.ftl"), include_str!("../../../locales/ru.ftl")]
        {
            assert_eq!(too_deep(source), None);
        }
    }

    #[test]
    fn deep_nesting_is_found_with_its_line() {
        let flat = "a = words\n";
        for deep in [
            "{",
            "{ ",
            "{\n",
            "{ F(",
            "{ F (",
            "{ F_(",
            "{ -t(a: ",
            "{ $n -> *[a] {",
            "{ $n ->\n *[a] \" ",
        ] {
            let source = format!("{flat}b = {}", deep.repeat(100_000));
            assert!(too_deep(&source).is_some_and(|line| line >= 2), "{deep:?}");
        }
        for call in ["F(", "F (", "F_(", "F-(", "-t(a: F ("] {
            let calls = format!("{flat}b = {{ {}", call.repeat(100_000));
            assert_eq!(too_deep(&calls), Some(2), "{call}");
        }
        let lines = format!("{flat}b = {{ {}", "F\n (".repeat(100_000));
        assert!(too_deep(&lines).is_some());
    }
}
