//! Telegram's HTML: escaping, and validation by Telegram's rules.

pub(super) use domain::escape_html_attribute as escape;

/// Tags for verbatim text, which cannot contain other tags.
const VERBATIM: [&str; 2] = ["code", "pre"];

/// Tags without attributes and without special rules.
const PLAIN: [&str; 10] =
    ["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler"];

/// The visible text of the HTML, or why Telegram would refuse or misread it.
pub fn visible(html: &str) -> Result<String, String> {
    let mut seen = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        seen.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if let Some(after) = rest.strip_prefix('&') {
            entity(after, &mut seen)?
        } else if let Some(after) = rest.strip_prefix('<') {
            tag(after, &mut open)?
        } else {
            return Err("a `>` that does not end a tag must be written &gt;".to_owned());
        };
    }
    seen.push_str(rest);
    match open.last() {
        Some(tag) => Err(format!("<{tag}> is not closed; add </{tag}>")),
        None => Ok(seen),
    }
}

/// Parses the entity after `&` and returns the rest of the text.
fn entity<'a>(after: &'a str, seen: &mut String) -> Result<&'a str, String> {
    let bare = || "`&` must be written &amp;".to_owned();
    let end = after.find(';').ok_or_else(bare)?;
    let name = &after[..end];
    let char = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => name.strip_prefix('#').and_then(numbered).ok_or_else(bare)?,
    };
    seen.push(char);
    Ok(&after[end + 1..])
}

fn numbered(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    // Numbers of Rust's may begin with a sign; Telegram shows such as it is written.
    let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_code| all_digits);
    code.filter(|&code| code != 0).and_then(char::from_u32)
}

/// Parses the tag after `<` and returns the rest of the text.
fn tag<'a>(after: &'a str, open: &mut Vec<String>) -> Result<&'a str, String> {
    let end = tag_end(after).ok_or_else(|| "`<` must be written &lt;".to_owned())?;
    let (inside, rest) = (&after[..end], &after[end + 1..]);
    if let Some(closed) = inside.strip_prefix('/') {
        let closed = closed.trim().to_ascii_lowercase();
        return match open.pop() {
            Some(last) if last == closed => Ok(rest),
            Some(last) => Err(format!(
                "</{closed}> comes before <{last}> is closed; <{last}> must be closed first"
            )),
            None => Err(format!("</{closed}> closes nothing: remove it")),
        };
    }
    let (name, attributes) = inside.split_at(inside.find(char::is_whitespace).unwrap_or(end));
    let name = name.to_ascii_lowercase();
    let attributes = attributes_of(&name, attributes)?;
    allowed(&name, &attributes, open)?;
    nests(&name, open)?;
    open.push(name);
    Ok(rest)
}

/// The position of the tag's `>`: the first one outside quotes.
fn tag_end(after: &str) -> Option<usize> {
    let mut quote = None;
    after
        .char_indices()
        .find(|&(_, char)| match (quote, char) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(char);
                false
            }
            (Some(opened), char) => {
                if opened == char {
                    quote = None;
                }
                false
            }
            (None, _) => false,
        })
        .map(|(at, _)| at)
}

/// The names and values of attributes. A missing value is empty.
fn attributes_of(tag: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let mut attributes = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let name_end = rest.find(|char: char| char == '=' || char.is_whitespace());
        let (name, after) = rest.split_at(name_end.unwrap_or(rest.len()));
        let Some(value) = after.trim_start().strip_prefix('=') else {
            attributes.push((name.to_ascii_lowercase(), String::new()));
            rest = after.trim_start();
            continue;
        };
        let value = value.trim_start();
        let unquoted = || format!("a value in <{tag}> is not in quotes; write {name}=\"…\"");
        let quote = value.chars().next().filter(|char| matches!(char, '"' | '\''));
        let quote = quote.ok_or_else(unquoted)?;
        let (value, after) = value[1..].split_once(quote).ok_or_else(unquoted)?;
        attributes.push((name.to_ascii_lowercase(), value.to_owned()));
        rest = after.trim_start();
    }
    Ok(attributes)
}

