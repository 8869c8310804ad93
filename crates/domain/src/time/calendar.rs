//! Moments in the Gregorian calendar, in UTC, as people write them.

use super::Millis;

/// A date of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// From 1 to 9999.
    pub year: u32,
    /// From 1 to 12.
    pub month: u32,
    /// From 1 to 31.
    pub day: u32,
}

/// Date and time of day of a moment. Years run from 1 to 9999, the range of four digits; moments outside are clamped to
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calendar {
    year: i64,
    month: i64,
    day: i64,
    /// Milliseconds since midnight.
    time: i64,
}

const DAY: i64 = 86_400_000;
const FIRST: i64 = -719_162 * DAY;
const LAST: i64 = 2_932_897 * DAY - 1;

impl Millis {
    /// The date of the moment.
    pub fn date(self) -> Date {
        let Calendar { year, month, day, .. } = Calendar::of(self);
        // All three are positive and below 10,000.
        let [year, month, day] = [year, month, day].map(|part| u32::try_from(part).unwrap_or(1));
        Date { year, month, day }
    }

    /// Formats the date: `2026-09-21`.
    fn day(self) -> String {
        let Calendar { year, month, day, .. } = Calendar::of(self);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Formats the time of day: `14:13`.
    pub fn time(self) -> String {
        let minutes = Calendar::of(self).time / 60_000;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The minute of the day on a clock that is so many minutes ahead of UTC.
    pub fn minute_of_day(self, ahead: i32) -> u16 {
        let minute = (self.0.div_euclid(60_000) + i64::from(ahead)).rem_euclid(1_440);
        u16::try_from(minute).unwrap_or_default()
    }

    /// Formats date and time for a terminal: `2026-09-21 14:13:20 UTC`.
    pub fn written(self) -> String {
        let seconds = Calendar::of(self).time / 1_000 % 60;
        format!("{} {}:{seconds:02} UTC", self.day(), self.time())
    }

    /// Formats date and time for file names, which then sort by time: `2026-09-21T14-13-20-123Z`.
    pub fn stamp(self) -> String {
        let millis = Calendar::of(self).time % 60_000;
        let time = self.time().replace(':', "-");
        format!("{}T{time}-{:02}-{:03}Z", self.day(), millis / 1_000, millis % 1_000)
    }
}

impl Millis {
    /// The year of the moment.
    pub(crate) fn year(self) -> i64 {
        Calendar::of(self).year
    }

    /// Returns the number of days from 1970-01-01 to this date; `None` if the calendar has no such date.
    pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let march_year = year - i64::from(month <= 2);
        let (era, year_of_era) = (march_year.div_euclid(400), march_year.rem_euclid(400));
        let march_month = (month + 9) % 12;
        let day_of_year = (153 * march_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        // A day that the month does not have gives a date in another month.
        let Calendar { month: same, .. } = Calendar::of(Self(days * DAY));
        (same == month).then_some(days)
    }
}

impl Calendar {
    /// Uses the 400-year eras in which the calendar repeats. Years start in March, so that the leap day is the last day
    /// of a year.
    fn of(Millis(moment): Millis) -> Self {
        let moment = moment.clamp(FIRST, LAST);
        let shifted = moment.div_euclid(DAY) + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day, time: moment.rem_euclid(DAY) }
    }
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
            assert_eq!(Millis(millis).day(), expected, "{millis}");
            let Date { year, month, day } = Millis(millis).date();
            assert_eq!(format!("{year:04}-{month:02}-{day:02}"), expected, "{millis}");
        }
    }

    #[test]
    fn a_moment_is_written_for_terminals_and_for_names_of_files() {
        let moment = Millis(1_790_000_000_123);
        assert_eq!(moment.time(), "14:13");
        assert_eq!(moment.written(), "2026-09-21 14:13:20 UTC");
        assert_eq!(moment.stamp(), "2026-09-21T14-13-20-123Z");
        assert_eq!(Millis(951_782_399_999).stamp(), "2000-02-28T23-59-59-999Z");
        assert_eq!(Millis(-1).written(), "1969-12-31 23:59:59 UTC");
    }

    #[test]
    fn a_clock_may_be_ahead_of_utc_or_behind() {
        // 14:13 in UTC.
        let now = Millis(1_789_999_980_000);
        for (ahead, minute) in [(0, 853), (180, 1_033), (840, 253), (-900, 1_393), (-210, 643)] {
            assert_eq!(now.minute_of_day(ahead), minute, "{ahead}");
        }
        assert_eq!(Millis(-1).minute_of_day(0), 1_439);
    }
}
