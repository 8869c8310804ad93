//! Prepares other people's words for our texts: cleans names and quotes, bounds lengths.

use super::html;
use domain::{ChatId, SceneLine, TopicId, is_blank, on_one_line, seen_name, turns_text};

/// Maximum length of a name, in UTF-16 units: Telegram allows 64 each for first and last names.
pub(super) const LONGEST_NAME: usize = 130;

/// Maximum length of the record of what the welcome said, in UTF-16 units.
pub(super) const LONGEST_SAID: usize = 3_500;

/// Maximum length of a user's answers, in UTF-16 units.
pub(super) const LONGEST_ANSWERS: usize = 1_200;

/// Maximum length of a question of the welcome, where it is repeated to operators and authors, in UTF-16 units.
const LONGEST_LINE: usize = 120;

/// Maximum length of a finding with its remedy, in UTF-16 units.
pub(super) const LONGEST_FINDING: usize = 600;

/// Maximum length of an error message from a server or the network, in UTF-16 units.
pub(super) const LONGEST_REASON: usize = 200;

/// Maximum length of a link to a message in a public chat, in UTF-16 units. Longer links are left out.
pub(super) const LONGEST_LINK: usize = 80;

/// Maximum length of a quote from another chat, in UTF-16 units.
pub(super) const LONGEST_QUOTE: usize = 600;

/// Maximum length of the source of a message in another chat: a person, a chat, a link.
pub(super) const LONGEST_SOURCE: usize = 2 * LONGEST_NAME + LONGEST_LINK + 2 * BETWEEN.len();

const BETWEEN: &str = " · ";

/// The author and place of a message in another chat; `None` if Telegram reports neither.
pub(super) fn source(names: &[String], link: Option<&str>) -> Option<String> {
    let names = names.iter().take(2).filter_map(|raw| name(raw));
    let link = link.filter(|link| length(link) <= LONGEST_LINK).map(str::to_owned);
    let parts: Vec<String> = names.chain(link).collect();
    (!parts.is_empty()).then(|| parts.join(BETWEEN))
}

/// A quote from another chat; `None` if nothing visible is left.
pub(super) fn quote(raw: &str) -> Option<String> {
    let words: String = raw.trim().chars().filter(|&char| !turns_text(char)).collect();
    if is_blank(&words) { None } else { Some(shortened(&words, LONGEST_QUOTE)) }
}

/// The link to a topic of a group, which works for members.
pub(super) fn link(group: ChatId, topic: TopicId) -> String {
    // The Bot API's id of a supergroup is Telegram's own id with the prefix -100.
    let group = group.0.unsigned_abs().saturating_sub(1_000_000_000_000);
    format!("https://t.me/c/{group}/{}", topic.number())
}

/// The lines that the welcome said, without formatting, cut to fit a message.
pub(super) fn said(lines: &[String]) -> String {
    let seen = |line: &String| html::visible(line).unwrap_or_else(|_not_html| line.clone());
    let lines: Vec<String> = lines.iter().map(seen).collect();
    shortened(&lines.join("\n\n"), LONGEST_SAID)
}

/// Formatted words on one line, without formatting, of bounded length.
pub(super) fn line(html: &str) -> String {
    let seen = html::visible(html).unwrap_or_else(|_not_html| html.to_owned());
    shortened(&on_one_line(&seen), LONGEST_LINE)
}

/// A user's answers, one line per question.
pub(super) fn answers(answers: &[(String, String)]) -> String {
    let line = |(question, answer): &(String, String)| {
        let ends = question.ends_with(['?', ':', '.', '!', '…']);
        format!("{question}{} {answer}", if ends { "" } else { ":" })
    };
    shortened(&answers.iter().map(line).collect::<Vec<_>>().join("\n"), LONGEST_ANSWERS)
}

/// The name on one line, of bounded length, without characters that change the text direction;
/// `None` if nothing visible is left.
pub(super) fn name(raw: &str) -> Option<String> {
    seen_name(raw).map(|name| shortened(&name, LONGEST_NAME))
}

