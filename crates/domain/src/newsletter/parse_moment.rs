//! Parses the start time of a newsletter, as its author writes it.

use crate::Millis;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;

/// Parses `10:00`, `31.12 10:00`, `31.12.2026 10:00` or `2026-12-31 10:00`, optionally followed by an offset from UTC,
/// for example `+3` or `-03:30`; `None` for anything else. Without an offset in the text, `offset` applies, in minutes.
/// Without a day or a year, the result is the next matching moment.
pub(crate) fn parse_moment(text: &str, now: Millis, offset: i32) -> Option<Millis> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let explicit = words.last().filter(|word| word.starts_with(['+', '-'])).copied();
    let offset = match explicit {
        Some(word) => {
            words.pop();
            self::offset(word)?
        }
        None => i64::from(offset),
    };
    let here = now.0.div_euclid(MINUTE) + offset;
    let today = here.div_euclid(DAY);
    let minute = match words.as_slice() {
        [time] => {
            let at = today * DAY + clock(time)?;
            if at > here { at } else { at + DAY }
        }
        [day, time] => {
            let time = clock(time)?;
            let (year, month, day) = date(day)?;
            let at = |year| Some(Millis::days(year, month, day)? * DAY + time);
            if let Some(year) = year {
                at(year)?
            } else {
                let year = Millis(today * DAY * MINUTE).year();
                at(year).filter(|at| *at > here).or_else(|| at(year + 1))?
            }
        }
        _ => return None,
    };
    Some(Millis((minute - offset).checked_mul(MINUTE)?))
}

/// Parses a time of day; returns minutes since midnight.
fn clock(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Parses a date into year, month and day; the year is optional.
fn date(text: &str) -> Option<(Option<i64>, i64, i64)> {
    if let [year, month, day] = *text.split('-').collect::<Vec<_>>() {
        return Some((Some(digits(year, 4)?), digits(month, 2)?, digits(day, 2)?));
    }
    match *text.split('.').collect::<Vec<_>>() {
        [day, month] => Some((None, digits(month, 2)?, digits(day, 2)?)),
        [day, month, year] => Some((Some(digits(year, 4)?), digits(month, 2)?, digits(day, 2)?)),
        _ => None,
    }
}

/// Parses an offset from UTC; returns minutes.
fn offset(word: &str) -> Option<i64> {
    let sign = if word.starts_with('-') { -1 } else { 1 };
    let rest = word.get(1..)?;
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn digits(text: &str, max_length: usize) -> Option<i64> {
    let plain =
        !text.is_empty() && text.len() <= max_length && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now = Millis(1_790_000_000_000); // 2026-09-21 14:13:20 UTC
        for (text, offset, expected) in [
            ("15:00", 0, Some("2026-09-21 15:00:00 UTC")),
            ("14:00", 0, Some("2026-09-22 14:00:00 UTC")),
            ("15:00", 180, Some("2026-09-22 12:00:00 UTC")),
            ("18:00", 180, Some("2026-09-21 15:00:00 UTC")),
            ("18:00 +3", 0, Some("2026-09-21 15:00:00 UTC")),
            ("9.30 -03:30", 0, Some("2026-09-22 13:00:00 UTC")),
            ("22.09 10:00", 0, Some("2026-09-22 10:00:00 UTC")),
            ("20.09 10:00", 0, Some("2027-09-20 10:00:00 UTC")),
            ("1.12.2026 10:00", 180, Some("2026-12-01 07:00:00 UTC")),
            ("2028-02-29 00:00", 0, Some("2028-02-29 00:00:00 UTC")),
            ("2026-02-29 00:00", 0, None),
            ("31.11 10:00", 0, None),
            ("24:00", 0, None),
            ("10:60", 0, None),
            ("10:00 +15", 0, None),
            ("1.2.3.4 10:00", 0, None),
            ("tomorrow", 0, None),
            ("", 0, None),
        ] {
            let read = parse_moment(text, now, offset).map(Millis::written);
            assert_eq!(read.as_deref(), expected, "{text} {offset}");
        }
    }
}
