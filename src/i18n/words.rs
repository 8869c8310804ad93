//! Foreign words made fit to stand in our sentences: names, lengths.

use super::html;
use domain::{ChatId, SceneLine, TopicId, is_blank, on_one_line, seen_name, turns_text};

/// The longest name shown, in UTF-16 units: Telegram's first and last names take 64 each.
pub(super) const LONGEST_NAME: usize = 130;

/// The most that is told of what the welcome has said, in UTF-16 units.
pub(super) const LONGEST_SAID: usize = 3_500;

/// The most that is shown of what a user has answered.
pub(super) const LONGEST_ANSWERS: usize = 1_200;

/// The most that a finding says, and what to do about it.
pub(super) const LONGEST_FINDING: usize = 600;

/// The most that is shown of why something does not work, in words of a server or of the network.
pub(super) const LONGEST_REASON: usize = 200;

/// The longest link shown to a message of a public chat.
pub(super) const LONGEST_LINK: usize = 80;

/// The most that is shown of the words that a user quotes from another chat.
pub(super) const LONGEST_QUOTE: usize = 600;

/// The most that is told of where a message of another chat is: a person, a chat, a link.
pub(super) const LONGEST_SOURCE: usize = 2 * LONGEST_NAME + LONGEST_LINK + 2 * BETWEEN.len();

const BETWEEN: &str = " · ";

/// Whose a message of another chat is, and where; `None` if Telegram names nobody.
pub(super) fn source(names: &[String], link: Option<&str>) -> Option<String> {
    let names = names.iter().take(2).filter_map(|raw| name(raw));
    let link = link.filter(|link| length(link) <= LONGEST_LINK).map(str::to_owned);
    let parts: Vec<String> = names.chain(link).collect();
    (!parts.is_empty()).then(|| parts.join(BETWEEN))
}

/// The words that a user quotes from another chat; `None` if nothing can be seen of them.
pub(super) fn quote(raw: &str) -> Option<String> {
    let words: String = raw.trim().chars().filter(|&char| !turns_text(char)).collect();
    if is_blank(&words) { None } else { Some(shortened(&words, LONGEST_QUOTE)) }
}

/// Where a topic of a group is, for its members.
pub(super) fn link(group: ChatId, topic: TopicId) -> String {
    // The Bot API's id of a supergroup is Telegram's own behind -100.
    let group = group.0.unsigned_abs().saturating_sub(1_000_000_000_000);
    format!("https://t.me/c/{group}/{topic}")
}

/// What the welcome has said, without its formatting, and not longer than a message can show.
pub(super) fn said(lines: &[String]) -> String {
    let seen = |line: &String| html::visible(line).unwrap_or_else(|_not_html| line.clone());
    let lines: Vec<String> = lines.iter().map(seen).collect();
    shortened(&lines.join("\n\n"), LONGEST_SAID)
}

/// What a user has answered, a line for each question.
pub(super) fn answers(answers: &[(String, String)]) -> String {
    let line = |(question, answer): &(String, String)| format!("{question}: {answer}");
    shortened(&answers.iter().map(line).collect::<Vec<_>>().join("\n"), LONGEST_ANSWERS)
}

/// The name on one line, of bounded length, without what turns the text around it;
/// `None` if nothing visible is left.
pub(super) fn name(raw: &str) -> Option<String> {
    seen_name(raw).map(|name| shortened(&name, LONGEST_NAME))
}

/// A line of the welcome for someone without a name: with it goes what has set it off, "Hello, {name}!" is "Hello!".
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
            // It was how a sentence began.
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

/// Takes away the tags around nothing, between what has been written and what follows.
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

/// Words of a server or of the network, on one line and of bounded length.
pub(super) fn reason(raw: &str) -> String {
    let line = on_one_line(raw);
    shortened(line.trim_end_matches('.'), LONGEST_REASON)
}

/// The length that Telegram counts.
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
