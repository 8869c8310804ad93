//! Foreign words made fit to stand in our sentences: names, dates, lengths.

use crate::domain::Millis;

/// The longest name shown, in UTF-16 units: Telegram's first and last names take 64 each.
pub(super) const LONGEST_NAME: usize = 130;

/// The name on one line, of bounded length, without what turns the text around it;
/// `None` if nothing visible is left.
pub(super) fn name(raw: &str) -> Option<String> {
    let spaced: String = raw
        .chars()
        .filter(|&char| !turns_text(char))
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_blank(&line) { None } else { Some(shortened(&line, LONGEST_NAME)) }
}

/// Whether nothing of it can be seen.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// The day of a moment, as `YYYY-MM-DD` in UTC.
pub(super) fn day(moment: Millis) -> String {
    // The years 1 to 9999, which is what four digits can say.
    let days = moment.0.div_euclid(86_400_000).clamp(-719_162, 2_932_896);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
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

/// Year, month and day of a day counted from 1970-01-01, by the eras of 400 years that the Gregorian
/// calendar repeats in. Years are counted from March, so that the leap day is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (millis, expected) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400_000, "2000-02-29"),
            (951_868_800_000, "2000-03-01"),
            (1_735_689_599_999, "2024-12-31"),
            (1_735_689_600_000, "2025-01-01"),
            (4_107_542_400_000, "2100-03-01"),
            (i64::MAX, "9999-12-31"),
            (i64::MIN, "0001-01-01"),
        ] {
            assert_eq!(day(Millis(millis)), expected, "{millis}");
        }
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
