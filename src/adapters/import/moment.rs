//! Parses timestamps in the various formats that the old bot wrote.

use serde_json::Value;

use domain::Millis;

/// Numbers below this are seconds: larger than any plausible time in seconds, smaller than any in milliseconds.
const SECONDS: f64 = 1e11;
/// Numbers below this, and not below `SECONDS`, are milliseconds; larger ones are microseconds.
const MILLISECONDS: f64 = 1e14;

/// Parses a timestamp: ISO text (UTC if it has no zone), or a number since 1970.
pub(super) fn moment(value: &Value) -> Option<Millis> {
    match value {
        Value::Number(number) => since_epoch(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            text.parse().map_or_else(|_not| calendar(text), since_epoch)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "its size is checked")]
fn since_epoch(number: f64) -> Option<Millis> {
    let millis = match number.abs() {
        size if size < SECONDS => number * 1e3,
        size if size < MILLISECONDS => number,
        _ => number / 1e3,
    };
    (millis.abs() < MILLISECONDS).then_some(Millis(millis as i64))
}

/// Parses texts like `2024-05-01 12:30:00 UTC+03:00`.
fn calendar(text: &str) -> Option<Millis> {
    let (date, rest) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-')?;
    if !date.is_ascii() || year < 1970 {
        return None;
    }
    let days = Millis::days(year, month, day)?;
    let rest = rest.trim_start_matches(['T', 't']).trim_start();
    let end =
        rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let seconds = time_of_day(time)? - zone_of(zone.trim())?;
    Some(Millis((days * 86_400 + seconds) * 1_000))
}

/// Parses a time as seconds since midnight; fractions are dropped.
fn time_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let whole = text.split('.').next().unwrap_or(text);
    let [hour, minute, second] = if whole.matches(':').count() == 1 {
        numbers(&format!("{whole}:0"), ':')
    } else {
        numbers(whole, ':')
    }?;
    let fits = hour < 24 && minute < 60 && second <= 60;
    fits.then_some(hour * 3_600 + minute * 60 + second)
}

/// Parses a zone as its offset from UTC, in seconds.
fn zone_of(text: &str) -> Option<i64> {
    let offset = ["UTC", "GMT", "Z", "z"].into_iter().find_map(|name| text.strip_prefix(name));
    let offset = offset.unwrap_or(text).trim();
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(number);
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

fn number(text: &str) -> Option<i64> {
    text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_however_they_were_written() {
        let noon = Some(Millis(1_714_566_600_000));
        for text in [
            "2024-05-01 15:30:00 UTC+03:00",
            "2024-05-01 12:30:00 UTC",
            "2024-05-01 12:30:00",
            "2024-05-01T12:30:00Z",
            "2024-05-01T12:30",
            "2024-05-01T12:30:00.123456+00:00",
            "2024-05-01T15:30:00.5+0300",
            "2024-05-01 07:30:00-05",
            "1714566600",
            "1714566600000",
        ] {
            assert_eq!(moment(&json!(text)), noon, "{text}");
        }
        for number in [json!(1_714_566_600), json!(1_714_566_600.0), json!(1_714_566_600_000_i64)] {
            assert_eq!(moment(&number), noon, "{number}");
        }
        assert_eq!(moment(&json!("2000-02-29")), Some(Millis(951_782_400_000)));
        assert_eq!(moment(&json!("1970-01-01T00:00:00Z")), Some(Millis(0)));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-02-31",
            "2023-02-29",
            "2024-05-01 25:00",
            "2024-05-01 12:30:00 Mars",
            "01.05.2024",
            "2024-05-01 12:30:00 +99:00",
            "NaN",
            "inf",
            "2024-5-1",
            "２０24-05-01",
        ] {
            assert_eq!(moment(&json!(text)), None, "{text}");
        }
        for value in [json!(null), json!(true), json!([]), json!({}), json!(1e300)] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }
}
