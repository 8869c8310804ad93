//! Names that people give themselves: whether they are visible, and how to keep them from affecting the text around
//! them.

/// Returns the name on one line, without characters that change text direction; `None` if it is invisible.
pub fn seen_name(raw: &str) -> Option<String> {
    let line = on_one_line(raw);
    let words: Vec<&str> = line.split(' ').filter(|word| !is_blank(word)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Returns the text on one line, without characters that change text direction.
pub fn on_one_line(raw: &str) -> String {
    let spaced: String = raw
        .chars()
        .filter(|&letter| !turns_text(letter))
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the text is invisible.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_unseen)
}

/// Whether the character changes the direction of all text after it, the desk's own words included.
pub fn turns_text(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether fonts show nothing for the character, so that people use it for an empty name. Includes joiners; they stay
/// between visible letters.
pub fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || turns_text(letter)
        || matches!(
            letter,
            '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_names_count_as_none() {
        for (raw, seen) in [
            ("Ada", Some("Ada")),
            ("  Ada\n Lovelace ", Some("Ada Lovelace")),
            ("", None),
            (" \t\n", None),
            ("\u{3164}", None),
            ("\u{2800}\u{2800}", None),
            ("\u{ad}", None),
            ("\u{200e}\u{200f}", None),
            ("\u{200b}\u{200d}\u{2060}\u{feff}", None),
            ("\u{fff9}\u{fffb}\u{1d173}\u{1bca0}", None),
            ("\u{e0067}\u{e0062}\u{e007f}", None),
            ("\u{3164} \u{2800}", None),
            ("\u{3164} Lovelace", Some("Lovelace")),
            ("Ada \u{ad}", Some("Ada")),
            ("\u{202e}Ada\u{202c} \u{2066}King\u{2069}", Some("Ada King")),
            ("\u{202a}\u{202b}\u{202d}\u{2067}\u{2068}x", Some("x")),
            ("می\u{200c}ترا", Some("می\u{200c}ترا")),
            ("👩\u{200d}🚀", Some("👩\u{200d}🚀")),
            ("❤\u{fe0f}", Some("❤\u{fe0f}")),
            ("🏴\u{e0067}\u{e0062}\u{e007f}", Some("🏴\u{e0067}\u{e0062}\u{e007f}")),
            (".", Some(".")),
        ] {
            assert_eq!(seen_name(raw).as_deref(), seen, "{raw:?}");
        }
    }
}