fn allowed(name: &str, attributes: &[(String, String)], open: &[String]) -> Result<(), String> {
    let pairs: Vec<_> =
        attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let in_pre = open.last().is_some_and(|last| last == "pre");
    let expected = match (name, pairs.as_slice()) {
        (tag, []) if PLAIN.contains(&tag) || VERBATIM.contains(&tag) => return Ok(()),
        ("blockquote", [] | [("expandable", "")]) => return Ok(()),
        ("span", [("class", "tg-spoiler")]) => return Ok(()),
        ("a", [("href", address)]) if !address.trim().is_empty() => return Ok(()),
        ("tg-emoji", [("emoji-id", id)]) if !id.is_empty() => return Ok(()),
        ("code", [("class", language)]) if in_pre && language.starts_with("language-") => {
            return Ok(());
        }
        ("tg-time", _) if pairs.iter().any(|(name, _)| *name == "unix") => return Ok(()),
        ("blockquote", _) => "<blockquote> or <blockquote expandable>",
        ("span", _) => "<span class=\"tg-spoiler\">",
        ("a", _) => "<a href=\"…\">",
        ("tg-emoji", _) => "<tg-emoji emoji-id=\"…\">",
        ("tg-time", _) => "<tg-time unix=\"…\">",
        ("code", _) => "<code>, or <code class=\"language-…\"> directly in <pre>",
        (tag, _) if PLAIN.contains(&tag) || VERBATIM.contains(&tag) => "no attributes in it",
        _ => {
            return Err(format!(
                "Telegram knows no <{name}>; remove it, or write &lt; for a plain `<`"
            ));
        }
    };
    Err(format!("<{name}> has a form that Telegram does not accept: {expected}"))
}

/// Checks the nesting rules of the Bot API ("Formatting options"): code contains no tags, a quote no quote.
fn nests(name: &str, open: &[String]) -> Result<(), String> {
    let Some(last) = open.last() else { return Ok(()) };
    let is_verbatim = |tag: &str| VERBATIM.contains(&tag);
    if name == "code" && last == "pre" {
        return Ok(());
    }
    if is_verbatim(last) {
        return Err(format!("<{last}> can contain no other tag; close it before <{name}>"));
    }
    let outer = open.iter().find(|outer| {
        let quote_in_quote = name == "blockquote" && *outer == "blockquote";
        let verbatim_in_style = is_verbatim(name) && *outer != "blockquote";
        let link_in_link = name == "a" && *outer == "a";
        quote_in_quote || verbatim_in_style || link_in_link
    });
    match outer {
        Some(outer) => Err(format!("<{name}> cannot be inside <{outer}>; close <{outer}> first")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_takes_is_taken() {
        for (html, seen) in [
            ("a &lt; b &amp; c &#62; d &#x41;", "a < b & c > d A"),
            ("<b>x <i>y</i></b> <tg-spoiler>z</tg-spoiler>", "x y z"),
            ("<a href=\"https://t.me/?a>b\">link</a>", "link"),
            ("<pre><code class=\"language-rust\">fn</code></pre>", "fn"),
            ("<blockquote expandable>q <code>c</code></blockquote>", "q c"),
            ("<span class='tg-spoiler'>s</span>", "s"),
            ("<B>shouted</B>", "shouted"),
        ] {
            assert_eq!(visible(html).as_deref(), Ok(seen), "{html}");
        }
    }

    #[test]
    fn what_telegram_refuses_is_named() {
        for (html, why) in [
            ("<b>x", "not closed"),
            ("<b><i>x</b></i>", "closed first"),
            ("x</b>", "closes nothing"),
            ("<div>x</div>", "knows no <div>"),
            ("<br>", "knows no <br>"),
            ("a < b", "&lt;"),
            ("a > b", "&gt;"),
            ("a & b", "&amp;"),
            ("a &nbsp; b", "&amp;"),
            ("&#0;", "&amp;"),
            ("&#+65;", "&amp;"),
            ("&#x+41;", "&amp;"),
            ("<a>x</a>", "href"),
            ("<a href=x>x</a>", "quotes"),
            ("<span>x</span>", "tg-spoiler"),
            ("<b class=\"x\">x</b>", "no attributes"),
            ("<code class=\"language-x\">x</code>", "directly in <pre>"),
            ("<code><b>x</b></code>", "no other tag"),
            ("<i><code>x</code></i>", "inside <i>"),
            ("<blockquote><blockquote>x</blockquote></blockquote>", "inside <blockquote>"),
        ] {
            let mistake = visible(html).unwrap_err();
            assert!(mistake.contains(why), "{html}: {mistake}");
        }
    }

    #[test]
    fn escaped_words_are_seen_as_they_were() {
        let words = "<b>&\"'</b> &lt;";
        assert_eq!(visible(&escape(words)).as_deref(), Ok(words));
        for char in ('\0'..='\u{2fff}').chain(['\u{feff}', '👋', char::MAX]) {
            let words = format!("<{char}&");
            assert_eq!(visible(&escape(&words)), Ok(words));
        }
    }
}
