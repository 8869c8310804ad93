//! Time zones, from the tz database that is built into the program.

use jiff::{Timestamp, tz::TimeZone};

use domain::Millis;

/// The time zone with this name in the tz database.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// How far the clocks of this time zone are ahead of UTC at a moment, in minutes.
pub(super) fn offset(zone: &TimeZone, at: Millis) -> i32 {
    let moment = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_offset(moment).seconds().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-01 21:30 and 2026-12-01 21:30, both UTC.
    const SUMMER: Millis = Millis(1_782_941_400_000);
    const WINTER: Millis = Millis(1_796_160_600_000);

    #[test]
    fn the_time_of_day_is_that_of_the_place_in_its_season() {
        let shown = |name, at: Millis| at.minute_of_day(offset(&zone(name).unwrap(), at));
        assert_eq!(shown("UTC", SUMMER), 21 * 60 + 30);
        assert_eq!(shown("Europe/Moscow", SUMMER), 30, "it is already the next day there");
        assert_eq!(shown("Europe/Berlin", SUMMER), 23 * 60 + 30);
        assert_eq!(shown("Europe/Berlin", WINTER), 22 * 60 + 30);
        assert_eq!(shown("Asia/Kathmandu", SUMMER), 3 * 60 + 15);
        assert!(zone("Europe/Moskow").is_none());
    }
}
