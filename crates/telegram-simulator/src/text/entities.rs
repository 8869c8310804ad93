//! Entities that Telegram finds by itself, and arithmetic in UTF-16 units.

use serde_json::{Value, json};

/// The length that Telegram counts.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Where a part starts, in UTF-16 units; the occurrence nearest to a hint.
pub(crate) fn utf16_position(text: &str, part: &str, hint: usize) -> Option<usize> {
    text.match_indices(part)
        .map(|(byte, _)| utf16_len(&text[..byte]))
        .min_by_key(|position| position.abs_diff(hint))
}

/// Finds commands, mentions, hashtags, URLs and e-mail addresses among words.
///
/// Simpler than Telegram's own rules: a word is what stands between spaces.
pub(crate) fn detect(text: &str) -> Vec<Value> {
    if !text.bytes().any(|byte| matches!(byte, b'/' | b'@' | b'#' | b':')) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end().trim_end_matches([',', ';', '!', '?', ')', '.']);
        if let Some(kind) = classify(bare) {
            found.push(json!({ "type": kind, "offset": offset, "length": utf16_len(bare) }));
        }
        offset += utf16_len(word);
    }
    found
}

fn classify(word: &str) -> Option<&'static str> {
    let named = |rest: &str, extra: &[char]| {
        !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || extra.contains(&c))
    };
    if let Some(rest) = word.strip_prefix('/') {
        return named(rest, &['@']).then_some("bot_command");
    }
    if let Some(rest) = word.strip_prefix('@') {
        return (rest.len() > 2 && named(rest, &[])).then_some("mention");
    }
    if let Some(rest) = word.strip_prefix('#') {
        let fits = !rest.is_empty() && rest.chars().all(|c| c.is_alphanumeric() || c == '_');
        return fits.then_some("hashtag");
    }
    if word.starts_with("https://") || word.starts_with("http://") {
        return Some("url");
    }
    let (name, host) = word.split_once('@')?;
    (named(name, &['.', '-', '+']) && host.contains('.') && named(host, &['.', '-']))
        .then_some("email")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let kinds: Vec<Value> = detect("/start@my_bot, see https://a.b #tag @someone me@a.com 1/2")
            .into_iter()
            .map(|entity| entity["type"].clone())
            .collect();
        assert_eq!(kinds, ["bot_command", "url", "hashtag", "mention", "email"]);
        assert!(detect("nothing here").is_empty());
    }

    #[test]
    fn positions_count_utf16_units() {
        assert_eq!(utf16_position("😀ab ab", "ab", 0), Some(2));
        assert_eq!(utf16_position("😀ab ab", "ab", 9), Some(5));
        assert_eq!(utf16_position("ab", "c", 0), None);
    }
}