/// A line of the welcome for someone without a name. Punctuation around the name goes too: "Hello, {name}!" becomes
/// "Hello!".
pub(super) fn nameless(line: &str) -> String {
    let mut rest = line;
    let mut words = String::with_capacity(line.len());
    while let Some((before, after)) = rest.split_once(SceneLine::NAME) {
        words.push_str(before);
        rest = after;
        rest = unwrapped(&mut words, rest);
        words.truncate(words.trim_end_matches([' ', '\u{a0}']).len());
        if words.ends_with(',') {
            words.pop();
        } else if words.is_empty() || words.ends_with(['\n', '.', '!', '?', '…']) {
            // The name started a sentence.
            let starts = rest.trim_start_matches([',', '!', ' ']);
            if !words.is_empty() && !words.ends_with('\n') && !starts.is_empty() {
                words.push(' ');
            }
            let mut letters = starts.chars();
            words.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            rest = letters.as_str();
        }
    }
    words.push_str(rest);
    words
}

/// Removes empty tags between the text written so far and the rest.
fn unwrapped<'a>(words: &mut String, mut rest: &'a str) -> &'a str {
    while let Some(start) = words.rfind('<').filter(|_| words.ends_with('>')) {
        let tag = &words[start + 1..words.len() - 1];
        let name = tag.split_whitespace().next().unwrap_or_default();
        let Some(after) = rest.strip_prefix(&format!("</{name}>")) else { break };
        rest = after;
        words.truncate(start);
    }
    rest
}

/// An error message from a server or the network, on one line and of bounded length.
pub(super) fn reason(raw: &str) -> String {
    let line = on_one_line(raw);
    shortened(line.trim_end_matches('.'), LONGEST_REASON)
}

/// The length as Telegram counts it, in UTF-16 units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn shortened(line: &str, limit: usize) -> String {
    if length(line) <= limit {
        return line.to_owned();
    }
    let mut left = limit - 1; // for the ellipsis
    let kept = line.chars().take_while(|char| {
        let fits = char.len_utf16() <= left;
        left = left.saturating_sub(char.len_utf16());
        fits
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_another_chat_is_told_of_in_bounded_words() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let link = Some("https://t.me/news/5");
        assert_eq!(
            source(&names(&["Ada\n", "News"]), link).unwrap(),
            "Ada · News · https://t.me/news/5"
        );
        assert_eq!(source(&names(&["\u{3164}"]), link).as_deref(), link);
        assert_eq!(source(&names(&["", "\u{200b}"]), None), None);
        let long = "x".repeat(500);
        let whole = source(&names(&[&long, &long, &long]), Some(&"y".repeat(80))).unwrap();
        assert!(length(&whole) <= LONGEST_SOURCE, "{}", length(&whole));
        assert_eq!(source(&names(&[]), Some(&long)), None);
        assert_eq!(quote(" in\nstock\u{202e} ").as_deref(), Some("in\nstock"));
        assert_eq!(quote("\u{200b} "), None);
        assert_eq!(length(&quote(&"🦀".repeat(1_000)).unwrap()), LONGEST_QUOTE - 1);
    }

    #[test]
    fn names_are_one_bounded_line() {
        assert_eq!(name("  Ada\n\u{202e}Lovelace ").as_deref(), Some("Ada Lovelace"));
        assert_eq!(name("\u{3164}\u{200b} "), None);
        assert_eq!(name(""), None);
        let long = name(&"🦀".repeat(100)).unwrap();
        assert_eq!((length(&long), long.chars().last()), (129, Some('…')));
        assert_eq!(name(&"x".repeat(130)), Some("x".repeat(130)));
    }

    #[test]
    fn the_welcome_greets_who_has_no_name_without_one() {
        for (line, said) in [
            ("Здравствуйте, {name}!", "Здравствуйте!"),
            ("Hello, <b>{name}</b>! We are here.", "Hello! We are here."),
            ("Hello, <b><i>{name}</i></b>!\nBye, {name}.", "Hello!\nBye."),
            ("<b>Hello, {name}!</b>", "<b>Hello!</b>"),
            ("{name}, what is it about?", "What is it about?"),
            ("Hi! {name}, write to us", "Hi! Write to us"),
            ("Dear {name}!", "Dear!"),
            ("Thank you {name}, bye", "Thank you, bye"),
            ("Hello {name}", "Hello"),
            ("{name}", ""),
            ("Hello", "Hello"),
        ] {
            assert_eq!(nameless(line), said, "{line}");
        }
    }
}
