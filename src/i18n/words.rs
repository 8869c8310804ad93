//! Foreign words made fit to stand in our sentences: names, lengths.

use super::html;
use domain::{ChatId, TopicId};

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
    let line = one_line(raw);
    if is_blank(&line) { None } else { Some(shortened(&line, LONGEST_NAME)) }
}

fn one_line(raw: &str) -> String {
    let spaced: String = raw
        .chars()
        .filter(|&char| !turns_text(char))
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words of a server or of the network, on one line and of bounded length.
pub(super) fn reason(raw: &str) -> String {
    let line = one_line(raw);
    shortened(line.trim_end_matches('.'), LONGEST_REASON)
}

/// Whether nothing of it can be seen.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
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

/// Marks that change the direction of all that follows, our own words included.
fn turns_text(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What fonts show as nothing, and people put into names to have none.
fn is_invisible(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{e0000}'..='\u{e0fff}'
        )
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
}
